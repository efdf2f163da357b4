"""PostgreSQL through asyncpg: a bounded pool, time limits everywhere, whole transactions repeated where they collide."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar
from weakref import WeakValueDictionary

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from doable.database.protocol import Work
from doable.database.statement import Row, Statement
from doable.errors import Misconfigured, Unavailable

T = TypeVar("T")

POOL_SIZE = 10
TIMEOUT_SECONDS = 5.0
WRITES_OF_ONE_OWNER = 2
ATTEMPTS = 5

_SERIALIZATION_FAILURE, _DEADLOCK = "40001", "40P01"
# SQLSTATE classes and codes for which the same request may succeed later: connection, transaction rollback, resources,
# operator intervention, system error; wrong log-in or database and too long a wait for a lock; a standby that was
# promoted or demoted (read-only).
_TRANSIENT = ("08", "28", "3D", "40", "53", "57", "58", "55P03", "25006", "25P03")

Connection = PoolConnectionProxy


def server_settings() -> dict[str, str]:
    """What every connection sets: no statement and no wait is without a limit."""
    milliseconds = str(int(TIMEOUT_SECONDS * 1000))
    return {
        "application_name": "doable",
        "statement_timeout": milliseconds,
        "lock_timeout": milliseconds,
        "idle_in_transaction_session_timeout": str(int(TIMEOUT_SECONDS * 2000)),
    }


class PostgreSQLTransaction:
    """Statements on one connection of the pool."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def one(self, statement: Statement, /, **parameters: Any) -> Row | None:
        compiled = statement.postgresql
        values = await self._connection.fetchrow(compiled.sql, *compiled.arguments(parameters))
        return None if values is None else compiled.row(values)

    async def all(self, statement: Statement, /, **parameters: Any) -> list[Row]:
        compiled = statement.postgresql
        rows = await self._connection.fetch(compiled.sql, *compiled.arguments(parameters))
        return [compiled.row(values) for values in rows]


class PostgreSQLDatabase:
    """A PostgreSQL database, 15 or newer."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def __aenter__(self) -> Self:
        try:
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=POOL_SIZE,
                timeout=TIMEOUT_SECONDS,
                command_timeout=TIMEOUT_SECONDS,
                server_settings=server_settings(),
            )
        except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            message = f"PostgreSQL cannot be reached: {str(error) or type(error).__name__}. Look at DATABASE_URL and at the server."
            raise Misconfigured(message) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await asyncio.wait_for(self._pool.close(), TIMEOUT_SECONDS)
        except TimeoutError:
            self._pool.terminate()

    async def one(self, statement: Statement, /, **parameters: Any) -> Row | None:
        async with self._connection() as connection:
            return await PostgreSQLTransaction(connection).one(statement, **parameters)

    async def all(self, statement: Statement, /, **parameters: Any) -> list[Row]:
        async with self._connection() as connection:
            return await PostgreSQLTransaction(connection).all(statement, **parameters)

    async def read(self, work: Work[T], *, long: bool = False) -> T:
        del long  # the server does the work; this process only waits
        async with (
            self._connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await work(PostgreSQLTransaction(connection))

    async def write(self, work: Work[T], *, owner_id: str | None = None, long: bool = False) -> T:
        del long
        if owner_id is None:
            return await self._write(work)
        # All writes of an owner wait for that owner's row; more of them than this would only hold connections idle.
        turns = self._turns.get(owner_id)
        if turns is None:
            turns = self._turns[owner_id] = asyncio.Semaphore(WRITES_OF_ONE_OWNER)
        async with turns:
            return await self._write(work)

    async def schema_version(self) -> str | None:
        async with self._connection() as connection:
            if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
                return None
            version: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
            return version

    async def _write(self, work: Work[T]) -> T:
        for attempt in range(ATTEMPTS):
            async with self._connection() as connection:
                try:
                    async with connection.transaction():
                        return await work(PostgreSQLTransaction(connection))
                except asyncpg.PostgresError as error:
                    if error.sqlstate not in {_SERIALIZATION_FAILURE, _DEADLOCK}:
                        raise
            # Nothing of it was stored. Those that collided come back at different moments.
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - a pause, not a secret
        raise Unavailable

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self._pool.acquire(timeout=TIMEOUT_SECONDS) as connection:
                yield connection
        except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
            raise Unavailable from error
        except asyncpg.PostgresError as error:
            if (error.sqlstate or "08").startswith(_TRANSIENT):
                raise Unavailable from error
            raise
