"""The types of settings, each alone: what they read, and that what they refuse is not repeated."""

import errno
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from doable.errors import Misconfigured
from doable.settings import Settings
from doable.settings.limits import Throttled
from doable.settings.postgresql import PostgreSQLServers, PostgreSQLURL, without_password
from doable.settings.secret import SecretKey, SecretKeys, kept_secret
from doable.settings.types import (
    SMTPURL,
    Folder,
    Hosts,
    Networks,
    Origins,
    PublicURL,
    PushHost,
    PushHosts,
    ScraperToken,
    Sender,
)

LONG, LONGER = "a secret of exactly 32 bytes 4567", "another, with a comma, and of more than 32 bytes"
ENV_EXAMPLE = Path(__file__).parents[1] / ".env.example"


def shown(value: Any) -> Any:
    """The value, or what is secret in it."""
    if isinstance(value, tuple):
        return tuple(map(shown, value))
    return value.get_secret_value() if isinstance(value, SecretStr) else value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (PostgreSQLURL, "postgresql://a:b@host:5432/name", "postgresql://a:b@host:5432/name"),
        (PostgreSQLURL, " postgres://host/name\n", "postgresql://host/name"),
        (PostgreSQLURL, "postgresql+asyncpg://host/name?ssl=true", "postgresql://host/name?ssl=true"),
        (PostgreSQLURL, "postgresql+psycopg:///name", "postgresql:///name"),
        (PostgreSQLURL, "postgresql://a@one:1,two:2,[::1]:3/name", "postgresql://a@one:1,two:2,[::1]:3/name"),
        (SMTPURL, "smtps://a:b@host", "smtps://a:b@host"),
        (Sender, "Tasks <tasks@example.com>", "Tasks <tasks@example.com>"),
        (PublicURL, "https://example.com/tasks//", "https://example.com/tasks"),
        (Origins, "", ()),
        (Origins, " https://A.example/ , http://b.example:1 ", ("https://a.example", "http://b.example:1")),
        (Origins, "http://[::1]:3000,capacitor://localhost", ("http://[::1]:3000", "capacitor://localhost")),
        (Origins, "*", ("*",)),
        (Hosts, " Tasks.Example.com, 10.0.0.1,[::1] ", ("tasks.example.com", "10.0.0.1", "[::1]")),
        (
            PushHosts,
            " Push.Example.com, *.example.org:8443,localhost:1,[::1]:2",
            (
                PushHost("push.example.com", 443),
                PushHost("example.org", 8443, below=True),
                PushHost("localhost", 1, is_loopback=True),
                PushHost("[::1]", 2, is_loopback=True),
            ),
        ),
        (Networks, " ", ()),
        (Networks, "127.0.0.1, 10.0.0.0/8,::1", tuple(map(ip_network, ("127.0.0.1", "10.0.0.0/8", "::1")))),
        (Folder, "/a/b", Path("/a/b")),
        (Folder, "~/tasks", Path.home() / "tasks"),
        (Folder, "here", Path.cwd() / "here"),
        (SecretKey, LONG, LONG),
        (SecretKeys, f"{LONG}, {LONG}", (LONG, LONG)),
        (SecretKeys, f'["{LONGER}"]', (LONGER,)),
        (Throttled, "off", None),
    ],
)
def test_reads(kind: Any, text: str, value: Any) -> None:
    assert shown(TypeAdapter(kind).validate_python(text)) == value


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (PostgreSQLURL, "mysql://hunter2@host/name", "must start with postgresql://"),
        (PostgreSQLURL, "postgresql+pg8000://hunter2@host/name", "must start with postgresql://"),
        (PostgreSQLURL, "postgresql://[hunter2/name", "is not a URL"),
        (PostgreSQLURL, "postgresql://a:hunter2/x@host/name", "%2F %3F %23 %40"),
        (PostgreSQLURL, "postgresql://a:b@host:hunter2/name", "must have a port"),
        (PostgreSQLURL, "postgresql://a:b@one:1,two:99999/hunter2", "must have a port"),
        (PostgreSQLURL, "postgresql://a:b@one,two/name?port=1,2,3", "one port, or one for each host"),
        (PostgreSQLURL, "postgresql://host/name?hunter2=1", "a parameter that libpq does not know"),
        (PostgreSQLURL, "postgresql://host/name?sslmode=hunter2", "a value of sslmode that Doable cannot use"),
        (
            PostgreSQLURL,
            "postgresql://host/name?require_auth=hunter2",
            "a value of require_auth that Doable cannot use",
        ),
        (PostgreSQLURL, "postgresql://host/name?gssencmode=require", "a value of gssencmode that Doable cannot use"),
        (PostgreSQLURL, "postgresql://host/name?target_session_attrs=standby", "a value of target_session_attrs"),
        (PostgreSQLURL, "postgresql://host/name?sslrootcert=system&sslcert=hunter2", "a certificate or TLS version"),
        (SMTPURL, "http://hunter2", "must be smtp://"),
        (SMTPURL, "smtp://hunter2@host", "a user and a password, or neither"),
        (Sender, "hunter2", "must be one address"),
        (PublicURL, "hunter2", "must be like https://"),
        (PublicURL, "https://example.com?hunter2", "must be like https://"),
        (Origins, "https://a.example,https://hunter2/path", "wrong in number 2: an origin is like https://"),
        (Origins, "hunter2.example", "wrong in number 1: an origin is like https://"),
        (Origins, "https://hunter2@a.example", "wrong in number 1: an origin is like https://"),
        (Origins, "https://a.example?hunter2", "wrong in number 1: an origin is like https://"),
        (Origins, "https://hünter2.example", "wrong in number 1: an origin is like https://"),
        (Origins, "https://a.example:99999", "wrong in number 1: its port is not from 1 to 65535"),
        (Origins, "https://hunter2.example:443", "wrong in number 1: browsers leave out a port"),
        (Origins, "https://a.example, https://*.hunter2", "wrong in number 2: a * stands for every origin"),
        (Origins, "*,https://hunter2", "has * beside others"),
        (Origins, "https://a.example,,https://hunter2", "wrong in number 2: there is nothing between two commas"),
        (Origins, "https://hunter2,", "wrong in number 2: there is nothing"),
        (Origins, "null", "wrong in number 1: an origin is like https://"),
        (Hosts, "a.example,https://hunter2", "wrong in number 2: a host is like tasks.example.com"),
        (Hosts, "hunter2:80", "wrong in number 1: a host is like tasks.example.com"),
        (Hosts, "*.hunter2", "wrong in number 1: a host is like tasks.example.com"),
        (Hosts, "hunter2,,a", "wrong in number 2: there is nothing between two commas"),
        (PushHosts, "a.example,https://hunter2", "wrong in number 2: a host is like push.example.com"),
        (PushHosts, "*", "wrong in number 1: a host is like push.example.com"),
        (PushHosts, "hunter2.*.example", "wrong in number 1: a host is like push.example.com"),
        (PushHosts, "hunter2:99999", "wrong in number 1: its port is not from 1 to 65535"),
        (PushHosts, "hunter2.example,", "wrong in number 2: there is nothing between two commas"),
        (PushHosts, "localhost", "wrong in number 1: a host of this machine must have its port"),
        (PushHosts, "127.0.0.1", "wrong in number 1: a host of this machine must have its port"),
        (PushHosts, "10.0.0.1:8443", "wrong in number 1: an address can only be one of this machine"),
        (PushHosts, "2130706433:8443", "wrong in number 1: an address can only be one of this machine"),
        (PushHosts, "0x7f000001:8443", "wrong in number 1: an address can only be one of this machine"),
        (PushHosts, "[2001:db8::1]:8443", "wrong in number 1: an address can only be one of this machine"),
        (Networks, "10.0.0.0/8, hunter2", "wrong in number 2: it is no address, and no network like"),
        (Networks, "10.0.0.1/8", "wrong in number 1: it is no address, and no network like"),
        (Networks, "::1,", "wrong in number 2: there is nothing between two commas"),
        (Folder, "~hunter2-is-nobody/tasks", "a home folder, and there is none"),
        (SecretKey, "hunter2", "at least 32 bytes"),
        (SecretKeys, f"{LONG},hunter2", "must each have at least 32 bytes"),
        (SecretKeys, '["hunter2', "separated by commas, or be a JSON list"),
        (Throttled, "hunter2", "must be how often in how long"),
        (ScraperToken, "hunter2", "at least 16 characters"),
    ],
)
def test_refuses(kind: Any, text: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(text)
    said = "".join(problem["msg"] for problem in refused.value.errors(include_input=False))
    assert words in said
    assert "hunter2" not in said


def test_a_url_is_shown_without_what_is_secret() -> None:
    url = "postgresql://a:hunter2@one:1,two:2/name?password=hunter2"
    assert without_password(url) == "postgresql://one:1,two:2/name"


def servers(url: str) -> PostgreSQLServers:
    return PostgreSQLServers.of(shown(TypeAdapter(PostgreSQLURL).validate_python(url)))


@pytest.mark.parametrize(
    ("url", "sslmode"),
    [
        ("postgres://u:p@ec2-1.compute-1.amazonaws.com:5432/db", None),
        (
            "postgresql://u:p@ep-1-pooler.eu-central-1.aws.neon.tech/db?sslmode=require&channel_binding=require",
            "system",
        ),
        ("postgresql://u:p@ep-1.neon.tech/db?sslmode=require&options=endpoint%3Dep-1", "require"),
        (
            "postgres://postgres.ref:p@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1",
            None,
        ),
        (
            "postgres://postgres.ref:p@aws-0-eu.pooler.supabase.com:6543/postgres?sslmode=require&supa=base-pooler.x",
            "require",
        ),
        (
            "postgresql://u:p@db.rds.amazonaws.com/db?sslmode=verify-full&sslrootcert=/etc/global-bundle.pem",
            "verify-full",
        ),
        ("postgres://avnadmin:p@pg-1.aivencloud.com:1234/defaultdb?sslmode=require", "require"),
        ("postgresql://doadmin:p@db-1.ondigitalocean.com:25060/defaultdb?sslmode=require", "require"),
        ("postgresql://u@s:p@s.postgres.database.azure.com:5432/db?sslmode=require", "require"),
        ("postgresql://u:p@free.cockroachlabs.cloud:26257/db?sslmode=verify-full&sslrootcert=system", "system"),
        (
            "postgresql://u:p@host/db?ssl=true&keepalives=1&keepalives_idle=30&tcp_user_timeout=9&gssencmode=disable",
            "require",
        ),
    ],
)
def test_urls_as_providers_show_them(url: str, sslmode: str | None) -> None:
    found = servers(url)
    assert found.password == "p"
    (host,) = found.hosts
    assert host[0] in url
    told = parse_qs(urlsplit(found.driver_url).query)
    assert ("system" if found.has_system_roots else told.get("sslmode", [None])[0]) == sslmode
    assert found.settings["application_name"] == "doable"
    assert found.settings.get("options", "endpoint=ep-1") == "endpoint=ep-1"


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql:///name", []),
        ("postgresql:///name?host=/cloudsql/a:b:c", [("/cloudsql/a:b:c", 5432)]),
        ("postgresql:///name?host=one,two&port=1,2", [("one", 1), ("two", 2)]),
        ("postgresql://u:a@b@one,two:2,[::1]:3/name?port=4", [("one", 4), ("two", 2), ("::1", 3)]),
        ("postgresql://%2Fvar%2Frun/name", [("/var/run", 5432)]),
    ],
)
def test_hosts_of_a_url(url: str, hosts: list[tuple[str, int]]) -> None:
    found = servers(url)
    assert list(found.hosts) == hosts
    assert found.database == "name"


