"""The server process: the checks before it starts, and how it runs."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from doable.database import schema_of
from doable.database.schema import needs_migration
from doable.errors import Misconfigured
from doable.http import logs
from doable.settings import Settings

GRACE_SECONDS: Final = 10
"""How long requests under way may take once the process has been told to stop."""

KEEP_ALIVE_SECONDS: Final = 130
"""How long a connection may be idle: longer than at proxies and load balancers (up to 120), or they would send on one that is just closing."""


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


def stop_quietly() -> None:
    """Have SIGTERM and SIGINT end this process with exit code 0: being told to stop is no failure.

    Uvicorn finishes what is under way first, and then sends itself the signal again.
    """

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(0)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)


def check_port(host: str, port: int) -> int:
    """The port to listen on: this one, or instead of 0 one that is free just now. It is not held until the server has it.

    Raises Misconfigured if nothing can listen there, so that there is a sentence about it before anything starts.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As the server itself does, so that connections which a server has just left behind do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no host name"
            message = f"Nothing can listen on port {port} of {host}: {reason}. Choose another with --port or --host."
            raise Misconfigured(message) from None
        chosen: int = probe.getsockname()[1]
        return chosen


def url(host: str, port: int) -> str:
    """The address of the server, to be shown to a person."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def migration_is_due(settings: Settings) -> bool:
    """Whether the database lacks a migration. Raises Misconfigured if it is too new for the code or cannot be opened."""
    return needs_migration(asyncio.run(schema_of(settings)))


def run(settings: Settings, host: str, port: int, *, reload: bool) -> None:
    """Serve until SIGTERM or SIGINT: then finish what is under way, and stop."""
    import uvicorn

    logs.configure(debug=settings.debug)
    # Worker processes read their settings from the environment, as this one did.
    os.environ.update(WEB_CONCURRENCY=str(settings.web_concurrency), PORT=str(port))
    try:
        uvicorn.run(
            "doable.app:create_app",
            factory=True,
            host=host,
            port=port,
            workers=settings.web_concurrency,
            reload=reload,
            reload_dirs=[str(Path(__file__).parent)] if reload else None,
            log_config=None,
            access_log=False,
            server_header=False,
            # Which proxies to believe about addresses is a setting, and not for the server to guess.
            proxy_headers=False,
            http="doable.http.protocol:Protocol",
            ws="none",
            lifespan="on",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    except SystemExit as stopped:
        if stopped.code:
            raise Misconfigured("The server could not start, see above.") from None
        raise
