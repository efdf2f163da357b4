"""Which pages are read in a thread of their own on SQLite, where others are read on the event loop."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, update

from doable.database import Statement
from doable.database.sqlite.database import SQLiteDatabase
from doable.owned.owners import ADD
from doable.owned.tables import owners
from doable.tasks.conditions import Words
from doable.tasks.listing import Listing
from doable.tasks.pages import SHORT_OFFSET, SMALL, TaskPages
from doable.tasks.plans import plan_of
from support.statements import listings

OWNER = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
COUNTED = Statement(
    update(owners)
    .values(tasks=bindparam("number"))
    .where(owners.c.owner_id == bindparam("owner"))
    .returning(owners.c.tasks)
)


class Watched(SQLiteDatabase):
    """It knows which reads were called long."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.longs: list[bool] = []

    async def read(self, work: Any, *, long: bool = False, **how: bool) -> Any:
        self.longs.append(long)
        return await super().read(work, long=long, **how)

    async def is_long(self, listing: Listing, **page: Any) -> bool:
        """Whether a page of it is read so."""
        self.longs.clear()
        listing = listing._replace(named=())
        await TaskPages(self, OWNER).page(listing, limit=1, **page)
        return any(self.longs)


def test_what_may_read_a_whole_account_is_long(data: Path) -> None:
    """The owner's row alone says how large an account is."""

    async def check() -> None:
        async with Watched(data / "doable.db") as database:

            async def have(number: int) -> None:
                async def work(tx: Any) -> None:
                    await tx.one(COUNTED, owner=OWNER, number=number)

                await database.write(work)

            async def make(tx: Any) -> None:
                await tx.one(ADD, owner_id=OWNER)

            await database.write(make)
            await have(SMALL + 1)
            for _, name, listing in listings():
                is_walk = plan_of(listing).is_walk
                assert await database.is_long(listing) is not is_walk, name
                assert not is_walk or "words" not in name
            assert await database.is_long(Listing(), offset=SHORT_OFFSET + 1)
            assert not await database.is_long(Listing(), total=True)  # it is in the owner's row
            await have(SMALL)
            for _, name, listing in (each for each in listings() if each[2].sort == "due"):
                # What is searched may be megabytes in a few tasks.
                assert await database.is_long(listing, total=True) is ("words" in name), name
            assert await database.is_long(Listing(Words("milk")))

    asyncio.run(check())
