"""Time zones as iCalendar has them (RFC 5545, sections 3.2.19 and 3.6.5): which zone a TZID is, and the VTIMEZONE of a zone."""

from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from doable import clock
from doable.ical.described import Described
from doable.ical.lines import Component, Line
from doable.ical.values import local

_LONGEST_NAME: Final = 255


def zones(calendar: Component) -> Mapping[str, Component]:
    """The VTIMEZONEs of a calendar by their TZIDs."""
    return {
        line.value: each for each in calendar.components if each.name == "VTIMEZONE" and (line := each.first("TZID"))
    }


def iana(tzid: str) -> str | None:
    """The IANA name of a zone: some programs have Windows' names, and some a path before it."""
    # What is longer is the name of none, and is not kept.
    return None if len(tzid) > _LONGEST_NAME else _iana(tzid)


@lru_cache(1000)
def _iana(tzid: str) -> str | None:
    tzid = tzid.strip().strip('"')
    parts = tzid.split("/")
    tails = ("/".join(parts[start:]) for start in range(max(len(parts) - 3, 0), len(parts)))
    known = clock.timezones()
    return next((each for each in (tzid, *tails) if each in known), None) or _names_of_windows().get(tzid)


@cache
def _names_of_windows() -> Mapping[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return dict(WINDOWS_TO_OLSON)


def name_of(tzid: str, own: Mapping[str, Component]) -> str | None:
    """The IANA name that is meant by this TZID: also by a name of Windows, by a path before it, or by what its VTIMEZONE says.

    None if there is none: then the rules of its VTIMEZONE are all that is known.
    """
    found = iana(tzid)
    if found is None and tzid in own:
        said = own[tzid].first("X-LIC-LOCATION") or own[tzid].first("TZID-ALIAS-OF")  # the latter is RFC 7808's
        found = None if said is None else iana(said.value)
    return found


def moment(line: Line, own: Mapping[str, Component]) -> date | datetime | None:
    """The value of a DATE or DATE-TIME: a whole day; a time without zone, which floats; or a time with a zone.

    That of a zone which is known by its VTIMEZONE alone is in UTC. None if it is no date.
    """
    value = local(line.value)
    return _placed(value, _zone(line, own)) if isinstance(value, datetime) else value


def moments(line: Line, own: Mapping[str, Component]) -> list[date | datetime]:
    """Those of EXDATE or RDATE, which has several. Of a PERIOD, when it begins. What is no date is left out."""
    return [value for _, value in each_moment(line, own) if value is not None]


def each_moment(line: Line, own: Mapping[str, Component]) -> Iterator[tuple[str, date | datetime | None]]:
    """The same, each with what is written; None for what is no date."""
    zone = _zone(line, own)
    for written in line.value.split(","):
        value = local(written.partition("/")[0])
        yield written, _placed(value, zone) if isinstance(value, datetime) else value


def _zone(line: Line, own: Mapping[str, Component]) -> tzinfo | None:
    """That of its TZID. One that nobody has described is none."""
    tzid = line.parameter("TZID")
    if tzid is None:
        return None
    described = own.get(tzid)
    if described is None:
        name = iana(tzid)
        return None if name is None else ZoneInfo(name)
    if described.zone is None:  # thousands of lines may name it
        name = name_of(tzid, own)
        described.zone = Described(described) if name is None else ZoneInfo(name)
    return described.zone


def _placed(value: datetime, zone: tzinfo | None) -> datetime:
    if value.tzinfo is not None or zone is None:
        return value
    if isinstance(zone, ZoneInfo):
        # In the first and the last year an instant may be beyond all years.
        return value.replace(tzinfo=zone if MINYEAR < value.year < MAXYEAR else UTC)
    try:
        return value.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:  # at the ends of the calendar
        return value.replace(tzinfo=UTC)


def zone_of(calendar: Component) -> tzinfo | None:
    """The zone of a text that is a VTIMEZONE in a calendar, as `calendar-timezone` has it (RFC 4791, section 5.2.2)."""
    for tzid, component in zones(calendar).items():
        name = name_of(tzid, {tzid: component})
        return Described(component) if name is None else ZoneInfo(name)
    return None
