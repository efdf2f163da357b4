"""Time zones as iCalendar has them (RFC 5545, sections 3.2.19 and 3.6.5): which zone a TZID is, and the VTIMEZONE of a zone."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo

from doable.ical.lines import Component, Line


def zones(calendar: Component) -> Mapping[str, Component]:
    """The VTIMEZONEs of a calendar by their TZIDs."""
    return {
        line.value: each for each in calendar.components if each.name == "VTIMEZONE" and (line := each.first("TZID"))
    }


def name_of(tzid: str, own: Mapping[str, Component]) -> str | None:
    """The IANA name that is meant by this TZID: also by a name of Windows, by a path before it, or by what its VTIMEZONE says.

    None if there is none: then the rules of its VTIMEZONE are all that is known.
    """
    raise NotImplementedError


def moment(line: Line, own: Mapping[str, Component]) -> date | datetime | None:
    """The value of a DATE or DATE-TIME: a whole day; a time without zone, which floats; or a time with a zone.

    That of a zone which is known by its VTIMEZONE alone is in UTC. None if it is no date.
    """
    raise NotImplementedError


def moments(line: Line, own: Mapping[str, Component]) -> list[date | datetime]:
    """Those of EXDATE or RDATE, which has several. Of a PERIOD, when it begins. What is no date is left out."""
    raise NotImplementedError


def zone_of(calendar: Component) -> tzinfo | None:
    """The zone of a text that is a VTIMEZONE in a calendar, as `calendar-timezone` has it (RFC 4791, section 5.2.2)."""
    raise NotImplementedError


def definitions(names: Iterable[str]) -> str:
    """The VTIMEZONEs of these IANA names, with CR LF. Those that are not known here are left out."""
    raise NotImplementedError
