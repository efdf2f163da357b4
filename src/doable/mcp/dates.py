"""Dates as an assistant writes and reads them: in the user's time zone, and in words beside that."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from doable import clock
from doable.database.types import instant_to_text
from doable.errors import Invalid
from doable.tasks import dates
from doable.tasks.moments import Moment, Present
from doable.tasks.quick.understanding import LANGUAGES, understand

Parts = dict[str, str | None]
"""`date`, `time` and `timezone`, as a task takes them."""

_SAID: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d|today|tomorrow)"
    r"(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?P<offset>Z|[+-]\d\d:\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_RULE: Final = re.compile(r"(RRULE:)?(?P<rule>FREQ=.*)", re.IGNORECASE | re.DOTALL)
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TITLE: Final = "x"
"""Stands before what is to be nothing but a rule."""


def today(here: Present) -> date:
    """The day that it is where the user is."""
    return here.now.astimezone(ZoneInfo(here.zone)).date()


def parts(text: str, here: Present, *where: str) -> Parts:
    """The parts of a date that was said. Without an offset a time floats. Raises Invalid, which says what it may be."""
    said = _SAID.fullmatch(text.strip())
    if said is None:
        raise _not_a_date(here, where)
    days = {"today": 0, "tomorrow": 1}.get(said["day"].lower())
    day = said["day"] if days is None else f"{today(here) + timedelta(days)}"
    try:
        if said["time"] is None:
            found: Parts = {"date": day, "time": None, "timezone": None}
        elif said["offset"] is None:
            time = datetime.fromisoformat(f"{day}T{said['time']}").time()
            found = {"date": day, "time": f"{time}", "timezone": None}
        else:
            found = _in_zone(datetime.fromisoformat(f"{day}T{said['time']}{said['offset'].upper()}"), here.zone)
    except (ValueError, OverflowError):
        raise _not_a_date(here, where) from None
    if not dates.is_date(found["date"] or ""):
        raise _not_a_date(here, where)
    return found


def _in_zone(at: datetime, zone: str) -> Parts:
    """An instant, as the clock of that zone shows it; of an hour that comes twice, the second is in no zone but UTC."""
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    if clock.instant(local.isoformat(), zone) != at:
        local, zone = at.astimezone(UTC).replace(tzinfo=None), "UTC"
    return {"date": f"{local.date()}", "time": local.time().isoformat("seconds"), "timezone": zone}


def moment(text: str, here: Present, *where: str) -> Moment:
    """What dates are compared with. Raises Invalid."""
    said = parts(text, here, *where)
    if said["time"] is None:
        return Moment(f"{said['date']}")
    return Moment(instant_to_text(clock.instant(f"{said['date']}T{said['time']}", said["timezone"] or here.zone)))


def _not_a_date(here: Present, where: tuple[str, ...]) -> Invalid:
    message = (
        "must be YYYY-MM-DD, YYYY-MM-DDTHH:MM in the user's time zone, the same with an offset, today or tomorrow. "
        f"Today is {words(today(here))}, {today(here)}"
    )
    return Invalid(message, where=("body", *where))


def rule(text: str, here: Present) -> tuple[Mapping[str, str], Parts | None]:
    """How a task recurs, by a rule or in words, and the first date, if words say one. Raises Invalid."""
    if as_rule := _RULE.fullmatch(text.strip()):
        return {"rule": as_rule["rule"]}, None
    read = partial(
        understand,
        f"{_TITLE} {text.strip()}",
        now=here.now.astimezone(ZoneInfo(here.zone)),
        week_starts_on=here.week_starts_on,
        kinds=frozenset({"due", "recurrence"}),
    )
    for language in (here.language, *(LANGUAGES.keys() - {here.language})):
        said = read(language=language).members
        if "recurrence" in said and said["title"] == _TITLE:
            recurs, first = said["recurrence"], said["due"]
            return {"rule": recurs["rule"], "from_": recurs["from"]}, {"timezone": None, **first}
    message = "must be words such as every monday, every 2 weeks, monthly, or a rule such as FREQ=WEEKLY;BYDAY=MO"
    raise Invalid(message, where=("body", "recurrence"))


def told(said: Mapping[str, Any], here: Present) -> tuple[str, str]:
    """A date of a task in the form in which it may be sent back, and in words."""
    if said["time"] is None:
        return said["date"], _words(date.fromisoformat(said["date"]), "", here)
    if said["at"] is None:
        local = datetime.fromisoformat(f"{said['date']}T{said['time']}")
    else:
        local = datetime.fromisoformat(said["at"]).astimezone(ZoneInfo(here.zone))
    text = local.isoformat(timespec="seconds" if local.second else "minutes")
    return text, _words(local.date(), f" {local:%H:%M}", here)


def _words(day: date, time: str, here: Present) -> str:
    days = (day - today(here)).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days)
    return f"{words(day)}{time}, {near or (f'in {days} days' if days > 0 else f'{-days} days ago')}"


def words(day: date) -> str:
    """The day in words."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"
