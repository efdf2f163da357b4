"""The writer of the embedded database: one commit for many works, and nothing acknowledged is ever lost."""

import asyncio
import contextlib
import gc
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from database.works import ADD, FIND, OwnError, add, advance, is_stored, new_id, revision, run_with, until
from doable.accounts.tables import users
from doable.accounts.users.repository import ADD as ADD_USER
from doable.clock import now
from doable.database import Statement, Transaction, open_database
from doable.database.protocol import Work
from doable.database.sqlite import writer as sqlite_writer
from doable.database.sqlite.database import SQLiteDatabase
from doable.database.sqlite.driver import connect, sqlite3
from doable.database.sqlite.transaction import SQLiteTransaction
from doable.database.sqlite.turn import WriteLock
from doable.errors import Misconfigured, StorageFull, Unauthenticated, Unavailable
from doable.owned.tables import owners
from doable.settings import Settings

FULL_QUEUE = 1000
# Without RETURNING or ON CONFLICT, SQLite runs it without a journal of its own.
PLAIN_ADD_USER = Statement(insert(users))
COUNT = Statement(select(func.count().label("found")).select_from(owners))


@pytest.fixture(autouse=True)
def _batches_end_by_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the works of these tests may take long, and are to share a batch nevertheless."""
    monkeypatch.setattr(sqlite_writer, "MAX_BATCH_SECONDS", 60)


@contextlib.contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Has the turn to write, as another process would."""
    lock = WriteLock(settings.database_path)
    try:
        assert lock.acquire(wait=True)
        yield
    finally:
        lock.close()


def is_free(settings: Settings) -> bool:
    lock = WriteLock(settings.database_path)
    try:
        return lock.acquire(wait=False)
    finally:
        lock.close()


def pragma(text: str) -> Work[Any]:
    """A work that sets something of the writer's connection, which no statement can."""

    async def work(tx: Transaction) -> Any:
        assert isinstance(tx, SQLiteTransaction)
        return tx._connection.execute(f"PRAGMA {text}").fetchall()[0][0]  # noqa: SLF001 - there is no other way

    return work


def add_user(
    user_id: str, *, name: str = "", owner_id: str | None = None, statement: Statement = ADD_USER
) -> Work[str]:
    """A work that adds an owner's row and a user; with another owner's id it breaks a foreign key."""

    async def work(tx: Transaction) -> str:
        await tx.one(ADD, owner_id=owner_id or user_id)
        instants = {"created_at": now(), "updated_at": now(), "email_verified_at": None}
        await tx.one(statement, id=user_id, email=user_id, name=name, password_hash="", **instants)
        return user_id

    return work


async def all_started(tasks: list[asyncio.Task[Any]], database: SQLiteDatabase) -> None:
    await until(lambda: len(database._writer._line) >= len(tasks))  # noqa: SLF001 - whether a work waits cannot be seen else


def errors_of(outcomes: Iterable[Any]) -> list[type[Any]]:
    return [type(outcome) for outcome in outcomes]


def test_works_that_wait_share_one_commit(sqlite_settings: Settings) -> None:
    """The log of SQLite's commits is in the WAL: each ends with a frame that says how large the database is."""

    async def test(database: SQLiteDatabase) -> None:
        async def commits() -> int:
            data = sqlite_settings.database_path.with_name("doable.db-wal").read_bytes()
            size = int.from_bytes(data[8:12], "big")
            return sum(any(data[at + 4 : at + 8]) for at in range(32, len(data), 24 + size))

        before = await commits()
        ids = [new_id() for _ in range(40)]
        await asyncio.gather(*(database.write(add(owner_id)) for owner_id in ids))
        assert await commits() == before + 1
        assert all([await is_stored(database, owner_id) for owner_id in ids])

    run_with(sqlite_settings, test)


