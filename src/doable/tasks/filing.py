"""Many tasks at once, when what they are filed under goes or moves: a slice at a time, each the work of one transaction.

A work answers whether there may be more to do. While there is, it is run again; when there is not, the list or the section
itself is written in the same transaction. As a `whole`, it raises TooManyRows before it writes what would be taken back. Every
task that is written gets a revision of its own.
"""

from typing import Final

from sqlalchemy import ColumnElement, bindparam, select

from doable.database import Statement, Transaction
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.errors import TooManyRows
from doable.owned.owners import advance
from doable.tasks import trees
from doable.tasks.order import put_last
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import PLACE, TaskRow, tasks


def _slice(*where: ColumnElement[bool]) -> Statement[TaskRow]:
    # No index has the completed tasks of a list: this reads all of the owner's. The tops of trees come first.
    own = select(*tasks.c).where(tasks.c.owner_id == bindparam("owner_id"), *where)
    return Statement[TaskRow](own.order_by(tasks.c.parent_id.is_not(None), PLACE, tasks.c.sequence).limit(SLICE))


IN_SECTION: Final = tasks.c.section_id == bindparam("section_id")
OF_LIST: Final = _slice(tasks.c.list_id == bindparam("list_id"))
OF_SECTION: Final = _slice(IN_SECTION)
ROOTS_OF_SECTION: Final = _slice(
    IN_SECTION, tasks.c.parent_id.is_(None), tasks.c.list_id != bindparam("list_id", type_=tasks.c.list_id.type)
)
LEFT_BEHIND: Final = _slice(IN_SECTION, tasks.c.list_id != bindparam("list_id", type_=tasks.c.list_id.type))


def move_to_inbox(repository: TaskRepository, list_id: str, *, whole: bool) -> Work[bool]:
    """Put the tasks of a list at the end of the inbox, in their order and in no section."""

    async def work(tx: Transaction) -> bool:
        rows, has_more = await _of_list(tx, repository, list_id, whole=whole)
        await put_last(tx, repository, [(row, {"list_id": None, "section_id": None}) for row in rows])
        return has_more

    return work


def remove_all(repository: TaskRepository, list_id: str, *, whole: bool) -> Work[bool]:
    """Remove the tasks of a list."""

    async def work(tx: Transaction) -> bool:
        rows, has_more = await _of_list(tx, repository, list_id, whole=whole)
        if rows:
            owner = await advance(tx, repository.owner_id, by=len(rows), tasks=-len(rows))
            await repository.bury(tx, rows, owner["revision"] - len(rows) + 1)
        return has_more

    return work


def clear_section(repository: TaskRepository, section_id: str, *, whole: bool) -> Work[bool]:
    """Have the tasks of a section be in none."""

    async def work(tx: Transaction) -> bool:
        rows = await _find(tx, repository, OF_SECTION, whole=whole, section_id=section_id)
        await repository.put_all(tx, [(row, {"section_id": None}) for row in rows])
        return len(rows) == SLICE

    return work


def take_along(repository: TaskRepository, section_id: str, list_id: str, *, whole: bool) -> Work[bool]:
    """Put the tasks of a section at the end of another list, in their order, with all that is below them.

    A subtask stays with its parent: where that is not in the section, the subtask is in no section from then on.
    """

    async def work(tx: Transaction) -> bool:
        roots = await _find(tx, repository, ROOTS_OF_SECTION, whole=whole, section_id=section_id, list_id=list_id)
        rows, has_more = await _trees(tx, repository, roots)
        if whole and has_more:
            raise TooManyRows
        in_it, beside_it = {"list_id": list_id}, {"list_id": list_id, "section_id": None}
        await put_last(tx, repository, [(row, in_it if row["section_id"] == section_id else beside_it) for row in rows])
        if has_more:
            return True
        left = await tx.all(LEFT_BEHIND, owner_id=repository.owner_id, section_id=section_id, list_id=list_id)
        if rows and len(rows) + len(left) > SLICE:
            return True
        await repository.put_all(tx, [(row, {"section_id": None}) for row in left])
        return len(left) == SLICE

    return work


async def _of_list(
    tx: Transaction, repository: TaskRepository, list_id: str, *, whole: bool
) -> tuple[list[TaskRow], bool]:
    """Tasks of the list, and whether there are more: all of it, or whole trees, so that none is torn apart if it ends there."""
    rows = await _find(tx, repository, OF_LIST, whole=whole, list_id=list_id)
    if len(rows) < SLICE:
        return rows, False
    # Without one, these are subtasks whose parents are gone: only a restored database has any.
    roots = [row for row in rows if row["parent_id"] is None]
    return (await _trees(tx, repository, roots))[0] if roots else rows, True


async def _trees(tx: Transaction, repository: TaskRepository, roots: list[TaskRow]) -> tuple[list[TaskRow], bool]:
    """The first of these with all that is below them, as many as a transaction writes; and whether there may be more."""
    rows: list[TaskRow] = []
    for root in roots:
        tree = [root, *await trees.below(tx, repository.owner_id, root["id"])]
        if rows and len(rows) + len(tree) > SLICE:
            return rows, True
        rows += tree
    return rows, len(roots) == SLICE


async def _find(
    tx: Transaction, repository: TaskRepository, statement: Statement[TaskRow], *, whole: bool, **parameters: str
) -> list[TaskRow]:
    # The owner's row is taken before anything is read, so that nothing comes in between.
    await advance(tx, repository.owner_id, by=0)
    rows = await tx.all(statement, owner_id=repository.owner_id, **parameters)
    if whole and len(rows) == SLICE:
        raise TooManyRows
    return rows
