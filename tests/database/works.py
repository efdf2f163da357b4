"""Small works over the owners' rows, and how a test runs with a database."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import bindparam, select

from doable.database import Database, Statement, Transaction, open_database
from doable.database.protocol import Work
from doable.owned import owners as feed
from doable.owned.tables import owners
from doable.settings import Settings

T = TypeVar("T")

ADD = feed.ADD
ADVANCE = feed.ADVANCE
FIND = Statement(
    select(owners.c.owner_id, owners.c.revision, owners.c.tasks).where(owners.c.owner_id == bindparam("owner_id"))
)


class OwnError(Exception):
    """What a work raises by itself."""


def new_id() -> str:
    return str(uuid.uuid4())


def add(owner_id: str, *, then: BaseException | None = None) -> Work[str]:
    """A work that adds an owner's row, and raises `then` after it has."""

    async def work(tx: Transaction) -> str:
        await tx.one(ADD, owner_id=owner_id)
        if then is not None:
            raise then
        return owner_id

    return work


def advance(owner_id: str) -> Work[int]:
    """A work that moves the owner's revision by one and answers it."""

    async def work(tx: Transaction) -> int:
        return (await feed.advance(tx, owner_id))["revision"]

    return work


async def is_stored(database: Database, owner_id: str) -> bool:
    return await database.one(FIND, owner_id=owner_id) is not None


async def revision(database: Database, owner_id: str) -> int:
    row = await database.one(FIND, owner_id=owner_id)
    assert row is not None
    found: int = row["revision"]
    return found


async def until(condition: Callable[[], Any]) -> None:
    """Let the event loop go on until the condition holds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        await asyncio.sleep(0.001)


def run_with(settings: Settings, test: Callable[[Any], Awaitable[T]]) -> T:
    """Run the test with the open database; it fails if it hangs."""

    async def run() -> T:
        async with asyncio.timeout(60), open_database(settings) as database:
            return await test(database)

    return asyncio.run(run())
