"""A follower is woken when its owner's revision moves, and not when anybody else's does."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from weakref import WeakSet

import pytest

from database.conftest import migrated
from database.works import ADD, advance, new_id, run_with
from doable.accounts.gate.credentials import Credential
from doable.clock import now
from doable.database import Database, Transaction, open_database
from doable.settings import Settings
from doable.sync import followers as module
from doable.sync.followers import Follower, Followers

# More than are looked after by one statement.
OWNERS = 700


@pytest.fixture
def settings(new_database_settings: Callable[[], dict[str, str]], tmp_path: Path) -> Settings:
    return migrated(data_dir=tmp_path, database_url=new_database_settings().get("DATABASE_URL"))


def follower_of(owner_id: str) -> Follower:
    return Follower(Credential(owner_id, owner_id, now().replace(year=2100)), WeakSet())


async def read(follower: Follower, revision: int) -> None:
    """It is woken, and reads up to this revision."""
    async with asyncio.timeout(20):
        while not await follower.something():
            pass
    follower.revision = revision


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
def test_of_many_only_those_are_woken_who_missed_something(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    told: bool,  # noqa: FBT001 - a case
) -> None:
    """Another process commits: it may be known whose data it was, or that it was somebody's, or nothing at all."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 3600.0 if told else 0.2)
    ids = [new_id() for _ in range(OWNERS)]

    async def add_all(tx: Transaction) -> None:
        for owner_id in ids:
            await tx.one(ADD, owner_id=owner_id)

    async def test(database: Database) -> None:
        await database.write(add_all, long=True)
        following = {owner_id: follower_of(owner_id) for owner_id in ids}
        async with open_database(settings) as other, Followers(database, lambda _: None) as followers:
            with ExitStack() as stack:
                for follower in following.values():
                    stack.enter_context(followers.following(follower))
                    await read(follower, 0)
                for moved in (ids[0], ids[-1]):
                    await other.write(advance(moved), owner_id=moved if told else None)
                    await read(following[moved], 1)
                await followers._look()  # noqa: SLF001 - it need not be waited for
                assert [each for each in following.values() if each.changed and each.revision == 0] == []

    run_with(settings, test)
