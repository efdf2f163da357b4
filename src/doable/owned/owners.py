"""The SQL of the owners' rows and the tombstones: steps of other repositories' transactions."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import and_, bindparam, delete, insert, select, update

from doable.database import Statement, Transaction, insert_row
from doable.errors import Unauthenticated
from doable.owned.tables import BURIED_IN, IN_LISTS, departures, owners, tombstones


class OwnerRow(TypedDict):
    """An owner's row after a step. Who moves its bytes later moves them here at once."""

    revision: int
    tasks: int
    stored_bytes: int
    counted_revision: int


THIS_OWNER = and_(owners.c.owner_id == bindparam("owner_id"), owners.c.removed_at.is_(None))
"""Unless its user was removed."""

AFTER = (owners.c.revision, owners.c.tasks, owners.c.stored_bytes, owners.c.counted_revision)

ADD = Statement(insert(owners).values(owner_id=bindparam("owner_id"), revision=0, tasks=0, counted_revision=0))
ADVANCE = Statement[OwnerRow](
    update(owners)
    .where(THIS_OWNER)
    .values(
        revision=owners.c.revision + bindparam("by", type_=owners.c.revision.type),
        tasks=owners.c.tasks + bindparam("tasks", type_=owners.c.tasks.type),
        stored_bytes=owners.c.stored_bytes + bindparam("more", type_=owners.c.stored_bytes.type),
        counted_revision=owners.c.counted_revision + bindparam("by", type_=owners.c.counted_revision.type),
    )
    .returning(*AFTER)
)
STORE = Statement(
    update(owners)
    .where(THIS_OWNER)
    .values(stored_bytes=owners.c.stored_bytes + bindparam("more", type_=owners.c.stored_bytes.type))
)
COUNT_KEPT = Statement(
    update(owners)
    .where(THIS_OWNER)
    .values(kept_bytes=owners.c.kept_bytes + bindparam("more", type_=owners.c.kept_bytes.type))
    .returning(owners.c.kept_bytes)
)
# A row that is no longer anybody's; or never was, if making a user was given up.
REMOVE = Statement(delete(owners).where(owners.c.owner_id == bindparam("owner_id")))
MARK_REMOVED = Statement(
    update(owners).where(THIS_OWNER).values(removed_at=bindparam("now")).returning(owners.c.owner_id)
)
TAKE = Statement(select(owners.c.owner_id).where(owners.c.owner_id == bindparam("owner_id")).with_for_update())
BURY = Statement(insert_row(tombstones))
UNBURY = Statement(
    delete(tombstones)
    .where(
        tombstones.c.owner_id == bindparam("owner_id"),
        tombstones.c.kind == bindparam("kind"),
        tombstones.c.id == bindparam("id"),
    )
    .returning(
        tombstones.c.revision,
        BURIED_IN.label("list_id"),
        tombstones.c.ical_name,
        tombstones.c.removed_at,
    )
)
DEPART = Statement(insert_row(departures))


async def advance(tx: Transaction, owner_id: str, *, by: int = 1, tasks: int = 0, more: int = 0) -> OwnerRow:
    """Take the owner's row, move its revision, its number of tasks and the bytes that its things take; answer it.

    It is the first statement of every write: the lock on this row gives an owner's writes one order, on which revision,
    total, ETag and feed all rely. `by` is the number of rows that the write stamps: the last of as many revisions is
    answered. Raises Unauthenticated if there is no such owner any longer.
    """
    row = await tx.one(ADVANCE, owner_id=owner_id, by=by, tasks=tasks, more=more)
    if row is None:
        raise Unauthenticated
    return row


async def store(tx: Transaction, owner_id: str, more: int, owner: OwnerRow | None = None) -> None:
    """Move the bytes alone, where they are known only after the row was taken: when a thing changes or goes.

    `owner` is the row as it is by then, for who looks at its bytes again.
    """
    if more:
        await tx.later(STORE, owner_id=owner_id, more=more)
    if owner is not None:
        owner["stored_bytes"] += more


async def unbury(tx: Transaction, owner_id: str, kind: str, id_: str) -> None:
    """Forget that it was deleted, since it is there again: if in another list, it has left the one that it was in."""
    left = await tx.one(UNBURY, owner_id=owner_id, kind=kind, id=id_)
    if left is not None and kind in IN_LISTS:
        name = left["ical_name"] or f"{id_}.ics"
        await depart(tx, owner_id, list_id=left["list_id"], name=name, revision=left["revision"], at=left["removed_at"])


async def depart(tx: Transaction, owner_id: str, *, list_id: str, name: str, revision: int, at: datetime) -> None:
    """Note that nothing has this name in that list any longer, the owner's id being the inbox."""
    await tx.later(DEPART, owner_id=owner_id, revision=revision, list_id=list_id, ical_name=name, removed_at=at)
