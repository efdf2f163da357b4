"""A rule of what repeats, and its text by RFC 5545, section 3.3.10."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Final

from doable.tasks.dates import MAX_YEAR, later
from doable.tasks.quick.calendar import FIRST_DAYS, WEEK, Today
from doable.tasks.quick.language import Amount, Unit
from doable.tasks.quick.when import When

NAMES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES: Final[dict[Unit, str]] = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
MOST: Final = 999
MOST_TIMES: Final = 1000

First = Callable[[date], date | None]
"""The first date of a rule that is not before this one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How something repeats."""

    unit: Unit
    interval: int = 1
    parts: Sequence[tuple[str, str]] = ()
    """`BYDAY` and the like."""
    first: First = field(default=lambda start: start)
    when: When = field(default_factory=When)
    from_completion: bool = False
    starts: When | None = None
    until: When | None = None
    lasts: Amount | None = None
    count: int | None = None

    def due(self, today: Today, at: time | None) -> date:
        """The first date of the rule that is not past, at that time."""
        if self.starts is not None:
            return self.first(self.starts.moment(today)[0]) or today.day
        is_past = at is not None and at < today.now.time()
        return self.first(today.day + timedelta(days=int(is_past))) or today.day

    def text(self, today: Today, due: date) -> str:
        """The rule as RFC 5545 writes it."""
        parts = [("FREQ", FREQUENCIES[self.unit])]
        if self.interval > 1:
            parts.append(("INTERVAL", str(self.interval)))
        parts += self.parts
        week = today.week_starts_on
        if self.unit == "week" and self.interval > 1 and week != "monday" and "," in dict(self.parts).get("BYDAY", ""):
            parts.append(("WKST", NAMES[FIRST_DAYS[week]]))
        count = self.count
        if self.lasts is not None:
            number, unit = self.lasts
            if unit == self.unit and self.interval == 1 and "," not in dict(self.parts).get("BYDAY", ""):
                count = number
            else:
                parts.append(("UNTIL", f"{_last_of(due, number, unit):%Y%m%d}"))
        if count is not None:
            parts.append(("COUNT", str(count)))
        if self.until is not None:
            parts.append(("UNTIL", f"{self.until.moment(today)[0]:%Y%m%d}"))
        return ";".join(f"{name}={value}" for name, value in parts)


def _last_of(due: date, number: int, unit: Unit) -> date:
    """The last day of so many units that begin with this day."""
    try:
        if unit in {"day", "week"}:
            return due + timedelta(days=number * (WEEK if unit == "week" else 1) - 1)
        return later(due, number * (12 if unit == "year" else 1)) - timedelta(days=1)
    except OverflowError:
        return date(MAX_YEAR, 12, 31)


def weekly(days: Sequence[int]) -> Rule:
    """On these weekdays of each week."""
    chosen = sorted(set(days))

    def first(start: date) -> date:
        return min(start + timedelta(days=(each - start.weekday()) % WEEK) for each in chosen)

    return Rule("week", parts=[("BYDAY", ",".join(NAMES[each] for each in chosen))], first=first)
