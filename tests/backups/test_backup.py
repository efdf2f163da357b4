"""`doable backup`: what it says when it cannot make one, and that it never leaves half of one."""

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from database.conftest import migrated
from doable.backups.making import make
from doable.backups.programs import connection_of
from doable.database.last_backup import last_backup_at
from doable.errors import Misconfigured
from support.commands import assert_refused, on_full_disk
from support.postgresql import OLDEST, PostgreSQL, with_programs
from support.schema import execute, on_connection, settings_of
from support.server import DOABLE, environment


def test_nothing_is_overwritten_and_nothing_is_left_when_it_fails(
    new_database_settings: Callable[..., dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", with_programs()["PATH"])
    settings = migrated(data_dir=tmp_path / "data", database_url=new_database_settings().get("DATABASE_URL"))
    file = tmp_path / "folder" / "file"
    with pytest.raises(Misconfigured, match=f"Nothing can be written to the folder {file.parent}: No such file"):
        make(settings, file)
    file.parent.mkdir()
    file.write_text("a diary")
    with pytest.raises(Misconfigured, match=f"There is something at {file} already, and it is left as it is"):
        make(settings, file)
    assert file.read_text() == "a diary"
    assert last_backup_at(settings) is None
    environ = {"DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.postgresql_url or "", **with_programs()}
    assert_refused(on_full_disk(8, "backup", str(file.with_name("other")), cwd=tmp_path, **environ))
    assert [path.name for path in file.parent.iterdir()] == ["file"]
    assert last_backup_at(settings) is None
    make(settings, file.with_name("other"))
    made_at = last_backup_at(settings)
    assert made_at is not None
    assert {path.name for path in file.parent.iterdir()} == {"file", "other"}
    assert abs(made_at.timestamp() - file.with_name("other").stat().st_mtime) < 60


def test_where_there_is_nothing_to_back_up(
    new_database_settings: Callable[..., dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", with_programs()["PATH"])
    settings = settings_of({"DATA_DIR": str(tmp_path / "data"), **new_database_settings()})
    with pytest.raises(Misconfigured, match=r"^There is no(thing of Doable's in the)? database "):
        make(settings, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_programs_that_are_missing_or_too_old(
    postgresql_18: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = migrated(data_dir=tmp_path / "data", database_url=postgresql_18.new_database())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misconfigured, match=r"^pg_dump is missing\. Install PostgreSQL's client programs"):
        make(settings, tmp_path / "file")
    if OLDEST.exists():
        monkeypatch.setenv("PATH", str(OLDEST))
        with pytest.raises(Misconfigured, match=r"pg_dump that is installed is of version 15, and the server of 18\."):
            make(settings, tmp_path / "file")
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize(
    ("url", "shown", "password"),
    [
        ("postgresql://a:p%40ss@host:5432/name", "postgresql://a@host:5432/name", "p@ss"),
        ("postgresql://a@one:1,two:2/n?target_session_attrs=any", "postgresql://a@one:1,two:2/n?target_session_attrs=any", None),
        ("postgresql:///n?host=%2Frun&password=x%3D&sslpassword=y", "postgresql:///n?host=%2Frun", "x="),
        ("postgresql://a@h/n?ssl=true&pgbouncer=true&supa=x", "postgresql://a@h/n?sslmode=require", None),
        ("postgresql://host/name", "postgresql://host/name", None),
    ],
)  # fmt: skip
def test_no_password_is_on_a_command_line(url: str, shown: str, password: str | None) -> None:
    assert connection_of(url) == (shown, {} if password is None else {"PGPASSWORD": password})


def test_sigterm_ends_pg_dump_too(postgresql_18: PostgreSQL, tmp_path: Path) -> None:
    settings = migrated(data_dir=tmp_path / "data", database_url=postgresql_18.new_database())
    environ = environment(
        DATA_DIR=str(settings.data_dir), DATABASE_URL=settings.postgresql_url or "", **with_programs()
    )

    def while_a_table_is_locked(connection: Connection) -> int:
        def dumps() -> Any:
            connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
            found = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump' AND datname = current_database()"
            return connection.exec_driver_sql(found).scalar()

        connection.exec_driver_sql("LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE")
        with subprocess.Popen([DOABLE, "backup", "file"], cwd=tmp_path, env=environ) as process:
            try:
                until(dumps)
            finally:
                process.terminate()
        # The process, and not its session: a server that waits for a lock does not look whether the client is still there.
        until(lambda: not runs_with(str(tmp_path)))
        return process.returncode

    assert on_connection(settings, while_a_table_is_locked) == 128 + signal.SIGTERM
    assert [*tmp_path.iterdir()] == []


def runs_with(argument: str) -> bool:
    """Whether a process has this in its command line."""
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            if argument.encode() in each.read_bytes():
                return True
    return False


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_tables_in_partitions_are_refused(postgresql_18: PostgreSQL, tmp_path: Path) -> None:
    """Of these `pg_dump --table` has nothing but the name."""
    settings = migrated(data_dir=tmp_path / "data", database_url=postgresql_18.new_database())
    execute(settings, "DROP TABLE lists", "CREATE TABLE lists (owner_id uuid) PARTITION BY HASH (owner_id)")
    with pytest.raises(Misconfigured, match=r"tables in partitions \(lists\)"):
        make(settings, tmp_path / "file")
    assert not (tmp_path / "file").exists()