def test_works_that_take_long_share_none(sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between them the event loop has its turn, however many wait."""
    monkeypatch.setattr(sqlite_writer, "MAX_BATCH_SECONDS", 0.005)

    async def test(database: SQLiteDatabase) -> None:
        turns, seen = 0, []

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async def slow(tx: Transaction) -> None:
            seen.append(turns)
            await tx.one(ADD, owner_id=new_id())
            time.sleep(2 * sqlite_writer.MAX_BATCH_SECONDS)  # noqa: ASYNC251 - it is to hold up the event loop

        running = asyncio.create_task(others())
        await asyncio.gather(*(database.write(slow) for _ in range(5)))
        running.cancel()
        assert len(set(seen)) == len(seen) == 5

    run_with(sqlite_settings, test)


def test_a_failing_work_undoes_itself_alone(sqlite_settings: Settings) -> None:
    async def test(database: SQLiteDatabase) -> None:
        ids = [new_id() for _ in range(9)]
        thens: list[BaseException | None] = [None, OwnError(), None, TimeoutError(), None, asyncio.CancelledError()]
        outcomes = await asyncio.gather(
            *(database.write(add(i, then=then)) for i, then in zip(ids, [*thens, None, None, None], strict=True)),
            return_exceptions=True,
        )
        assert errors_of(outcomes) == [str, OwnError, str, TimeoutError, str, asyncio.CancelledError, str, str, str]
        stored = [await is_stored(database, owner_id) for owner_id in ids]
        assert stored == [isinstance(outcome, str) for outcome in outcomes]

    run_with(sqlite_settings, test)


@pytest.mark.parametrize("statement", [PLAIN_ADD_USER, ADD_USER], ids=["all is undone", "the statement is undone"])
@pytest.mark.parametrize("swallows", [False, True])
def test_a_disk_that_fills_in_mid_batch(sqlite_settings: Settings, statement: Statement, swallows: bool) -> None:  # noqa: FBT001 - a case
    """SQLite undoes the whole transaction then, unless the statement was one that it can undo alone.

    Either way what is refused is not stored, what is acknowledged is, and with room again everything works.
    """

    async def test(database: SQLiteDatabase) -> None:
        earlier = new_id()
        await database.write(add(earlier))
        pages = await database.write(pragma("page_count"))
        await database.write(pragma(f"max_page_count={pages + 5}"))
        ids = [new_id() for _ in range(10)]
        went_on = []

        async def greedy(tx: Transaction) -> None:
            try:
                await add_user(ids[5], name="x" * 1_000_000, statement=statement)(tx)
            except Unavailable:
                if not swallows:
                    raise
            went_on.append(True)
            # Were it to run, it would do so outside of any transaction, and stay.
            await tx.one(ADD, owner_id=new_id())

        works: list[Work[Any]] = [add(owner_id) for owner_id in ids]
        works[5] = greedy
        outcomes = await asyncio.gather(*(database.write(work) for work in works), return_exceptions=True)
        # The greedy one takes those that ran before it along; the others have their turn after.
        lost = range(6) if statement is PLAIN_ADD_USER else [5]
        assert errors_of(outcomes) == [StorageFull if i in lost else str for i in range(10)]
        assert went_on == [True] * swallows
        stored = [await is_stored(database, owner_id) for owner_id in ids]
        assert stored == [i not in lost for i in range(10)]
        assert await database.all(COUNT) == [{"found": 1 + sum(stored)}]
        assert is_free(sqlite_settings)

        assert await database.write(advance(earlier)) == 1
        await database.write(pragma("max_page_count=100000"))
        again = [new_id() for _ in range(10)]
        assert await asyncio.gather(*(database.write(add_user(i, name="x" * 100_000)) for i in again)) == again
        assert all([await is_stored(database, owner_id) for owner_id in again])

    run_with(sqlite_settings, test)


def test_a_log_that_cannot_be_written_when_it_comes_to_the_commit(sqlite_settings: Settings) -> None:
    """The operating system lets no file of this process grow."""

    async def test(database: SQLiteDatabase) -> None:
        earlier = new_id()
        await database.write(add(earlier))
        log = sqlite_settings.database_path.with_name("doable.db-wal")
        size = log.stat().st_size
        ids = [new_id() for _ in range(5)]
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        try:
            outcomes = await asyncio.gather(*(database.write(add(i)) for i in ids), return_exceptions=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert errors_of(outcomes) == [StorageFull] * 5
        assert await revision(database, earlier) == 0
        assert [i for i in ids if await is_stored(database, i)] == []
        assert await asyncio.gather(*(database.write(add(i)) for i in ids)) == ids
        assert await database.all(COUNT) == [{"found": 6}]

    run_with(sqlite_settings, test)


def test_a_commit_that_fails(sqlite_settings: Settings) -> None:
    async def test(database: SQLiteDatabase) -> None:
        ids = [new_id() for _ in range(5)]

        async def breaks_a_foreign_key(tx: Transaction) -> None:
            # It puts the check off to the COMMIT.
            assert isinstance(tx, SQLiteTransaction)
            tx._connection.execute("PRAGMA defer_foreign_keys=ON").fetchall()  # noqa: SLF001 - as above
            await add_user(new_id(), owner_id=ids[2])(tx)

        works = [add(ids[0]), add(ids[1]), breaks_a_foreign_key, add(ids[3]), add(ids[4])]
        outcomes = await asyncio.gather(*(database.write(work) for work in works), return_exceptions=True)
        assert errors_of(outcomes) == [Unavailable] * 5
        assert [i for i in ids if await is_stored(database, i)] == []
        assert is_free(sqlite_settings)
        assert await asyncio.gather(*(database.write(add(owner_id)) for owner_id in ids)) == ids

    run_with(sqlite_settings, test)


def test_a_caller_who_is_cancelled_before_the_work_starts_never_asked(sqlite_settings: Settings) -> None:
    async def test(database: SQLiteDatabase) -> None:
        ran = []

        async def work(tx: Transaction) -> None:
            ran.append(tx)
            await add(cancelled)(tx)

        cancelled, kept = new_id(), new_id()
        with held(sqlite_settings):
            caller = asyncio.create_task(database.write(work))
            mate = asyncio.create_task(database.write(add(kept)))
            await all_started([caller, mate], database)
            caller.cancel()
            await asyncio.wait({caller})
            assert caller.cancelled()
        assert await mate == kept
        await database.write(advance(kept))
        assert ran == []
        assert not await is_stored(database, cancelled)

    run_with(sqlite_settings, test)


@pytest.mark.parametrize("long", [False, True])
def test_a_caller_who_is_cancelled_after_it_started_finds_it_stored(sqlite_settings: Settings, long: bool) -> None:  # noqa: FBT001 - a case
    async def test(database: SQLiteDatabase) -> None:
        owner_id, mate_id = new_id(), new_id()
        loop = asyncio.get_running_loop()

        async def work(tx: Transaction) -> None:
            loop.call_soon_threadsafe(caller.cancel) if long else caller.cancel()
            await add(owner_id)(tx)

        caller = asyncio.create_task(database.write(work, long=long))
        mate = asyncio.create_task(database.write(add(mate_id)))
        await asyncio.wait({caller})
        assert caller.cancelled()
        await mate
        assert await is_stored(database, owner_id)
        assert await is_stored(database, mate_id)

    run_with(sqlite_settings, test)


def test_a_full_queue_refuses_at_once_and_keeps_what_it_has(sqlite_settings: Settings) -> None:
    async def test(database: SQLiteDatabase) -> None:
        ids = [new_id() for _ in range(FULL_QUEUE)]
        refused = new_id()
        with held(sqlite_settings):
            waiting = [asyncio.create_task(database.write(add(owner_id))) for owner_id in ids]
            await all_started(waiting, database)
            with pytest.raises(Unavailable):
                await database.write(add(refused))
            assert not any(task.done() for task in waiting)
        assert await asyncio.gather(*waiting) == ids
        assert all([await is_stored(database, owner_id) for owner_id in ids])
        assert not await is_stored(database, refused)

    run_with(sqlite_settings, test)


def test_one_owner_cannot_fill_the_queue(sqlite_settings: Settings) -> None:
    """Its works are refused beyond 64 that wait, and those of others and of nobody are not."""

    async def test(database: SQLiteDatabase) -> None:
        one, other, new = new_id(), new_id(), new_id()
        for owner_id in (one, other):
            await database.write(add(owner_id))
        for _ in range(2):
            with held(sqlite_settings):
                writes = [asyncio.create_task(database.write(advance(one), owner_id=one)) for _ in range(64)]
                await all_started(writes, database)
                with pytest.raises(Unavailable):
                    await database.write(advance(one), owner_id=one)
                writes.append(asyncio.create_task(database.write(advance(other), owner_id=other)))
                writes.append(asyncio.create_task(database.write(advance(new))))
                await all_started(writes, database)
            revisions = await asyncio.gather(*writes, return_exceptions=True)
            # Every one of them had its turn, and all are free again.
            assert type(revisions.pop()) is Unauthenticated
        assert (await revision(database, one), await revision(database, other)) == (128, 2)

    run_with(sqlite_settings, test)


def test_a_write_waits_for_one_of_another_owners_and_not_for_all(sqlite_settings: Settings) -> None:
    async def test(database: SQLiteDatabase) -> None:
        many, other = new_id(), new_id()
        for owner_id in (many, other):
            await database.write(add(owner_id))
        order: list[str] = []

        async def note(tx: Transaction, owner_id: str) -> None:
            await advance(owner_id)(tx)
            order.append(owner_id)

        with held(sqlite_settings):
            writes = [
                asyncio.create_task(database.write(partial(note, owner_id=many), owner_id=many)) for _ in range(60)
            ]
            writes.append(asyncio.create_task(database.write(partial(note, owner_id=other), owner_id=other)))
            await all_started(writes, database)
        await asyncio.gather(*writes)
        assert order.index(other) == 1

    run_with(sqlite_settings, test)


def test_who_waits_too_long_is_refused_and_never_stored(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "MAX_WAIT_SECONDS", 0.3)

    async def test(database: SQLiteDatabase) -> None:
        refused = [new_id() for _ in range(3)]
        with held(sqlite_settings):
            outcomes = await asyncio.gather(*(database.write(add(i)) for i in refused), return_exceptions=True)
            assert errors_of(outcomes) == [Unavailable] * 3
            # The next ones wait in their turn, for no longer and no shorter.
            with pytest.raises(Unavailable):
                await database.write(add(refused[0]))
        kept = new_id()
        await database.write(add(kept))
        assert await is_stored(database, kept)
        assert [i for i in refused if await is_stored(database, i)] == []

    run_with(sqlite_settings, test)


def test_a_stranger_who_writes_is_waited_for(sqlite_settings: Settings) -> None:
    """A sqlite3 shell knows nothing of our lock."""

    async def test(database: SQLiteDatabase) -> None:
        ids = [new_id() for _ in range(3)]
        await database.write(add(ids[0]))
        shell = connect(sqlite_settings.database_path)
        with contextlib.closing(shell):
            shell.execute("BEGIN IMMEDIATE")
            shell.execute("UPDATE owners SET tasks = 7")
            writes = [asyncio.create_task(database.write(add(owner_id))) for owner_id in ids[1:]]
            # It has tried: it holds the lock and waits for SQLite's. Reads still work.
            await until(lambda: not is_free(sqlite_settings))
            assert await is_stored(database, ids[0])
            assert not any(task.done() for task in writes)
            shell.execute("COMMIT")
            assert await asyncio.gather(*writes) == ids[1:]
        row = await database.one(FIND, owner_id=ids[0])
        assert row is not None
        assert row["tasks"] == 7

    run_with(sqlite_settings, test)


def test_a_stranger_who_does_not_end_is_not_waited_for_for_ever(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sqlite_writer, "BUSY_TIMEOUT_MS", 200)

    async def test(database: SQLiteDatabase) -> None:
        refused, kept = new_id(), new_id()
        await database.write(add(kept))
        with contextlib.closing(connect(sqlite_settings.database_path)) as shell:
            shell.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable):
                await database.write(add(refused))
            assert is_free(sqlite_settings)
        assert caplog.messages == ["Writes that were not stored: 1 (OperationalError)"]
        assert await database.write(advance(kept)) == 1
        assert not await is_stored(database, refused)

    run_with(sqlite_settings, test)


def test_a_file_that_is_broken_refuses_and_keeps_no_lock(sqlite_settings: Settings) -> None:
    """The writer cannot even begin, and others must not wait for it."""

    async def test(database: SQLiteDatabase) -> None:
        # From another process: a file that is opened and closed in this one would take SQLite's own locks away.
        garbage = "import sys; open(sys.argv[1], 'r+b').write(bytes(range(256)) * 64)"
        await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", garbage, str(sqlite_settings.database_path)], check=True
        )
        for _ in range(3):
            with pytest.raises(Unavailable):
                await database.write(add(new_id()))
            assert is_free(sqlite_settings)

    with contextlib.closing(connect(sqlite_settings.database_path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    run_with(sqlite_settings, test)


async def _sleeps() -> None:
    await asyncio.sleep(0)


async def _awaits_a_future() -> None:
    await asyncio.get_running_loop().create_future()


async def _awaits_a_thread() -> None:
    await asyncio.to_thread(threading.get_ident)


async def _awaits_another_task() -> None:
    await asyncio.create_task(_sleeps())


@pytest.mark.parametrize("waits", [_sleeps, _awaits_a_future, _awaits_a_thread, _awaits_another_task])
def test_a_work_that_awaits_something_else(sqlite_settings: Settings, waits: Any) -> None:
    async def test(database: SQLiteDatabase) -> None:
        ids = [new_id() for _ in range(3)]
        went_on = []

        async def hesitating_work(tx: Transaction) -> None:
            await add(ids[1])(tx)
            try:
                await waits()
            finally:
                went_on.append(True)
                await tx.one(ADD, owner_id=new_id())

        outcomes = await asyncio.gather(
            database.write(add(ids[0])),
            database.write(hesitating_work),
            database.write(add(ids[2])),
            return_exceptions=True,
        )
        assert errors_of(outcomes) == [str, RuntimeError, str]
        assert "hesitating_work" in str(outcomes[1])
        assert went_on == [True]
        assert [await is_stored(database, owner_id) for owner_id in ids] == [True, False, True]
        assert await database.all(COUNT) == [{"found": 2}]

        async def reads(tx: Transaction) -> None:
            await tx.one(FIND, owner_id=ids[0])
            await waits()

        with pytest.raises(RuntimeError, match="reads"):
            await database.read(reads)
        assert await database.read(pragma("user_version")) == 0

    run_with(sqlite_settings, test)


def test_what_such_a_work_leaves_behind_cannot_write(sqlite_settings: Settings) -> None:
    async def test(database: SQLiteDatabase) -> None:
        leftovers: list[asyncio.Future[Any]] = []
        ids = [new_id() for _ in range(4)]

        async def parallel_work(tx: Transaction) -> None:
            leftovers.append(asyncio.gather(tx.one(ADD, owner_id=ids[0]), tx.one(ADD, owner_id=ids[1])))
            await leftovers[0]

        async def forgetful_work(tx: Transaction) -> None:
            leftovers.append(asyncio.ensure_future(tx.one(ADD, owner_id=ids[2])))

        outcomes = await asyncio.gather(
            database.write(parallel_work), database.write(forgetful_work), database.write(add(ids[3])),
            return_exceptions=True,
        )  # fmt: skip
        assert errors_of(outcomes) == [RuntimeError, type(None), str]
        assert "parallel_work" in str(outcomes[0])
        late = await asyncio.gather(*leftovers, return_exceptions=True)
        assert errors_of(late) == [RuntimeError] * 2
        await database.write(advance(ids[3]))
        assert [await is_stored(database, owner_id) for owner_id in ids] == [False, False, False, True]

    run_with(sqlite_settings, test)


def test_a_work_that_is_no_work(sqlite_settings: Settings) -> None:
    """Nothing that a caller hands over ends the writer."""

    async def test(database: SQLiteDatabase) -> None:
        def no_coroutine(_: Transaction) -> Any:
            return None

        def worse(_: Transaction) -> Any:
            raise StopIteration

        with pytest.raises(AttributeError):
            await database.write(no_coroutine)
        await database.write(worse)
        owner_id = new_id()
        assert await database.write(add(owner_id)) == owner_id

    run_with(sqlite_settings, test)


def test_a_long_work_runs_in_a_thread_and_a_short_one_does_not(sqlite_settings: Settings) -> None:
    async def test(database: SQLiteDatabase) -> None:
        ids = [new_id() for _ in range(3000)]
        released = threading.Event()

        async def long_work(tx: Transaction) -> int:
            for owner_id in ids:
                await tx.one(ADD, owner_id=owner_id)
            # The event loop sets it, so it runs meanwhile.
            assert released.wait(20)
            return threading.get_ident()

        async def short_work(tx: Transaction) -> int:
            assert await tx.one(FIND, owner_id=ids[0])
            return threading.get_ident()

        long = asyncio.create_task(database.write(long_work, long=True))
        short = asyncio.create_task(database.write(short_work))
        await asyncio.sleep(0)
        assert not await is_stored(database, ids[0])
        released.set()
        assert await long != threading.get_ident()
        assert await short == threading.get_ident()
        assert all([await is_stored(database, owner_id) for owner_id in ids])

    run_with(sqlite_settings, test)


@pytest.mark.parametrize("hides", [False, True])
def test_a_work_that_turns_out_to_be_long_goes_to_a_thread(sqlite_settings: Settings, hides: bool) -> None:  # noqa: FBT001 - a case
    async def test(database: SQLiteDatabase) -> None:
        ids = [new_id() for _ in range(sqlite_writer.MAX_SHORT + 1)]
        ran_in = []

        async def work(tx: Transaction) -> str:
            ran_in.append(threading.get_ident())
            with contextlib.suppress(Exception) if hides else contextlib.nullcontext():
                for owner_id in ids:
                    await tx.one(ADD, owner_id=owner_id)
            return "done"

        own, others = new_id(), new_id()
        answers = await asyncio.gather(*(database.write(each) for each in (add(own), work, add(others))))
        assert answers == [own, "done", others]
        assert [each == threading.get_ident() for each in ran_in] == [True, False]
        assert all([await is_stored(database, owner_id) for owner_id in [*ids, own, others]])

    run_with(sqlite_settings, test)


def test_closing_drains_the_queue(sqlite_settings: Settings) -> None:
    async def write_and_close(ids: list[str]) -> list[str]:
        async with open_database(sqlite_settings) as database:
            writes = [asyncio.create_task(database.write(add(owner_id))) for owner_id in ids]
            await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await database.write(add(new_id()))
        return await asyncio.gather(*writes)

    ids = [new_id() for _ in range(300)]
    assert asyncio.run(write_and_close(ids)) == ids

    async def test(database: SQLiteDatabase) -> None:
        assert all([await is_stored(database, owner_id) for owner_id in ids])

    run_with(sqlite_settings, test)


def test_closing_ends_while_another_process_keeps_the_lock(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "MAX_WAIT_SECONDS", 0.3)
    refused = new_id()

    async def write_and_close() -> tuple[Any, ...]:
        async with asyncio.timeout(30), open_database(sqlite_settings) as database:
            write = asyncio.create_task(database.write(add(refused)))
            await asyncio.sleep(0)
        return tuple(await asyncio.gather(write, return_exceptions=True))

    with held(sqlite_settings):
        assert errors_of(asyncio.run(write_and_close())) == [Unavailable]

    async def test(database: SQLiteDatabase) -> None:
        kept = new_id()
        await database.write(add(kept))
        assert not await is_stored(database, refused)

    run_with(sqlite_settings, test)


def test_a_process_ends_while_another_keeps_the_lock(sqlite_settings: Settings) -> None:
    """A thread that waits for the lock must not keep its process alive."""
    program = """
import asyncio, sys
from doable.database import open_database
from doable.database.sqlite import writer as sqlite_writer
from doable.errors import Unavailable
from doable.owned.owners import ADD
from doable.settings import Settings
sqlite_writer.MAX_WAIT_SECONDS = 0.3

async def main():
    async with open_database(Settings.load(data_dir=sys.argv[1])) as database:
        try:
            await database.write(lambda tx: tx.one(ADD, owner_id="refused"))
        except Unavailable:
            print("refused")

asyncio.run(main())
"""
    with held(sqlite_settings):
        command = [sys.executable, "-c", program, str(sqlite_settings.data_dir)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout) == (0, "refused\n"), ended.stderr


def test_the_readers_cannot_write(sqlite_settings: Settings) -> None:
    """They would write past the lock, and beside the writer."""

    async def test(database: SQLiteDatabase) -> None:
        owner_id = new_id()
        for attempt in (database.one(ADD, owner_id=owner_id), database.read(add(owner_id))):
            with pytest.raises(Unavailable):
                await attempt
        with pytest.raises(Unavailable):
            await database.read(add(owner_id), long=True)
        assert not await is_stored(database, owner_id)

    run_with(sqlite_settings, test)


def test_a_file_that_is_no_database_is_refused_with_a_sentence(sqlite_settings: Settings) -> None:
    sqlite_settings.database_path.write_bytes(b"no database " * 1000)
    with pytest.raises(Misconfigured, match="cannot be opened"):
        run_with(sqlite_settings, lambda database: database.schema())
    gc.collect()  # a connection that was left open would be a warning now


def test_the_durability_that_is_promised_is_set(sqlite_settings: Settings) -> None:
    async def test(database: SQLiteDatabase) -> None:
        assert await database.write(pragma("synchronous")) == 2
        assert await database.write(pragma("journal_mode")) == "wal"
        assert await database.write(pragma("foreign_keys")) == 1
        assert sqlite3.sqlite_version_info >= (3, 35)

    run_with(sqlite_settings, test)
