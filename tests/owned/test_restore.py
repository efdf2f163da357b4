"""Every owner's revision is moved on, past everything that a client can have seen."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import bindparam, insert, select

from database.conftest import migrated
from database.works import new_id, run_with
from doable import clock
from doable.database import Database, Statement, Transaction
from doable.owned.restore import A_SECOND, EPOCH, move_revisions_on
from doable.owned.tables import owners

ADD = Statement(insert(owners).values(owner_id=bindparam("owner_id"), revision=bindparam("revision"), tasks=0))
ALL = Statement(select(owners.c.owner_id, owners.c.revision, owners.c.purged_revision))


def by_clock() -> int:
    return int((clock.now() - EPOCH).total_seconds() * A_SECOND)


def test_every_owner_moves(new_database_settings: Callable[[], dict[str, str]], tmp_path: Path) -> None:
    before = by_clock()
    # One is ahead of the clock, as after a restore by a clock that was wrong.
    revisions = dict.fromkeys((new_id() for _ in range(5)), 7) | {new_id(): 2 * before}

    async def test(database: Database) -> None:
        async def add(tx: Transaction) -> None:
            for owner_id, revision in revisions.items():
                await tx.one(ADD, owner_id=owner_id, revision=revision)

        await database.write(add, long=True)
        await database.write(move_revisions_on, long=True)
        after = by_clock()
        moved = {row["owner_id"]: row for row in await database.all(ALL)}
        assert moved.keys() == revisions.keys()
        for owner_id, row in moved.items():
            assert row["revision"] == row["purged_revision"]
            if revisions[owner_id] == 7:
                assert before <= row["revision"] <= after
            else:
                assert row["revision"] == revisions[owner_id] + 1

    run_with(migrated(data_dir=tmp_path, database_url=new_database_settings().get("DATABASE_URL")), test)
