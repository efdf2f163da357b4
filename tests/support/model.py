"""What must be true of one user's tasks, whatever is done to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from support.changes import Change, Copy

Task = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One write. `expected` are the revisions of which the task must be at one; None where any will do."""

    kind: Literal["create", "update", "delete"]
    id: str | None = None
    task: Task = field(default_factory=dict)
    expected: frozenset[int] | None = None

    def refusal(self, revisions: dict[str, int], elsewhere: set[str]) -> str | None:
        """The code of its error where the user's tasks are at these revisions, and others are somebody else's."""
        if self.id is None:
            return None
        if self.id in elsewhere:
            return "forbidden"
        if self.kind == "create":
            return "precondition_failed" if self.id in revisions else None
        if self.id not in revisions:
            return "task_not_found"
        return None if self.expected is None or revisions[self.id] in self.expected else "precondition_failed"


@dataclass
class Model:
    """One user's tasks, the oldest first, and everything that the feed must know of them."""

    user_id: str
    tasks: dict[str, Task] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    revision: int = 0
    copies: dict[int, Copy] = field(default_factory=lambda: {0: {}})
    """The tasks as they were at each revision."""

    def foretell(
        self, operations: Sequence[Operation], elsewhere: set[str]
    ) -> tuple[dict[str, int], tuple[int, str] | None]:
        """The revisions of the tasks after these operations, and index and error of the first that is refused."""
        revisions = {task_id: task["revision"] for task_id, task in self.tasks.items()}
        for index, operation in enumerate(operations):
            code = operation.refusal(revisions, elsewhere)
            if code is not None:
                return revisions, (index, code)
            if operation.id is not None:
                revisions.pop(operation.id, None)
                if operation.kind != "delete":
                    revisions[operation.id] = self.revision + index + 1
        return revisions, None

    def perform(self, operation: Operation, *, new_id: str, now: str) -> Task | None:
        """The task as it must be after this operation; None where it was deleted.

        The instant is the server's to say, and so is the id that the client did not choose.
        """
        self.revision += 1
        task_id = operation.id or new_id
        if operation.kind == "delete":
            del self.tasks[task_id]
            self.deleted[task_id] = self.revision
        else:
            self.tasks[task_id] = self._changed(operation, task_id, now)
            self.deleted.pop(task_id, None)
        self.copies[self.revision] = dict(self.tasks)
        return self.tasks.get(task_id)

    def changes(self, since: int) -> list[Change]:
        """What the feed must say."""
        found: list[tuple[int, str, Task | None]] = [
            (task["revision"], task_id, task) for task_id, task in self.tasks.items()
        ]
        found += [(revision, task_id, None) for task_id, revision in self.deleted.items()]
        return [
            {"revision": revision, "kind": "task", "id": task_id, "deleted": task is None, "task": task}
            for revision, task_id, task in sorted(found, key=lambda change: change[0])
            if revision > since
        ]

    def _changed(self, operation: Operation, task_id: str, now: str) -> Task:
        if operation.kind == "create":
            assert task_id not in self.tasks
            before: Task = {"description": None, "is_completed": False, "completed_at": None}
            before |= {"id": task_id, "user_id": self.user_id, "created_at": now}
        else:
            before = self.tasks[task_id]
            assert now != before["updated_at"], "Every change moves it."
        task = {**before, **operation.task, "updated_at": now, "revision": self.revision}
        task["title"] = task["title"].strip()
        task["completed_at"] = (before["completed_at"] or now) if task["is_completed"] else None
        return task
