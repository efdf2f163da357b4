"""PostgreSQL: whatever happens to a connection, a caller hears success or Unavailable, and the next call works."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Iterator
from typing import Any, TypeVar

import asyncpg
import pytest
from sqlalchemy import Integer, Text, func, literal_column, select

from database.conftest import migrated
from database.works import ADD, ADVANCE, FIND, OwnError, add, advance, is_stored, new_id, revision, run_with, until
from doable.database import Statement, Transaction, open_database
from doable.database.postgresql import database as postgresql
from doable.database.postgresql.database import PostgreSQLDatabase
from doable.database.protocol import Work
from doable.errors import Misconfigured, Unavailable
from doable.settings import Settings
from support.postgresql import PostgreSQL, wheel_binaries

T = TypeVar("T")

CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE application_name = 'doable' AND datname = current_database()
"""
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'doable' AND datname = current_database() AND "
WAITING = "wait_event_type = 'Lock'"


def slow(seconds: float) -> Statement:
    return Statement(select(func.pg_sleep(literal_column(str(seconds), Integer), type_=Text)))


def outsider(settings: Settings) -> Any:
    """A connection that is none of Doable's."""
    return asyncpg.connect(settings.postgresql_url)


async def until_open(settings: Settings, number: int, condition: str) -> None:
    """Wait until so many of Doable's connections are in this condition. A transaction would see no news of them."""
    connection = await outsider(settings)
    deadline = time.monotonic() + 20
    while True:
        found = await connection.fetchval(OPEN + condition)
        if found == number:
            break
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.01)
    await connection.close()


async def outcome_of(call: Awaitable[T]) -> T | Unavailable:
    """What it answers, or Unavailable; any other error is the test's."""
    try:
        return await call
    except Unavailable as error:
        return error


def test_connections_that_are_lost_under_way(postgresql_settings: Settings) -> None:
    """They are cut again and again while reads and writes run on them."""

    async def test(database: PostgreSQLDatabase) -> None:
        owners = [new_id() for _ in range(8)]
        for owner_id in owners:
            await database.write(add(owner_id))
        acknowledged = dict.fromkeys(owners, 0)
        refused = 0
        done = asyncio.Event()

        async def client(owner_id: str) -> None:
            nonlocal refused
            while not done.is_set():
                written = await outcome_of(database.write(advance(owner_id), owner_id=owner_id))
                acknowledged[owner_id] += not isinstance(written, Unavailable)
                read = await outcome_of(database.one(FIND, owner_id=owner_id))
                page = await outcome_of(database.read(lambda tx: tx.all(FIND, owner_id=owner_id)))
                refused += [type(written), type(read), type(page)].count(Unavailable)

        clients = [asyncio.create_task(client(owner_id)) for owner_id in owners for _ in range(2)]
        connection = await outsider(postgresql_settings)
        cut = 0
        deadline = time.monotonic() + 40
        try:
            # On a busy machine some owners have no luck for a while.
            while cut < 100 or not refused or not all(acknowledged.values()):
                assert time.monotonic() < deadline
                cut += await connection.fetchval(CUT)
                await asyncio.sleep(0.05)
        finally:
            # Else they would ask a database that is closed, which answers at once, for ever.
            done.set()
            await asyncio.gather(*clients)
        await connection.close()
        for owner_id in owners:
            # A COMMIT whose answer was lost may have been carried out; one that was answered always was.
            assert await revision(database, owner_id) >= acknowledged[owner_id] > 0

    run_with(postgresql_settings, test)


@pytest.mark.parametrize("swallows", [False, True])
def test_the_one_call_whose_connection_is_lost(postgresql_settings: Settings, swallows: bool) -> None:  # noqa: FBT001 - a case
    async def test(database: PostgreSQLDatabase) -> None:
        owner_id = new_id()
        connection = await outsider(postgresql_settings)

        def work_of(statement: Statement) -> Work[None]:
            async def work(tx: Transaction) -> None:
                await tx.one(statement, owner_id=owner_id)
                assert await connection.fetchval(CUT)
                try:
                    await tx.one(FIND, owner_id=owner_id)
                except Unavailable:
                    if not swallows:
                        raise

            return work

        with pytest.raises(Unavailable):
            await database.write(work_of(ADD))
        with pytest.raises(Unavailable):
            await database.read(work_of(FIND))
        await until_open(postgresql_settings, 1, "state = 'idle'")  # the pool keeps one, and made it anew
        assert not await is_stored(database, owner_id)
        assert await database.write(add(owner_id)) == owner_id
        await connection.close()

    run_with(postgresql_settings, test)


