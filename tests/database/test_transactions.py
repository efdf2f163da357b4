"""What a transaction promises, on every database through the one protocol."""

import asyncio
import contextlib
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from database.works import ADD, ADVANCE, FIND, OwnError, add, advance, is_stored, new_id, revision, run_with, until
from doable.database import Database, Duplicate, Row, Statement, Transaction, open_database
from doable.database.protocol import Load
from doable.errors import Unavailable
from doable.owned.owners import BURY, COUNT_KEPT, DEPART
from doable.owned.tables import departures, tombstones
from doable.settings import Settings
from doable.tasks.trees import BELOW

NAME_OF_TOMBSTONE, NAME_OF_DEPARTURE = (
    Statement(select(table.c.ical_name, table.c.removed_at).where(table.c.owner_id == bindparam("owner_id")))
    for table in (tombstones, departures)
)


def test_a_write_is_visible_to_the_next_read(settings: Settings) -> None:
    async def test(database: Database) -> None:
        owner_id = new_id()

        async def find(tx: Transaction) -> Row | None:
            return await tx.one(FIND, owner_id=owner_id)

        await database.write(add(owner_id))
        for expected in range(1, 50):
            assert await database.write(advance(owner_id), owner_id=owner_id) == expected
            stored = {"owner_id": owner_id, "revision": expected, "tasks": 0}
            assert await database.one(FIND, owner_id=owner_id) == stored
            assert await database.all(FIND, owner_id=owner_id) == [stored]
            assert await database.read(find) == stored
            assert await database.read(find, long=True) == stored

    run_with(settings, test)


def test_the_version_is_another_after_each_commit(settings: Settings) -> None:
    async def test(database: Database) -> None:
        async with open_database(settings) as other:
            for each in (database, other, database):
                before = await database.version()
                await each.write(add(new_id()))
                assert await database.version() != before
            # Other tests may commit something at just this time, but not always.
            async with asyncio.timeout(20):
                while (before := await database.version()) != await database.version():
                    pass
            await database.one(FIND, owner_id=new_id())

    run_with(settings, test)


def test_a_work_sees_its_own_steps(settings: Settings) -> None:
    async def test(database: Database) -> None:
        owner_id = new_id()

        async def work(tx: Transaction) -> list[Row]:
            assert await tx.one(FIND, owner_id=owner_id) is None
            assert await tx.one(ADD, owner_id=owner_id) is None
            await tx.all(ADVANCE, owner_id=owner_id, by=1, tasks=3, more=0)
            return await tx.all(FIND, owner_id=owner_id)

        assert await database.write(work) == [{"owner_id": owner_id, "revision": 1, "tasks": 3}]

    run_with(settings, test)


def test_no_statement_finds_out_that_another_one_was_late(settings: Settings) -> None:
    async def test(database: Database) -> None:
        owner_id, list_id, now = new_id(), new_id(), datetime(2026, 11, 27, tzinfo=UTC)
        left = {"owner_id": owner_id, "revision": 3, "removed_at": now}

        async def work(tx: Transaction) -> list[Any]:
            await tx.later(ADD, owner_id=owner_id)
            found: list[Any] = [await tx.one(FIND, owner_id=owner_id)]
            await tx.later(BURY, **left, id=new_id(), kind="task", list_id=list_id, ical_name="milk.ics")
            await tx.later(DEPART, **left, list_id=list_id, ical_name="bread.ics")
            found.append(await tx.one(ADVANCE, owner_id=owner_id, by=2, tasks=1, more=30))
            await tx.later(ADVANCE, owner_id=owner_id, by=3, tasks=1, more=400)
            await tx.later(ADVANCE, owner_id=owner_id, by=4, tasks=1, more=5000)
            found += await tx.all(FIND, owner_id=owner_id)
            await tx.later(ADVANCE, owner_id=owner_id, by=10, tasks=1, more=0)
            # This one has parts already.
            assert await tx.all(BELOW, owner_id=owner_id, this_id=new_id()) == []
            await tx.later(COUNT_KEPT, owner_id=owner_id, more=1)
            return found

        first, second, third = await database.write(work)
        assert first == {"owner_id": owner_id, "revision": 0, "tasks": 0}
        assert second == {"revision": 2, "tasks": 1, "stored_bytes": 30, "counted_revision": 2}
        assert third == {"owner_id": owner_id, "revision": 9, "tasks": 3}
        assert await database.one(FIND, owner_id=owner_id) == {"owner_id": owner_id, "revision": 19, "tasks": 4}
        names = [await database.one(each, owner_id=owner_id) for each in (NAME_OF_TOMBSTONE, NAME_OF_DEPARTURE)]
        assert names == [{"ical_name": "milk.ics", "removed_at": now}, {"ical_name": "bread.ics", "removed_at": now}]

    run_with(settings, test)


