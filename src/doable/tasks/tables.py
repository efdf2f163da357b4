"""The tables of tasks, and of which tags they have."""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    and_,
    case,
    func,
    literal_column,
    null,
    text,
    type_coerce,
)

from doable.database import Row
from doable.database.naming import metadata
from doable.database.types import Flag, Id, Instant, OrderedText
from doable.owned.columns import OwnedRow
from doable.owned.positions import last
from doable.owned.tables import owners, sent
from doable.tasks import dates, priorities
from doable.tasks.functions import array_of, place_of
from doable.tasks.recurrence import rules

tasks = Table(
    "tasks",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    # The owner's revision when the task was made: by it the tasks are newest first, whatever the clocks say.
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("completed_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),
    # Its list (null is the inbox), section and parent: of the same owner, and kept so under the owner's row. Foreign keys
    # would want an index each, which every new task would pay for.
    Column("list_id", Id),
    Column("section_id", Id),
    Column("parent_id", Id),
    # Null while it was never moved: see `place_of`.
    Column("position", OrderedText),
    # 0 to 9 of RFC 5545, 3.8.1.9.
    Column("priority", SmallInteger, nullable=False, server_default=text("0")),
    # Only with `completed_at`. Code that does not know of it may have reopened the task: then it says nothing.
    Column("is_cancelled", Flag, nullable=False, server_default=text("0")),
    # A local time; a whole day is `T24:00:00`, so that it sorts behind the day's times and is over when it is past.
    Column("due_local", OrderedText),
    Column("due_timezone", Text),
    # Only with a zone.
    Column("due_at", Instant),
    # As above, but a whole day is the date alone: it sorts before the day's times, and has come when the day begins.
    Column("start_local", OrderedText),
    Column("start_timezone", Text),
    Column("start_at", Instant),
    # The names as they are sent: JSON, null where there are none. `task_tags` is for finding.
    Column("tags", Text),
    Column("estimate_minutes", Integer),
    Column("url", Text),
    # A rule of RFC 5545, whether it counts from 'due' or 'completion', and the rule's own date that this task stands for. A
    # completed task keeps them for when it is reopened, and tells nobody. They are short, and count as no text.
    Column("recurrence", OrderedText),
    Column("recurs_from", OrderedText),
    Column("occurrence", OrderedText),
    # Also of a completed task: `next_id` is its successor, which has the rule now.
    Column("series_id", Id),
    Column("next_id", Id),
    # JSON, null where there are none. `alarms` is for finding.
    Column("reminders", Text),
    # What a CalDAV client has put last, and the revision at which that said everything: later, its lines are changed when it is read.
    Column("ical_text", Text),
    Column("ical_revision", BigInteger),
    # The name of its resource if that is not `{id}.ics`, and its UID if that is not its id.
    Column("ical_name", Text),
    Column("ical_uid", Text),
    # The UID of a parent that is not there, or not yet.
    Column("ical_parent", Text),
    # What iCalendar has besides a rule: JSON.
    Column("exceptions", Text),
    # The id first: by it alone one sees whether it is somebody else's.
    UniqueConstraint("id", "owner_id"),
    # The order of changes. Unique, because every write has a revision of its own.
    Index("ix_tasks_owner_id_revision", "owner_id", "revision", unique=True),
)

PLACE: Final = place_of(tasks.c.position, tasks.c.sequence)
LIST: Final = func.coalesce(tasks.c.list_id, tasks.c.owner_id, type_=Id())
"""The list, or the owner for the inbox: `list_id IS NULL` is no constant to PostgreSQL's planner, which would sort."""

IS_OPEN: Final = tasks.c.completed_at.is_(None)
IS_COMPLETED: Final = tasks.c.completed_at.is_not(None)


def _index(name: str, *columns: ColumnElement[Any], where: ColumnElement[bool]) -> None:
    Index(name, tasks.c.owner_id, *columns, postgresql_where=where, sqlite_where=where)


# All of them partial. A plain new task pays for the first.
_index("ix_tasks_place", LIST, PLACE, tasks.c.sequence, where=IS_OPEN)
_index(
    "ix_tasks_due_local",
    tasks.c.due_local,
    tasks.c.sequence,
    where=and_(IS_OPEN, tasks.c.due_local.is_not(None), tasks.c.due_at.is_(None)),
)
_index("ix_tasks_due_at", tasks.c.due_at, tasks.c.sequence, where=and_(IS_OPEN, tasks.c.due_at.is_not(None)))
_index(
    "ix_tasks_priority",
    tasks.c.priority,
    # Descending, so that the newest of a priority come first along it.
    tasks.c.sequence.desc(),
    where=and_(IS_OPEN, tasks.c.priority > literal_column("0")),
)
# The same of completed tasks. Only what has a date or a priority pays for them, when it is completed.
_index(
    "ix_tasks_completed_due_local",
    tasks.c.due_local,
    tasks.c.sequence,
    where=and_(IS_COMPLETED, tasks.c.due_local.is_not(None), tasks.c.due_at.is_(None)),
)
_index(
    "ix_tasks_completed_due_at",
    tasks.c.due_at,
    tasks.c.sequence,
    where=and_(IS_COMPLETED, tasks.c.due_at.is_not(None)),
)
_index(
    "ix_tasks_completed_priority",
    tasks.c.priority,
    tasks.c.sequence.desc(),
    where=and_(IS_COMPLETED, tasks.c.priority > literal_column("0")),
)
_index("ix_tasks_parent", tasks.c.parent_id, PLACE, where=tasks.c.parent_id.is_not(None))
_index("ix_tasks_series", tasks.c.series_id, tasks.c.sequence, where=tasks.c.series_id.is_not(None))
_index("ix_tasks_ical_name", tasks.c.ical_name, where=tasks.c.ical_name.is_not(None))
_index("ix_tasks_ical_uid", tasks.c.ical_uid, where=tasks.c.ical_uid.is_not(None))
_index("ix_tasks_ical_parent", tasks.c.ical_parent, where=tasks.c.ical_parent.is_not(None))
# What has changed in a list: nothing else may be read along this, since PostgreSQL would sort pages of what it takes for short lists.
IS_CHANGE: Final = tasks.c.revision > literal_column("0")
_index("ix_tasks_list_revision", LIST, tasks.c.revision, where=IS_CHANGE)
_index("ix_tasks_completed", tasks.c.completed_at, tasks.c.sequence, where=IS_COMPLETED)


class TaskRow(OwnedRow):
    """A task as it is stored."""

    title: str
    description: str | None
    completed_at: datetime | None
    list_id: str | None
    section_id: str | None
    parent_id: str | None
    position: str | None
    priority: int
    is_cancelled: bool
    due_local: str | None
    due_timezone: str | None
    due_at: datetime | None
    start_local: str | None
    start_timezone: str | None
    start_at: datetime | None
    tags: str | None
    estimate_minutes: int | None
    url: str | None
    recurrence: str | None
    recurs_from: str | None
    occurrence: str | None
    series_id: str | None
    next_id: str | None
    reminders: str | None
    ical_text: str | None
    ical_revision: int | None
    ical_name: str | None
    ical_uid: str | None
    ical_parent: str | None
    exceptions: str | None


_PLAIN: Final = (
    tasks.c.section_id,
    tasks.c.parent_id,
    tasks.c.position,
    tasks.c.tags,
    tasks.c.due_local,
    tasks.c.start_local,
    tasks.c.estimate_minutes,
    tasks.c.url,
    tasks.c.reminders,
    tasks.c.series_id,
)
"""All null where REST is NO_REST. A date's zone and instant are null where its local time is, and what else a series has where
its id is."""

REST: Final[tuple[ColumnElement[Any], ...]] = (
    tasks.c.section_id,
    tasks.c.parent_id,
    tasks.c.position,
    tasks.c.priority,
    tasks.c.tags,
    tasks.c.due_local,
    tasks.c.due_timezone,
    tasks.c.due_at,
    tasks.c.start_local,
    tasks.c.start_timezone,
    tasks.c.start_at,
    tasks.c.estimate_minutes,
    tasks.c.url,
    tasks.c.reminders,
    tasks.c.recurrence,
    tasks.c.recurs_from,
    tasks.c.occurrence,
    tasks.c.series_id,
    tasks.c.next_id,
    tasks.c.exceptions.is_not(None).label("has_exceptions"),
    # A number, which `as_sent` compares: one conversion less.
    type_coerce(tasks.c.is_cancelled, SmallInteger()).label("is_cancelled"),
)

READ: Final[tuple[ColumnElement[Any], ...]] = (
    tasks.c.id,
    tasks.c.title,
    tasks.c.description,
    sent(tasks.c.completed_at),
    tasks.c.owner_id,
    sent(tasks.c.created_at),
    sent(tasks.c.updated_at),
    tasks.c.revision,
    tasks.c.list_id,
    tasks.c.sequence,
    # In one column: a driver takes 70 ns for each of a row's, null or not, and most tasks have none of these.
    case(
        (
            and_(
                *(column.is_(None) for column in _PLAIN),
                tasks.c.priority == literal_column("0"),
                tasks.c.is_cancelled == literal_column("0"),
            ),
            null(),
        ),
        else_=array_of(*REST),
    ).label("rest"),
)
"""What a task's form on the wire is made of, by `as_sent`."""

NO_REST: Final[tuple[Any, ...]] = (None, None, None, 0, *[None] * 15, False, 0)


def rest_of(rest: str | None) -> Sequence[Any]:
    """The values of REST."""
    return NO_REST if rest is None else from_json(rest)


def reader(name: str) -> Callable[[Sequence[Any]], Any]:
    """What reads this column of a row of READ, be it of its own or in the rest."""
    own, rest = ([column.key for column in columns] for columns in (READ, REST))
    if name in own:
        return itemgetter(own.index(name))
    place, before = rest.index(name), own.index("rest")
    return lambda values: rest_of(values[before])[place]


def recurrence(rule: str, recurs_from: str, occurrence: str, *, has_exceptions: bool) -> dict[str, Any]:
    """What is stored of a rule, as it goes over the wire."""
    is_supported = not has_exceptions and rules.is_supported(rule)
    return {"rule": rule, "from": recurs_from, "occurrence": occurrence, "is_supported": is_supported}


def as_sent(values: Sequence[Any]) -> Row:
    """The values of READ as they go over the wire."""
    # fmt: off
    (id_, title, description, completed_at, owner_id, created_at, updated_at, revision, list_id, sequence, rest) = values
    (section_id, parent_id, position, priority, tags, due, due_timezone, due_at, start, start_timezone, start_at,
     estimate_minutes, url, reminders, rule, recurs_from, occurrence, series_id, next_id, has_exceptions, is_cancelled) = rest_of(rest)
    # fmt: on
    recurs = None
    if rule is not None and completed_at is None:
        recurs = recurrence(rule, recurs_from, occurrence, has_exceptions=has_exceptions)
    return {
        "id": id_,
        "title": title,
        "description": description,
        "is_completed": completed_at is not None,
        "completed_at": completed_at,
        "user_id": owner_id,
        "created_at": created_at,
        "updated_at": updated_at,
        "revision": revision,
        "list_id": list_id,
        "section_id": section_id,
        "parent_id": parent_id,
        "position": last(sequence) if position is None else position,
        "priority": priorities.WORDS[priority],
        "tags": [] if tags is None else from_json(tags),
        "due": None if due is None else dates.sent(due, due_timezone, due_at),
        "start": None if start is None else dates.sent(start, start_timezone, start_at),
        "estimate_minutes": estimate_minutes,
        "url": url,
        "reminders": [] if reminders is None else from_json(reminders),
        "is_cancelled": is_cancelled == 1 and completed_at is not None,
        "recurrence": recurs,
        "series_id": series_id,
        "next_id": next_id,
    }


# Which tasks have a tag, by the `sequence` of both. A task's rows are known by its `tags`: an index on the task would be
# one more that is written.
task_tags = Table(
    "task_tags",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("tag", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
