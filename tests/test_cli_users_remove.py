"""`doable users remove`; that a running server refuses the user's tokens is in accounts/."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from doable.settings import Settings
from support.commands import assert_refused
from support.schema import contents
from support.server import Server, doable
from support.users import User

Environ = dict[str, str]


def with_two_users(folder: Path, **settings: str) -> Environ:
    with Server(folder, **settings) as server:
        for email in ("alice@example.com", "bob@example.com"):
            with closing(User(server.url, email)) as user:
                user.new_task()
        return server.settings


@pytest.fixture
def environ(tmp_path: Path, new_database_settings: Callable[[], Environ]) -> Environ:
    """The settings of a database with two users, of whom each has a task."""
    return with_two_users(tmp_path, **new_database_settings())


def left(environ: Environ) -> tuple[list[str], int, int]:
    settings = Settings(data_dir=Path(environ["DATA_DIR"]), database_url=environ.get("DATABASE_URL"))
    tables = contents(settings)
    return sorted(row["email"] for row in tables["users"]), len(tables["tasks"]), len(tables["owners"])


ALL = (["alice@example.com", "bob@example.com"], 2, 2)
BOB = (["bob@example.com"], 1, 1)


def test_asks_first(environ: Environ, tmp_path: Path) -> None:
    for answer in ("n\n", "\n", ""):
        kept = doable("users", "remove", "alice@example.com", cwd=tmp_path, stdin=answer, **environ)
        assert kept.returncode == 1
        assert "Remove alice@example.com and all tasks of this user? This cannot be undone. [y/N]" in kept.stderr
        assert kept.stderr.endswith("doable: Nothing was removed. Where nobody can be asked, say --yes.\n")
        assert "Traceback" not in kept.stderr
        assert left(environ) == ALL
    removed = doable("users", "remove", "alice@example.com", cwd=tmp_path, stdin="y\n", **environ)
    assert removed.returncode == 0
    assert "Removed alice@example.com." in removed.stderr
    assert left(environ) == BOB


def test_yes_does_not_ask(environ: Environ, tmp_path: Path) -> None:
    removed = doable("users", "remove", "--yes", "Alice@Example.com", cwd=tmp_path, **environ)
    assert (removed.returncode, removed.stdout) == (0, "")
    assert removed.stderr == "Removed alice@example.com.\n"
    assert left(environ) == BOB
    again = doable("users", "remove", "-y", "alice@example.com", cwd=tmp_path, **environ)
    assert_refused(again, "There is no user with the e-mail alice@example.com")
    assert left(environ) == BOB


def test_nobody_has_this_email(tmp_path: Path) -> None:
    environ = with_two_users(tmp_path)
    for arguments in (["--yes"], []):
        result = doable("users", "remove", *arguments, "carol@example.com", cwd=tmp_path, **environ)
        assert_refused(result, "There is no user with the e-mail carol@example.com")
    nobody = "00000000-0000-4000-8000-000000000000"
    unknown = doable("users", "remove", "--yes", nobody, cwd=tmp_path, **environ)
    assert_refused(unknown, f"There is no user with the id {nobody}")
    assert_refused(
        doable("users", "remove", "--yes", "carol", cwd=tmp_path, **environ),
        "neither a valid e-mail address nor the id of a user",
    )
    assert left(environ) == ALL