@pytest.mark.parametrize("is_last", [True, False])
def test_the_error_of_a_late_statement_undoes_the_work(settings: Settings, is_last: bool) -> None:  # noqa: FBT001 - a case
    async def test(database: Database) -> None:
        owner_id, other_id = new_id(), new_id()
        await database.write(add(owner_id))

        async def work(tx: Transaction) -> None:
            await tx.one(ADD, owner_id=other_id)
            await tx.later(ADD, owner_id=owner_id)
            if not is_last:
                await tx.all(NAME_OF_TOMBSTONE, owner_id=other_id)

        with pytest.raises(Duplicate):
            await database.write(work)
        assert not await is_stored(database, other_id)

        async def give_up(tx: Transaction) -> None:
            await tx.later(ADVANCE, owner_id=owner_id, by=1, tasks=0, more=0)
            raise OwnError

        with pytest.raises(OwnError):
            await database.write(give_up)
        assert await revision(database, owner_id) == 0

    run_with(settings, test)


@pytest.mark.parametrize(
    "error", [OwnError("mine"), TimeoutError(), ConnectionResetError(), KeyError("a"), Unavailable(), RuntimeError("r")]
)
def test_the_error_of_a_work_reaches_its_caller_as_it_is(settings: Settings, error: Exception) -> None:
    async def test(database: Database) -> None:
        owner_id = new_id()
        with pytest.raises(type(error)) as raised:
            await database.write(add(owner_id, then=error))
        assert raised.value is error
        assert raised.value.__cause__ is None
        assert not await is_stored(database, owner_id)

        async def read(tx: Transaction) -> None:
            await tx.one(FIND, owner_id=owner_id)
            raise error

        for long in (False, True):
            with pytest.raises(type(error)) as raised:
                await database.read(read, long=long)
            # A TimeoutError is made anew on the way out of a thread.
            assert (type(raised.value), raised.value.args) == (type(error), error.args)

    run_with(settings, test)


def test_a_failing_work_undoes_itself_alone(settings: Settings) -> None:
    """They start together, so that on SQLite many of them share one commit."""

    async def test(database: Database) -> None:
        ids = [new_id() for _ in range(100)]
        failing = set(ids[::3])
        outcomes = await asyncio.gather(
            *(database.write(add(i, then=OwnError(i) if i in failing else None)) for i in ids), return_exceptions=True
        )
        for owner_id, outcome in zip(ids, outcomes, strict=True):
            if owner_id in failing:
                assert isinstance(outcome, OwnError)
                assert str(outcome) == owner_id
            else:
                assert outcome == owner_id
            assert await is_stored(database, owner_id) == (owner_id not in failing)

    run_with(settings, test)


