"""When a task is due, and when it may be begun: a whole day, a local time that floats, or an instant in a zone.

These are the three kinds of RFC 8984, section 1.4. What is stored depends on no setting and on no zone of the server, so that a
whole day stays that day.
"""

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from doable import clock
from doable.errors import MomentIncomplete

MIN_YEAR: Final = 1970
MAX_YEAR: Final = 2200
LAST_DAY: Final = date(MAX_YEAR, 12, 31)

WHOLE_DAY: Final = "T24:00:00"
"""In place of a time where a task is due on a day: behind all times of that day."""

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Parts = Mapping[str, str | None]
"""`date`, `time` and `timezone`, or those of them that a client has sent."""


def is_date(text: str) -> bool:
    """Whether it is a day of the years 1970 to 2200, as YYYY-MM-DD."""
    if not _DATE.fullmatch(text):
        return False
    try:
        return MIN_YEAR <= date.fromisoformat(text).year <= MAX_YEAR
    except ValueError:
        return False


def later(day: date, months: int, number: int | None = None) -> date:
    """The same day (or this one) so many months later, or the last of that month if it has none. Raises OverflowError."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAX_YEAR:
        raise OverflowError
    return date(year, month + 1, min(number or day.day, monthrange(year, month + 1)[1]))


def is_whole_day(local: str) -> bool:
    """Whether what is stored has no time."""
    return len(local) == len("YYYY-MM-DD") or local.endswith(WHOLE_DAY)


def sent(local: str, timezone: str | None, at: str | None) -> dict[str, str | None]:
    """What is stored, as it goes over the wire."""
    time = None if is_whole_day(local) else local[11:]
    return {"date": local[:10], "time": time, "timezone": timezone, "at": at}


def stored(name: str, parts: Parts | None, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """The columns of `due` or `start`, by its name: these parts in place of those of the old row (RFC 7396), if there is one.

    None clears it. Without a time there is no zone either. Raises MomentIncomplete.
    """
    if parts is None:
        return {f"{name}_local": None, f"{name}_timezone": None, f"{name}_at": None}
    before = {}
    if old is not None and old[f"{name}_local"] is not None:
        before = sent(old[f"{name}_local"], old[f"{name}_timezone"], None)
    merged = {"date": None, "time": None, "timezone": None, **before, **parts}
    day, time, timezone = merged["date"], merged["time"], merged["timezone"]
    if day is None:
        raise MomentIncomplete("required", where=("body", name, "date"))
    if time is None:
        if parts.get("timezone") is not None:
            raise MomentIncomplete("a time zone needs a time", where=("body", name, "timezone"))
        local = f"{day}{WHOLE_DAY}" if name == "due" else day
        return {f"{name}_local": local, f"{name}_timezone": None, f"{name}_at": None}
    local = f"{day}T{time}"
    try:
        at = None if timezone is None else clock.instant(local, timezone)
    except ZoneInfoNotFoundError:  # a newer server knew it
        raise MomentIncomplete("this time zone is not known", where=("body", name, "timezone")) from None
    return {f"{name}_local": local, f"{name}_timezone": timezone, f"{name}_at": at}


def first_instant(local: str, timezone: str) -> datetime:
    """The instant at which a clock in the zone first shows this time or a later one, in UTC; of a whole day its end.

    So what is earlier by the clock is never later by this, not even where clocks are put forward.
    """
    zone, day = ZoneInfo(timezone), local.removesuffix(WHOLE_DAY)
    shown = datetime.fromisoformat(local) if day == local else datetime.fromisoformat(day) + timedelta(days=1)
    at = shown.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == shown:
        return at
    # It is skipped. With the offset of after it is before the clocks are put forward, with that of before it is behind it.
    before = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seconds = range(int((at - before).total_seconds()) + 1)

    def is_later(number: int) -> bool:
        return (before + timedelta(seconds=number)).astimezone(zone).replace(tzinfo=None) >= shown

    return before + timedelta(seconds=bisect_left(seconds, True, key=is_later))  # noqa: FBT003 - the first that is


def latest_shown(at: datetime, timezone: str) -> datetime:
    """The latest time that a clock in the zone has shown until then, without the zone.

    That is the time it shows, but where it was just put back: there, its last second before that.
    """
    zone = ZoneInfo(timezone)
    here = at.astimezone(zone)
    if here.fold:
        again = (here.replace(fold=0).utcoffset() or timedelta()) - (here.utcoffset() or timedelta())
        seconds = range(int(again.total_seconds()) + 1)

        def is_before(number: int) -> bool:
            return not (at - timedelta(seconds=number)).astimezone(zone).fold

        here = (at - timedelta(seconds=bisect_left(seconds, True, key=is_before))).astimezone(zone)  # noqa: FBT003 - the first that is
    return here.replace(tzinfo=None)
