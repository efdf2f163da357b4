"""What is looked at before anything starts."""

import asyncio
from typing import Final

from doable.cores import usable_cores
from doable.database import schema_of
from doable.database.schema import needs_migration
from doable.errors import Misconfigured
from doable.settings import Settings

MOST_WORKERS: Final = 4
"""Unless somebody says otherwise: each needs its memory."""


def default_workers(settings: Settings) -> int:
    """As many as there are cores for, but one where several could corrupt the database."""
    return min(MOST_WORKERS, usable_cores()) if _several_may_write(settings) else 1


def check(settings: Settings) -> None:
    """Raise Misconfigured if it would be wrong or unsafe to serve."""
    _ = settings.secret
    if settings.workers > 1 and not _several_may_write(settings):
        from doable.database.sqlite.driver import sqlite3

        message = (
            f"SQLite {sqlite3.sqlite_version} can corrupt a database that several processes write to (mended in 3.51.3). "
            "Serve with one worker, or use PostgreSQL."
        )
        raise Misconfigured(message)


def _several_may_write(settings: Settings) -> bool:
    if settings.postgresql_url is not None:
        return True
    from doable.database.sqlite.driver import safe_for_several_processes

    return safe_for_several_processes()


def migration_is_due(settings: Settings) -> bool:
    """Whether the database lacks a migration.

    Raises NotReady if it is not there yet, Misconfigured if it is too new for the code or cannot be opened.
    """
    return needs_migration(asyncio.run(schema_of(settings)))