def test_concurrent_writes_of_one_owner_have_one_order(settings: Settings) -> None:
    async def test(database: Database) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))
        revisions = await asyncio.gather(*(database.write(advance(owner_id), owner_id=owner_id) for _ in range(64)))
        assert sorted(revisions) == list(range(1, 65))
        assert await revision(database, owner_id) == 64

    run_with(settings, test)


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_work_that_swallows_a_statements_error_is_undone_all_the_same(settings: Settings, goes_on: bool) -> None:  # noqa: FBT001 - a case
    """PostgreSQL has undone its transaction then and would answer its COMMIT with success: nothing would be stored."""

    async def test(database: Database) -> None:
        first, second = new_id(), new_id()
        seen: list[Exception] = []

        async def work(tx: Transaction) -> str:
            await tx.one(ADD, owner_id=first)
            try:
                await tx.one(ADD, owner_id=first)
            except Exception as error:  # noqa: BLE001 - this is the mistake that the test is about
                seen.append(error)
            if goes_on:
                await tx.one(ADD, owner_id=second)
            return "done"

        mate = new_id()
        outcome, _ = await asyncio.gather(database.write(work), database.write(add(mate)), return_exceptions=True)
        assert len(seen) == 1
        assert outcome is seen[0]
        assert not isinstance(outcome, Unavailable)
        assert await is_stored(database, mate)
        assert not await is_stored(database, first)
        assert not await is_stored(database, second)

    run_with(settings, test)


def test_a_statements_error_may_become_another(settings: Settings) -> None:
    async def test(database: Database) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))

        async def work(tx: Transaction) -> None:
            try:
                await tx.one(ADD, owner_id=owner_id)
            except Exception as error:
                raise OwnError from error

        with pytest.raises(OwnError):
            await database.write(work)
        assert await database.write(advance(owner_id), owner_id=owner_id) == 1

    run_with(settings, test)


def test_a_missing_parameter_is_a_key_error(settings: Settings) -> None:
    async def test(database: Database) -> None:
        async def work(tx: Transaction) -> None:
            await tx.one(FIND)

        with pytest.raises(KeyError):
            await database.one(FIND)
        with pytest.raises(KeyError):
            await database.read(work)
        with pytest.raises(KeyError):
            await database.write(work)
        # And the connections are as good as before.
        owner_id = new_id()
        await database.write(add(owner_id))
        assert await is_stored(database, owner_id)

    run_with(settings, test)


@pytest.mark.parametrize("how", ["read", "long read", "write", "long write", "failed write"])
def test_a_transaction_cannot_be_used_after_its_end(settings: Settings, how: str) -> None:
    async def test(database: Database) -> None:
        owner_id = new_id()
        kept: list[Transaction] = []

        async def work(tx: Transaction) -> None:
            kept.append(tx)
            await tx.one(FIND, owner_id=owner_id)
            if how == "failed write":
                raise OwnError

        run = database.read if "read" in how else database.write
        with contextlib.suppress(OwnError):
            await run(work, long="long" in how)
        with pytest.raises(RuntimeError, match="has ended"):
            await kept[0].one(ADD, owner_id=owner_id)
        with pytest.raises(RuntimeError, match="has ended"):
            await kept[0].all(FIND, owner_id=owner_id)
        await database.write(add(new_id()))
        assert not await is_stored(database, owner_id)

    run_with(settings, test)


def test_a_read_sees_one_state_while_writes_go_on(settings: Settings) -> None:
    async def test(database: Database) -> None:
        owner_id = new_id()
        reading, written = threading.Event(), threading.Event()

        async def work(tx: Transaction) -> list[Row | None]:
            deadline = time.monotonic() + 20
            seen = [await tx.one(FIND, owner_id=owner_id)]
            reading.set()
            while not written.is_set():
                assert time.monotonic() < deadline
                seen.append(await tx.one(FIND, owner_id=owner_id))
            return [*seen, await tx.one(FIND, owner_id=owner_id)]

        await database.write(add(owner_id))
        try:
            read = asyncio.create_task(database.read(work, long=True))
            await until(reading.is_set)
            for _ in range(20):
                await database.write(advance(owner_id), owner_id=owner_id)
            assert await revision(database, owner_id) == 20
        finally:
            written.set()
        seen = await read
        assert seen[0] == {"owner_id": owner_id, "revision": 0, "tasks": 0}
        assert all(row == seen[0] for row in seen)

    run_with(settings, test)


