"""How Alembic runs migrations here: all of them in one transaction, one process at a time, on either database."""

import asyncio
import sys
import time
from functools import partial

from alembic import context
from sqlalchemy import Connection, create_engine, inspect, pool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from doable.database.naming import metadata
from doable.database.postgresql.servers import Servers
from doable.database.schema import LOCK_KEY
from doable.database.sqlite.backup import keep_before_migration
from doable.database.sqlite.driver import connect, sqlite3
from doable.database.sqlite.turn import WriteLock
from doable.settings import PostgreSQLServers, Settings

# For another process's migration, which may take minutes on a large database.
LOCK_WAIT_SECONDS = 600
# For the lock on a table. Every request that needs the table waits behind a migration that waits, so it does not wait
# long: it gives up everything, lets them through, and tries again.
TABLE_LOCK_SECONDS = 2
PAUSE_SECONDS = 3
LOCK_NOT_AVAILABLE = "55P03"

settings: Settings = context.config.attributes["settings"]
# A backup that is being restored is migrated as well: on SQLite a copy of it, on PostgreSQL in the transaction that loads it.
is_a_copy: bool = context.config.attributes.get("is_a_copy", False)
given: Connection | None = context.config.attributes.get("connection")


def run(connection: Connection) -> None:
    """Run the missing migrations on a connection that is in a transaction and has the lock."""
    context.configure(
        connection=connection,
        target_metadata=metadata,  # for its naming convention: migrations name every table themselves
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        note_compatibility(connection)


def note_compatibility(connection: Connection) -> None:
    """Write down the oldest version whose code can work with this schema.

    A migration that only adds things which older code need not know says so by `compatible_down_to`; any other is for
    its own version alone.
    """
    revision = context.get_context().get_current_revision()
    if revision is None:
        return
    module = context.script.get_revision(revision).module
    if "compatible_down_to" not in {column["name"] for column in inspect(connection).get_columns("alembic_version")}:
        connection.execute(text("ALTER TABLE alembic_version ADD COLUMN compatible_down_to VARCHAR(32)"))
    oldest = getattr(module, "compatible_down_to", revision)
    connection.execute(text("UPDATE alembic_version SET compatible_down_to = :oldest"), {"oldest": oldest})


def version_of(raw: sqlite3.Connection) -> str | None:
    """The migration that an embedded database is at; None for a new one."""
    if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall():
        return None
    rows = raw.execute("SELECT version_num FROM alembic_version").fetchall()
    return rows[0][0] if rows else None


def migrate_sqlite() -> None:
    """Migrate the embedded database, on a connection of its own.

    Alembic changes a table on SQLite by making a new one and dropping the old; with foreign keys on, that drop deletes
    every row that refers to it. So they are off, which SQLite allows only outside a transaction, and checked at the end.
    """
    path = settings.database_path
    raw = connect(path, busy_timeout_ms=LOCK_WAIT_SECONDS * 1000)
    raw.execute("PRAGMA foreign_keys=OFF")
    lock = WriteLock(path)
    lock.acquire(wait=True)
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=pool.StaticPool, module=sqlite3)
    try:
        with engine.connect() as connection, connection.begin():
            # Only now: a new engine ends its first connection's transaction after a look at the server.
            raw.execute("BEGIN IMMEDIATE")
            if not is_a_copy and (found := version_of(raw)) not in {None, context.get_head_revision()}:
                keep_before_migration(path, found)
            run(connection)
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            if broken:
                message = f"{len(broken)} rows would refer to rows that do not exist."
                raise RuntimeError(message)
    finally:
        raw.close()
        lock.close()


async def migrate_postgresql(url: str) -> None:
    """Migrate a PostgreSQL database."""
    servers = Servers(PostgreSQLServers.of(url))
    await servers.look()
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=partial(servers.connect, command_timeout=None), poolclass=pool.NullPool
    )
    give_up_at, has_said = time.monotonic() + LOCK_WAIT_SECONDS, False
    while True:
        try:
            async with engine.begin() as connection:
                # A migration may take long, and there is one.
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
                await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
                await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT_SECONDS}s'"))
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
                await connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_LOCK_SECONDS}s'"))
                await connection.run_sync(run)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE or time.monotonic() > give_up_at:
                raise
            if not has_said:
                sys.stderr.write(
                    "Another transaction holds a table that this migration changes. Trying again, for 10 minutes.\n"
                )
                has_said = True
        else:
            return
        await asyncio.sleep(PAUSE_SECONDS)


if given is not None:
    run(given)
elif settings.postgresql_url is None:
    migrate_sqlite()
else:
    asyncio.run(migrate_postgresql(settings.postgresql_url))
