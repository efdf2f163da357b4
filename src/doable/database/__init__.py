"""The database: statements compiled once, run by the driver itself, on SQLite and PostgreSQL alike."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from doable.database.protocol import Database, Duplicate, Reading, Transaction
from doable.database.schema import Schema, check_is_migrated
from doable.database.statement import Row, Shape, Statement, insert_row
from doable.errors import Misconfigured
from doable.settings import Settings, make_private_directory

__all__ = [
    "Database",
    "Duplicate",
    "Reading",
    "Row",
    "Shape",
    "Statement",
    "Transaction",
    "insert_row",
    "open_database",
    "open_migrated",
    "schema_of",
]


def open_database(settings: Settings) -> Database:
    """The database of these settings, to be used in an `async with`, which raises Misconfigured if it cannot be opened.

    The drivers are imported here, so that a server on SQLite does not load PostgreSQL's and the other way round.
    """
    if settings.postgresql_url is not None:
        from doable.database.postgresql.database import PostgreSQLDatabase

        return PostgreSQLDatabase(
            settings.postgresql_url, pool_size=settings.pool_size, listen_url=settings.postgresql_listen_url
        )
    from doable.database.sqlite.database import SQLiteDatabase

    path = settings.database_path
    make_private_directory(path.parent)
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        message = f"The folder {path.parent} cannot be used: {error.strerror}. Set DATA_DIR to one that can."
        raise Misconfigured(message) from error
    return SQLiteDatabase(path)


@asynccontextmanager
async def open_migrated(settings: Settings) -> AsyncIterator[Database]:
    """The database of these settings, at the schema of this version. Raises NotReady if it may be so later, else Misconfigured."""
    async with open_database(settings) as database:
        check_is_migrated(await database.schema())
        yield database


async def schema_of(settings: Settings) -> Schema | None:
    """The schema of the database; None for an empty one. Raises Misconfigured if it cannot be opened."""
    async with open_database(settings) as database:
        return await database.schema()
