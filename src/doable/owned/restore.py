"""Moves the revisions on after a backup was restored, since clients may know of later ones than the backup."""

import uuid
from typing import Final

from sqlalchemy import bindparam, case, select, update

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.pages import SLICE
from doable.owned.tables import owners

A_SECOND: Final = 100

_NEXT = (
    select(owners.c.owner_id)
    .where(owners.c.owner_id > bindparam("after"))
    .order_by(owners.c.owner_id)
    .limit(SLICE)
    .scalar_subquery()
)
_BY_CLOCK = bindparam("by_clock", type_=owners.c.revision.type)
_FURTHER = case((owners.c.revision < _BY_CLOCK, _BY_CLOCK), else_=owners.c.revision + 1)
MOVE_ON = Statement(
    update(owners)
    .where(owners.c.owner_id.in_(_NEXT))
    .values(revision=_FURTHER, purged_revision=_FURTHER)
    .returning(owners.c.owner_id)
)


async def move_revisions_on(database: Database) -> int:
    """Move the revision of every owner past all that any client can have seen; answer how many owners there are.

    Then the position of every client is 410, and it reads everything again. The clock in hundredths of a second is past any
    revision, since nobody writes a hundred times a second from one restore to the next; and it has twelve digits at most,
    as `sequence` may have, until the year 2286.
    """
    by_clock, after, moved = int(clock.now().timestamp() * A_SECOND), str(uuid.UUID(int=0)), 0
    while True:

        async def work(tx: Transaction, after: str = after) -> list[Row]:
            return await tx.all(MOVE_ON, after=after, by_clock=by_clock)

        rows = await database.write(work, long=True)
        if not rows:
            return moved
        moved += len(rows)
        after = max(row["owner_id"] for row in rows)
