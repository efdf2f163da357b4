"""A VTODO as the members of a task, and the members of a task in a VTODO.

Nobody's text is made anew of fields: a line is touched only if what it says differs from what the task has. So PRIORITY:3
stays until somebody sets another priority, and a title of 1,000 characters until somebody edits the title.
"""

from datetime import datetime
from typing import Any, TypedDict

from doable.tasks.tables import TaskRow

NO_TITLE = "(no title)"


class Fields(TypedDict):
    """What a VTODO says of a task: members as a task has them. All are there."""

    title: str
    description: str | None
    is_completed: bool
    completed_at: datetime | None
    """Also None where it is complete and the text does not say since when."""
    is_cancelled: bool
    priority: int
    """0 to 9, as in the row."""
    due: dict[str, str | None] | None
    """`date`, `time` and `timezone`."""
    start: dict[str, str | None] | None
    tags: list[str]
    url: str | None
    estimate_minutes: int | None
    reminders: list[dict[str, str | None]]
    """`offset`, `relative_to` and `at`, without ids: see `with_ids`."""
    recurrence: dict[str, str] | None
    """`rule`, in upper case, and `from_`: `due`, or `completion` by a property of Doable's own."""
    exceptions: dict[str, Any] | None
    """As the row has it, read: `exdates` and `rdates` are local dates (`2026-12-01`) or times (`2026-12-01T09:00:00`) in the zone
    of what the rule is anchored at, which is DTSTART with `by_start`, else DUE. Absent members are left out, and None is none."""
    parent_uid: str | None
    created_at: datetime | None


def projected(text: str, *, longest: int = 2000) -> Fields:
    """What the first VTODO without RECURRENCE-ID says. The text has been checked. `longest` is that of a description."""
    raise NotImplementedError


def changes(before: str, after: str, *, longest: int = 2000) -> dict[str, Any]:
    """The members of Fields in which two texts differ: what a client has changed in the one that it was given.

    So what a VTODO cannot say, such as that a rule counts from the completion, survives a client that sends back what it read.
    """
    raise NotImplementedError


def with_ids(reminders: list[dict[str, str | None]], stored: str | None) -> list[dict[str, str | None]]:
    """These reminders, with the ids of those that the row has already (its column `reminders`)."""
    raise NotImplementedError


def fields_of(task: TaskRow, parent_uid: str | None) -> Fields:
    """What a row says."""
    raise NotImplementedError


def patched(text: str, task: TaskRow, uid: str, parent_uid: str | None) -> str:
    """The text of a client, with what the task has in place of what it says otherwise.

    DTSTAMP and LAST-MODIFIED are `updated_at`, never the present: what has the same ETag has the same bytes.
    """
    raise NotImplementedError


def with_fields(text: str, fields: Fields, *, uid: str, updated_at: datetime) -> str:
    """The same of fields. With those that it says, it is the very text."""
    raise NotImplementedError


def rendered(task: TaskRow, uid: str, parent_uid: str | None) -> str:
    """The calendar of a task that no client has put."""
    raise NotImplementedError
