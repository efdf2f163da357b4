"""Deletes what is kept longer than it must be: tombstones, and answers that nobody may ask for again."""

from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, select, update

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.expiry import Expiry
from doable.owned.tables import answers, owners, tombstones

ANSWERS_KEPT: Final = timedelta(hours=24)
# How many owners are looked for at a time.
TOGETHER: Final = 500

EXPIRED_TOMBSTONES = Statement(
    select(tombstones.c.owner_id, func.max(tombstones.c.revision).label("revision"))
    .where(tombstones.c.removed_at <= bindparam("before"))
    .group_by(tombstones.c.owner_id)
    .limit(TOGETHER)
)
SET_PURGED_REVISION = Statement(
    update(owners)
    .where(owners.c.owner_id == bindparam("owner_id"), owners.c.purged_revision < bindparam("revision"))
    .values(purged_revision=bindparam("revision"))
)
PURGE_TOMBSTONES = Statement(
    delete(tombstones).where(
        tombstones.c.owner_id == bindparam("owner_id"),
        tombstones.c.revision <= bindparam("revision"),
        tombstones.c.removed_at <= bindparam("before"),
    )
)
EXPIRED_ANSWERS = Expiry(answers.c.created_at)


async def purge_tombstones(database: Database, kept: timedelta) -> None:
    """Forget what was deleted longer ago than this, and note in the owner's row up to which revision that was."""
    before = clock.now() - kept

    async def find(tx: Transaction) -> list[Row]:
        return await tx.all(EXPIRED_TOMBSTONES, before=before)

    while expired := await database.read(find, long=True):
        for each in expired:

            async def purge(tx: Transaction, each: Row = each) -> None:
                await tx.one(SET_PURGED_REVISION, **each)
                await tx.one(PURGE_TOMBSTONES, **each, before=before)

            await database.write(purge, owner_id=each["owner_id"], long=True)


async def purge_answers(database: Database) -> None:
    """Forget the answers that were given more than 24 hours ago."""
    await EXPIRED_ANSWERS.run(database, clock.now() - ANSWERS_KEPT)