def test_settings_that_belong_together(tmp_path: Path) -> None:
    shared = f'[{{"issuer": "a", "audience": "b", "secret": "{LONG}"}}]'
    for wrong, words in (
        ({"database_listen_url": "postgresql://a:hunter2@host/name"}, "DATABASE_LISTEN_URL needs DATABASE_URL"),
        ({"smtp_url": "smtp://host"}, "SMTP_URL needs MAIL_FROM"),
        ({"secret_key": LONG, "trusted_issuers": shared}, "TRUSTED_ISSUERS must not share a secret"),
        ({"previous_secret_keys": LONG, "trusted_issuers": shared}, "TRUSTED_ISSUERS must not share a secret"),
    ):
        with pytest.raises(Misconfigured, match=words) as refused:
            Settings.load(data_dir=tmp_path, **wrong)
        assert LONG not in str(refused.value)


def test_a_user_without_a_home_or_a_name_is_told_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as any number."""

    def unknown(user: object) -> NoReturn:
        raise KeyError(user)

    for name in ("HOME", "XDG_DATA_HOME", "LOGNAME", "USER", "LNAME", "USERNAME", "PGUSER", "DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.setattr("pwd.getpwnam", unknown)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Misconfigured, match="DATA_DIR is or would be in a home folder, and there is none"):
        Settings.load()
    with pytest.raises(Misconfigured, match="DATABASE_URL names no user"):
        Settings.load(data_dir=tmp_path, database_url=SecretStr("postgresql://host/name"))
    for url in ("postgresql://me@host/name", "postgresql://host/name?user=me"):
        assert Settings.load(data_dir=tmp_path, database_url=SecretStr(url)).postgresql_url == url
    assert Settings.load(data_dir=tmp_path).data_dir == tmp_path


def test_a_secret_is_made_on_a_disk_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object, **__: object) -> NoReturn:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", link)
    monkeypatch.setattr("os.symlink", link)
    # Whoever made one before died half-way.
    (tmp_path / "secret_key.new").write_text(
        "a longer draft than the secret itself, of which nothing must be left " * 2
    )
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: kept_secret(tmp_path / "secret_key"), range(8)))
    assert len(set(made)) == 1
    assert len(made[0]) == 64
    assert [each.name for each in tmp_path.iterdir()] == ["secret_key"]


def example_lines() -> list[tuple[str, str, str]]:
    """Name, value and comment of each setting in `.env.example`."""
    found, comment = [], ""
    for line in ENV_EXAMPLE.read_text().splitlines():
        name, equals, value = line.removeprefix("#").partition("=")
        if line.startswith("#") and equals and name.isupper():
            found.append((name, value, comment))
            comment = ""
        elif line.startswith("# "):
            comment = f"{comment} {line[2:]}".strip()
        else:
            assert not line
            comment = ""
    return found


def test_the_example_has_every_setting_and_what_is_said_of_it() -> None:
    assert [name.lower() for name, _, _ in example_lines()] == list(Settings.model_fields)
    for name, _, comment in example_lines():
        assert comment == Settings.model_fields[name.lower()].description


def test_the_example_says_what_holds_by_default_and_every_line_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    unset = Settings.load()
    Path(".env").write_text(ENV_EXAMPLE.read_text())
    assert Settings.load() == unset
    Path(".env").write_text("\n".join(f"{name}={value}" for name, value, _ in example_lines()))
    used = Settings.load()
    for name, field in Settings.model_fields.items():
        if name in {"data_dir", "public_url"} or field.default in {None, ()}:
            continue  # one that has no default value, or not the same everywhere, shows another
        assert getattr(used, name) == getattr(unset, name), name
