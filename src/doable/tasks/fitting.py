"""Fits tasks that an undo has brought back into what has become of the rest meanwhile.

They were written after a revision of the owner's; what they name may be gone, or in another list, by then.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, exists, not_, select

from doable.database import Statement, Transaction
from doable.errors import TooDeep, TooMany
from doable.tasks import order, trees
from doable.tasks.filed_under import lists, sections
from doable.tasks.recurrence import series
from doable.tasks.recurrence.stored import NO_RULE
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import IS_OPEN, TaskRow, tasks

_parents = tasks.alias("parents")
OWN: Final = tasks.c.owner_id == bindparam("owner_id")
CAME_BACK: Final = tasks.c.revision > bindparam("since")
_of_parent: Final = and_(_parents.c.owner_id == tasks.c.owner_id, _parents.c.id == tasks.c.parent_id)
_of_section: Final = and_(sections.c.owner_id == tasks.c.owner_id, sections.c.id == tasks.c.section_id)

ORPHANS = Statement[TaskRow](
    select(*tasks.c).where(OWN, CAME_BACK, tasks.c.parent_id.is_not(None), not_(exists().where(_of_parent)))
)
WITHOUT_LIST = Statement[TaskRow](
    select(*tasks.c)
    .where(OWN, CAME_BACK, tasks.c.list_id.is_not(None))
    .where(not_(exists().where(lists.c.owner_id == tasks.c.owner_id, lists.c.id == tasks.c.list_id)))
    .order_by(tasks.c.revision)
)
_outside = (
    select(*tasks.c)
    .where(OWN, tasks.c.section_id.is_not(None))
    .where(not_(exists().where(_of_section, sections.c.list_id == tasks.c.list_id)))
)
OUT_OF_SECTION = Statement[TaskRow](_outside.where(CAME_BACK))
SECTIONS = Statement(
    select(sections.c.sequence)
    .where(sections.c.owner_id == bindparam("owner_id"), sections.c.revision > bindparam("since"))
    .limit(1)
)
RECURRING = Statement[TaskRow](
    select(*tasks.c)
    .where(OWN, CAME_BACK, IS_OPEN, tasks.c.recurrence.is_not(None), tasks.c.series_id.is_not(None))
    .order_by(tasks.c.revision)
)
# No index has the tasks of a section: this reads all of the owner's, if a section came back.
OUT_OF_ANY_SECTION = Statement[TaskRow](_outside)
# Below a parent that stayed. Others came back together with theirs.
GRAFTED = Statement[TaskRow](
    select(*tasks.c)
    .join_from(tasks, _parents, _of_parent)
    .where(OWN, CAME_BACK, _parents.c.owner_id == bindparam("owner_id"), _parents.c.revision <= bindparam("since"))
)
# Below a parent that came back, in the list that it left.
LEFT_BEHIND = Statement[TaskRow](
    select(*tasks.c)
    .join_from(tasks, _parents, _of_parent)
    .where(OWN, tasks.c.parent_id.is_not(None), tasks.c.list_id.is_distinct_from(_parents.c.list_id))
    .where(_parents.c.owner_id == bindparam("owner_id"), _parents.c.revision > bindparam("since"))
)


async def fit_in(tx: Transaction, repository: TaskRepository, since: int) -> dict[str, int]:
    """Have every task be in a list that there is, in a section of that list, and below a parent in it, and one recur of a series.

    Answers those that changed, by their ids, and the revisions that they had before.

    The owner's row is taken. A task whose list is gone comes to the end of the inbox, and a subtask goes with its parent.
    """
    owner_id = repository.owner_id
    found = {"owner_id": owner_id, "since": since}
    orphans = await tx.all(ORPHANS, **found)
    await repository.put_all(tx, [(row, {"parent_id": None}) for row in orphans])
    changed = {row["id"]: row["revision"] for row in orphans}
    for row in await tx.all(GRAFTED, **found):
        below = await trees.below(tx, owner_id, row["id"])
        path = await trees.upwards(tx, owner_id, row["parent_id"] or "")
        levels = 1 + max((each["level"] for each in below), default=0)
        try:
            await trees.check_room(tx, owner_id, path, levels=levels, more=0)
        except (TooDeep, TooMany):  # or a circle, which has no end
            await repository.put_all(tx, [(row, {"parent_id": None})])
            changed.setdefault(row["id"], row["revision"])
    lost = await tx.all(WITHOUT_LIST, **found)
    await _move(tx, repository, lost, None)
    for row in [*await tx.all(GRAFTED, **found), *await tx.all(LEFT_BEHIND, **found)]:
        parent = await repository.take(tx, row["parent_id"] or "")
        if row["list_id"] != parent["list_id"]:
            await _move(tx, repository, [row, *await trees.below(tx, owner_id, row["id"])], parent["list_id"])
            changed.setdefault(row["id"], row["revision"])
    has_sections = await tx.all(SECTIONS, **found)
    outside = await tx.all(OUT_OF_ANY_SECTION if has_sections else OUT_OF_SECTION, **found)
    await repository.put_all(tx, [(row, {"section_id": None}) for row in outside])
    # Another task may have taken the rule on meanwhile. Of two that came back, one goes on.
    rivals = []
    for row in await tx.all(RECURRING, **found):
        if await series.is_held(tx, owner_id, row["id"], row["series_id"] or ""):
            rivals.append(row)
            await repository.put_all(tx, [(row, {**NO_RULE, "series_id": None})])
    return {row["id"]: row["revision"] for row in (*outside, *lost, *rivals)} | changed


async def _move(tx: Transaction, repository: TaskRepository, rows: Sequence[TaskRow], list_id: str | None) -> None:
    to: Mapping[str, Any] = {"list_id": list_id, "section_id": None}
    await order.put_last(tx, repository, [(row, to) for row in rows])
