"""PostgreSQL through asyncpg: a bounded pool, time limits everywhere, whole transactions repeated where they collide."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any, Self, TypeVar
from weakref import WeakValueDictionary

import asyncpg

from doable.database.full_disk import FullDisk
from doable.database.long_reads import LongReads
from doable.database.postgresql.notifications import Notifications
from doable.database.postgresql.refusals import check_encoding, refusal
from doable.database.postgresql.servers import Servers
from doable.database.postgresql.transaction import (
    DRIVER_ERRORS,
    TIMEOUT_SECONDS,
    Budget,
    Connection,
    PostgreSQLTransaction,
    drive,
    is_lost,
    translated,
)
from doable.database.protocol import MAX_WAITING_OF_ONE_OWNER, Collision, Load, Work
from doable.database.schema import Schema, schema_of_row
from doable.database.statement import R, Statement
from doable.errors import StorageFull, Unavailable
from doable.places import lasts
from doable.settings import PostgreSQLServers

T = TypeVar("T")

# After a failure: for the server to stop what it does and undo the transaction. One that does not is gone.
UNDO_SECONDS = 1.0
WRITES_OF_ONE_OWNER = 2
ATTEMPTS = 5
# Which transactions that write were under way, and which is the next: both are another after each of them.
SNAPSHOT = "SELECT pg_current_snapshot()::text"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))"


class Turns:
    """The turns of one owner's writes. All of them wait for the owner's row, so many would only hold connections idle."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(WRITES_OF_ONE_OWNER)
        self.waiting = 0

    async def take(self, budget: Budget) -> None:
        """Wait for a turn. Raises Unavailable when too many wait already, or it takes too long."""
        if not self._free.locked():
            await self._free.acquire()
            return
        if self.waiting >= MAX_WAITING_OF_ONE_OWNER:
            raise Unavailable
        self.waiting += 1
        try:
            async with asyncio.timeout(budget.left()):
                await self._free.acquire()
        except TimeoutError as error:
            raise Unavailable from error
        finally:
            self.waiting -= 1

    def give_back(self) -> None:
        """Let the next one have it."""
        self._free.release()


