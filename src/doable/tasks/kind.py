"""The registration of tasks."""

from typing import Any, Final

from pydantic import Field
from sqlalchemy import ColumnElement

from doable.errors import (
    Circle,
    NoNextOccurrence,
    NotASibling,
    NotRecurring,
    OccurrencePassed,
    RecurrenceNever,
    RecurrenceUnsupported,
    TaskCompleted,
    TooDeep,
    UseMove,
)
from doable.owned.kind import Kind, Operation
from doable.tasks.fields import LocalDate
from doable.tasks.moving import move
from doable.tasks.repository import TaskRepository
from doable.tasks.schemas import SubtasksOfComplete, TaskCreate, TaskMove, TaskPatch, TaskRead
from doable.tasks.tag_names import SomeTagNames


def _of_caldav(**members: tuple[type, str, Any]) -> dict[str, tuple[ColumnElement[Any], Any]]:
    """What an export tells of a task that only CalDAV's clients know."""
    columns = TaskRepository.table.c
    return {
        name: (columns[name], (of | None, Field(description=description, examples=[example])))
        for name, (of, description, example) in members.items()
    }


TASK: Final = Kind(
    repository=TaskRepository,
    read=TaskRead,
    create=TaskCreate,
    change=TaskPatch,
    scopes=("tasks:read", "tasks:write"),
    exported={
        "ical_priority": (
            TaskRepository.table.c.priority,
            (int, Field(description="The priority as iCalendar has it: RFC 5545, 3.8.1.9.", examples=[5])),
        ),
        **_of_caldav(
            ical_text=(str, "What a CalDAV client has put last.", "BEGIN:VCALENDAR…"),
            ical_revision=(int, "The revision at which that said everything.", 7),
            ical_name=(str, "The name of its resource, if that is not `{id}.ics`.", "a.ics"),
            ical_uid=(str, "Its UID, if that is not its id.", "040000008200E00074C5B7101A82E008"),
            ical_parent=(str, "The UID of a parent that is not there.", "040000008200E00074C5B7101A82E008"),
            exceptions=(str, "What iCalendar has besides a rule: JSON in text.", '{"exdates":["2026-12-01"]}'),
        ),
    },
    refusals=(
        *(UseMove, NotASibling, Circle, TooDeep, RecurrenceUnsupported, RecurrenceNever),
        *(TaskCompleted, NotRecurring, OccurrencePassed, NoNextOccurrence),
    ),
    operations={
        "complete": Operation(
            "Complete a task, and the open ones below it.",
            lambda tasks, id_, members, expected: tasks.complete(id_, state=True, expected=expected, **members),
            {"subtasks": (SubtasksOfComplete, "complete")},
        ),
        "reopen": Operation(
            "Reopen a task, and the completed ones above it.",
            lambda tasks, id_, members, expected: tasks.complete(id_, state=False, expected=expected, **members),
            {"subtasks": (SubtasksOfComplete, "complete")},
        ),
        "move": Operation(
            "Move a task: to another place, list, section or parent.",
            lambda tasks, id_, members, expected: move(
                tasks, id_, members["to"].model_dump(exclude_unset=True), expected=expected
            ),
            {"to": (TaskMove, ...)},
        ),
        "skip": Operation(
            "Skip a date of a task that recurs.",
            lambda tasks, id_, members, expected: tasks.skip(id_, expected=expected, **members),
            {"occurrence": (LocalDate | None, None)},
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
