"""Deletes tombstones, kept answers and undos that have been kept long enough."""

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Table, bindparam, delete, select, update

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.pages import SLICE, Order
from doable.database.types import FIRST, Instant
from doable.errors import DoableError, StorageFull
from doable.owned.owners import COUNT_KEPT, TAKE
from doable.owned.tables import answers, owners, tombstones, undos
from doable.owned.undos import KEPT as UNDOS_KEPT

logger = logging.getLogger(__name__)

ANSWERS_KEPT: Final = timedelta(hours=24)

_ORDER: Final = Order(tombstones.c.removed_at, tombstones.c.owner_id, tombstones.c.revision)
EXPIRED_TOMBSTONES = Statement(
    select(*_ORDER.columns)
    .where(tombstones.c.removed_at <= bindparam("before"), _ORDER.is_after)
    .order_by(*_ORDER.columns)
    .limit(SLICE)
)
SET_PURGED_REVISION = Statement(
    update(owners)
    .where(owners.c.owner_id == bindparam("owner_id"), owners.c.purged_revision < bindparam("revision"))
    .values(purged_revision=bindparam("revision"))
)
PURGE_TOMBSTONES = Statement(
    delete(tombstones).where(
        tombstones.c.owner_id == bindparam("owner_id"),
        tombstones.c.revision.between(bindparam("first"), bindparam("revision")),
        tombstones.c.removed_at <= bindparam("before"),
    )
)


class Kept:
    """Rows that take room which the owner's row counts, and are kept for a while."""

    def __init__(self, table: Table, kept: timedelta) -> None:
        self.kept = kept
        self.expired = Statement(
            select(table.c.owner_id, table.c.created_at)
            .where(table.c.created_at > bindparam("after"), table.c.created_at <= bindparam("before"))
            .order_by(table.c.created_at)
            .limit(SLICE)
        )
        self.purge = Statement(
            delete(table)
            .where(table.c.owner_id == bindparam("owner_id"), table.c.created_at <= bindparam("before"))
            .returning(table.c.kept_bytes)
        )


ANSWERS: Final = Kept(answers, ANSWERS_KEPT)
UNDOS: Final = Kept(undos, UNDOS_KEPT)


async def purge_tombstones(database: Database, kept: timedelta) -> None:
    """Forget deletions from longer ago than this, and note in the owner's row up to which revision they went.

    The oldest first, an owner's at a time. A slice that cannot be deleted is passed over until the next run.
    """
    before = clock.now() - kept
    after = _ORDER.start()
    while expired := await database.all(EXPIRED_TOMBSTONES, before=before, **after):
        last = expired[-1]
        after = _ORDER.after(last)
        revisions: dict[str, list[int]] = {}
        for row in expired:
            revisions.setdefault(row["owner_id"], []).append(row["revision"])
        for owner_id, found in revisions.items():
            these = {"owner_id": owner_id, "first": min(found), "revision": max(found), "before": last["removed_at"]}

            async def purge(tx: Transaction, these: Row = these) -> None:
                # Together, so that nobody reads the feed between the two.
                await tx.one(SET_PURGED_REVISION, **these)
                await tx.one(PURGE_TOMBSTONES, **these)

            try:
                await database.write(purge, owner_id=owner_id, long=True)
            except StorageFull:
                raise
            except DoableError as error:
                logger.warning("Expired tombstones of an owner could not be deleted: %s", error.code)


async def purge_kept(database: Database, rows: Kept) -> None:
    """Forget what has been kept long enough, the oldest first, an owner's at a time.

    A slice that cannot be deleted is passed over until the next run.
    """
    before, after = clock.now() - rows.kept, FIRST[Instant]
    while expired := await database.all(rows.expired, after=after, before=before):
        after = expired[-1]["created_at"]
        # No others are this old, so that as many are deleted as were found.
        for owner_id in {row["owner_id"] for row in expired}:

            async def purge(tx: Transaction, owner_id: str = owner_id, before: datetime = after) -> None:
                # The owner's row comes first, as in every write.
                await tx.one(TAKE, owner_id=owner_id)
                purged = await tx.all(rows.purge, owner_id=owner_id, before=before)
                await tx.one(COUNT_KEPT, owner_id=owner_id, more=-sum(row["kept_bytes"] for row in purged))

            try:
                await database.write(purge, owner_id=owner_id, long=True)
            except StorageFull:
                raise
            except DoableError as error:
                logger.warning("What was kept of an owner could not be deleted: %s", error.code)
