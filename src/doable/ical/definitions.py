"""The VTIMEZONE of a zone (RFC 5545, section 3.6.5).

icalendar writes the onset of summer time as the clock shows it afterwards, an hour later than section 3.6.5 has it, and each
of many years by itself; what is written here is about 400 bytes.
"""

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from doable import clock
from doable.ical import text

_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What was before is not said."""
_LAST_YEAR: Final = 2100
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_STEP: Final = timedelta(days=5)
"""In 2040, summer time in Gaza is over after a week."""
_ENOUGH: Final = 10
"""Years in which a rule has held, up to the last one, for which it is one."""


class _Onset(NamedTuple):
    at: datetime
    """By the clock of before."""
    before: timedelta
    after: timedelta
    name: str
    is_daylight: bool


def definitions(names: Iterable[str]) -> str:
    """The VTIMEZONEs of these IANA names, with CR LF. Those that are not known here are left out."""
    return "".join(map(definition, names))


@lru_cache(200)
def definition(name: str) -> str:
    """The VTIMEZONE of this one; nothing if it is not known here."""
    if not clock.is_zone(name):  # a newer server knew it
        return ""
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", *_parts(ZoneInfo(name)), "END:VTIMEZONE"]
    return "".join(map(text.folded, lines))


def _parts(zone: ZoneInfo) -> Iterator[str]:
    first = _FIRST.astimezone(zone)
    onsets = list(_onsets(zone))
    offset = first.utcoffset() or timedelta()
    begins = _Onset(first.replace(tzinfo=None), offset, offset, first.tzname() or "", bool(first.dst()))
    by_kind: dict[tuple[timedelta, timedelta, str, bool], list[_Onset]] = {}
    for each in onsets:
        by_kind.setdefault(each[1:], []).append(each)
    yield from _part(begins, [])
    for found in by_kind.values():
        ruled = _ruled(found)
        yield from _several(found[: len(found) - len(ruled)])
        if ruled:
            yield from _part(ruled[0], [f"RRULE:FREQ=YEARLY;BYMONTH={ruled[0].at.month};{_rule(ruled)}"])


def _several(onsets: list[_Onset]) -> Iterator[str]:
    if onsets:
        later = ",".join(f"{each.at:%Y%m%dT%H%M%S}" for each in onsets[1:])
        yield from _part(onsets[0], [f"RDATE:{later}"] if later else [])


def _part(onset: _Onset, more: list[str]) -> Iterator[str]:
    kind = "DAYLIGHT" if onset.is_daylight else "STANDARD"
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{onset.at:%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_offset(onset.before)}"
    yield f"TZOFFSETTO:{_offset(onset.after)}"
    yield f"TZNAME:{onset.name}"
    yield from more
    yield f"END:{kind}"


def _onsets(zone: ZoneInfo) -> Iterator[_Onset]:
    """Each change of what the clock shows, in order."""
    low = _FIRST
    while low.year < _LAST_YEAR:
        high = low + _STEP
        if _seen(low, zone) != _seen(high, zone):
            yield _onset(low, high, zone)
        low = high


def _seen(at: datetime, zone: ZoneInfo) -> tuple[timedelta | None, str | None, bool]:
    here = at.astimezone(zone)
    return here.utcoffset(), here.tzname(), bool(here.dst())


def _onset(low: datetime, high: datetime, zone: ZoneInfo) -> _Onset:
    before = _seen(low, zone)
    minutes = range(int((high - low).total_seconds() // 60) + 1)
    first = bisect_left(minutes, True, key=lambda number: _seen(low + timedelta(minutes=number), zone) != before)  # noqa: FBT003 - the first that is
    at = low + timedelta(minutes=minutes[first])
    offset, name, is_daylight = _seen(at, zone)
    shown = (at + (before[0] or timedelta())).replace(tzinfo=None)
    return _Onset(shown, before[0] or timedelta(), offset or timedelta(), name or "", is_daylight)


def _ruled(onsets: list[_Onset]) -> list[_Onset]:
    """The last of these, if they are on the same weekday of a month of each year up to the last."""
    if not onsets or onsets[-1].at.year < _LAST_YEAR - 1:
        return []
    for start in range(len(onsets)):
        found = onsets[start:]
        is_yearly = len(found) == _LAST_YEAR - found[0].at.year and len(found) >= _ENOUGH
        if is_yearly and len({_place(each.at) for each in found}) == 1 and _rule(found):
            return found
    return []


def _place(at: datetime) -> tuple[int, int, int, int]:
    return at.month, at.weekday(), at.hour, at.minute


def _rule(onsets: list[_Onset]) -> str:
    """Which of the month's weekdays it is. A time beyond midnight may make that a week of any seven days."""
    weekday, days = _WEEKDAYS[onsets[0].at.weekday()], [each.at.day for each in onsets]
    low, high = min(days), max(days)
    length = monthrange(2001, onsets[0].at.month)[1]
    if high - low >= 7:  # noqa: PLR2004 - days of a week
        return ""
    if low > length - 7:
        return f"BYDAY=-1{weekday}"
    if (low - 1) // 7 == (high - 1) // 7:
        return f"BYDAY={(low - 1) // 7 + 1}{weekday}"
    return f"BYDAY={weekday};BYMONTHDAY={','.join(map(str, range(low, low + 7)))}"


def _offset(offset: timedelta) -> str:
    sign, seconds = "-" if offset < timedelta() else "+", abs(int(offset.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, second = divmod(rest, 60)
    return f"{sign}{hours:02}{minutes:02}{f'{second:02}' if second else ''}"
