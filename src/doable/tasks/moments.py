"""Moments as people and programs name them: a date, an instant, `today+7d`. Which one it is depends on when and where it is asked for."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from doable import clock
from doable.database.types import instant_to_text
from doable.tasks import dates

WeekStart = Literal["monday", "saturday", "sunday"]

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DIGITS: Final = 4
"""The most that a number of days, weeks or months has."""
_DAYS: Final = {"yesterday": -1, "today": 0, "tomorrow": 1}

# ASCII: elsewhere a letter may be another one's lower case.
_MOMENT: Final = re.compile(
    r"(?P<base>\d{4}-\d\d-\d\d|now|week|month|"
    rf"{'|'.join((*_DAYS, *WEEKDAYS))})?(?:(?P<number>[+-]\d{{1,{DIGITS}}})(?P<unit>[dwm]))?",
    re.ASCII | re.IGNORECASE,
)
_INSTANT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII | re.IGNORECASE,
)
EXPECTED: Final = (
    "a date such as 2026-12-01, a word such as today, monday, week or month, perhaps with +7d, -2w or +1m behind it, "
    "or an instant such as 2026-12-01T09:00:00Z"
)

_EARLIEST: Final = date(dates.MIN_YEAR - 1, 12, 30)
_LATEST: Final = date(dates.MAX_YEAR + 1, 1, 3)
"""Before and after everything that a task can have, in whatever zones: further away, a moment would be no other one."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, so many months and then days after its base."""

    base: str
    """`now`, `today`, a weekday (today or the next one), `week` and `month` (their first days), a date, or an instant in UTC."""
    months: int = 0
    days: int = 0

    @property
    def is_day(self) -> bool:
        """Whether it is a day, or its beginning."""
        return self.base != "now" and "T" not in self.base

    @property
    def next_day(self) -> "Moment":
        """The day after this day."""
        return Moment(self.base, self.months, self.days + 1)


class Resolved(NamedTuple):
    """What dates and instants are compared with."""

    local: str
    """With dates and times that float, byte by byte. The beginning of a day is the day alone, which is before all times of it."""
    instant: datetime
    """In UTC."""


@dataclass(frozen=True, slots=True)
class Present:
    """When and where it is asked, and in which language."""

    now: datetime
    zone: str
    """One that this server knows."""
    week_starts_on: WeekStart = "monday"
    language: str = "en"
    day_reminder_at: str = "09:00:00"

    def resolve(self, moment: Moment) -> Resolved:
        """The moment, as it is there and then. Days begin by RFC 5545, section 3.3.5; a month's missing day is its last."""
        zone = ZoneInfo(self.zone)
        if "T" in moment.base:
            at = datetime.fromisoformat(moment.base)
            return Resolved(_as_text(at.astimezone(zone)), at)
        here = self.now.astimezone(zone)
        if moment == Moment("now"):
            return Resolved(_as_text(here), self.now.astimezone(UTC))
        day = _shifted(self._day(moment.base, here.date()), moment.months, moment.days)
        local = _as_text(datetime.combine(day, here.time())) if moment.base == "now" else f"{day}"
        return Resolved(local, clock.instant(local, zone.key))

    def _day(self, base: str, today: date) -> date:
        if base in _DAYS:
            return today + timedelta(days=_DAYS[base])
        if base in WEEKDAYS:
            return today + timedelta(days=(WEEKDAYS.index(base) - today.weekday()) % 7)
        if base == "week":
            return today - timedelta(days=(today.weekday() - WEEKDAYS.index(self.week_starts_on)) % 7)
        if base == "month":
            return today.replace(day=1)
        return today if base == "now" else date.fromisoformat(base)


def parse(text: str) -> Moment:
    """The moment that a text names, in upper or lower case. Raises ValueError, whose text is what it must be."""
    if at := _INSTANT.fullmatch(text):
        _check_day(at[1])
        # What is finer than microseconds is nowhere stored.
        found = datetime.fromisoformat(f"{at[1]}T{at[2]}{(at[3] or '')[:7]}{at[4].upper()}")
        return Moment(instant_to_text(found.astimezone(UTC)))
    named = _MOMENT.fullmatch(text)
    if not text or not named:
        raise ValueError(EXPECTED)
    base, number, unit = (named["base"] or "today").lower(), int(named["number"] or 0), (named["unit"] or "d").lower()
    if base[0].isdigit():
        _check_day(base)
    return Moment(base, number) if unit == "m" else Moment(base, 0, number * (7 if unit == "w" else 1))


def _check_day(day: str) -> None:
    if not dates.is_date(day):
        message = f"a day that there is, of the years {dates.MIN_YEAR} to {dates.MAX_YEAR}"
        raise ValueError(message)


def _shifted(day: date, months: int, days: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return min(
        max(day.replace(year=year, month=month + 1, day=min(day.day, last)) + timedelta(days), _EARLIEST), _LATEST
    )


def _as_text(local: datetime) -> str:
    return local.replace(tzinfo=None).isoformat().removesuffix("T00:00:00")
