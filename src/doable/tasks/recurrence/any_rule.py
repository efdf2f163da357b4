"""Where a series goes on whose rule is not of the API's part, or that has exceptions: what calendar programs have sent.

It is followed by the walk of `ical/`, which is given up where it takes too long.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from doable import clock
from doable.errors import NoNextOccurrence
from doable.ical.recurring import Moment, Recurring, instances
from doable.ical.rules import Budget, GaveUp, Rule, UnreadableRule, parse, passed, walk
from doable.tasks.dates import LAST_DAY, is_whole_day
from doable.tasks.recurrence.rules import counting, is_supported
from doable.tasks.recurrence.stored import Next, anchor, occurrence_of
from doable.tasks.tables import TaskRow

_NEXT: Final = timedelta(seconds=1)


class _Present(NamedTuple):
    """What it recurs by, and which of its dates it has come to, in the local time of the date that the rule is of."""

    recurring: Recurring
    zone: ZoneInfo
    first: datetime
    """The rule's own."""
    here: datetime
    """The task's: it may have been moved."""
    until_due: timedelta
    """From there to when it is due."""

    @property
    def is_day(self) -> bool:
        """Whether its dates are whole days."""
        return not isinstance(self.recurring.start, datetime)

    def after(self, due: datetime | date | None) -> datetime:
        """Behind both of its dates, and from when it is due at this instant, or on this day, on, if one is given."""
        behind = max(self.first, self.here).replace(tzinfo=self.zone) + _NEXT
        if due is None:
            return behind
        wanted = due if isinstance(due, datetime) else datetime.combine(due, time(), self.zone)
        return max(behind, wanted.astimezone(self.zone) - self.until_due)


def is_needed(row: Mapping[str, Any]) -> bool:
    """Whether a task that recurs does so by more than the rules of the API."""
    has_more = row["exceptions"] is not None and row["recurs_from"] != "completion"
    return has_more or not is_supported(row["recurrence"] or "")


def next_of(row: TaskRow, zone: str, now: datetime | None) -> Next | None:
    """Where it goes on after the date that it stands for, and when its due date is to come; None where the series ends.

    Without a present instant it is the next one, past or not. Raises NoNextOccurrence if it is not quickly found.
    """
    present = _present(row, zone)
    if now is None:
        after = present.after(None)
    elif present.is_day:
        after = present.after(now.astimezone(present.zone).date() + timedelta(days=1))
    else:
        after = present.after(now + timedelta.resolution)
    found = instances(present.recurring, after, None, zone=present.zone, most=1)
    if not found.instances:
        if found.is_complete:
            return None
        raise NoNextOccurrence
    try:
        rule = parse(row["recurrence"] or "")
        return _on(row, rule.of_days() if present.is_day else rule, present, _local(found.instances[0].start))
    except (GaveUp, UnreadableRule):
        raise NoNextOccurrence from None


def upcoming(
    row: Mapping[str, Any], zone: str, between: tuple[date, date], most: int, budget: Budget
) -> Iterator[tuple[datetime, datetime]]:
    """The dates of the rule that a series goes on to from its present one, and when it is due at each, in local time.

    They are due from the first of these days to before the other, and as many as are found before the budget is spent.
    """
    present = _present(row, zone)
    begin, end = between
    found = instances(
        present.recurring,
        present.after(begin),
        datetime.combine(end, time(), present.zone) - present.until_due,
        zone=present.zone,
        most=most,
        budget=budget,
    )
    for each in found.instances:
        local = _local(each.start)
        yield local, local + present.until_due


def _present(row: Mapping[str, Any], zone: str) -> _Present:
    name = anchor(row)
    local: str = row[f"{name}_local"]
    tz = ZoneInfo(clock.known_zone(row[f"{name}_timezone"] or zone))
    here = _shown(local)
    first = datetime.combine(occurrence_of(row), here.time())
    said = from_json(row["exceptions"] or "{}")
    recurring = Recurring(
        first.date() if is_whole_day(local) else first.replace(tzinfo=tz),
        [row["recurrence"]],
        _moments(said.get("rdates", ())),
        _moments(said.get("exdates", ())),
    )
    return _Present(recurring, tz, first, here, _shown(row["due_local"]) - here)


def _on(row: TaskRow, rule: Rule, present: _Present, found: datetime) -> Next | None:
    """It moves from here to what was found, which may be of the rule, or besides it: then the rule goes on from where it was."""
    if found.date() > LAST_DAY:
        return None
    text, budget = row["recurrence"] or "", Budget()
    _, _, first, here, _ = present
    if next(walk(rule, first, found, budget=budget), None) != found:
        return Next(found - here, text, first.date())
    if rule.count is not None:
        text = counting(text, rule.count - passed(rule, first, found, budget=budget))
    return Next(found - here, text, found.date())


def _moments(texts: Sequence[str]) -> list[Moment]:
    return [date.fromisoformat(each) if is_whole_day(each) else datetime.fromisoformat(each) for each in texts]


def _shown(local: str) -> datetime:
    """What is stored of a date, as a clock shows it; of a whole day its beginning."""
    return datetime.fromisoformat(local[:10] if is_whole_day(local) else local)


def _local(moment: Moment) -> datetime:
    return moment.replace(tzinfo=None) if isinstance(moment, datetime) else datetime.combine(moment, time())
