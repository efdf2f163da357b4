"""PostgreSQL through asyncpg: a bounded pool, time limits everywhere, whole transactions repeated where they collide."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from typing import Any, Self, TypeVar
from weakref import WeakValueDictionary

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from doable.database.postgresql.notifications import Notifications
from doable.database.protocol import MAX_WAITING_OF_ONE_OWNER, Collision, Duplicate, Work
from doable.database.schema import Schema
from doable.database.statement import R, Statement
from doable.errors import Busy, Misconfigured, Unavailable

T = TypeVar("T")

TIMEOUT_SECONDS = 5.0
# Shorter, so that a wait for a lock can be told from a slow server.
LOCK_TIMEOUT_SECONDS = 4.0
WRITES_OF_ONE_OWNER = 2
ATTEMPTS = 5

# Serialization failure and deadlock: the server has undone the transaction, and the same one may well succeed.
_COLLISION = ("40001", "40P01")
_LOCK_NOT_AVAILABLE = "55P03"
# SQLSTATE classes and codes for which the same request may succeed later: connection, transaction rollback, resources,
# operator intervention, system error; wrong log-in or database; a standby that was promoted or demoted (read-only).
_TRANSIENT = ("08", "28", "3D", "40", "53", "57", "58", "25006", "25P03")
_DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

Connection = PoolConnectionProxy


def server_settings() -> dict[str, str]:
    """The settings of every connection. Every statement and every wait has a limit."""
    return {
        "application_name": "doable",
        "statement_timeout": str(int(TIMEOUT_SECONDS * 1000)),
        "lock_timeout": str(int(LOCK_TIMEOUT_SECONDS * 1000)),
        "idle_in_transaction_session_timeout": str(int(TIMEOUT_SECONDS * 2000)),
    }


class Turns:
    """The turns of one owner's writes. All of them wait for the owner's row, so many would only hold connections idle."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(WRITES_OF_ONE_OWNER)
        self._waiting = 0

    async def take(self) -> None:
        """Wait for a turn. Raises Unavailable when too many wait already, or it takes too long."""
        if self._waiting >= MAX_WAITING_OF_ONE_OWNER:
            raise Unavailable
        self._waiting += 1
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self._free.acquire()
        except TimeoutError as error:
            raise Unavailable from error
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        """Let the next one have it."""
        self._free.release()


class PostgreSQLTransaction:
    """Statements on one connection of the pool, until the transaction ends or one of them fails."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.failure: BaseException | None = None

    def end(self) -> None:
        """Make every further use an error: the connection is somebody else's from here on."""
        self.failure = self.failure or RuntimeError("This transaction has ended.")

    async def one(self, statement: Statement[R], /, **parameters: Any) -> R | None:
        compiled = statement.postgresql
        with self._usable() as connection:
            values = await connection.fetchrow(compiled.sql, *compiled.arguments(parameters))
        return None if values is None else compiled.row(values)

    async def all(self, statement: Statement[R], /, **parameters: Any) -> list[R]:
        compiled = statement.postgresql
        with self._usable() as connection:
            rows = await connection.fetch(compiled.sql, *compiled.arguments(parameters))
        return [compiled.row(values) for values in rows]

    @contextmanager
    def _usable(self) -> Iterator[Connection]:
        if self.failure is not None:
            raise self.failure
        try:
            with _translated(self._connection):
                yield self._connection
        except BaseException as error:
            # PostgreSQL answers COMMIT of a failed transaction with success, so the failure is kept.
            self.failure = error
            raise


async def drive(work: Work[T], transaction: PostgreSQLTransaction) -> T:
    """Run a work to its end. Raises its error, and also that of a failed statement which the work caught."""
    result = await work(transaction)
    if transaction.failure is not None:
        raise transaction.failure
    return result


