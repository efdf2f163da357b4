"""Backups of the embedded database."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from doable.backups.backup import Backup, refusal
from doable.backups.renewal import Renewed, renew
from doable.database import open_database, schema_of
from doable.database.migrate import alembic_config, upgrade
from doable.database.schema import Schema, needs_migration
from doable.database.sqlite.backup import back_up, mark, marked_at, new_path
from doable.database.sqlite.driver import sqlite3
from doable.database.sqlite.turn import WriteLock
from doable.errors import Misconfigured
from doable.settings import Settings, make_private_directory


class DamagedError(Exception):
    """The file is no database, or no longer."""


def make(settings: Settings, path: Path) -> None:
    """Back up the database to a new file, while others read and write."""
    if not settings.database_path.exists():
        message = (
            f"There is no database at {settings.database_path}. Give the command the settings that the server has."
        )
        raise Misconfigured(message)
    with closing(sqlite3.connect(settings.database_path, isolation_level=None)) as connection:
        back_up(connection, path)


def examine(path: Path) -> Backup:
    """What is in a backup, all of which is read. Raises Misconfigured for a file that is none, or is damaged."""
    if path.with_name(f"{path.name}-wal").exists():
        raise refusal(path, f"is that of a database in use, and {path.name}-wal has a part of it")
    try:
        # Immutable, so that SQLite makes no file beside it.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise refusal(path, "is damaged")
            cursor = connection.execute("SELECT * FROM alembic_version")
            names = [column[0] for column in cursor.description]
            schema = Schema.of(dict(zip(names, cursor.fetchone(), strict=True)))
            (users,) = connection.execute("SELECT count(*) FROM users").fetchone()
            made_at = marked_at(connection) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (sqlite3.Error, OSError, TypeError) as error:  # a TypeError is for a version that has no row
        raise refusal(path, "is no backup of Doable, or is damaged") from error
    return Backup(schema, made_at, users)


def restore(settings: Settings, backup: Path | None, *, revoke_api_tokens: bool) -> tuple[Renewed, Path | None]:
    """Put a backup in the place of the database, or renew that if there is no backup. Answers where it was put aside.

    A copy of the backup is migrated and renewed. Then SQLite writes it over the database in one transaction: until that ends, and if
    anything fails or the process is killed, the database is as it was. Raises Misconfigured.
    """
    if backup is None:
        with _turn(settings.database_path), _alone(settings.database_path):
            pass
        return asyncio.run(_renew(settings, revoke_api_tokens=revoke_api_tokens)), None
    make_private_directory(settings.data_dir)
    with _turn(settings.database_path):
        if settings.database_path.exists():
            with suppress(DamagedError), _alone(settings.database_path):
                pass  # before all the work
        draft = settings.model_copy(update={"data_dir": settings.data_dir / "restoring"})
        shutil.rmtree(draft.data_dir, ignore_errors=True)  # of one that was killed
        make_private_directory(draft.data_dir)
        try:
            renewed = _prepare(draft, backup, revoke_api_tokens=revoke_api_tokens)
            return renewed, _replace(settings.database_path, draft.database_path)
        except (sqlite3.Error, OSError) as error:
            message = f"The restore has failed, and the database is as it was before: {error}."
            raise Misconfigured(message) from error
        finally:
            shutil.rmtree(draft.data_dir, ignore_errors=True)


def _prepare(draft: Settings, backup: Path, *, revoke_api_tokens: bool) -> Renewed:
    """Make a copy of the backup, of this version and renewed, the database of these settings."""
    shutil.copyfile(backup, draft.database_path)
    draft.database_path.chmod(0o600)
    with closing(sqlite3.connect(draft.database_path, isolation_level=None)) as connection:
        mark(connection, None)
    if needs_migration(asyncio.run(schema_of(draft))):
        upgrade(alembic_config(draft, is_a_copy=True), "head")
    return asyncio.run(_renew(draft, revoke_api_tokens=revoke_api_tokens))


async def _renew(settings: Settings, *, revoke_api_tokens: bool) -> Renewed:
    async with open_database(settings) as database:
        work = partial(renew, settings=settings, revoke_api_tokens=revoke_api_tokens)
        return await database.write(work, long=True)


def _replace(path: Path, copy: Path) -> Path | None:
    """Write the copy over the database, which is kept aside."""
    aside = new_path(path, "before-restore")
    path.touch(mode=0o600)
    with ExitStack() as stack:
        try:
            target = stack.enter_context(_alone(path))
            was_empty = target.execute("SELECT 1 FROM sqlite_master").fetchone() is None
            if not was_empty:
                back_up(target, aside)
        except DamagedError:
            was_empty = False
            for suffix in ("", "-wal", "-shm", "-journal"):
                with suppress(FileNotFoundError):
                    path.with_name(f"{path.name}{suffix}").rename(f"{aside}{suffix}")
            path.touch(mode=0o600)
            target = stack.enter_context(_alone(path))
        with closing(sqlite3.connect(copy)) as source:
            source.backup(target)
    return None if was_empty else aside


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """The turn to write, if nobody has it."""
    lock = WriteLock(path)
    try:
        if not lock.acquire(wait=False):
            raise _in_use(path)
        yield
    finally:
        lock.close()


@contextmanager
def _alone(path: Path) -> Iterator["sqlite3.Connection"]:
    """The database, which no other process has open or can open meanwhile. Raises Misconfigured, and DamagedError."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
            # It needs every other connection to be closed, even one that is idle.
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError:
            raise _in_use(path) from None
        except sqlite3.DatabaseError as error:
            raise DamagedError from error
        yield connection


def _in_use(path: Path) -> Misconfigured:
    return Misconfigured(f"Another process has {path} open: stop the server first, and whatever else uses it.")
