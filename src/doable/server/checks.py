"""What is looked at before anything starts."""

import asyncio

from doable.database import schema_of
from doable.database.schema import needs_migration
from doable.errors import Misconfigured
from doable.server.cores import usable_cores
from doable.settings import Settings


def default_workers(settings: Settings) -> int:
    """As many as there are cores for, but one where several could corrupt the database."""
    if settings.postgresql_url is None:
        from doable.database.sqlite.driver import safe_for_several_processes

        if not safe_for_several_processes():
            return 1
    return usable_cores()


def check(settings: Settings) -> None:
    """Raise Misconfigured if it would be wrong or unsafe to serve."""
    _ = settings.secret
    if settings.workers > 1 and settings.postgresql_url is None:
        from doable.database.sqlite.driver import safe_for_several_processes, sqlite3

        if not safe_for_several_processes():
            message = (
                f"SQLite {sqlite3.sqlite_version} can corrupt a database that several processes write to (mended in 3.51.3). "
                "Serve with one worker, or use PostgreSQL."
            )
            raise Misconfigured(message)


def migration_is_due(settings: Settings) -> bool:
    """Whether the database lacks a migration.

    Raises NotReady if it is not there yet, Misconfigured if it is too new for the code or cannot be opened.
    """
    return needs_migration(asyncio.run(schema_of(settings)))