def test_connections_that_are_lost_while_idle_are_replaced(postgresql_settings: Settings) -> None:
    async def test(database: PostgreSQLDatabase) -> None:
        ids = [new_id() for _ in range(30)]
        await asyncio.gather(*(database.write(add(owner_id)) for owner_id in ids))
        connection = await outsider(postgresql_settings)
        first = await connection.fetchval(
            "SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE application_name = 'doable'"
        )
        assert await connection.fetchval(CUT) == postgresql_settings.pool_size
        await connection.close()
        await until_open(postgresql_settings, 0, f"pid IN ({first})")
        assert await asyncio.gather(*(database.write(advance(i), owner_id=i) for i in ids)) == [1] * 30

    run_with(postgresql_settings, test)


@pytest.fixture
def own_server() -> Iterator[PostgreSQL]:
    """A server that a test may stop."""
    with PostgreSQL(wheel_binaries()) as running:
        yield running


def test_a_server_that_is_stopped_and_started_again(own_server: PostgreSQL, tmp_path_factory: Any) -> None:
    settings = migrated(data_dir=tmp_path_factory.mktemp("data"), database_url=own_server.new_database())

    async def test(database: PostgreSQLDatabase) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))
        await asyncio.to_thread(own_server.stop)
        for _ in range(3):
            for call in (
                database.one(FIND, owner_id=owner_id),
                database.all(FIND, owner_id=owner_id),
                database.read(lambda tx: tx.one(FIND, owner_id=owner_id)),
                database.write(advance(owner_id), owner_id=owner_id),
                database.schema(),
            ):
                with pytest.raises(Unavailable):
                    await call
        await asyncio.to_thread(own_server.start)
        assert await database.write(advance(owner_id), owner_id=owner_id) == 1
        assert await is_stored(database, owner_id)

    run_with(settings, test)

    own_server.stop()
    with pytest.raises(Misconfigured, match="cannot be reached"):
        run_with(settings, test)
    own_server.start()


def test_a_statement_that_takes_too_long(postgresql_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "TIMEOUT_SECONDS", 0.5)

    async def test(database: PostgreSQLDatabase) -> None:
        owner_id = new_id()

        async def work(tx: Transaction) -> None:
            await tx.one(ADD, owner_id=owner_id)
            await tx.one(slow(30))

        for call in (
            database.one(slow(30)),
            database.all(slow(30)),
            database.read(work_of(slow(30))),
            database.write(work),
        ):
            with pytest.raises(Unavailable):
                await call
        assert not await is_stored(database, owner_id)
        await database.write(add(owner_id))

    def work_of(statement: Statement) -> Any:
        async def work(tx: Transaction) -> Any:
            return await tx.one(statement)

        return work

    run_with(postgresql_settings, test)


def test_a_lock_that_is_waited_for_too_long(postgresql_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "TIMEOUT_SECONDS", 0.5)

    async def test(database: PostgreSQLDatabase) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))
        connection = await outsider(postgresql_settings)
        async with connection.transaction():
            await connection.execute("UPDATE owners SET tasks = 7")
            with pytest.raises(Unavailable):
                await database.write(advance(owner_id), owner_id=owner_id)
            # Also those that wait for their turn behind it.
            many = (database.write(advance(owner_id), owner_id=owner_id) for _ in range(20))
            assert {type(found) for found in await asyncio.gather(*map(outcome_of, many))} == {Unavailable}
        await connection.close()
        assert await database.write(advance(owner_id), owner_id=owner_id) == 1

    run_with(postgresql_settings, test)


def test_a_pool_that_is_exhausted(postgresql_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    few = postgresql_settings.model_copy(update={"database_pool_size": 3})

    async def test(database: PostgreSQLDatabase) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))
        release = asyncio.Event()

        async def work(tx: Transaction) -> None:
            await tx.one(FIND, owner_id=owner_id)
            await release.wait()

        holding = [asyncio.create_task(database.read(work)) for _ in range(3)]
        await until(lambda: not database._pool.get_idle_size() and database._pool.get_size() == 3)  # noqa: SLF001 - nothing else tells
        monkeypatch.setattr(postgresql, "TIMEOUT_SECONDS", 0.2)
        for call in (database.one(FIND, owner_id=owner_id), database.write(advance(owner_id))):
            with pytest.raises(Unavailable):
                await call
        release.set()
        await asyncio.gather(*holding)
        assert await revision(database, owner_id) == 0
        assert await database.write(advance(owner_id)) == 1

    run_with(few, test)


