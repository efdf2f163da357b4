"""What must be true of one user's things, whatever is done to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from doable.database.types import instant_to_text
from support.changes import Change

Thing = dict[str, Any]
Key = tuple[str, str]
"""Of which kind, and its id."""


@dataclass(frozen=True)
class Operation:
    """One write. `expected` are the revisions of which the thing must be at one; None where any will do."""

    op: Literal["create", "update", "move", "delete"]
    id: str | None = None
    thing: Thing = field(default_factory=dict)
    expected: frozenset[int] | None = None
    of: str = "task"

    def refusal(self, revisions: dict[Key, int], elsewhere: set[str]) -> str | None:
        """The code of its error where the user's things are at these revisions, and these tasks are somebody else's."""
        if self.id is None:
            return None
        if self.of == "task" and self.id in elsewhere:
            return "forbidden"
        key = self.of, self.id
        if self.op == "create":
            return "precondition_failed" if key in revisions else None
        if key not in revisions:
            return f"{self.of}_not_found"
        return None if self.expected is None or revisions[key] in self.expected else "precondition_failed"


DEFAULTS: dict[str, Thing] = {
    "task": {
        "description": None,
        "is_completed": False,
        "completed_at": None,
        "list_id": None,
        "section_id": None,
        "parent_id": None,
        "priority": "none",
        "tags": [],
        "due": None,
        "start": None,
        "estimate_minutes": None,
        "url": None,
        "reminders": [],
        "is_cancelled": False,
        "recurrence": None,
        "series_id": None,
        "next_id": None,
    },
    "list": {"color": None, "group": None, "is_archived": False},
    "filter": {"sort": None, "color": None},
}
"""What a new thing is besides what was said of it."""


WHOLE: Thing = {"time": None, "timezone": None}
"""What a date has besides, where all of it is said."""


def merged(before: Thing | None, changes: Thing | None) -> Thing | None:
    """A date, a time, or an instant in a zone after a merge patch."""
    if changes is None:
        return None
    moment = {**WHOLE, **(before or {}), **changes, "at": None}
    if moment["time"] is None:
        moment["timezone"] = None
    if moment["timezone"] is not None:
        local = datetime.fromisoformat(f"{moment['date']}T{moment['time']}")
        moment["at"] = instant_to_text(local.replace(tzinfo=ZoneInfo(moment["timezone"])))
    return moment


@dataclass
class Model:
    """One user's things, the oldest first, and everything that the feed must know of them."""

    user_id: str
    things: dict[Key, Thing] = field(default_factory=dict)
    deleted: dict[Key, int] = field(default_factory=dict)
    revision: int = 0
    copies: dict[int, dict[Key, Thing]] = field(default_factory=lambda: {0: {}})
    """The things as they were at each revision."""
    order: list[str] = field(default_factory=list)
    """The ids of the lists, as they stand."""

    def of(self, kind: str) -> dict[str, Thing]:
        """The things of a kind by their ids."""
        return {id_: thing for (name, id_), thing in self.things.items() if name == kind}

    def deleted_of(self, kind: str) -> dict[str, int]:
        """The revisions at which things of a kind were deleted, by their ids."""
        return {id_: revision for (name, id_), revision in self.deleted.items() if name == kind}

    @property
    def tasks(self) -> dict[str, Thing]:
        return self.of("task")

    def foretell(
        self, operations: Sequence[Operation], elsewhere: set[str]
    ) -> tuple[dict[Key, int], tuple[int, str] | None]:
        """The revisions of the things after these operations, and index and error of the first that is refused."""
        revisions = {key: thing["revision"] for key, thing in self.things.items()}
        for index, operation in enumerate(operations):
            code = operation.refusal(revisions, elsewhere)
            if code is not None:
                return revisions, (index, code)
            if operation.id is not None:
                revisions.pop((operation.of, operation.id), None)
                if operation.op != "delete":
                    revisions[operation.of, operation.id] = self.revision + index + 1
        return revisions, None

    def perform(self, operation: Operation, said: Thing) -> Thing | None:
        """The thing as it must be after this operation; None where it was deleted.

        Some of it is the server's to say: the instant, the id that the client did not choose, the key of a place.
        """
        self.revision += 1
        id_ = operation.id or said["id"]
        key = operation.of, id_
        if operation.op == "delete":
            del self.things[key]
            self.deleted[key] = self.revision
        else:
            self.things[key] = self._changed(operation, id_, said)
            self.deleted.pop(key, None)
        if operation.of == "list":
            self._arrange(operation, id_)
        self.copies[self.revision] = dict(self.things)
        return self.things.get(key)

    def take(self, told: Sequence[Change], expected: dict[Key, Thing | None]) -> None:
        """Take over a write of several things, which the feed has told: it must have changed what is expected, and no more.

        Each is at a revision of its own. Where a member is expected to be `...`, the server says what it is.
        """
        assert {(change["kind"], change["id"]) for change in told} == set(expected)
        for change in told:
            self.revision += 1
            assert change["revision"] == self.revision
            key = change["kind"], change["id"]
            members = expected[key]
            assert change["deleted"] == (members is None)
            if members is None:
                del self.things[key]
                self.deleted[key] = self.revision
            else:
                thing, before = change[key[0]], self.things.get(key, {})
                said = {name: thing[name] if value is ... else value for name, value in members.items()}
                assert thing["updated_at"] > before.get("updated_at", "")
                said |= {"updated_at": thing["updated_at"], "revision": self.revision}
                assert thing == {**before, **said}
                self.things[key] = thing
                self.deleted.pop(key, None)
            self.copies[self.revision] = dict(self.things)

    def changes(self, since: int, kinds: Sequence[str] = ("task",)) -> list[Change]:
        """What the feed must say of these kinds."""
        found: list[tuple[int, Key, Thing | None]] = [
            (thing["revision"], key, thing) for key, thing in self.things.items()
        ]
        found += [(revision, key, None) for key, revision in self.deleted.items()]
        return [
            {"revision": revision, "kind": kind, "id": id_, "deleted": thing is None, kind: thing}
            for revision, (kind, id_), thing in sorted(found, key=lambda change: change[0])
            if revision > since and kind in kinds
        ]

    def _changed(self, operation: Operation, id_: str, said: Thing) -> Thing:
        now = said["updated_at"]
        if operation.op == "create":
            assert (operation.of, id_) not in self.things
            before = {**DEFAULTS[operation.of], "id": id_, "user_id": self.user_id, "created_at": now}
            before["position"] = f"{self.revision:012}"
        else:
            before = self.things[operation.of, id_]
            assert now > before["updated_at"], "Every change moves it, and none back."
        changes = operation.thing if operation.op != "move" else {"position": said["position"]}
        thing = {**before, **changes, "updated_at": now, "revision": self.revision}
        for name in ("title", "name", "group"):
            if thing.get(name) is not None:
                thing[name] = thing[name].strip()
        if operation.of == "task":
            for name in ("due", "start"):
                thing[name] = merged(before[name], changes[name]) if name in changes else before[name]
            thing["is_completed"] = thing["is_completed"] or changes.get("is_cancelled", False)
            thing["is_cancelled"] = thing["is_cancelled"] and thing["is_completed"]
            thing["completed_at"] = (before["completed_at"] or now) if thing["is_completed"] else None
        return thing

    def _arrange(self, operation: Operation, id_: str) -> None:
        if operation.op == "create":
            self.order.append(id_)
        if operation.op in {"delete", "move"}:
            self.order.remove(id_)
        if operation.op == "move":
            ((name, where),) = operation.thing.items()
            places = {"first": 0, "last": len(self.order)}
            index = places[where] if name == "place" else self.order.index(where) + (name == "after")
            self.order.insert(index, id_)
