"""The database: statements compiled once, run by the driver itself, on SQLite and PostgreSQL alike."""

from typing import TYPE_CHECKING

from doable.database.protocol import Database, Transaction
from doable.database.statement import Row, Statement
from doable.settings import Settings, make_private_directory

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Database", "Row", "Statement", "Transaction", "open_database"]


def open_database(settings: Settings) -> Database:
    """The database of these settings, to be used in an `async with`, which raises Misconfigured if it cannot be opened.

    The drivers are imported here, so that a server on SQLite does not load PostgreSQL's and the other way round.
    """
    if settings.postgresql_url is not None:
        from doable.database.postgresql import PostgreSQLDatabase

        return PostgreSQLDatabase(settings.postgresql_url)
    from doable.database.sqlite import SQLiteDatabase

    path: Path = settings.database_path
    try:
        make_private_directory(path.parent)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        from doable.errors import Misconfigured

        message = f"The folder {path.parent} cannot be used: {error.strerror}. Set DATA_DIR to one that can."
        raise Misconfigured(message) from error
    return SQLiteDatabase(path)
