"""Tasks that have all of their fields, as Doable takes them and as a collection of PocketBase does.

Both check what a task is filed under. Doable computes what follows from the rest, as the instant of a time in a zone and the
position; to PocketBase the client has to say it.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.workload import TASKS_EACH

LIST: Final = "Groceries"
SECTION: Final = "Dairy"
TAGS: Final = ["errand", "shop"]
ZONE: Final = "Europe/Berlin"
URL: Final = "https://shop.example.com/products/oat-milk"
ESTIMATE: Final = 30
PRIORITIES: Final = {"low": 9, "medium": 5, "high": 1}
"""As they are sent, and as RFC 5545 has them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one user's tasks are filed, by ids. With no list its tasks are plain: a title and a description."""

    list_id: str = ""
    section_id: str = ""
    tasks: list[str] = field(default_factory=list)
    """The oldest first; they may still be growing."""

    def parent_id(self, number: int) -> str | None:
        """Every second task is a subtask, of the one before it; new ones have the same parents in turn."""
        return self.tasks[(number - 1) % TASKS_EACH] if number % 2 else None

    def to_doable(self, number: int) -> dict[str, Any]:
        """What Doable is sent besides title and description."""
        if not self.list_id:
            return {}
        return {
            "list_id": self.list_id,
            "section_id": self.section_id,
            "parent_id": self.parent_id(number),
            "priority": _priority(number),
            "tags": TAGS,
            "due": {"date": _day(number), "time": "18:00:00", "timezone": ZONE},
            "start": {"date": _day(number), "time": "08:00:00", "timezone": ZONE},
            "estimate_minutes": ESTIMATE,
            "url": URL,
        }

    def to_pocketbase(self, number: int) -> dict[str, Any]:
        """The same for PocketBase, which has an empty text in place of null."""
        if not self.list_id:
            return {}
        day = _day(number)
        return {
            "list": self.list_id,
            "section": self.section_id,
            "parent": self.parent_id(number) or "",
            "position": f"{number:012}",
            "priority": PRIORITIES[_priority(number)],
            "tags": TAGS,
            "due_local": f"{day}T18:00:00",
            "due_timezone": ZONE,
            # The days are in winter.
            "due_at": f"{day} 17:00:00.000Z",
            "start_local": f"{day}T08:00:00",
            "start_timezone": ZONE,
            "start_at": f"{day} 07:00:00.000Z",
            "estimate_minutes": ESTIMATE,
            "url": URL,
        }


def _priority(number: int) -> str:
    return list(PRIORITIES)[number % 3]


def _day(number: int) -> str:
    return f"2027-01-{1 + number % 28:02}"


def fields(lists: str, sections: str) -> list[dict[str, Any]]:
    """The fields of PocketBase's collection besides the plain ones, but the parent: that collection must be there first."""
    return [
        {"name": "completed_at", "type": "date"},
        {"name": "is_cancelled", "type": "bool"},
        relation("list", lists),
        relation("section", sections),
        {"name": "position", "type": "text"},
        {"name": "priority", "type": "number", "onlyInt": True},
        {"name": "tags", "type": "json"},
        *(
            {"name": f"{name}_{part}", "type": type_}
            for name in ("due", "start")
            for part, type_ in {"local": "text", "timezone": "text", "at": "date"}.items()
        ),
        {"name": "estimate_minutes", "type": "number", "onlyInt": True},
        {"name": "url", "type": "url"},
    ]


def relation(name: str, collection: str) -> dict[str, Any]:
    """A field with the id of one record of that collection, or none."""
    return {"name": name, "type": "relation", "collectionId": collection, "maxSelect": 1}


OWN: Final = (
    '(list = "" || list.owner = @request.auth.id)'
    ' && (section = "" || section.list = list)'
    ' && (parent = "" || parent.owner = @request.auth.id && parent.list = list)'
)
"""The rule for new tasks beside that of the owner: nobody files a task under what is somebody else's, or in another list."""

_OPEN: Final = "WHERE completed = FALSE"
INDEXES: Final = [
    # The order of changes, for which Doable has the revision.
    "CREATE INDEX idx_tasks_owner_updated ON tasks (owner, updated)",
    f"CREATE INDEX idx_tasks_place ON tasks (owner, list, position, created) {_OPEN}",
    f"CREATE INDEX idx_tasks_due_local ON tasks (owner, due_local, created) {_OPEN} AND due_local != '' AND due_at = ''",
    f"CREATE INDEX idx_tasks_due_at ON tasks (owner, due_at, created) {_OPEN} AND due_at != ''",
    f"CREATE INDEX idx_tasks_priority ON tasks (owner, priority, created DESC) {_OPEN} AND priority > 0",
    "CREATE INDEX idx_tasks_parent ON tasks (owner, parent, position) WHERE parent != ''",
    "CREATE INDEX idx_tasks_completed ON tasks (owner, completed_at, created) WHERE completed_at != ''",
]
"""Those of Doable's tasks that the plain collection lacks."""
