"""Moving a task: to another place among its siblings, below another parent, into another list or section."""

from collections.abc import Mapping
from typing import Any

from doable.database import Row, Transaction
from doable.database.protocol import Work
from doable.errors import Circle, NotASibling, ReferenceNotFound
from doable.owned.owners import advance
from doable.owned.positions import first, last
from doable.owned.repository import Revisions
from doable.tasks import order, references, trees
from doable.tasks.order import Place
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import TaskRow


def move(
    repository: TaskRepository, task_id: str, to: Mapping[str, Any], *, expected: Revisions | None = None
) -> Work[Row]:
    """Move the task to where the members of a `TaskMove` that are there say.

    What is below it goes along: if the list is another one, to that list's end, in no section. Raises what the contract
    says of each member.
    """

    async def work(tx: Transaction) -> Row:
        owner = await advance(tx, repository.owner_id)
        revision = owner["revision"]
        old = await repository.take(tx, task_id, expected)
        filed = await _file(tx, old, to)
        new: TaskRow = {**old, **filed}  # type: ignore[typeddict-item] # the three columns
        place = await _place(tx, old, new, to, revision)
        position = {} if place is None else {"position": place.position}
        written = await repository.put(tx, old, {**filed, **position}, owner)
        await repository.put_all(tx, [] if place is None else place.moved)
        if new["list_id"] != old["list_id"]:
            along = {"list_id": new["list_id"], "section_id": None}
            below = await trees.below(tx, repository.owner_id, task_id)
            await order.put_last(tx, repository, [(row, along) for row in below])
        return written

    return work


async def _file(tx: Transaction, old: TaskRow, to: Mapping[str, Any]) -> Mapping[str, str | None]:
    """Its list, section and parent after the move."""
    owner_id = old["owner_id"]
    filed = references.ids(to)
    list_id, parent_id = filed.get("list_id", old["list_id"]), filed.get("parent_id", old["parent_id"])
    parent: TaskRow | None = None
    if parent_id is not None and "parent_id" in filed:
        parent = await _new_parent(tx, old, parent_id)
        list_id = filed.get("list_id", parent["list_id"])
    elif parent_id is not None:
        parent = old  # whose list is that of its parent
    if "list_id" in filed:
        await references.check_list(tx, owner_id, list_id, parent)
    section_id = filed.get("section_id", old["section_id"] if list_id == old["list_id"] else None)
    if section_id is not None and "section_id" in filed:
        await references.check_section(tx, owner_id, section_id, list_id)
    return {"list_id": list_id, "section_id": section_id, "parent_id": parent_id}


async def _new_parent(tx: Transaction, old: TaskRow, parent_id: str) -> TaskRow:
    path = await trees.find_parent(tx, old["owner_id"], parent_id)
    if any(row["id"] == old["id"] for row in path):
        raise Circle
    if parent_id != old["parent_id"]:
        below = await trees.below(tx, old["owner_id"], old["id"])
        levels = 1 + max((row["level"] for row in below), default=0)
        above = await trees.upwards(tx, old["owner_id"], old["id"])
        more = 0 if above[-1]["id"] == path[-1]["id"] else 1 + len(below)
        await trees.check_room(tx, old["owner_id"], path, levels=levels, more=more)
    return path[0]


async def _place(tx: Transaction, old: TaskRow, new: TaskRow, to: Mapping[str, Any], revision: int) -> Place | None:
    """Where it comes to stand; None if that is where it is."""
    for name in ("before", "after"):
        if to.get(name) is not None:
            row = TaskRepository.statements.row
            neighbour = await tx.one(row, this_owner=old["owner_id"], this_id=str(to[name]))
            if neighbour is None:
                raise ReferenceNotFound("body", name)
            if neighbour["id"] == old["id"] or _among(neighbour) != _among(new):
                raise NotASibling(where=("body", name))
            return await order.beside(tx, old, new["list_id"], neighbour, behind=name == "after", revision=revision)
    if to.get("place") == "first":
        return Place(first(revision), [])
    if to.get("place") == "last" or _among(new) != _among(old):
        return Place(last(revision), [])
    return None


def _among(row: TaskRow) -> tuple[str | None, str | None]:
    """What siblings have in common."""
    return row["list_id"], row["parent_id"]
