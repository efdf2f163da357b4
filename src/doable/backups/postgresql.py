"""Backups of a PostgreSQL database, by pg_dump."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, cast

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import pool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

import doable.app  # noqa: F401 - so that every table is known
from doable.backups import archive
from doable.backups.backup import refusal
from doable.backups.programs import check_version, connection_of, run
from doable.backups.renewal import Renewed, renew
from doable.database import schema_of
from doable.database.migrate import alembic_config, upgrade
from doable.database.naming import metadata
from doable.database.postgresql.servers import Servers
from doable.database.postgresql.transaction import Budget, PostgreSQLTransaction, drive
from doable.database.schema import LOCK_KEY, SCHEMA_VERSION, Schema
from doable.errors import Misconfigured
from doable.settings import PostgreSQLServers, Settings
from doable.whole_file import whole_file

LOCK_SECONDS: Final = 10
"""How long a restore waits for somebody else who uses a table."""
PATIENCE_SECONDS: Final = 24 * 60 * 60
"""How long the renewal may take, of as many owners as there are."""
CLOSING_SECONDS: Final = 2
"""How long the server may take to notice that a connection was closed."""

Driver = asyncpg.connection.Connection
"""asyncpg's connection."""

_FORMER: Final = {"alembic_version", "refresh_tokens"}
"""Tables of Doable's that are not in the metadata: Alembic's own, and what older versions had."""

_SERVING: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
)


def _tables() -> set[str]:
    return {*metadata.tables, *_FORMER}


def make(settings: Settings, url: str, path: Path) -> None:
    """Back up the database to a new file, while others read and write."""
    schema = asyncio.run(schema_of(settings))
    if schema is None:
        message = f"There is nothing of Doable's in the database {settings.database_name} yet."
        raise Misconfigured(message)
    _check_known(settings, schema)
    check_version("pg_dump", asyncio.run(_server_version(url)))
    shown, environment = connection_of(url)
    # Only what is Doable's, should somebody else have tables there too.
    tables = (f"--table={name}" for name in sorted(_tables()))
    with whole_file(path) as draft:
        target = "--format=custom", f"--file={draft}", f"--dbname={shown}"
        run("pg_dump", *target, *tables, environment=environment)


def restore(settings: Settings, url: str, backup: Path | None, *, revoke_api_tokens: bool) -> Renewed:
    """Put a backup in the place of the database and migrate it, if there is one, and renew; all in one transaction.

    Raises Misconfigured if that fails, or if a server is running: then everything is as it was.
    """
    if backup is not None and (others := archive.tables_of(backup) - _tables()):
        names = ", ".join(sorted(others))
        raise refusal(backup, f"has tables that are not Doable's ({names}): restore it with pg_restore")

    async def work() -> Renewed:
        async with _alone(url) as (connection, driver):
            if backup is not None:
                await _load(settings, backup, connection, driver)
            tx = PostgreSQLTransaction(cast("PoolConnectionProxy[asyncpg.Record]", driver), Budget(PATIENCE_SECONDS))
            return await drive(lambda tx: renew(tx, settings, revoke_api_tokens=revoke_api_tokens), tx)

    try:
        return asyncio.run(work())
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        reason = str(getattr(error, "orig", error)).partition("\n")[0]
        message = f"The restore has failed, and the database is as it was before: {reason}."
        raise Misconfigured(message) from error


async def _load(settings: Settings, backup: Path, connection: AsyncConnection, driver: Driver) -> None:
    if await driver.fetchval("SELECT to_regclass('alembic_version')") is not None:
        present = await driver.fetchrow("SELECT * FROM alembic_version")
        if present is not None:
            _check_known(settings, Schema.of(dict(present)))
    await driver.execute(f"DROP TABLE IF EXISTS {', '.join(sorted(_tables()))}")
    await archive.load(driver, backup)
    if await driver.fetchval("SELECT version_num FROM alembic_version") < SCHEMA_VERSION:
        await connection.run_sync(lambda given: upgrade(alembic_config(settings, connection=given), "head"))
    await driver.execute("ANALYZE")


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[tuple[AsyncConnection, Driver]]:
    """A transaction on a database that no server uses, as SQLAlchemy and as asyncpg have it. Raises Misconfigured."""
    servers = Servers(PostgreSQLServers.of(url))
    engine = create_async_engine(
        "postgresql+asyncpg://",
        # No plan is kept: the tables become others.
        async_creator=partial(servers.connect, command_timeout=None, statement_cache_size=0),
        poolclass=pool.NullPool,
    )
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
        give_up_at = time.monotonic() + CLOSING_SECONDS
        while await connection.scalar(_SERVING):
            if time.monotonic() > give_up_at:
                message = (
                    "A server, or another command of Doable's, has the database open. "
                    "Stop all of them first, and a pooler before PostgreSQL, too."
                )
                raise Misconfigured(message)
            await asyncio.sleep(CLOSING_SECONDS / 20)
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None  # noqa: S101 - it is connected
        yield connection, driver


def _check_known(settings: Settings, schema: Schema) -> None:
    if schema.version > SCHEMA_VERSION:
        message = (
            f"The database {settings.database_name} is at version {schema.version}, whose tables this Doable does not all know: "
            "use the newer one, or restore into an empty database."
        )
        raise Misconfigured(message)


async def _server_version(url: str) -> int:
    """The server's major version. Raises Misconfigured for a database that would not be dumped as a whole."""
    connection = await Servers(PostgreSQLServers.of(url)).connect()
    try:
        in_partitions = "SELECT string_agg(relname, ', ') FROM pg_class WHERE relkind = 'p' AND relname = ANY($1)"
        names = await connection.fetchval(in_partitions, list(_tables()))
        if names is not None:
            message = f"Of tables in partitions ({names}) pg_dump would leave the rows out. Use pg_dump without Doable."
            raise Misconfigured(message)
        major: int = connection.get_server_version().major
        return major
    finally:
        await connection.close()