def test_closing_does_not_wait_for_a_busy_connection_for_ever(
    postgresql_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def close_while_busy() -> Any:
        async with asyncio.timeout(30):
            async with open_database(postgresql_settings) as database:
                busy = asyncio.create_task(outcome_of(database.one(slow(300))))
                await until_open(postgresql_settings, 1, "query ~ 'pg_sleep'")
                monkeypatch.setattr(postgresql, "TIMEOUT_SECONDS", 0.3)
            with pytest.raises(Unavailable):
                await database.one(slow(0))
            return await busy

    assert isinstance(asyncio.run(close_while_busy()), Unavailable)


def test_many_writes_of_one_owner_leave_connections_to_the_others(postgresql_settings: Settings) -> None:
    async def test(database: PostgreSQLDatabase) -> None:
        busy, other = new_id(), new_id()
        await database.write(add(busy))
        await database.write(add(other))
        connection = await outsider(postgresql_settings)
        held = connection.transaction()
        await held.start()
        await connection.execute("SELECT * FROM owners WHERE owner_id = $1 FOR UPDATE", busy)
        writes = [asyncio.create_task(database.write(advance(busy), owner_id=busy)) for _ in range(66)]
        await until_open(postgresql_settings, postgresql.WRITES_OF_ONE_OWNER, WAITING)
        # Two hold connections, 64 wait for them, and more are refused at once.
        with pytest.raises(Unavailable):
            await database.write(advance(busy), owner_id=busy)
        for number in range(1, 30):
            assert await database.write(advance(other), owner_id=other) == number
            assert await revision(database, busy) == 0
        assert not any(task.done() for task in writes)
        await until_open(postgresql_settings, postgresql.WRITES_OF_ONE_OWNER, WAITING)
        await held.rollback()
        await connection.close()
        assert sorted(await asyncio.gather(*writes)) == list(range(1, 67))

    run_with(postgresql_settings, test)


def test_an_owner_is_told_though_the_first_notification_was_lost(postgresql_settings: Settings) -> None:
    async def test(database: PostgreSQLDatabase) -> None:
        heard: list[str | None] = []
        owner_id = new_id()
        await database.write(add(owner_id))

        async def cut(pid: int) -> None:
            connection = await outsider(postgresql_settings)
            await connection.execute("SELECT pg_terminate_backend($1, 5000)", pid)
            await connection.close()

        def changed(_: str | None) -> None:
            """The connection is lost before the notification, and nobody has noticed: the event loop stands still."""
            telling = database._notifications._connection  # noqa: SLF001 - which connection is to be lost
            if telling is not None and not heard_of:
                heard_of.append(owner_id)
                thread = threading.Thread(target=asyncio.run, args=[cut(telling.get_server_pid())])
                thread.start()
                thread.join()

        async with open_database(postgresql_settings) as other:
            heard_of: list[str] = [owner_id]
            with other.watch(heard.append), database.watch(changed):
                await until(lambda: None in heard and database._notifications._connection)  # noqa: SLF001 - both listen
                heard_of.clear()
                await database.write(advance(owner_id), owner_id=owner_id)
                await until(lambda: owner_id in heard)
        assert heard_of == [owner_id]

    run_with(postgresql_settings, test)


def test_two_works_that_deadlock_both_end_well(postgresql_settings: Settings) -> None:
    async def test(database: PostgreSQLDatabase) -> None:
        one, other = new_id(), new_id()
        await database.write(add(one))
        await database.write(add(other))
        # Each has its first row before either asks for its second. (Only a test may await such a thing in a work.)
        both = asyncio.Barrier(2)
        runs = []

        async def crossing(tx: Transaction, first: str, second: str) -> None:
            runs.append(first)
            await tx.one(ADVANCE, owner_id=first, by=1, tasks=1, more=0)
            if len(runs) <= 2:
                await both.wait()
            await tx.one(ADVANCE, owner_id=second, by=1, tasks=1, more=0)

        await asyncio.gather(
            database.write(lambda tx: crossing(tx, one, other)), database.write(lambda tx: crossing(tx, other, one))
        )
        # One is undone and runs again; if it is back before the other has noticed, they may meet once more.
        assert len(runs) >= 3
        for owner_id in (one, other):
            assert await database.one(FIND, owner_id=owner_id) == {"owner_id": owner_id, "revision": 2, "tasks": 2}

    run_with(postgresql_settings, test)


@pytest.mark.parametrize(("collisions", "ends_well"), [(1, True), (4, True), (5, False)])
def test_a_serialization_failure_is_tried_again(
    postgresql_settings: Settings,
    postgresql_18: PostgreSQL,
    collisions: int,
    ends_well: bool,  # noqa: FBT001 - a case
) -> None:
    """PostgreSQL raises it at READ COMMITTED only where a function or an extension does; here a function."""
    assert postgresql_settings.postgresql_url is not None
    postgresql_18.sql(
        f"""
        CREATE SEQUENCE calls;
        CREATE FUNCTION collide() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('calls') <= {collisions} THEN RAISE SQLSTATE '40001'; END IF;
            RETURN 7;
        END $$
        """,
        postgresql_settings.postgresql_url.rpartition("/")[2],
    )
    collide = Statement(select(func.collide(type_=Integer).label("answer")))

    async def test(database: PostgreSQLDatabase) -> None:
        owner_id = new_id()

        async def work(tx: Transaction) -> Any:
            await tx.one(ADD, owner_id=owner_id)
            return await tx.one(collide)

        if ends_well:
            assert await database.write(work) == {"answer": 7}
        else:
            with pytest.raises(Unavailable):
                await database.write(work)
        assert await is_stored(database, owner_id) == ends_well

    run_with(postgresql_settings, test)


def test_our_own_mistakes_are_not_called_unavailable(
    postgresql_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """They would be answered with 503 for ever, and nobody would look."""

    async def test(database: PostgreSQLDatabase) -> None:
        with pytest.raises(asyncpg.DataError):
            await database.one(FIND, owner_id="no uuid")
        with pytest.raises(asyncpg.DataError):
            await database.write(add("no uuid"))
        with pytest.raises(asyncpg.UndefinedFunctionError):
            await database.one(Statement(select(func.nowhere(type_=Integer))))

        owner_id = new_id()

        async def parallel(tx: Transaction) -> None:
            await tx.one(ADD, owner_id=owner_id)
            await asyncio.gather(tx.one(FIND, owner_id=owner_id), tx.one(FIND, owner_id=owner_id))

        with pytest.raises(asyncpg.InterfaceError, match="another operation"):
            await database.write(parallel)
        caplog.clear()  # asyncpg reports that it found the transaction open, as it should
        assert not await is_stored(database, owner_id)

    run_with(postgresql_settings, test)


def test_what_a_work_leaves_behind_cannot_write(postgresql_settings: Settings) -> None:
    async def test(database: PostgreSQLDatabase) -> None:
        late, kept = new_id(), new_id()
        leftovers = []

        async def forgetful(tx: Transaction) -> None:
            await tx.one(ADD, owner_id=kept)
            leftovers.append(asyncio.create_task(tx.one(ADD, owner_id=late)))

        await database.write(forgetful)
        with pytest.raises(RuntimeError, match="has ended"):
            await leftovers[0]
        assert await is_stored(database, kept)
        assert not await is_stored(database, late)

    run_with(postgresql_settings, test)


def test_a_caller_who_is_cancelled_gives_everything_back(postgresql_settings: Settings) -> None:
    async def test(database: PostgreSQLDatabase) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))
        connection = await outsider(postgresql_settings)
        for _ in range(3):
            async with connection.transaction():
                await connection.execute("SELECT * FROM owners FOR UPDATE")
                writes = [asyncio.create_task(database.write(advance(owner_id), owner_id=owner_id)) for _ in range(20)]
                await until_open(postgresql_settings, postgresql.WRITES_OF_ONE_OWNER, WAITING)
                for task in writes:
                    task.cancel()
                await asyncio.wait(writes)
                assert all(task.cancelled() for task in writes)
        await connection.close()
        assert await database.write(advance(owner_id), owner_id=owner_id) == 1
        pool = database._pool  # noqa: SLF001 - nothing else tells
        await until(lambda: pool.get_idle_size() == pool.get_size())
        with pytest.raises(OwnError):
            await database.write(add(new_id(), then=OwnError()))

    run_with(postgresql_settings, test)
