"""What a calendar shows: an event for each task that is due, and for the next dates of one that recurs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

from doable import clock
from doable.calendar.repository import DueRow
from doable.ical.rules import Budget
from doable.tasks import dates
from doable.tasks.recurrence import any_rule, occurrences, rules
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
    if task["recurrence"] is None:
        return Event(task, start, task["id"])
    uid = _uid(task, occurrence_of(task))
    # It may have several on a day.
    return Event(task, start, f"{uid}T{time.replace(':', '')}" if time and any_rule.is_needed(task) else uid)


def later_events(task: DueRow, today: date, zone: str, budget: Budget) -> Iterator[Event]:
    """The dates that its series will come to, from today on: what was missed is not done any more.

    There are none where the next date depends on when this one is completed, or nobody here knows the zone. The rules of calendar
    programs are followed as far as the budget goes.
    """
    day, time, timezone = _parts(task)
    if task["recurrence"] is None or task["recurs_from"] == "completion" or not clock.is_zone(timezone or zone):
        return
    if any_rule.is_needed(task):
        between = today - timedelta(days=1), occurrences.ahead(today, MONTHS_AHEAD)
        for first, due in any_rule.upcoming(task, zone, between, OCCURRENCES - 1, budget):
            uid = f"{_uid(task, first.date())}{f'T{due:%H%M%S}' if time else ''}"
            at = f"{due:%H:%M:%S}" if time else None
            yield Event(task, _start(due.date(), at, timezone or zone), uid, is_later=True)
        return
    rule = rules.parse(task["recurrence"])
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