class PostgreSQLDatabase:
    """A PostgreSQL database, 15 or newer."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self._url = url
        self._pool_size = pool_size
        self._turns: WeakValueDictionary[str, Turns] = WeakValueDictionary()
        self._notifications = Notifications(self._connect)

    async def __aenter__(self) -> Self:
        try:
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=self._pool_size,
                timeout=TIMEOUT_SECONDS,
                command_timeout=TIMEOUT_SECONDS,
                server_settings=server_settings(),
                reset=_keep,
            )
        except (*_DRIVER_ERRORS, ValueError) as error:
            message = f"PostgreSQL cannot be reached: {str(error) or type(error).__name__}. Look at DATABASE_URL and at the server."
            raise Misconfigured(message) from error
        self._notifications.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._notifications.close()
        try:
            await asyncio.wait_for(self._pool.close(), TIMEOUT_SECONDS)
        except TimeoutError:
            self._pool.terminate()

    async def one(self, statement: Statement[R], /, **parameters: Any) -> R | None:
        async with self._connection() as connection:
            return await PostgreSQLTransaction(connection).one(statement, **parameters)

    async def all(self, statement: Statement[R], /, **parameters: Any) -> list[R]:
        async with self._connection() as connection:
            return await PostgreSQLTransaction(connection).all(statement, **parameters)

    async def read(self, work: Work[T], *, long: bool = False) -> T:
        del long  # the server does the work; this process only waits
        return await self._perform(work, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    async def write(self, work: Work[T], *, owner_id: str | None = None, long: bool = False) -> T:
        del long
        if owner_id is None:
            return await self._write(work)
        turns = self._turns.get(owner_id)
        if turns is None:
            turns = self._turns[owner_id] = Turns()
        await turns.take()
        try:
            result = await self._write(work)
        except (Unavailable, asyncio.CancelledError):
            self._notifications.tell(owner_id)  # it may have been committed nevertheless
            raise
        finally:
            turns.give_back()
        self._notifications.tell(owner_id)
        return result

    def watch(self, changed: Callable[[str | None], None]) -> AbstractContextManager[None]:
        return self._notifications.watch(changed)

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            self._url, timeout=TIMEOUT_SECONDS, command_timeout=TIMEOUT_SECONDS, server_settings=server_settings()
        )

    async def schema(self) -> Schema | None:
        async with self._connection() as connection:
            with _translated(connection):
                if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
                    return None
                row = await connection.fetchrow("SELECT * FROM alembic_version")
                return None if row is None else Schema.of(dict(row))

    async def _write(self, work: Work[T]) -> T:
        for attempt in range(ATTEMPTS - 1):
            with suppress(Collision):
                return await self._perform(work, "BEGIN ISOLATION LEVEL READ COMMITTED")
            # Nothing of it was stored. Works that collided are tried again at different moments.
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - a pause, not a secret
        return await self._perform(work, "BEGIN ISOLATION LEVEL READ COMMITTED")

    async def _perform(self, work: Work[T], begin: str) -> T:
        async with self._connection() as connection:
            transaction = PostgreSQLTransaction(connection)
            try:
                with _translated(connection):
                    await connection.execute(begin)
                result = await drive(work, transaction)
                transaction.end()
                with _translated(connection):
                    await connection.execute("COMMIT")
            except BaseException:
                transaction.end()
                with suppress(
                    *_DRIVER_ERRORS
                ):  # an uncommitted transaction is undone anyway, at the latest with its connection
                    await connection.execute("ROLLBACK")
                raise
            return result

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        with _translated():
            connection = await self._pool.acquire(timeout=TIMEOUT_SECONDS)
        try:
            yield connection
        finally:
            # If it cannot be given back it is closed; the work on it is done all the same.
            with suppress(*_DRIVER_ERRORS):
                await self._pool.release(connection)


async def _keep(_: object) -> None:
    """Nothing to reset: no statement here changes a session, and asyncpg itself undoes a transaction that is left open.

    Its own reset is a round trip for each use of a connection, as much as a read.
    """


@contextmanager
def _translated(connection: Connection | None = None) -> Iterator[None]:
    """Turn the driver's temporary errors into Unavailable. Only the driver is called inside, never a work."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Duplicate from error
    except asyncpg.PostgresError as error:
        state = error.sqlstate or "08"
        if state in _COLLISION:
            raise Collision from error
        if state == _LOCK_NOT_AVAILABLE:
            raise Busy from error
        if state.startswith(_TRANSIENT):
            raise Unavailable from error
        raise
    except OSError as error:  # TimeoutError is one
        raise Unavailable from error
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        # On a live connection it is our mistake: a value of the wrong type, or two statements at once.
        if connection is None or _is_lost(connection):
            raise Unavailable from error
        raise


def _is_lost(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # the pool has taken it back because it was closed
