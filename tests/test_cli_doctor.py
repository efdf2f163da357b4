"""`doable doctor`: each thing that it looks at, fine and broken."""

import shutil
import uuid
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from doable import __version__
from doable.database.schema import SCHEMA_VERSION
from doable.settings import Settings
from support.mail import HangingServer, MailServer
from support.ports import free_port
from support.schema import execute, settings_of
from support.server import SECRET, Server, doable

Environ = dict[str, str]


def examined(cwd: Path, **settings: str) -> tuple[list[str], list[str]]:
    """What doctor found fine, and what it found wrong. Its exit code and its last sentence agree with that."""
    result = doable("doctor", cwd=cwd, **settings)
    lines = result.stdout.splitlines()
    fine = [line.removeprefix("ok     ") for line in lines if line.startswith("ok     ")]
    wrong = [line.removeprefix("WRONG  ") for line in lines if line.startswith("WRONG  ")]
    assert len(fine) + len(wrong) == len(lines)
    assert "Traceback" not in result.stderr
    if wrong:
        found = "1 problem" if len(wrong) == 1 else f"{len(wrong)} problems"
        assert (result.returncode, result.stderr) == (1, f"doable: {found} found, marked WRONG above.\n")
    else:
        assert (result.returncode, result.stderr) == (0, "")
    return fine, wrong


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was served from, made once to save time."""
    with Server(tmp_path_factory.mktemp("template"), SECRET_KEY="") as server:
        return Path(server.settings["DATA_DIR"])


@pytest.fixture
def served(template: Path, tmp_path: Path) -> Environ:
    """The settings of an embedded database that was served before."""
    return {"DATA_DIR": str(shutil.copytree(template, tmp_path / "data"))}


def test_all_is_well(tmp_path: Path, new_database_settings: Callable[[], Environ]) -> None:
    with Server(tmp_path, **new_database_settings()) as server:
        fine, wrong = examined(tmp_path, **server.settings)
    assert wrong == []
    text = "\n".join(fine)
    assert fine[0].startswith(f"Doable {__version__} on Python 3.")
    assert "The settings can be used" in fine
    assert "The secret of SECRET_KEY" in fine
    assert f"The schema is at version {SCHEMA_VERSION}" in fine
    assert " answers" in text
    assert SECRET not in text
    if "DATABASE_URL" not in server.settings:
        assert "SQLite 3." in text
        for name in ("data", "data/doable.db"):
            assert f"{tmp_path / name} is open to this user alone" in fine


def test_all_is_well_with_a_generated_secret(tmp_path: Path, served: Environ) -> None:
    fine, wrong = examined(tmp_path, **served)
    assert wrong == []
    assert f"The secret in {tmp_path}/data/secret_key" in fine
    assert f"{tmp_path}/data/secret_key is open to this user alone" in fine


@pytest.mark.parametrize(
    ("public_url", "said"),
    [
        (None, "http://127.0.0.1:8000, from this machine alone: PUBLIC_URL is not set"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1, but iPhones and Macs do not: they need https"),
        ("https://127.0.0.1:1", "https://127.0.0.1:1"),
        ("https://127.0.0.1:1/tasks", "https://127.0.0.1:1/tasks/dav/"),
    ],
)
def test_it_says_what_to_type_into_an_app(tmp_path: Path, public_url: str | None, said: str) -> None:
    given = {} if public_url is None else {"PUBLIC_URL": public_url}
    fine, wrong = examined(tmp_path, DATA_DIR=str(tmp_path / "data"), **given)
    assert wrong == []
    assert f"Apps with tasks (CalDAV) connect to {said}" in fine
    unseen = "Whether they arrive cannot be seen from this machine: "
    assert any(line.startswith(unseen) for line in fine) == (public_url is not None)


def test_it_asks_as_apps_do(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.settings["PUBLIC_URL"] = server.url
    with server:
        fine, wrong = examined(tmp_path, **server.settings)
        assert wrong == []
        assert "Requests of such apps arrive there, and are answered at /dav/" in fine
        # Under a path that nothing at the root of the host leads to.
        _, wrong = examined(tmp_path, **{**server.settings, "PUBLIC_URL": f"{server.url}/tasks"})
    assert [line.partition(" is answered")[0] for line in wrong] == [f"PROPFIND /tasks/dav/ at 127.0.0.1:{server.port}"]


def test_something_between_that_knows_no_propfind(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{other.server_port}"
        _, wrong = examined(tmp_path, DATA_DIR=str(tmp_path / "data"), PUBLIC_URL=url)
        other.shutdown()
    (line,) = wrong
    assert line.startswith(f"PROPFIND /dav/ at 127.0.0.1:{other.server_port} is answered by something else, with 501. ")


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    fine, wrong = examined(tmp_path, DATA_DIR=str(tmp_path / "some/data"))
    assert wrong == []
    assert f"The folder {tmp_path}/some/data can be made" in fine
    assert f"There is no database at {tmp_path}/some/data/doable.db yet; `doable serve` makes it" in fine
    assert f"There is no secret yet; `doable serve` makes one in {tmp_path}/some/data/secret_key" in fine
    assert list(tmp_path.iterdir()) == []


def test_a_bad_setting(tmp_path: Path) -> None:
    _, wrong = examined(tmp_path, DATA_DIR=str(tmp_path), ACCESS_TOKEN_EXPIRE_MINUTES="hunter2")
    assert len(wrong) == 1
    assert "ACCESS_TOKEN_EXPIRE_MINUTES should be a valid integer" in wrong[0]
    assert "hunter2" not in wrong[0]


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in ("file", "file/below"):
        _, wrong = examined(tmp_path, DATA_DIR=str(tmp_path / path))
        assert len(wrong) == 1
        assert f"The folder {tmp_path / path} cannot be used: {tmp_path}/file is not a folder" in wrong[0]
        assert f"Mend it: set DATA_DIR to a folder of your own, or move {tmp_path}/file out of the way" in wrong[0]


@pytest.mark.parametrize(
    ("name", "mode", "right"), [("", 0o755, "700"), ("doable.db", 0o644, "600"), ("secret_key", 0o640, "600")]
)
def test_a_file_that_others_can_read(tmp_path: Path, served: Environ, name: str, mode: int, right: str) -> None:
    path = tmp_path / "data" / name
    path.chmod(mode)
    _, wrong = examined(tmp_path, **served)
    assert wrong == [f"{path} is open to other users (mode {mode:04o}). Mend it: chmod {right} {path}"]
    path.chmod(int(right, 8))
    assert examined(tmp_path, **served)[1] == []


def test_a_bad_secret_file(tmp_path: Path, served: Environ) -> None:
    (tmp_path / "data/secret_key").write_text("hunter2")
    _, wrong = examined(tmp_path, **served)
    assert len(wrong) == 1
    assert "shorter than 32 bytes" in wrong[0]
    assert "remove the file: then every user has to log in again" in wrong[0]
    assert "hunter2" not in wrong[0]


def test_a_file_that_is_no_database(tmp_path: Path, served: Environ) -> None:
    (tmp_path / "data/doable.db").write_text("This is a diary and not a database. " * 100)
    _, wrong = examined(tmp_path, **served)
    assert len(wrong) == 1
    assert f"The database {tmp_path}/data/doable.db cannot be opened" in wrong[0]


def test_an_empty_or_older_or_newer_schema(tmp_path: Path, new_database_settings: Callable[[], Environ]) -> None:
    environ = {"DATA_DIR": str(tmp_path / "data"), "SECRET_KEY": SECRET, **new_database_settings()}
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data/doable.db").touch(mode=0o600)
    _, wrong = examined(tmp_path, **environ)
    assert wrong == [f"The schema is at version none and {SCHEMA_VERSION} is needed. Mend it: doable migrate"]
    assert doable("migrate", cwd=tmp_path, **environ).returncode == 0
    assert examined(tmp_path, **environ)[1] == []
    settings = Settings(data_dir=Path(environ["DATA_DIR"]), database_url=environ.get("DATABASE_URL"))
    execute(settings, "UPDATE alembic_version SET version_num = '0000'")
    _, wrong = examined(tmp_path, **environ)
    assert wrong == [f"The schema is at version 0000 and {SCHEMA_VERSION} is needed. Mend it: doable migrate"]
    execute(settings, "UPDATE alembic_version SET version_num = '9999', compatible_down_to = '9999'")
    _, wrong = examined(tmp_path, **environ)
    assert len(wrong) == 1
    assert "The database is at version 9999" in wrong[0]
    assert "Install the newer Doable again" in wrong[0]


def test_what_names_nothing(tmp_path: Path, migrated_database_settings: Callable[[], Environ], data: Path) -> None:
    environ = {"DATA_DIR": str(data), "SECRET_KEY": SECRET, **migrated_database_settings()}
    settings = settings_of(environ)
    assert "Every list, section, parent and tag that is named is there" in examined(tmp_path, **environ)[0]
    alice, bob, removed, nothing = (str(uuid.uuid4()) for _ in range(4))
    at = "2026-11-21T09:51:00.000000Z"

    def row(table: str, **values: Any) -> str:
        return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(repr, values.values()))})"  # noqa: S608 - our own

    def thing(table: str, owner: str, number: int, id_: str | None = None, **values: Any) -> str:
        stamped = {"sequence": number, "id": id_ or str(uuid.uuid4()), "created_at": at, "updated_at": at}
        return row(table, owner_id=owner, **stamped, revision=number, **values)

    execute(
        settings,
        *(row("owners", owner_id=each, revision=9, tasks=0) for each in (alice, bob)),
        # Somebody else's is not there either.
        thing("lists", bob, 1, nothing, name="a", is_archived=0, position="0"),
        thing("tasks", alice, 2, title="a", list_id=nothing, section_id=nothing, parent_id=nothing),
        thing("tasks", alice, 3, title="a", list_id=nothing),
        thing("tasks", bob, 4, title="a", list_id=nothing),
        thing("sections", alice, 5, list_id=nothing, name="a", position="0"),
        row("task_tags", owner_id=alice, tag=6, sequence=2),
        # What a removed user has is going, a part at a time.
        row("owners", owner_id=removed, revision=9, tasks=0, removed_at=at),
        thing("tasks", removed, 7, title="a", list_id=nothing),
    )
    _, wrong = examined(tmp_path, **environ)
    mend = "what is not there. Mend it: docs/operations.md, “Something names what is not there”"
    assert wrong == [
        f"2 rows of tasks.list_id name {mend}",
        *(f"1 row of {name} names {mend}" for name in ("tasks.section_id", "tasks.parent_id", "sections.list_id")),
        f"1 row of task_tags.tag names {mend}",
    ]


def test_postgresql_that_cannot_be_reached_and_has_no_secret(tmp_path: Path) -> None:
    _, wrong = examined(tmp_path, DATABASE_URL=f"postgresql://doable:hunter2@127.0.0.1:{free_port()}/doable")
    assert len(wrong) == 2
    assert "SECRET_KEY is missing" in wrong[0]
    assert "PostgreSQL cannot be reached" in wrong[1]
    assert "hunter2" not in "".join(wrong)


def test_mails_that_are_not_sent(tmp_path: Path, served: Environ) -> None:
    fine, wrong = examined(tmp_path, **served)
    assert wrong == []
    assert f"Mails are written to {tmp_path}/data/mail and not sent: SMTP_URL is not set" in fine
    assert "The links in mails begin with http://127.0.0.1:8000" in fine
    (tmp_path / "data/mail").mkdir(mode=0o755)
    _, wrong = examined(tmp_path, **served)
    assert wrong == [
        f"{tmp_path}/data/mail is open to other users (mode 0755). Mend it: chmod 700 {tmp_path}/data/mail"
    ]


def test_a_mail_server(tmp_path: Path, served: Environ) -> None:
    settings = {**served, "MAIL_FROM": "tasks@example.com", "PUBLIC_URL": "https://tasks.example.com"}
    with MailServer() as mail:
        fine, wrong = examined(tmp_path, SMTP_URL=mail.url, **settings)
        assert wrong == []
        assert f"The mail server 127.0.0.1:{mail.port} answers" in fine
        assert "The links in mails begin with https://tasks.example.com" in fine
        assert not mail.mails
        # It has no TLS, and a password is sent over nothing else.
        _, wrong = examined(tmp_path, SMTP_URL=f"smtp://doable:hunter2@127.0.0.1:{mail.port}", **settings)
        assert len(wrong) == 1
        assert f"The mail server 127.0.0.1:{mail.port} cannot be used (SMTPNotSupportedError" in wrong[0]
        assert "Mend it: look at SMTP_URL and at the server" in wrong[0]
        assert "hunter2" not in wrong[0]
    for url, reason in ((mail.url, "Connection refused"), ("smtp://no.such.host.invalid", "gaierror")):
        _, wrong = examined(tmp_path, SMTP_URL=url, **settings)
        assert len(wrong) == 1
        assert reason in wrong[0]
    with HangingServer() as hanging:
        _, wrong = examined(tmp_path, SMTP_URL=hanging.url, **settings)
        assert len(wrong) == 1


def test_changes_nothing(tmp_path: Path, served: Environ) -> None:
    def look() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file()}

    before = look()
    examined(tmp_path, **served)
    assert look() == before
