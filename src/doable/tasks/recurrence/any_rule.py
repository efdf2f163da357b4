"""Where a series goes on whose rule is not of the API's part, or that has exceptions: what calendar programs have sent.

It is followed by the walk of `ical/`, which is given up where it takes too long.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
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


def is_needed(row: TaskRow) -> bool:
    """Whether a task that recurs does so by more than the rules of the API."""
    text = row["recurrence"] or ""
    return not is_supported(text) or (row["exceptions"] is not None and row["recurs_from"] != "completion")


def next_of(row: TaskRow, zone: str, now: datetime | None) -> Next | None:
    """Where it goes on after the date that it stands for, and when its due date is to come; None where the series ends.

    Without a present instant it is the next one, past or not. Raises NoNextOccurrence if it is not quickly found.
    """
    columns: Mapping[str, Any] = row
    name = anchor(columns)
    local, its_zone = columns[f"{name}_local"], columns[f"{name}_timezone"]
    tz = ZoneInfo(clock.known_zone(its_zone or zone))
    here, due = _shown(local), _shown(row["due_local"] or "")
    is_day = is_whole_day(local)
    first = datetime.combine(occurrence_of(row), here.time())
    said = from_json(row["exceptions"] or "{}")
    recurring = Recurring(
        first.date() if is_day else first.replace(tzinfo=tz),
        [row["recurrence"] or ""],
        _moments(said.get("rdates", ())),
        _moments(said.get("exdates", ())),
    )
    after = max(first, here).replace(tzinfo=tz) + _NEXT
    if now is not None:
        # It is the due date that is to come, and it moves with the other.
        today = datetime.combine(now.astimezone(tz).date() + timedelta(days=1), time(), tz)
        after = max(after, (today if is_day else now.astimezone(tz) + timedelta.resolution) - (due - here))
    found = instances(recurring, after, None, zone=tz, most=1)
    if not found.instances:
        if found.is_complete:
            return None
        raise NoNextOccurrence
    try:
        rule = parse(row["recurrence"] or "")
        return _on(row, rule.of_days() if is_day else rule, first, here, _local(found.instances[0].start))
    except (GaveUp, UnreadableRule):
        raise NoNextOccurrence from None


def _on(row: TaskRow, rule: Rule, first: datetime, here: datetime, found: datetime) -> Next | None:
    """It moves from here to what was found, which may be of the rule, or besides it: then the rule goes on from where it was."""
    if found.date() > LAST_DAY:
        return None
    text, budget = row["recurrence"] or "", Budget()
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
