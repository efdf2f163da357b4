"""Deletes tombstones, kept answers and undos that have been kept long enough."""

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Table,
    Text,
    TextClause,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.pages import SLICE, Order
from doable.database.types import FIRST, Instant
from doable.errors import DoableError, StorageFull
from doable.owned.owners import COUNT_KEPT, TAKE
from doable.owned.tables import BURIED_IN, WAS_IN_A_LIST, answers, departures, owners, tombstones, undos
from doable.owned.undos import KEPT as UNDOS_KEPT

logger = logging.getLogger(__name__)

ANSWERS_KEPT: Final = timedelta(hours=24)

SET_PURGED_REVISION = Statement(
    update(owners)
    .where(owners.c.owner_id == bindparam("owner_id"), owners.c.purged_revision < bindparam("revision"))
    .values(purged_revision=bindparam("revision"))
)
# Of each list one is enough, the newest.
_newer = departures.alias("newer")
FORGET_MARKS = Statement(
    delete(departures).where(
        departures.c.owner_id == bindparam("owner_id"),
        departures.c.removed_at.is_(None),
        exists().where(
            _newer.c.owner_id == departures.c.owner_id,
            _newer.c.list_id == departures.c.list_id,
            _newer.c.removed_at.is_(None),
            _newer.c.revision > departures.c.revision,
        ),
    )
)


class Removals:
    """Rows that tell what is gone: a while later they do no more."""

    def __init__(self, table: Table, list_id: ColumnElement[str], *where: ColumnElement[bool] | TextClause) -> None:
        self.order = Order(table.c.removed_at, table.c.owner_id, table.c.revision)
        self.expired = Statement(
            select(*self.order.columns)
            .where(table.c.removed_at <= bindparam("before"), self.order.is_after)
            .order_by(*self.order.columns)
            .limit(SLICE)
        )
        these = (
            table.c.owner_id == bindparam("owner_id"),
            table.c.revision.between(bindparam("first"), bindparam("revision")),
            table.c.removed_at <= bindparam("before"),
        )
        self.purge = Statement(delete(table).where(*these))
        newest = (
            select(
                table.c.owner_id,
                func.max(table.c.revision),
                list_id,
                literal_column("''", Text),
                cast(null(), Instant()),
            )
            .where(*these, *where)
            .group_by(table.c.owner_id, list_id)
        )
        marks = insert(departures).from_select(["owner_id", "revision", "list_id", "ical_name", "removed_at"], newest)
        self.mark = Statement(
            marks.on_conflict_do_update(
                index_elements=[departures.c.owner_id, departures.c.revision],
                set_={"ical_name": literal_column("''", Text), "removed_at": null()},
            )
        )
        """Notes how far each list has come of which something is forgotten."""


TOMBSTONES: Final = Removals(tombstones, BURIED_IN, WAS_IN_A_LIST)
DEPARTURES: Final = Removals(departures, departures.c.list_id)


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
    for removals in (TOMBSTONES, DEPARTURES):
        await _purge(database, removals, clock.now() - kept)


async def _purge(database: Database, removals: Removals, before: datetime) -> None:
    after = removals.order.start()
    while expired := await database.all(removals.expired, before=before, **after):
        last = expired[-1]
        after = removals.order.after(last)
        revisions: dict[str, list[int]] = {}
        for row in expired:
            revisions.setdefault(row["owner_id"], []).append(row["revision"])
        for owner_id, found in revisions.items():
            these = {"owner_id": owner_id, "first": min(found), "revision": max(found), "before": last["removed_at"]}

            async def purge(tx: Transaction, these: Row = these) -> None:
                # Together, so that nobody reads the feed between the two.
                await tx.one(SET_PURGED_REVISION, **these)
                await tx.one(removals.mark, **these)
                await tx.one(FORGET_MARKS, owner_id=these["owner_id"])
                await tx.one(removals.purge, **these)

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
