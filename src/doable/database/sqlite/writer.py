"""The one writer of a SQLite file: group commit.

Waiting works are taken together. One after another they run on the event loop, each under a savepoint; then one
COMMIT, and so one fsync, makes all of them durable, and only then does any caller hear of its result. The loop never
waits: the wait for the lock, if another process has it, and the COMMIT are in the writer's thread.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from doable.background import in_thread
from doable.database.full_disk import FullDisk
from doable.database.protocol import MAX_WAITING_OF_ONE_OWNER, Load, Work
from doable.database.sqlite.changed import Changed
from doable.database.sqlite.driver import BUSY_TIMEOUT_MS, connect, sqlite3
from doable.database.sqlite.line import Line, Waiting
from doable.database.sqlite.transaction import SQLiteTransaction, TooLongError, drive, translated
from doable.database.sqlite.turn import WriteLock
from doable.errors import StorageFull, Unavailable

T = TypeVar("T")
logger = logging.getLogger(__name__)

MAX_WAITING = 1000
MAX_WAIT_SECONDS = 5.0
# A batch ends after so many works, or when so much time has passed, so that the loop can serve others. 64 cheap works take
# about 3 ms; works that take longer are fewer.
MAX_BATCH = 64
MAX_BATCH_SECONDS = 0.005
# A work with more statements that nobody has called long is undone and run again, in the thread: a tree of tasks may be
# large, but seldom is.
MAX_SHORT = 100
# Of the log; SQLite's own default.
FULL_PAGES = 1000


class TransactionLostError(Exception):
    """SQLite has undone the whole batch by itself, as it does when the disk is full."""


class Writer:
    """Takes works, runs them in batches, answers each caller after the COMMIT."""

    def __init__(self, path: Path, committed: Callable[[str], None]) -> None:
        self._path = path
        self._committed = committed
        self._line = Line()
        self._wake = asyncio.Event()
        self._closing = False
        self._thread = ThreadPoolExecutor(1, "doable-writer")
        self._connection: sqlite3.Connection | None = None
        self._full_disk = FullDisk()
        self._commits: Counter[int] = Counter()
        self.checkpoints = True
        """Whether a COMMIT that finds the log full copies it into the database (see `log`)."""
        self._checkpoints_now = True

    def start(self) -> None:
        """Begin to take works, on the running event loop."""
        self._changed = Changed(self._path)  # first, since it may find no room
        self._lock = WriteLock(self._path)
        self._task = asyncio.create_task(self._run(), name="doable-writer")

    async def close(self) -> None:
        """Finish every work that was accepted, then stop."""
        self._closing = True
        self._wake.set()
        await self._task
        await asyncio.to_thread(self._thread.shutdown)
        if self._connection is not None:
            self._connection.close()
        self._changed.close()
        self._lock.close()

    async def write(self, work: Work[T], *, owner_id: str | None, long: bool) -> T:
        """Run the work in the next batch and wait until it is durable.

        If the caller is cancelled before its work starts, the work never runs; after that, it is finished without the caller.
        """
        if self._closing or len(self._line) >= MAX_WAITING:
            raise Unavailable
        if owner_id is not None and self._line.waiting_of(owner_id) >= MAX_WAITING_OF_ONE_OWNER:
            raise Unavailable
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()
        self._line.append(Waiting(work, long, outcome, loop.time(), owner_id))
        self._wake.set()
        return await outcome

    def load(self) -> Load:
        """How busy it is."""
        return Load(len(self._line), self._full_disk.is_full, commits=self._commits)

    def by_others(self) -> set[str | None]:
        """Whose data other processes have committed since this was last asked; None if nobody knows whose."""
        return self._changed.by_others()

    async def _run(self) -> None:
        while self._line or not self._closing:
            if not self._line:
                self._wake.clear()
                await self._wake.wait()
                continue
            batch: list[Waiting] = []
            try:
                connection = await self._begin()
                try:
                    answers = await self._perform(connection, batch)
                    await self._in_thread(lambda: connection.execute("COMMIT"))  # noqa: B023 - run before the next turn
                    self._changed.put({waiting.owner_id for waiting in batch if waiting.owner_id})
                except BaseException:
                    self._undo(connection)
                    raise
                finally:
                    self._lock.release()
            except Exception as error:  # noqa: BLE001 - after any failure the next batch may fare better
                # Nothing of the batch is stored, even of works that ended well; without the lock or BEGIN none ran at all.
                lost = batch or [self._line.next() for _ in range(len(self._line))]
                failure = self._failure(error, len(lost))
                for waiting in lost:
                    _fail(waiting, failure)
            else:
                self._full_disk.written()
                self._commits[len(batch)] += 1
                for answer in answers:
                    answer()
                for waiting in batch:
                    # If the caller has gone, nobody knows whether its work has written something.
                    if waiting.owner_id and (waiting.outcome.cancelled() or waiting.outcome.exception() is None):
                        self._committed(waiting.owner_id)

    def _failure(self, error: BaseException, count: int) -> type[Unavailable]:
        """The error of every work that was undone, or could not even begin, because of this one."""
        cause = error.__cause__ or error
        if isinstance(translated(cause), StorageFull) or self._lock.disk_is_full():
            self._full_disk.found()
            return StorageFull
        logger.error("Writes that were not stored: %d (%s)", count, type(cause).__name__)
        return Unavailable

    async def _begin(self) -> "sqlite3.Connection":
        """Take the lock and begin, at once if nobody else is writing, else in a thread."""
        if not self._lock.acquire(wait=False):
            # There is no way to end this wait, and the process must be able to end.
            turn = in_thread("turn", partial(self._lock.acquire, wait=True))
            while not await self._done(turn):
                if self._closing and not self._line:
                    raise Unavailable
            turn.result()
        try:
            if self._connection is not None:
                with suppress(sqlite3.OperationalError):
                    return self._begin_immediate(busy_timeout_ms=0)
            # Opening may have to wait, and so may BEGIN: a sqlite3 shell, for example, writes without our lock.
            return await self._in_thread(lambda: self._begin_immediate(BUSY_TIMEOUT_MS))
        except BaseException:
            self._lock.release()
            raise

    def _begin_immediate(self, busy_timeout_ms: int) -> "sqlite3.Connection":
        connection = self._connected()
        connection.execute(f"PRAGMA busy_timeout={busy_timeout_ms}").fetchall()
        if self.checkpoints is not self._checkpoints_now:
            self._checkpoints_now = self.checkpoints
            connection.execute(f"PRAGMA wal_autocheckpoint={FULL_PAGES if self.checkpoints else 0}").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        return connection

    def _connected(self) -> "sqlite3.Connection":
        if self._connection is None:
            self._connection = connect(self._path)
            self._checkpoints_now = True
        return self._connection

    async def _perform(self, connection: "sqlite3.Connection", batch: list[Waiting]) -> list[Callable[[], None]]:
        answers: list[Callable[[], None]] = []
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + MAX_BATCH_SECONDS
        while self._line and len(batch) < MAX_BATCH:
            waiting = self._line.next()
            if waiting.outcome.done():
                continue
            batch.append(waiting)
            perform = partial(self._perform_one, connection, waiting)
            try:
                answer = await self._in_thread(perform) if waiting.long else perform(most=MAX_SHORT)
            except TooLongError:
                answer = await self._in_thread(perform)
            answers.append(answer)
            if loop.time() >= ends_at:
                break
        return answers

    def _perform_one(
        self, connection: "sqlite3.Connection", waiting: Waiting, *, most: float = inf
    ) -> Callable[[], None]:
        """Run one work under a savepoint. Answers how to tell its caller, for after the COMMIT.

        Raises TooLongError if it has more statements than `most`: then nothing is done yet.
        """
        transaction = SQLiteTransaction(connection, most=most)
        outcome = waiting.outcome
        try:
            connection.execute("SAVEPOINT work")
            result = drive(waiting.work, transaction)
            connection.execute("RELEASE work")
        except BaseException as error:  # noqa: BLE001 - any error is the caller's to handle; the writer lives on
            failure = error
            if not connection.in_transaction:
                raise TransactionLostError from (transaction.failure or error)
            if isinstance(transaction.failure, StorageFull):
                self._full_disk.found()
            connection.execute("ROLLBACK TO work")
            connection.execute("RELEASE work")
            if isinstance(transaction.failure, TooLongError):
                raise TooLongError from None
            return lambda: None if outcome.done() else outcome.set_exception(failure)
        finally:
            transaction.end()
        return lambda: None if outcome.done() else outcome.set_result(result)

    async def _in_thread(self, function: Callable[[], T]) -> T:
        """Run in the writer's thread."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, function)
        while not await self._done(running):
            pass
        return running.result()

    async def _done(self, running: asyncio.Future[Any]) -> bool:
        """Wait for a moment, and refuse the works that have been in the queue for too long by then."""
        done, _ = await asyncio.wait({running}, timeout=MAX_WAIT_SECONDS / 10)
        for waiting in self._line.take_since(asyncio.get_running_loop().time() - MAX_WAIT_SECONDS):
            _fail(waiting)
        return bool(done)

    def _undo(self, connection: "sqlite3.Connection") -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            # A connection that cannot even undo is not worth keeping; closing it undoes.
            self._connection = None
            connection.close()


def _fail(waiting: Waiting, failure: type[Unavailable] = Unavailable) -> None:
    if not waiting.outcome.done():
        waiting.outcome.set_exception(failure())
