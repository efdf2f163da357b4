"""The list, the section and the parent that a task names by their ids."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, select

from doable.database import Statement, Transaction
from doable.errors import NotInList, ReferenceNotFound, UseMove
from doable.tasks import trees
from doable.tasks.filed_under import lists, sections
from doable.tasks.tables import TaskRow

FILED_BY: Final = ("list_id", "section_id", "parent_id")

KINDS: Final = {"list_id": "list", "section_id": "section", "parent_id": "task", "before": "task", "after": "task"}
"""The kinds of what the bodies about tasks name."""

LIST: Final = Statement(
    select(lists.c.id).where(lists.c.owner_id == bindparam("owner_id"), lists.c.id == bindparam("this_id"))
)
SECTION: Final = Statement(
    select(sections.c.list_id).where(
        sections.c.owner_id == bindparam("owner_id"), sections.c.id == bindparam("this_id")
    )
)


def ids(members: Mapping[str, Any]) -> Mapping[str, str | None]:
    """The ids that a body has, as they are stored."""
    return {name: None if members[name] is None else str(members[name]) for name in FILED_BY if name in members}


def as_stored(old: TaskRow | None, members: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an input with these ids as they are stored. Raises UseMove if they would change a task's."""
    named = ids(members)
    if old is None:
        return {**members, **named}
    for name, id_ in named.items():
        if id_ != old[name]:  # type: ignore[literal-required] # one of the three
            raise UseMove(where=("body", name))
    return {name: value for name, value in members.items() if name not in named}


async def resolve(tx: Transaction, owner_id: str, columns: Mapping[str, Any]) -> Mapping[str, Any]:
    """The columns of a new task, with its parent's list. Raises ReferenceNotFound, NotInList, TooDeep or TooMany."""
    list_id, section_id, parent_id = (columns.get(name) for name in FILED_BY)
    if parent_id is not None:
        path = await trees.find_parent(tx, owner_id, parent_id)
        if list_id not in {None, path[0]["list_id"]}:
            await check_list(tx, owner_id, list_id, parent=path[0])
        list_id = path[0]["list_id"]
        await trees.check_room(tx, owner_id, path)
    elif list_id is not None:
        await check_list(tx, owner_id, list_id)
    if section_id is not None:
        await check_section(tx, owner_id, section_id, list_id)
    return {**columns, "list_id": list_id}


async def check_list(tx: Transaction, owner_id: str, list_id: str | None, parent: TaskRow | None = None) -> None:
    """Raise ReferenceNotFound if there is no such list (null is the inbox), NotInList if the parent is in another."""
    if list_id is not None and not await tx.one(LIST, owner_id=owner_id, this_id=list_id):
        raise ReferenceNotFound("body", "list_id")
    if parent is not None and parent["list_id"] != list_id:
        raise NotInList("a subtask is in the list of its parent", where=("body", "list_id"))


async def check_section(tx: Transaction, owner_id: str, section_id: str, list_id: str | None) -> None:
    """Raise ReferenceNotFound if there is no such section, NotInList if it is one of another list."""
    section = await tx.one(SECTION, owner_id=owner_id, this_id=section_id)
    if section is None:
        raise ReferenceNotFound("body", "section_id")
    if section["list_id"] != list_id:
        raise NotInList("this is a section of another list", where=("body", "section_id"))
