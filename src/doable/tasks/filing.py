"""Many tasks at once, when what they are filed under goes or moves: a slice at a time, each the work of one transaction.

A work answers whether there may be more to do. While there is, it is run again; when there is not, the list or the section
itself is written in the same transaction. Where nothing is said of how far it is, it is for all at once, and raises TooManyRows before
it writes what would be taken back. Every task that is written gets a revision of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, select

from doable.database import Statement, Transaction
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.errors import TooManyRows
from doable.owned.owners import advance
from doable.tasks import trees
from doable.tasks.order import IN_LIST, put_last
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import IS_OPEN, PLACE, TaskRow, tasks


@dataclass(slots=True)
class SoFar:
    """How far the parts of one long write have come, so that none reads again what others have been through.

    It is no more than where to look next: a transaction may be run again, and what it passes over then is found at the end.
    """

    sequence: int = 0


class TopRow(TaskRow):
    """The top of a tree, and the `sequence` of one that is directly below it."""

    child: int | None


class Tops(NamedTuple):
    """The tops of trees: those that are open by their places, along the index of a list, and all of them by their age."""

    open: Statement[TopRow]
    every: Statement[TopRow]


AFTER: Final = tasks.c.sequence > bindparam("after", type_=BigInteger())


def _tops(*where: ColumnElement[bool]) -> Tops:
    below = tasks.alias("below")
    # No EXISTS, which PostgreSQL may answer by reading all that is below anything.
    child = (
        select(below.c.sequence).where(below.c.owner_id == tasks.c.owner_id, below.c.parent_id == tasks.c.id).limit(1)
    )
    own = (tasks.c.owner_id == bindparam("owner_id"), tasks.c.parent_id.is_(None), *where)
    found = select(*tasks.c, child.scalar_subquery().label("child")).where(*own).limit(SLICE)
    return Tops(
        Statement[TopRow](found.where(IS_OPEN).order_by(PLACE, tasks.c.sequence)),
        Statement[TopRow](found.where(AFTER).order_by(tasks.c.sequence)),
    )


def _slice(*where: ColumnElement[bool]) -> Statement[TaskRow]:
    # No index has the completed tasks of a list: this reads all of the owner's. The tops of trees come first.
    own = select(*tasks.c).where(tasks.c.owner_id == bindparam("owner_id"), *where)
    return Statement[TaskRow](own.order_by(tasks.c.parent_id.is_not(None), PLACE, tasks.c.sequence).limit(SLICE))


IN_SECTION: Final = tasks.c.section_id == bindparam("section_id")
TOPS_OF_LIST: Final = _tops(IN_LIST)
TOPS_OF_SECTION: Final = _tops(IN_LIST, IN_SECTION)
OF_LIST: Final = _slice(tasks.c.list_id == bindparam("list_id"))
OF_SECTION: Final = Statement[TaskRow](
    select(*tasks.c)
    .where(tasks.c.owner_id == bindparam("owner_id"), IN_SECTION, AFTER)
    .order_by(tasks.c.sequence)
    .limit(SLICE)
)
ROOTS_OF_SECTION: Final = _slice(
    IN_SECTION, tasks.c.parent_id.is_(None), tasks.c.list_id != bindparam("list_id", type_=tasks.c.list_id.type)
)
LEFT_BEHIND: Final = _slice(IN_SECTION, tasks.c.list_id != bindparam("list_id", type_=tasks.c.list_id.type))


def move_to_inbox(repository: TaskRepository, list_id: str, so_far: SoFar | None = None) -> Work[bool]:
    """Put the tasks of a list at the end of the inbox, in their order and in no section."""

    async def work(tx: Transaction) -> bool:
        rows, has_more = await _of_list(tx, repository, list_id, so_far)
        await put_last(tx, repository, [(row, {"list_id": None, "section_id": None}) for row in rows])
        return has_more

    return work


def remove_all(repository: TaskRepository, list_id: str, so_far: SoFar | None = None) -> Work[bool]:
    """Remove the tasks of a list."""

    async def work(tx: Transaction) -> bool:
        rows, has_more = await _of_list(tx, repository, list_id, so_far)
        if rows:
            owner = await advance(tx, repository.owner_id, by=len(rows), tasks=-len(rows))
            await repository.bury(tx, rows, owner["revision"] - len(rows) + 1)
        return has_more

    return work


def clear_section(repository: TaskRepository, section_id: str, so_far: SoFar | None = None) -> Work[bool]:
    """Have the tasks of a section be in none."""

    async def work(tx: Transaction) -> bool:
        after = 0 if so_far is None else so_far.sequence
        rows = await _find(tx, repository, OF_SECTION, so_far, section_id=section_id, after=after)
        await repository.put_all(tx, [(row, {"section_id": None}) for row in rows])
        has_more = len(rows) == SLICE
        if so_far is not None:
            so_far.sequence = rows[-1]["sequence"] if has_more else 0
        return has_more

    return work


def take_along(
    repository: TaskRepository, section_id: str, list_id: str, to_list: str, so_far: SoFar | None = None
) -> Work[bool]:
    """Put the tasks of a section at the end of another list, in their order, with all that is below them.

    A subtask stays with its parent: where that is not in the section, the subtask is in no section from then on.
    """

    async def work(tx: Transaction) -> bool:
        here = {"section_id": section_id, "list_id": list_id}
        rows, has_more = await _of_section(tx, repository, here, to_list, so_far)
        in_it, beside_it = {"list_id": to_list}, {"list_id": to_list, "section_id": None}
        await put_last(tx, repository, [(row, in_it if row["section_id"] == section_id else beside_it) for row in rows])
        if has_more:
            return True
        left = await tx.all(LEFT_BEHIND, owner_id=repository.owner_id, section_id=section_id, list_id=to_list)
        if rows and len(rows) + len(left) > SLICE:
            return True
        await repository.put_all(tx, [(row, {"section_id": None}) for row in left])
        return len(left) == SLICE

    return work


async def _of_list(
    tx: Transaction, repository: TaskRepository, list_id: str, so_far: SoFar | None
) -> tuple[list[TaskRow], bool]:
    """Tasks of the list, and whether there are more: all of it, or whole trees, so that none is torn apart if it ends there."""
    if so_far and (some := await _some(tx, repository, TOPS_OF_LIST, so_far, list_id=list_id)):
        return some, True
    rows = await _find(tx, repository, OF_LIST, so_far, list_id=list_id)
    if len(rows) < SLICE:
        return rows, False
    # Without one, these are subtasks whose parents are gone: only a restored database has any.
    roots = [row for row in rows if row["parent_id"] is None]
    return (await _trees(tx, repository, roots))[0] if roots else rows, True


async def _of_section(
    tx: Transaction, repository: TaskRepository, here: Mapping[str, str], to_list: str, so_far: SoFar | None
) -> tuple[list[TaskRow], bool]:
    """The same of a section that is going to another list: trees whose tops are in it."""
    if so_far and (some := await _some(tx, repository, TOPS_OF_SECTION, so_far, **here)):
        return some, True
    roots = await _find(tx, repository, ROOTS_OF_SECTION, so_far, section_id=here["section_id"], list_id=to_list)
    rows, has_more = await _trees(tx, repository, roots)
    if so_far is None and has_more:
        raise TooManyRows
    return rows, has_more


async def _some(
    tx: Transaction, repository: TaskRepository, tops: Tops, so_far: SoFar, **parameters: str
) -> list[TaskRow]:
    """Whole trees, as many as a transaction writes: the open ones first. None once there may be no more of them."""
    await advance(tx, repository.owner_id, by=0)
    roots = await tx.all(tops.open, owner_id=repository.owner_id, **parameters)
    if roots:
        return (await _trees(tx, repository, roots))[0]
    roots = await tx.all(tops.every, owner_id=repository.owner_id, after=so_far.sequence, **parameters)
    rows, _ = await _trees(tx, repository, roots)
    so_far.sequence = max((row["sequence"] for row in rows if row["parent_id"] is None), default=0)
    return rows


async def _trees(tx: Transaction, repository: TaskRepository, roots: Sequence[TaskRow]) -> tuple[list[TaskRow], bool]:
    """The first of these with all that is below them, as many as a transaction writes; and whether there may be more."""
    rows: list[TaskRow] = []
    for root in roots:
        is_alone = root.get("child", "") is None
        tree = [root, *([] if is_alone else await trees.below(tx, repository.owner_id, root["id"]))]
        if rows and len(rows) + len(tree) > SLICE:
            return rows, True
        rows += tree
    return rows, len(roots) == SLICE


async def _find(
    tx: Transaction, repository: TaskRepository, statement: Statement[TaskRow], so_far: SoFar | None, **parameters: Any
) -> list[TaskRow]:
    # The owner's row is taken before anything is read, so that nothing comes in between.
    await advance(tx, repository.owner_id, by=0)
    rows = await tx.all(statement, owner_id=repository.owner_id, **parameters)
    if so_far is None and len(rows) == SLICE:
        raise TooManyRows
    return rows
