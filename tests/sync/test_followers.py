"""A feed is told when its owner's revision moves, and not when anybody else's does."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from database.conftest import migrated
from database.works import ADD, advance, new_id, run_with
from doable.accounts.gate.credentials import Credential
from doable.accounts.gate.revocations import Revocations
from doable.clock import now
from doable.database import Database, Transaction, open_database
from doable.settings import Settings
from doable.sync import followers as module
from doable.sync.events import Position
from doable.sync.followers import Follower, Followers
from doable.sync.repository import ChangeRepository

# More than are looked after by one statement.
OWNERS = 700


@pytest.fixture
def settings(new_database_settings: Callable[[], dict[str, str]], tmp_path: Path) -> Settings:
    return migrated(data_dir=tmp_path, database_url=new_database_settings().get("DATABASE_URL"))


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
def test_of_many_only_those_are_told_who_missed_something(
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

    def follower_of(owner_id: str, followers: Followers, database: Database) -> Follower:
        credential = Credential(owner_id, owner_id, now().replace(year=2100))
        return followers.admit(credential, ChangeRepository(database, owner_id, frozenset({"task"})), Position(0))

    async def test(database: Database) -> None:
        await database.write(add_all, long=True)
        async with (
            open_database(settings) as other,
            Revocations(database) as revocations,
            Followers(database, revocations) as followers,
        ):
            following = {owner_id: follower_of(owner_id, followers, database) for owner_id in ids}
            for follower in following.values():
                await follower.first()
            for moved in (ids[0], ids[-1]):
                await other.write(advance(moved), owner_id=moved if told else None)
                async with asyncio.timeout(20):
                    while not following[moved].feed.told:  # noqa: ASYNC110 - nobody says so
                        await asyncio.sleep(0.01)
                await following[moved].first()
            await followers._look()  # noqa: SLF001 - it need not be waited for
            assert {owner_id for owner_id, each in following.items() if each.feed.told} == {ids[0], ids[-1]}
            assert all(each.heard == each.feed.told for each in following.values())
            for follower in following.values():
                follower.end()
            assert followers.open() == 0

    run_with(settings, test)
