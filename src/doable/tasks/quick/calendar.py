"""The calendar as a reader of a line needs it: today, this week, a month later, the first Friday."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from doable.tasks.dates import later
from doable.tasks.quick.language import PartOfDay, Unit

WORKDAYS: Final = (0, 1, 2, 3, 4)
SATURDAY: Final = 5
WEEK: Final = 7
MONTHS: Final = 12
LONGEST_MONTH: Final = 31
MOST_OF_A_WEEKDAY: Final = 5
"""A month has four or five of each."""
FIRST_DAYS: Final = {"monday": 0, "saturday": 5, "sunday": 6}


class Today(NamedTuple):
    """When and where a text is read."""

    now: datetime
    """With the zone."""
    week_starts_on: str
    day_reminder_at: time = time(9)

    @property
    def day(self) -> date:
        """The day that it is there."""
        return self.now.date()

    def week(self, weeks: int = 0) -> date:
        """The first day of this week, or of one so many weeks from it."""
        back = (self.day.weekday() - FIRST_DAYS[self.week_starts_on]) % WEEK
        return self.day + timedelta(days=weeks * WEEK - back)

    def weekday(self, number: int) -> date:
        """The first of these weekdays that is not past."""
        return self.day + timedelta(days=(number - self.day.weekday()) % WEEK)


class Day(NamedTuple):
    """A day, and what was said of its time in the same words."""

    date: date
    part: PartOfDay | None = None
    at: time | None = None
    is_weekday: bool = False
    """Whether it is the first of these weekdays: at a time that is past, it is the next one."""
    is_short: bool = False
    is_bare: bool = False
    """Whether it is but the name of a weekday, which could belong to the title."""
    needs_on: bool = False
    """Whether it is a day only with `on` or the like before it: `15th`, `weekend`."""


def date_of(year: int, month: int, number: int) -> date | None:
    """The day, if there is one."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


def after(today: Today, number: int, unit: Unit) -> date | None:
    """The day so many units from today, if there is one."""
    try:
        if unit in {"day", "week"}:
            return today.day + timedelta(days=number * (WEEK if unit == "week" else 1))
        return later(today.day, number * (MONTHS if unit == "year" else 1))
    except OverflowError:
        return None


def of_month(year: int, month: int, weekdays: Sequence[int], number: int) -> date | None:
    """The day of a month that is the first, second … of these weekdays in it; -1 is the last."""
    dates = (date_of(year, month, each) for each in range(1, LONGEST_MONTH + 1))
    found = [each for each in dates if each is not None and each.weekday() in weekdays]
    index = number - 1 if number > 0 else number
    return found[index] if index < len(found) else None
