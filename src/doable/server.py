"""The server process: what is checked before it, and how it runs."""

import asyncio
import os
from typing import Final

from doable.database import open_database
from doable.database.schema import needs_migration
from doable.errors import Misconfigured
from doable.http import logs
from doable.settings import Settings

GRACE_SECONDS: Final = 10
"""How long requests under way may take once the process is told to stop."""


def check(settings: Settings) -> None:
    """Raise Misconfigured for what would make serving wrong or unsafe."""
    _ = settings.secret
    if settings.web_concurrency > 1 and settings.postgresql_url is None:
        from doable.database.sqlite_driver import safe_for_several_processes, sqlite3

        if not safe_for_several_processes():
            message = (
                f"SQLite {sqlite3.sqlite_version} can corrupt a database that several processes write to (mended in 3.51.3). "
                "Serve with one worker, or use PostgreSQL."
            )
            raise Misconfigured(message)


def migration_is_due(settings: Settings) -> bool:
    """Whether the database lacks a migration. Raises Misconfigured if it is newer than the code or cannot be opened."""

    async def version() -> str | None:
        async with open_database(settings) as database:
            return await database.schema_version()

    return needs_migration(asyncio.run(version()))


def run(settings: Settings, *, reload: bool) -> None:
    """Serve until SIGTERM or SIGINT: then finish what is under way, and stop."""
    import uvicorn

    logs.configure(debug=settings.debug)
    # Worker processes read their settings from the environment, as this one did.
    os.environ.update(HOST=settings.host, PORT=str(settings.port), WEB_CONCURRENCY=str(settings.web_concurrency))
    uvicorn.run(
        "doable.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.web_concurrency,
        reload=reload,
        log_config=None,
        access_log=False,
        server_header=False,
        # Whom to believe about forwarded addresses is not the server's to guess.
        proxy_headers=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
