"""The registration of tasks."""

from typing import Final

from doable.errors import TooDeep, UseMove
from doable.owned.kind import Kind, Operation
from doable.tasks.repository import TaskRepository
from doable.tasks.schemas import TaskCreate, TaskPatch, TaskRead
from doable.tasks.tag_names import SomeTagNames

TASK: Final = Kind(
    repository=TaskRepository,
    read=TaskRead,
    version=TaskRead.version,
    create=TaskCreate,
    change=TaskPatch,
    scopes=("tasks:read", "tasks:write"),
    refusals=(UseMove, TooDeep),
    operations={
        "complete": Operation(
            "Complete a task.", lambda tasks, id_, _, expected: tasks.complete(id_, state=True, expected=expected)
        ),
        "reopen": Operation(
            "Reopen a task.", lambda tasks, id_, _, expected: tasks.complete(id_, state=False, expected=expected)
        ),
        "tag": Operation(
            "Add tags to a task.",
            lambda tasks, id_, members, expected: tasks.tag(id_, members["tags"], expected=expected),
            {"tags": (SomeTagNames, ...)},
        ),
        "untag": Operation(
            "Take tags away from a task.",
            lambda tasks, id_, members, expected: tasks.untag(id_, members["tags"], expected=expected),
            {"tags": (SomeTagNames, ...)},
        ),
    },
)