class PostgreSQLDatabase:
    """A PostgreSQL database, 15 or newer."""

    def __init__(self, url: str, *, pool_size: int = 10, listen_url: str | None = None) -> None:
        self._servers = Servers(PostgreSQLServers.of(url))
        self._listen_servers = self._servers if listen_url is None else Servers(PostgreSQLServers.of(listen_url))
        self._pool_size = pool_size
        self._undoing: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[str, Turns] = WeakValueDictionary()
        self._notifications = Notifications(self._listen_servers)
        self._full_disk = FullDisk()
        # The other connections are for what is short.
        self._long_reads = LongReads(max(1, pool_size // 2))

    async def __aenter__(self) -> Self:
        try:
            for servers in {self._servers, self._listen_servers}:
                await servers.look()
            self._pool = await asyncpg.create_pool(
                min_size=1, max_size=self._pool_size, connect=self._servers.connect, reset=_keep
            )
        except (*DRIVER_ERRORS, ValueError) as error:
            raise refusal(error) from error
        self._notifications.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._notifications.close()
        try:
            await asyncio.wait_for(self._pool.close(), TIMEOUT_SECONDS)
        except TimeoutError:
            self._pool.terminate()

    async def one(self, statement: Statement[R], /, **parameters: Any) -> R | None:
        if self._servers.pooling.limits:
            return await self.read(lambda tx: tx.one(statement, **parameters))
        budget = Budget(TIMEOUT_SECONDS)
        async with self._connection(budget) as connection:
            return await PostgreSQLTransaction(connection, budget).one(statement, **parameters)

    async def all(self, statement: Statement[R], /, **parameters: Any) -> list[R]:
        if self._servers.pooling.limits:
            return await self.read(lambda tx: tx.all(statement, **parameters))
        budget = Budget(TIMEOUT_SECONDS)
        async with self._connection(budget) as connection:
            return await PostgreSQLTransaction(connection, budget).all(statement, **parameters)

    async def aside(self, function: Callable[[], T], /) -> T:
        return await asyncio.to_thread(function)

    async def read(self, work: Work[T], *, long: bool = False, seldom: bool = False, alone: bool = False) -> T:  # noqa: ARG002 - it is as far away either way
        # A transaction is two more round trips.
        begin = (
            None if alone and not self._servers.pooling.limits else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        )
        budget = Budget(TIMEOUT_SECONDS, long=long)
        async with self._long_reads.turn() if long else nullcontext():
            if lasts():  # a download, which waits for its turn for as long as it takes
                budget = Budget(TIMEOUT_SECONDS, long=long)
            return await self._perform(work, begin, budget)

    async def write(self, work: Work[T], *, owner_id: str | None = None, long: bool = False) -> T:
        budget = Budget(TIMEOUT_SECONDS, long=long)
        if owner_id is None:
            return await self._write(work, budget)
        turns = self._turns.get(owner_id)
        if turns is None:
            turns = self._turns[owner_id] = Turns()
        await turns.take(budget)
        try:
            result = await self._write(work, budget)
        except (Unavailable, asyncio.CancelledError):
            self._notifications.tell(owner_id)  # it may have been committed nevertheless
            raise
        finally:
            turns.give_back()
        self._notifications.tell(owner_id)
        return result

    def watch(self, changed: Callable[[str | None], None]) -> AbstractContextManager[None]:
        return self._notifications.watch(changed)

    async def version(self) -> object:
        budget = Budget(TIMEOUT_SECONDS)
        async with self._connection(budget) as connection:
            with translated(connection):
                return await connection.fetchval(SNAPSHOT, timeout=budget.left())

    def load(self) -> Load:
        used = self._pool.get_size() - self._pool.get_idle_size()
        waiting = sum(turns.waiting for turns in self._turns.values())
        return Load(waiting, self._full_disk.is_full, (used, self._pool_size - used))

    async def schema(self) -> Schema | None:
        budget = Budget(TIMEOUT_SECONDS)
        async with self._connection(budget) as connection:
            check_encoding(connection)
            with translated(connection):
                tables = {row[0] for row in await connection.fetch(TABLES, timeout=budget.left())}
                if "alembic_version" not in tables:
                    return schema_of_row(None, tables)
                row = await connection.fetchrow("SELECT * FROM alembic_version", timeout=budget.left())
                return schema_of_row(None if row is None else dict(row), tables)

    async def _write(self, work: Work[T], budget: Budget) -> T:
        try:
            result = await self._until_committed(work, budget)
        except StorageFull:
            self._full_disk.found()
            raise
        self._full_disk.written()
        return result

    async def _until_committed(self, work: Work[T], budget: Budget) -> T:
        for attempt in range(ATTEMPTS - 1):
            with suppress(Collision):
                return await self._perform(work, "BEGIN ISOLATION LEVEL READ COMMITTED", budget)
            # Nothing of it was stored. Works that collided are tried again at different moments.
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - a pause, not a secret
        return await self._perform(work, "BEGIN ISOLATION LEVEL READ COMMITTED", budget)

    async def _perform(self, work: Work[T], begin: str | None, budget: Budget) -> T:
        async with self._connection(budget) as connection:
            transaction = PostgreSQLTransaction(connection, budget)
            try:
                if begin is not None:
                    with translated(connection):
                        await connection.execute(begin + self._servers.pooling.limits, timeout=budget.left())
                    budget.answered()
                result = await drive(work, transaction)
                transaction.end()
                if begin is not None:
                    with translated(connection):
                        await connection.execute("COMMIT", timeout=budget.left())
            except BaseException:
                transaction.end()
                raise
            return result

    @asynccontextmanager
    async def _connection(self, budget: Budget) -> AsyncIterator[Connection]:
        with translated():
            connection = await self._pool.acquire(timeout=budget.left())
        try:
            yield connection
        except BaseException as error:
            undoing = asyncio.create_task(self._undo(connection, error))
            self._undoing.add(undoing)
            undoing.add_done_callback(self._undoing.discard)
            if not isinstance(error, asyncio.CancelledError):
                # A dead server must not make the answer wait twice; then it goes on without anybody who waits.
                await asyncio.wait({undoing}, timeout=max(0.0, budget.left()))
            raise
        # If it cannot be given back it is closed; the work on it is done all the same.
        with suppress(*DRIVER_ERRORS):
            await self._pool.release(connection)

    async def _undo(self, connection: Connection, error: BaseException) -> None:
        """End what the connection still does, and give it back; or close it, if the server does not answer or is no primary."""
        try:
            if isinstance(error.__cause__, asyncpg.ReadOnlySQLTransactionError):
                self._close(connection)
            elif not is_lost(connection):
                # An uncommitted transaction is undone anyway, at the latest with its connection.
                await connection.execute("ROLLBACK", timeout=UNDO_SECONDS)
            await self._pool.release(connection, timeout=UNDO_SECONDS)
        except TimeoutError:
            self._close(connection)
        except DRIVER_ERRORS:
            with suppress(*DRIVER_ERRORS):
                await self._pool.release(connection, timeout=UNDO_SECONDS)

    def _close(self, connection: Connection) -> None:
        """Close it and every one that nobody uses: they lead to the same server, and each would cost a request."""
        with suppress(asyncpg.InterfaceError):  # it is closed already
            connection.terminate()
        # asyncpg's own expire_connections() says goodbye to the server on each, and nobody hears that it does not answer.
        for holder in self._pool._holders:  # type: ignore[attr-defined]  # noqa: SLF001 - nothing else tells which are idle
            if holder.is_idle():
                holder.terminate()


async def _keep(_: object) -> None:
    """Nothing to reset: no statement here changes a session, and asyncpg itself undoes a transaction that is left open.

    Its own reset is a round trip for each use of a connection, as much as a read.
    """
