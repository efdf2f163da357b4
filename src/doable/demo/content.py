"""The words in which the content of the account is written. All days count from the day on which it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
FIVE: Final = 5
"""Days of a week on which people work."""

Day = Callable[[date], date]


def day(number: int) -> Day:
    """So many days later, or earlier."""
    return lambda today: today + timedelta(days=number)


def workday(number: int) -> Day:
    """The same, and where that is on a weekend, the Monday after it: nobody sees a dentist on a Sunday."""

    def found(today: date) -> date:
        chosen = today + timedelta(days=number)
        return chosen + timedelta(days=max(0, 7 - chosen.weekday()) if chosen.weekday() >= FIVE else 0)

    return found


def weekday(which: int, *, weeks: int = 0) -> Day:
    """The next such day, which may be today, or so many weeks later."""
    return lambda today: today + timedelta(days=(which - today.weekday()) % 7 + 7 * weeks)


def day_of_month(which: int) -> Day:
    """The next such day, which may be today; of the first 28."""

    def found(today: date) -> date:
        month = today if today.day <= which else today.replace(day=1) + timedelta(days=31)
        return month.replace(day=which)

    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """By which rule a task recurs, and for how many days it has done so: all dates before today are done."""

    rule: str
    since: int
    counts_from: Literal["due", "completion"] = "due"


@dataclass(frozen=True, slots=True)
class Task:
    """A task; of a series, the first one."""

    title: str
    notes: str | None = None
    due: Day | None = None
    time: str | None = None
    start: Day | None = None
    priority: Literal["none", "low", "medium", "high"] = "none"
    tags: tuple[str, ...] = ()
    minutes: int | None = None
    url: str | None = None
    remind: tuple[str, ...] = ()
    """Offsets from `due`."""
    series: Series | None = None
    below: tuple["Task", ...] = ()
    done: int | None = None
    """So many days ago."""
    is_cancelled: bool = False
    """In place of done."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section, or a column of a board."""

    name: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """A list with its tasks; those of no section come first."""

    name: str
    color: str
    group: str | None = None
    tasks: tuple[Task, ...] = ()
    sections: tuple[Section, ...] = ()
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A saved filter."""

    name: str
    query: str
    color: str
    sort: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Of which very many titles are made, and where these go."""

    group: str
    large_list: str
    lists: tuple[str, ...]
    what: tuple[str, ...]
    """With `{}` for the subject."""
    subjects: tuple[str, ...]
    whom: tuple[str, ...]
    daily_list: str
    daily: tuple[str, ...]
    """What somebody does each day, for years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that is in the account."""

    name: str
    """Of the person."""
    language: Literal["en", "de"]
    timezone: str
    inbox: tuple[Task, ...]
    deleted: str
    """The title of a task that was in the inbox, and can come back."""
    lists: tuple[List, ...]
    tags: tuple[tuple[str, str], ...]
    """Their names and colours."""
    filters: tuple[Filter, ...]
    words: Words