def test_a_cancelled_caller_leaves_everything_in_order(settings: Settings) -> None:
    """Callers are cancelled at many moments; what was acknowledged is stored, and what is stored was asked for once."""

    async def test(database: Database) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))
        acknowledged = 0
        for turns in range(60):
            writes = [asyncio.create_task(database.write(advance(owner_id), owner_id=owner_id)) for _ in range(4)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for task in writes[1:]:
                task.cancel()
            outcomes = await asyncio.gather(*writes, return_exceptions=True)
            assert all(isinstance(outcome, int | asyncio.CancelledError) for outcome in outcomes)
            assert isinstance(outcomes[0], int)
            acknowledged += sum(isinstance(outcome, int) for outcome in outcomes)
            assert await revision(database, owner_id) >= acknowledged
        assert await revision(database, owner_id) <= 240
        before = await revision(database, owner_id)
        assert await database.write(advance(owner_id), owner_id=owner_id) == before + 1

    run_with(settings, test)


def test_closing_loses_nothing_that_was_acknowledged(settings: Settings) -> None:
    ids = [new_id() for _ in range(30)]

    async def write_and_close() -> list[str | BaseException]:
        async with asyncio.timeout(60):
            async with open_database(settings) as database:
                writes = [asyncio.create_task(database.write(add(owner_id))) for owner_id in ids]
                await writes[0]
            return await asyncio.gather(*writes, return_exceptions=True)

    outcomes = asyncio.run(write_and_close())

    async def test(database: Database) -> None:
        for owner_id, outcome in zip(ids, outcomes, strict=True):
            assert outcome == owner_id or isinstance(outcome, Unavailable)
            if outcome == owner_id:
                assert await is_stored(database, owner_id)

    run_with(settings, test)


def test_a_unique_constraint_has_one_error_on_every_database(settings: Settings) -> None:
    async def test(database: Database) -> None:
        owner_id, other_id = new_id(), new_id()
        await database.write(add(owner_id))

        async def twice(tx: Transaction) -> None:
            await tx.one(ADD, owner_id=other_id)
            try:
                await tx.one(ADD, owner_id=owner_id)
            except Duplicate:
                raise OwnError from None

        with pytest.raises(OwnError):
            await database.write(twice)
        assert not await is_stored(database, other_id)
        with pytest.raises(Duplicate):
            await database.write(add(owner_id))

    run_with(settings, test)


def test_no_other_constraint_is_taken_for_a_unique_one(settings: Settings) -> None:
    async def test(database: Database) -> None:
        async def nobodys(tx: Transaction) -> None:
            values = {
                "owner_id": new_id(),
                "revision": 1,
                "id": new_id(),
                "kind": "task",
                "list_id": None,
                "ical_name": None,
            }
            await tx.one(BURY, **values, removed_at=datetime.now(UTC))

        with pytest.raises(Exception, match=r"(?i)foreign key") as raised:
            await database.write(nobodys)
        assert not isinstance(raised.value, Duplicate)

    run_with(settings, test)


def test_it_says_how_busy_it_is(settings: Settings) -> None:
    async def test(database: Database) -> None:
        owner_id = new_id()
        await database.write(add(owner_id))
        before = sum(works * count for works, count in database.load().commits.items())
        await asyncio.gather(*(database.write(advance(owner_id), owner_id=owner_id) for _ in range(20)))
        load = database.load()
        assert (load.waiting, load.disk_is_full) == (0, False)
        if settings.postgresql_url is None:
            assert load.connections is None
            assert sum(works * count for works, count in load.commits.items()) == before + 20
            # The first had a COMMIT to itself, and some of the others, which came meanwhile, had one together.
            assert max(load.commits) > 1
        else:
            assert load.connections == (0, settings.pool_size)
            assert load.commits == {}

            async def look(tx: Transaction) -> Load:
                await tx.one(FIND, owner_id=owner_id)
                return database.load()

            assert (await database.read(look)).connections == (1, settings.pool_size - 1)

    run_with(settings, test)
