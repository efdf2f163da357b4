"""What a calendar shows: an event for each task that is due, and for the next dates of one that recurs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

from doable import clock
from doable.calendar.repository import DueRow
from doable.errors import RecurrenceUnsupported
from doable.tasks import dates
from doable.tasks.recurrence import occurrences, rules
from doable.tasks.recurrence.stored import occurrence_of

OCCURRENCES: Final = 10
"""How many dates of a series are shown, the present one included."""
MONTHS_AHEAD: Final = 120


@dataclass(frozen=True, slots=True)
class Event:
    """A task on a day, or at an instant in UTC."""

    task: DueRow
    start: date | datetime
    uid: str
    is_later: bool = False
    """Whether it is a date that the task's series has not come to yet."""

    @property
    def day(self) -> date:
        """The day, or that of the instant in UTC."""
        return self.start.date() if isinstance(self.start, datetime) else self.start


def event_of(task: DueRow, zone: str) -> Event:
    """The task when it is due. A time that floats is in the zone.

    One of a series has the UID of its date, so that its event stays the same when the series has come to it.
    """
    day, time, _ = _parts(task)
    start = task["due_at"] or _start(day, time, zone)
    return Event(task, start, task["id"] if task["recurrence"] is None else _uid(task, occurrence_of(task)))


def later_events(task: DueRow, today: date, zone: str) -> Iterator[Event]:
    """The dates that its series will come to, from today on: what was missed is not done any more.

    There are none where the next date depends on when this one is completed, or nobody here knows the rule or the zone.
    """
    day, time, timezone = _parts(task)
    if task["recurrence"] is None or task["recurs_from"] == "completion" or not clock.is_zone(timezone or zone):
        return
    try:
        rule = rules.parse(task["recurrence"])
    except RecurrenceUnsupported:
        return
    occurrence = occurrence_of(task)
    after = max(occurrence, day, today - timedelta(days=1))
    for each in islice(occurrences.upcoming(rule, occurrence, after, MONTHS_AHEAD), OCCURRENCES - 1):
        yield Event(task, _start(each, time, timezone or zone), _uid(task, each), is_later=True)


def _parts(task: DueRow) -> tuple[date, str | None, str | None]:
    parts = dates.sent(task["due_local"], task["due_timezone"], None)
    return date.fromisoformat(task["due_local"][:10]), parts["time"], parts["timezone"]


def _start(day: date, time: str | None, zone: str) -> date | datetime:
    return day if time is None else clock.instant(f"{day}T{time}", zone)


def _uid(task: DueRow, occurrence: date) -> str:
    return f"{task['series_id'] or task['id']}-{occurrence:%Y%m%d}"
