"""Trees of tasks: a task, its subtasks, and theirs. They are small, so that whatever takes a tree along is bounded."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Integer, bindparam, func, literal, select

from doable.database import Statement, Transaction
from doable.errors import ReferenceNotFound, TooDeep, TooMany
from doable.tasks.functions import place_of
from doable.tasks.tables import TaskRow, tasks

MAX_LEVELS: Final = 5
MAX_TASKS: Final = 500
"""Of one tree."""


class TreeRow(TaskRow):
    """A task, and how many steps it is away, the nearest being 1, and 0 the task itself where that is among them."""

    level: int


def _walk(
    columns: list[ColumnElement[Any]],
    start: ColumnElement[bool],
    step: Callable[[CTE], ColumnElement[bool]],
    *,
    level: int = 1,
) -> CTE:
    # The bound on the levels ends the walk even where a restored database has a circle in it.
    owner = tasks.c.owner_id == bindparam("owner_id")
    first = select(*columns, literal(level, Integer).label("level")).where(owner, start)
    found = first.cte("found", recursive=True)
    # The owner of what was found, not the parameter: by that, SQLite would read all of the owner's subtasks at each step.
    same_owner = tasks.c.owner_id == found.c.owner_id
    return found.union_all(
        select(*columns, found.c.level + 1).where(same_owner, step(found), found.c.level < MAX_LEVELS)
    )


THIS: Final = bindparam("this_id", type_=tasks.c.id.type)


def _below(*columns: ColumnElement[Any]) -> CTE:
    return _walk([*columns], tasks.c.parent_id == THIS, lambda found: tasks.c.parent_id == found.c.id)


_rows = _below(*tasks.c)
BELOW: Final = Statement[TreeRow](select(_rows).order_by(place_of(_rows.c.position, _rows.c.sequence)))
_rows = _walk([*tasks.c], tasks.c.id == THIS, lambda found: tasks.c.parent_id == found.c.id, level=0)
TREE: Final = Statement[TreeRow](
    select(_rows).order_by(_rows.c.level > 0, place_of(_rows.c.position, _rows.c.sequence))
)
SIZE: Final = Statement(select(func.count().label("number")).select_from(_below(tasks.c.owner_id, tasks.c.id)))
_rows = _walk([*tasks.c], tasks.c.id == THIS, lambda found: tasks.c.id == found.c.parent_id)
UP: Final = Statement[TreeRow](select(_rows).order_by(_rows.c.level))


async def below(tx: Transaction, owner_id: str, id_: str) -> list[TreeRow]:
    """All that is below a task, by their positions."""
    return await tx.all(BELOW, owner_id=owner_id, this_id=id_)


async def tree(tx: Transaction, owner_id: str, id_: str) -> list[TreeRow]:
    """The task, then all that is below it, by their positions. Empty if there is no such task."""
    return await tx.all(TREE, owner_id=owner_id, this_id=id_)


async def upwards(tx: Transaction, owner_id: str, id_: str) -> list[TreeRow]:
    """The task, its parent, and so on: the last is the root. Empty if there is no such task."""
    return await tx.all(UP, owner_id=owner_id, this_id=id_)


async def find_parent(tx: Transaction, owner_id: str, id_: str) -> list[TreeRow]:
    """A parent that is named in a body, and what is above it. Raises ReferenceNotFound."""
    found = await upwards(tx, owner_id, id_)
    if not found:
        raise ReferenceNotFound("body", "parent_id")
    return found


async def check_room(tx: Transaction, owner_id: str, path: list[TreeRow], *, levels: int = 1, more: int = 1) -> None:
    """Raise TooDeep or TooMany if so many levels and tasks cannot be put below the first of the path that `upwards` found."""
    if len(path) + levels > MAX_LEVELS:
        raise TooDeep
    found = await tx.one(SIZE, owner_id=owner_id, this_id=path[-1]["id"])
    if found is None or 1 + found["number"] + more > MAX_TASKS:
        raise TooMany("subtasks")
