"""The embedded database: one SQLite file, read on the event loop, written by one writer (`writer`)."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from math import inf
from pathlib import Path
from shutil import disk_usage
from typing import Any, Self, TypeVar

from doable.database.long_reads import LongReads
from doable.database.protocol import Load, Transaction, Work
from doable.database.schema import Schema, schema_of_row
from doable.database.sqlite.driver import connect, sqlite3
from doable.database.sqlite.log import SmallLog
from doable.database.sqlite.transaction import SQLiteTransaction, TooLongError, drive, translated
from doable.database.sqlite.writer import MAX_SHORT, Writer
from doable.database.statement import R, Statement
from doable.errors import Misconfigured, NotReady, Unavailable

T = TypeVar("T")

# A read hardly ever waits for a lock (while another process recovers the WAL); if it does, the event loop stands still.
READ_BUSY_TIMEOUT_MS = 100
LOOK_SECONDS = 0.05
# To open a database, SQLite writes the index of its log, and `changed` a file of its own.
ROOM_BYTES = 128 * 1024
LONG_READS = 2
STEPS = 10_000
"""Of SQLite's machine, at which a read on the event loop is given up: it takes some 20 to 50 ns for each."""
EVERY = 1_000
"""So many steps are counted at a time."""


class SQLiteDatabase:
    """One SQLite file.

    A read on the event loop takes 10 to 20 µs, less than handing it to a thread; it always fetches to the end, so it
    never holds a snapshot open. One that may be long has a thread and a connection of its own.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = Writer(path, self._tell)
        self._log = SmallLog(path, self._writer)
        self._watching: set[Callable[[str | None], None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._long_reads = LongReads(LONG_READS)
        self._threads = ThreadPoolExecutor(LONG_READS, "doable-long-reads")

    async def __aenter__(self) -> Self:
        try:
            with ExitStack() as readers:
                self._reader = readers.enter_context(closing(_reader(self._path)))
                # As many as there are threads, so that each thread finds one.
                self._long_readers = [readers.enter_context(closing(_reader(self._path))) for _ in range(LONG_READS)]
                self._writer.start()
                self._readers = readers.pop_all()
        except (sqlite3.Error, OSError) as error:
            # Another process makes or migrates it just now, or the disk is full.
            is_full = disk_usage(self._path.parent).free < ROOM_BYTES
            kind = NotReady if is_full or isinstance(translated(error), Unavailable) else Misconfigured
            message = f"The database {self._path} cannot be opened: {error}.{' The disk is full.' if is_full else ''}"
            raise kind(message) from error
        self._reading = SQLiteTransaction(self._reader)
        await self._log.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._log.__aexit__()
        await self._writer.close()
        await asyncio.to_thread(self._threads.shutdown)
        self._readers.close()

    async def one(self, statement: Statement[R], /, **parameters: Any) -> R | None:
        return await self._reading.one(statement, **parameters)

    async def all(self, statement: Statement[R], /, **parameters: Any) -> list[R]:
        return await self._reading.all(statement, **parameters)

    async def aside(self, function: Callable[[], T], /) -> T:
        return await asyncio.to_thread(function)

    async def read(self, work: Work[T], *, long: bool = False, seldom: bool = False, alone: bool = False) -> T:  # noqa: ARG002 - a transaction costs nothing here
        if long:
            if seldom:
                with suppress(TooLongError):
                    return self._in_few_steps(work)
            async with self._long_reads.turn():
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._long_snapshot, work)
        return self._snapshot(self._reader, work)

    async def write(self, work: Work[T], *, owner_id: str | None = None, long: bool = False) -> T:
        return await self._writer.write(work, owner_id=owner_id, long=long)

    @contextmanager
    def watch(self, changed: Callable[[str | None], None]) -> Iterator[None]:
        self._watching.add(changed)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="doable-watch")
        try:
            yield
        finally:
            self._watching.discard(changed)

    def _tell(self, owner_id: str | None) -> None:
        for changed in list(self._watching):
            changed(owner_id)

    async def _look(self) -> None:
        """Ask whose data other processes have committed."""
        while self._watching:
            for owner_id in self._writer.by_others():
                self._tell(owner_id)
            await asyncio.sleep(LOOK_SECONDS)
        self._looking = None

    async def version(self) -> object:
        # The writer has another connection, so that this moves with its commits too.
        try:
            return self._reader.execute("PRAGMA data_version").fetchall()[0]
        except sqlite3.Error as error:
            raise translated(error) from error

    def load(self) -> Load:
        return self._writer.load()

    async def schema(self) -> Schema | None:
        try:
            tables = {name for (name,) in self._reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "alembic_version" not in tables:
                return schema_of_row(None, tables)
            cursor = self._reader.execute("SELECT * FROM alembic_version")
            rows = cursor.fetchall()
        except sqlite3.Error as error:
            raise translated(error) from error
        names = [column[0] for column in cursor.description]
        return schema_of_row(dict(zip(names, rows[0], strict=True)) if rows else None, tables)

    def _in_few_steps(self, work: Work[T]) -> T:
        """Raises TooLongError if it takes more."""
        left = STEPS // EVERY

        def is_over() -> bool:
            nonlocal left
            left -= 1
            return left <= 0

        async def counted(tx: Transaction) -> T:
            # Of the work alone: the ROLLBACK behind it would be given up as well.
            self._reader.set_progress_handler(is_over, EVERY)
            try:
                return await work(tx)
            finally:
                self._reader.set_progress_handler(None, 0)

        return self._snapshot(self._reader, counted, most=MAX_SHORT)

    def _long_snapshot(self, work: Work[T]) -> T:
        reader = self._long_readers.pop()
        try:
            return self._snapshot(reader, work)
        finally:
            self._long_readers.append(reader)

    @staticmethod
    def _snapshot(connection: "sqlite3.Connection", work: Work[T], *, most: float = inf) -> T:
        try:
            connection.execute("BEGIN")
        except sqlite3.Error as error:
            raise translated(error) from error
        transaction = SQLiteTransaction(connection, most=most)
        try:
            return drive(work, transaction)
        finally:
            transaction.end()
            if connection.in_transaction:  # some errors undo it by themselves
                connection.execute("ROLLBACK")


def _reader(path: Path) -> "sqlite3.Connection":
    connection = connect(path)
    connection.execute(f"PRAGMA busy_timeout={READ_BUSY_TIMEOUT_MS}").fetchall()
    connection.execute("PRAGMA query_only=ON").fetchall()
    return connection
