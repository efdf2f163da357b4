"""Backups of the embedded database: one file, made by SQLite's online backup while others read and write."""

from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from doable import clock
from doable.database.sqlite.driver import sqlite3
from doable.errors import Misconfigured
from doable.settings import make_private_directory
from doable.whole_file import whole_file

KEPT: Final = 3
"""How many of the backups that are made before a migration are kept, the newest."""

# The header of a backup says that it is one, and when it was made: a copy of the file has another time than the file.
_MARK: Final = 0x646F6162
"""The `application_id` of a backup: "doab"."""
_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""From here `user_version` counts seconds. It has 31 bits, which last 68 years."""


def back_up(connection: "sqlite3.Connection", path: Path) -> None:
    """Copy all that is committed, as of one instant, to a new file. Nobody waits for it.

    Raises Misconfigured, and leaves nothing, if it cannot be written.
    """
    with whole_file(path) as draft:
        try:
            with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
                # In one step, which is one snapshot. In several, each write of another process would start it again.
                connection.backup(copy)
                mark(copy, clock.now())
        except (sqlite3.Error, OSError) as error:
            message = f"The backup {path} cannot be made: {error}."
            raise Misconfigured(message) from error


def mark(connection: "sqlite3.Connection", made_at: datetime | None) -> None:
    """Write into the header when this backup was made; None for a database that is no longer one. Leaves one file."""
    connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    seconds = 0 if made_at is None else int((made_at - _EPOCH).total_seconds())
    connection.execute(f"PRAGMA application_id={0 if made_at is None else _MARK}")
    connection.execute(f"PRAGMA user_version={seconds}")


def marked_at(connection: "sqlite3.Connection") -> datetime | None:
    """When this backup was made. None if something else than Doable made it."""
    (mark_,) = connection.execute("PRAGMA application_id").fetchone()
    (seconds,) = connection.execute("PRAGMA user_version").fetchone()
    return _EPOCH + timedelta(seconds=seconds) if mark_ == _MARK else None


def new_path(database: Path, name: str) -> Path:
    """Where such a backup of the database is kept beside it, from now. Makes the folder."""
    folder = database.parent / "backups"
    make_private_directory(folder)
    return folder / f"{name}-{clock.now():%Y%m%dT%H%M%S.%fZ}.db"


def keep_before_migration(database: Path, version: str) -> None:
    """Back up a database that is about to be migrated, while the caller keeps others from writing.

    Only the newest are kept. Raises Misconfigured if it cannot be made: then the migration must not begin.
    """
    path = new_path(database, f"before-migration-of-{version}")
    try:
        # On a connection of its own: SQLite copies nothing from one that is in a transaction, and waits for ever.
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            back_up(connection, path)
    except Misconfigured as error:
        message = f"The migration has not begun, since a backup is made before it. {error}"
        raise Misconfigured(message) from error
    by_time = sorted(path.parent.glob("before-migration-of-*.db"), key=lambda each: each.name.rpartition("-")[2])
    for older in by_time[:-KEPT]:
        with suppress(OSError):
            older.unlink()
