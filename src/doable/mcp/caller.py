"""Who calls a tool, and what its answer is told with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from doable.database import Database, Row, Transaction
from doable.errors import Invalid
from doable.mcp import dates
from doable.owned.limits import Limits
from doable.tasks.asking import present
from doable.tasks.listing import INBOX
from doable.tasks.moments import Present
from doable.tasks.quick.adding import LISTS, SECTIONS
from doable.tasks.repository import TaskRepository
from doable.tasks.tag_names import key_of

SHORT: Final = 120
"""How many characters of a description are told of a task among others."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One owner, by whoever may act for them."""

    database: Database
    owner_id: str
    limits: Limits
    max_kept_bytes: int
    may_go_on: Callable[[], bool]

    @property
    def tasks(self) -> TaskRepository:
        """The owner's tasks."""
        return TaskRepository(self.database, self.owner_id, self.limits)

    async def surroundings(self) -> "Surroundings":
        """The owner's, in a read of their own."""
        return await self.database.read(lambda tx: surroundings(tx, self.owner_id))


class Surroundings(NamedTuple):
    """The day and the zone of the owner, and the names of lists and sections."""

    here: Present
    lists: Sequence[Row]
    sections: Sequence[Row]

    def list_id(self, said: str, *where: str) -> str | None:
        """The list of this name or id; None is the inbox. Raises Invalid if there is none, or more than one of that name."""
        if said.strip().lower() == INBOX:
            return None
        return _found(said, self.lists, "list", where)

    def section_id(self, said: str, list_id: str | None, *where: str) -> str:
        """The section of that list, likewise."""
        return _found(said, [each for each in self.sections if each["list_id"] == list_id], "section", where)

    def told(self, task: Mapping[str, Any], *, whole: bool = False) -> Row:
        """A task as a model reads it. What it has not is left out."""
        name_of = {each["id"]: each["name"] for each in (*self.lists, *self.sections)}
        told: Row = {"id": task["id"], "title": task["title"]}
        for name in ("due", "start"):
            if task[name] is not None:
                told[name], told[f"{name}_text"] = dates.told(task[name], self.here)
        told |= {
            "repeat": task["recurrence"] and task["recurrence"]["rule"],
            "priority": None if task["priority"] == "none" else task["priority"],
            "tags": task["tags"] or None,
            "list": name_of.get(task["list_id"]) if task["list_id"] else INBOX,
            "section": name_of.get(task["section_id"]),
            "parent": task["parent_id"],
            "completed": task["is_completed"],
            "cancelled": task["is_cancelled"] or None,
            "next": task["next_id"],
            "revision": task["revision"],
        }
        text = task["description"]
        if not whole:
            told["description"] = text and text[:SHORT]
            told["truncated"] = (text is not None and len(text) > SHORT) or None
        else:
            told |= {
                "description": text,
                "list_id": task["list_id"],
                "completed_at": task["completed_at"],
                "created_at": task["created_at"],
                "estimate_minutes": task["estimate_minutes"],
                "url": task["url"],
                "reminders": [
                    each["remind_at"] or each["at"] or f"{each['offset']} from {each['relative_to']}"
                    for each in task["reminders"]
                ]
                or None,
            }
        return {name: value for name, value in told.items() if value is not None}


async def surroundings(tx: Transaction, owner_id: str) -> Surroundings:
    """Those of the owner."""
    return Surroundings(
        await present(tx, owner_id),
        await tx.all(LISTS, owner_id=owner_id),
        await tx.all(SECTIONS, owner_id=owner_id),
    )


def _found(said: str, among: Sequence[Row], what: str, where: tuple[str, ...]) -> str:
    try:
        ids = [each["id"] for each in among if each["id"] == str(UUID(said))]
    except ValueError:
        key = key_of(said.strip())
        ids = [each["id"] for each in among if key_of(each["name"]) == key]
    if len(ids) == 1:
        return str(ids[0])
    if ids:
        message = f"{len(ids)} {what}s have this name: send the id of the one that is meant, of {', '.join(ids[:10])}"
    else:
        message = f"there is no such {what}"
    raise Invalid(message, where=("body", *where))
