"""`doable serve` with what it cannot use: one sentence, exit code 1, and no secret in it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import assert_refused
from support.postgresql import PostgreSQL
from support.server import SECRET, doable

SECRETS = ("hunter2", SECRET)


def refused(tmp_path: Path, *words: str, **settings: str) -> None:
    result = doable("serve", "--port", "0", cwd=tmp_path, **{"DATA_DIR": str(tmp_path / "data"), **settings})
    assert_refused(result, *words)
    assert [secret for secret in SECRETS if secret in result.stderr] == []


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield str(listener.getsockname()[1])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use(tmp_path: Path, taken: str, workers: str) -> None:
    result = doable("serve", "--port", taken, "--workers", workers, cwd=tmp_path, DATA_DIR=str(tmp_path / "data"))
    assert_refused(result, f"Nothing can listen on port {taken} of 127.0.0.1", "in use", "--port")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "a..b", "x" * 300])
def test_a_host_that_is_not_this_machine(tmp_path: Path, host: str) -> None:
    result = doable("serve", "--port", "0", "--host", host, cwd=tmp_path, DATA_DIR=str(tmp_path / "data"))
    assert_refused(result, "Nothing can listen on", "--host")


def test_a_port_that_is_none(tmp_path: Path) -> None:
    refused(tmp_path, "PORT should be a valid integer, unable to parse string as an integer.", PORT="hunter2")


@pytest.mark.parametrize("name", ["THROTTLE_LOGIN", "THROTTLE_REQUESTS"])
def test_a_limit_that_is_none(tmp_path: Path, name: str) -> None:
    refused(tmp_path, name, "as in 10/15minutes", "or off", **{name: "hunter2/fortnight"})


def test_a_trusted_proxy_that_is_no_network(tmp_path: Path) -> None:
    refused(tmp_path, "TRUSTED_PROXIES is wrong in number 2", "no network", TRUSTED_PROXIES="10.0.0.0/8, hunter2")


def test_postgresql_without_a_secret(tmp_path: Path) -> None:
    refused(
        tmp_path,
        "SECRET_KEY is missing",
        "openssl rand -hex 32",
        DATABASE_URL="postgresql://doable:hunter2@127.0.0.1/doable",
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["SECRET_KEY", "BETTER_AUTH_SECRET"])
def test_a_secret_of_less_than_32_bytes(tmp_path: Path, name: str) -> None:
    refused(tmp_path, name, "at least 32 bytes", "openssl rand -hex 32", **{name: "hunter2" + "x" * 24})
    # Bytes are counted, not characters.
    result = doable("serve", "--port", "none", cwd=tmp_path, **{name: "é" * 16})
    assert "32 bytes" not in result.stderr


def test_a_kept_secret_of_less_than_32_bytes(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/secret_key").write_text("hunter2")
    refused(tmp_path, f"{tmp_path}/data/secret_key", "Restore it, or remove the file")
    assert (tmp_path / "data/secret_key").read_text() == "hunter2"


def test_a_kept_secret_that_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "data/secret_key").mkdir(parents=True)
    refused(tmp_path, f"{tmp_path}/data/secret_key", "cannot be read")


def test_a_postgresql_that_has_no_such_database_or_user(tmp_path: Path, postgresql_18: PostgreSQL) -> None:
    url = postgresql_18.url("nowhere").replace("postgres@", "postgres:hunter2@")
    refused(tmp_path, 'database "nowhere" does not exist', DATABASE_URL=url, SECRET_KEY=SECRET)
    url = postgresql_18.url("postgres").replace("postgres@", "nobody_at_all:hunter2@")
    refused(tmp_path, 'role "nobody_at_all" does not exist', DATABASE_URL=url, SECRET_KEY=SECRET)


@pytest.mark.parametrize("data_dir", ["file", "file/below", "~nobody-at-all/doable"])
def test_a_data_dir_that_cannot_be_used(tmp_path: Path, data_dir: str) -> None:
    (tmp_path / "file").write_text("mine")
    for secret in ("", SECRET):
        refused(tmp_path, "DATA_DIR", DATA_DIR=data_dir, SECRET_KEY=secret)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://doable:hunter2@127.0.0.1/doable", "must start with postgresql://"),
        ("sqlite:///hunter2.db", "must start with postgresql://"),
        ("postgresql+psycopg2://doable:hunter2@127.0.0.1/doable", "must start with postgresql://"),
        ("hunter2", "must start with postgresql://"),
        ("postgresql://[hunter2", "is not a URL"),
        ("postgresql://doable:hunter2@127.0.0.1:99999/doable", "must have a port from 1 to 65535"),
        ("postgresql://doable:hunter2@127.0.0.1:http/doable", "must have a port from 1 to 65535"),
        ("postgresql://doable:1/hunter2@127.0.0.1/doable", "written as %2F %3F %23 %40"),
        ("postgresql://doable:1#hunter2@127.0.0.1/doable", "written as %2F %3F %23 %40"),
        ("postgresql://doable:1?hunter2@127.0.0.1/doable", "written as %2F %3F %23 %40"),
    ],
)
def test_a_database_url_that_is_none(tmp_path: Path, url: str, words: str) -> None:
    refused(tmp_path, "The settings cannot be used: DATABASE_URL", words, DATABASE_URL=url, SECRET_KEY=SECRET)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "hunter2"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "1e99"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "525601"),
        ("DEBUG", "hunter2"),
        ("WEB_CONCURRENCY", "hunter2"),
        ("WEB_CONCURRENCY", "0"),
    ],
)
def test_a_nonsense_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    refused(tmp_path, f"The settings cannot be used: {name} should be", **{name: value})
    assert list(tmp_path.iterdir()) == []


def test_every_wrong_setting_is_named(tmp_path: Path) -> None:
    refused(
        tmp_path,
        "DEBUG should be",
        "SECRET_KEY",
        "WEB_CONCURRENCY should",
        DEBUG="hunter2",
        SECRET_KEY="hunter2",
        WEB_CONCURRENCY="65",
    )


def test_an_env_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SECRET_KEY=hunter2\xff\xfe\n")
    refused(tmp_path, "The file .env cannot be read: it is not UTF-8")
