"""When a task is due or may be begun, as its reader would say it: by the clock where the reader is, in the reader's language."""

from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from doable import clock
from doable.notifications.phrases import Phrases
from doable.tasks import dates
from doable.tasks.tables import TaskRow

_MINUTES: Final = len("HH:MM")


class Moment(NamedTuple):
    """When a task is due or may be begun, as it is stored."""

    local: str
    timezone: str | None
    at: datetime | None


class When(NamedTuple):
    """A day, and a time of it unless it is all of it."""

    day: date
    time: str | None


def due_of(task: TaskRow) -> Moment | None:
    """When it is due."""
    local = task["due_local"]
    return None if local is None else Moment(local, task["due_timezone"], task["due_at"])


def start_of(task: TaskRow) -> Moment | None:
    """When it may be begun."""
    local = task["start_local"]
    return None if local is None else Moment(local, task["start_timezone"], task["start_at"])


def in_full(moment: Moment, zone: str, today: date, phrases: Phrases) -> str:
    """The day with its year, and the time. If another zone's clock is meant and shows another time, that as well."""
    here = _by_the_clock(moment, zone)
    said = _said(here, phrases)
    if near := phrases.days.get((here.day - today).days):
        said = f"{near}, {said}"
    if moment.at is None or moment.timezone is None or not clock.is_zone(moment.timezone):  # a newer server knew it
        return said
    there = _shown(moment.at, moment.timezone)
    if there == here:
        return said
    city = moment.timezone.rpartition("/")[2].replace("_", " ")
    return f"{said} ({city}: {_time(there, phrases) if there.day == here.day else _said(there, phrases)})"


def in_short(moment: Moment, zone: str, today: date, phrases: Phrases, *, names_today: bool) -> str:
    """The same on a line among others. Of a whole day that is today there may be nothing to say."""
    here = _by_the_clock(moment, zone)
    pieces = []
    if names_today or here.day != today:
        near = phrases.days.get((here.day - today).days)
        pieces.append(near or phrases.date(here.day, year=here.day.year != today.year))
    if here.time is not None:
        pieces.append(_time(here, phrases))
    return ", ".join(pieces)


def _by_the_clock(moment: Moment, zone: str) -> When:
    """In this zone."""
    if moment.at is not None:
        return _shown(moment.at, zone)
    return When(date.fromisoformat(moment.local[:10]), dates.sent(moment.local, None, None)["time"])


def _shown(at: datetime, zone: str) -> When:
    there = at.astimezone(ZoneInfo(zone))
    return When(there.date(), f"{there:%H:%M:%S}")


def _said(when: When, phrases: Phrases) -> str:
    day = phrases.date(when.day, year=True)
    return day if when.time is None else f"{day}, {_time(when, phrases)}"


def _time(when: When, phrases: Phrases) -> str:
    time = when.time or ""
    return phrases.time.format(time=time[:_MINUTES] if time.endswith(":00") else time)
