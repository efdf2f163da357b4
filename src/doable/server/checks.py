"""What is looked at before anything starts."""

import asyncio

from doable.database import schema_of
from doable.database.schema import needs_migration
from doable.errors import Misconfigured
from doable.settings import Settings


def check(settings: Settings) -> None:
    """Raise Misconfigured if it would be wrong or unsafe to serve."""
    _ = settings.secret
    if settings.web_concurrency > 1 and settings.postgresql_url is None:
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
