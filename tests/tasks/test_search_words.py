"""How the words of tasks are made when somebody searches: in portions, of which there are no more when nobody waits for them."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from doable.database import Statement, Transaction
from doable.database.pages import SLICE
from doable.database.sqlite.database import SQLiteDatabase
from doable.errors import Busy
from doable.owned.limits import Limits
from doable.owned.owners import ADD
from doable.tasks.conditions import Words
from doable.tasks.found_by import search_states
from doable.tasks.listing import Listing
from doable.tasks.pages import TaskPages
from doable.tasks.repository import TaskRepository
from doable.tasks.searching import CHANGED, PUT_STATE
from doable.tasks.words import VERSION

OWNER = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
REACHED = Statement(
    select(search_states.c.version, search_states.c.revision).where(search_states.c.owner_id == bindparam("owner_id"))
)


class BesideAnother(SQLiteDatabase):
    """A server of another version makes all words before each look at them."""

    async def read(self, work: Any, **how: bool) -> Any:
        async def make(tx: Transaction) -> None:
            await tx.one(PUT_STATE, owner_id=OWNER, version=VERSION + 1, revision=1_000_000)

        await self.write(make)
        return await super().read(work, **how)


async def fill(database: SQLiteDatabase, number: int, description: str | None = None) -> None:
    tasks = TaskRepository(database, OWNER, Limits())

    async def work(tx: Transaction) -> None:
        await tx.one(ADD, owner_id=OWNER)
        for _ in range(number):
            await tasks.add({"title": "milk", "description": description})(tx)

    await database.write(work, long=True)


def found(pages: TaskPages) -> Coroutine[Any, Any, Any]:
    return pages.page(Listing(Words("milk")), limit=10, total=True)


def test_beside_another_version_few_tasks_are_found(data: Path) -> None:
    async def check() -> None:
        async with BesideAnother(data / "doable.db") as database:
            await fill(database, 3)
            assert (await found(TaskPages(database, OWNER))).total == 3

    asyncio.run(check())


def test_beside_another_version_a_search_of_many_is_refused(data: Path) -> None:
    async def check() -> None:
        async with BesideAnother(data / "doable.db") as database:
            await fill(database, 2 * SLICE)
            with pytest.raises(Busy):
                await found(TaskPages(database, OWNER))

    asyncio.run(check())


def test_no_more_is_made_for_somebody_who_has_gone(data: Path) -> None:
    async def check() -> None:
        async with SQLiteDatabase(data / "doable.db") as database:
            await fill(database, SLICE + 1)
            with pytest.raises(Busy):
                await found(TaskPages(database, OWNER, lambda: False))
            assert await database.one(REACHED, owner_id=OWNER) == {"version": VERSION, "revision": SLICE}
            # What is left is one portion, which is done to its end.
            assert (await found(TaskPages(database, OWNER, lambda: False))).total == SLICE + 1

    asyncio.run(check())


def test_a_portion_reads_few_long_texts(data: Path) -> None:
    async def check() -> None:
        async with SQLiteDatabase(data / "doable.db") as database:
            await fill(database, 5, "ü" * 500)
            read = partial(database.all, CHANGED, owner_id=OWNER)
            assert [row["revision"] for row in await read(since=1, most=2009)] == [2, 3, 4]
            assert [row["revision"] for row in await read(since=1, most=2008)] == [2, 3]
            assert [row["revision"] for row in await read(since=3, most=1)] == [4]
            assert await read(since=5, most=1) == []

    asyncio.run(check())
