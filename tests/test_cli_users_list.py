"""`doable users list`."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from support.commands import assert_refused
from support.server import Server, doable
from support.users import User


def test_lists_the_oldest_first(tmp_path: Path, new_database_settings: Callable[[], dict[str, str]]) -> None:
    environ = {"DATA_DIR": str(tmp_path / "data"), **new_database_settings()}
    with (
        Server(tmp_path, **environ) as server,
        closing(User(server.url, "zoe@example.com")) as zoe,
        closing(User(server.url, "adam@example.com")) as adam,
    ):
        # Beside the running server, too.
        result = doable("users", "list", cwd=tmp_path, **environ)
        days = [user.get("/api/auth/me").json()["created_at"][:10] for user in (zoe, adam)]
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (
        f"{zoe.id}  {days[0]}  zoe@example.com  zoe\n{adam.id}  {days[1]}  adam@example.com  adam\n"
    )
    assert "argon2" not in result.stdout


def test_a_name_cannot_forge_a_line_or_move_the_cursor(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path / "data")}
    assert doable("migrate", cwd=tmp_path, **environ).returncode == 0
    added = doable(
        "users",
        "add",
        "eve@example.com",
        "--name",
        "Eve\nAdam\u202e\u009b31m",
        cwd=tmp_path,
        stdin="a good password",
        **environ,
    )
    assert added.returncode == 0, added.stderr
    shown = doable("users", "list", cwd=tmp_path, **environ).stdout
    assert shown.endswith("  eve@example.com  Eve Adam\ufffd\ufffd31m\n")
    assert shown.count("\n") == 1


def test_nobody_is_there_yet(tmp_path: Path, new_database_settings: Callable[[], dict[str, str]]) -> None:
    environ = {"DATA_DIR": str(tmp_path / "data"), **new_database_settings()}
    assert doable("migrate", cwd=tmp_path, **environ).returncode == 0
    result = doable("users", "list", cwd=tmp_path, **environ)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "There are no users yet.\n")


def test_refuses_a_database_that_is_not_migrated(
    tmp_path: Path, new_database_settings: Callable[[], dict[str, str]]
) -> None:
    result = doable("users", "list", cwd=tmp_path, **{"DATA_DIR": str(tmp_path / "data"), **new_database_settings()})
    assert_refused(result, "Run `doable migrate` first")
