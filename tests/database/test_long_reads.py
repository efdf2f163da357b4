"""Reads that may be long: a user has one at a time, and others do not wait for it."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from sqlalchemy import Integer, bindparam, func, literal_column, select

from database.works import FIND, new_id, run_with, until
from doable.database import Database, Statement, Transaction, long_reads
from doable.database.long_reads import LongReads
from doable.database.sqlite.database import STEPS
from doable.errors import Unavailable
from doable.places import Place, Places, current
from doable.settings import Settings

T = TypeVar("T")


def as_user(user_id: str, asked: Coroutine[Any, Any, T], *, lasts: bool = False) -> asyncio.Task[T]:
    """Begun as part of a request of this user's, or of a download."""
    place = Place(Places())
    place.user_id, place.is_counted = user_id, not lasts
    token = current.set(place)
    try:
        return asyncio.create_task(asked)
    finally:
        current.reset(token)


class Held:
    """A long read that lasts until it is released, on SQLite in its thread."""

    def __init__(self, database: Database) -> None:
        self.has_begun = False
        self._database = database
        self._released = threading.Event()

    async def read(self) -> None:
        """Read."""
        await self._database.read(self._work, long=True)

    async def _work(self, tx: Transaction) -> None:
        self.has_begun = True
        await tx.one(FIND, owner_id=new_id())
        if threading.current_thread() is threading.main_thread():
            await until(self._released.is_set)
        else:
            assert self._released.wait(20)

    @contextmanager
    def until_the_end(self) -> Iterator[None]:
        """While the block lasts."""
        try:
            yield
        finally:
            self._released.set()


def test_a_user_has_one_long_read_at_a_time_and_others_do_not_wait(settings: Settings) -> None:
    async def test(database: Database) -> None:
        held, next_one, others = Held(database), Held(database), Held(database)
        with held.until_the_end():
            first = as_user("one", held.read())
            await until(lambda: held.has_begun)
            with next_one.until_the_end():
                second = as_user("one", next_one.read())
            with others.until_the_end():
                third = as_user("another", others.read())
            await third
            assert not next_one.has_begun
        await asyncio.gather(first, second)
        assert next_one.has_begun

    run_with(settings, test)


def numbers() -> Statement[Any]:
    """The statement that counts up to a number, in some ten steps of SQLite's machine for each."""
    one = select(literal_column("1", Integer()).label("number")).cte(recursive=True)
    upwards = one.union_all(select(one.c.number + 1).where(one.c.number < bindparam("most", type_=Integer())))
    return Statement(select(func.count().label("number")).select_from(upwards))


def test_a_read_that_seldom_is_long_leaves_the_event_loop_only_then(sqlite_settings: Settings) -> None:
    count = numbers()

    async def test(database: Database) -> None:
        async def counts(most: int) -> list[int]:
            threads = []

            async def work(tx: Transaction) -> Any:
                threads.append(threading.get_ident())
                return await tx.one(count, most=most)

            assert await database.read(work, long=True, seldom=True) == {"number": most}
            return threads

        here = threading.get_ident()
        # Again and again: SQLite counts the steps of a statement on from its last execution.
        for _ in range(100):
            assert await counts(50) == [here]
        # Nor does it give up the end of what it has given up, whose steps are counted on as well.
        for _ in range(500):
            first, second = await counts(STEPS // 10)
            assert first == here != second
        assert await database.one(count, most=STEPS) == {"number": STEPS}  # which nobody counts

    run_with(sqlite_settings, test)


def test_a_work_that_wants_to_compute_aside_leaves_the_event_loop(sqlite_settings: Settings) -> None:
    threads: list[int] = []

    async def work(tx: Transaction) -> None:
        await tx.aside(lambda: threads.append(threading.get_ident()))

    run_with(sqlite_settings, lambda database: database.read(work, long=True, seldom=True))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_there_are_so_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And whoever waits for too long is refused, and in nobody's way then. A read of no user's takes a turn as well.

    A download is one of its user's too, and is not refused in the middle.
    """

    async def test() -> None:
        turns = LongReads(2)

        async def read() -> None:
            async with turns.turn():
                pass

        async with turns.turn(), turns.turn():
            waiting = as_user("one", read())
            await asyncio.sleep(0)  # it begins to wait
            monkeypatch.setattr(long_reads, "WAIT_SECONDS", 0)
            for who in ("one", "another"):
                with pytest.raises(Unavailable):
                    await as_user(who, read())
            download = as_user("one", read(), lasts=True)
            with pytest.raises(Unavailable):
                await as_user("another", read())
            assert not waiting.done()
            assert not download.done()
        await waiting
        await download
        monkeypatch.undo()
        for who in ("one", "another"):
            await as_user(who, read())

    asyncio.run(test())
