"""Tasks whose parents are named by a CalDAV client and are not there, or not yet: they wait, and are put below them when they come."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select

from doable.database import Statement, Transaction
from doable.errors import TooDeep, TooMany
from doable.owned.repository import OwnedRepository
from doable.tasks import names, trees
from doable.tasks.tables import TaskRow, tasks

MOST: Final = 500
"""So many are attached by one write."""

CHILDREN: Final = Statement[TaskRow](
    select(*tasks.c).where(tasks.c.owner_id == bindparam("owner_id"), tasks.c.parent_id == bindparam("this_id"))
)


async def children(tx: Transaction, owner_id: str, id_: str) -> list[TaskRow]:
    """What is directly below a task."""
    return await tx.all(CHILDREN, owner_id=owner_id, this_id=id_)


async def has_room(tx: Transaction, owner_id: str, id_: str | None, parent_id: str) -> bool:
    """Whether a task, with all that is below it, may come below this parent: it is no circle, not too deep and not too many.

    Without an id it is a new one.
    """
    path = await trees.upwards(tx, owner_id, parent_id)
    below = [] if id_ is None else await trees.below(tx, owner_id, id_)
    levels = 1 + max((row["level"] for row in below), default=0)
    if not path or any(row["id"] == id_ for row in path):
        return False
    try:
        await trees.check_room(tx, owner_id, path, levels=levels, more=1 + len(below))
    except (TooDeep, TooMany):
        return False
    return True


async def attach(tx: Transaction, repository: OwnedRepository[TaskRow], parent_id: str, ids: Sequence[str]) -> None:
    """Put those that wait below this parent, each at a revision of its own. Those for which there is no room go on waiting."""
    for id_ in ids[:MOST]:
        if await has_room(tx, repository.owner_id, id_, parent_id):
            row = await repository.take(tx, id_)
            await repository.put_all(tx, [(row, {"parent_id": parent_id, "ical_parent": None})])


async def attach_to(tx: Transaction, repository: OwnedRepository[TaskRow], id_: str, uid: str, list_id: str) -> None:
    """Put one that waits below the task of this UID, if that is in the list."""
    found = await names.look(tx, repository.owner_id, list_id, name="", uid=uid, but=id_)
    if found.uid is not None:
        await attach(tx, repository, found.uid["id"], [id_])
