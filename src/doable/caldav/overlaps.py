"""Whether a component is in a range of time: the tables of RFC 4791, 9.9, row by row, with their odd `<=`."""

from datetime import UTC, datetime, timedelta
from typing import Final

from doable.caldav.filters import TimeRange
from doable.ical.values import later

DAY: Final = timedelta(days=1)

_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)
_AFTER_ALL: Final = datetime.max.replace(tzinfo=UTC)


def bounds(wanted: TimeRange) -> tuple[datetime, datetime]:
    """The range without None."""
    return wanted.start or _BEFORE_ALL, wanted.end or _AFTER_ALL


def todo(  # noqa: PLR0911 - a row of the table each
    wanted: TimeRange,
    *,
    start: datetime | None = None,
    lasts: timedelta | None = None,
    due: datetime | None = None,
    completed: datetime | None = None,
    created: datetime | None = None,
) -> bool:
    """Whether a VTODO with these properties is."""
    begin, end = bounds(wanted)
    if start is not None and lasts is not None:
        until = later(start, lasts)
        return begin <= until and (end > start or end >= until)
    if start is not None and due is not None:
        return (begin < due or begin <= start) and (end > start or end >= due)
    if start is not None:
        return begin <= start < end
    if due is not None:
        return begin < due <= end
    if completed is not None and created is not None:
        return (begin <= created or begin <= completed) and (end >= created or end >= completed)
    if completed is not None:
        return begin <= completed <= end
    if created is not None:
        return end > created
    return True


def event(
    wanted: TimeRange,
    *,
    start: datetime,
    is_day: bool = False,
    end: datetime | None = None,
    lasts: timedelta | None = None,
) -> bool:
    """Whether a VEVENT is. `is_day`: its DTSTART has no time."""
    if end is not None:
        return _between(wanted, start, end)
    if lasts is not None and lasts > timedelta():
        return _between(wanted, start, later(start, lasts))
    if lasts is None and is_day:
        return _between(wanted, start, later(start, DAY))
    return instant(wanted, start)


def journal(wanted: TimeRange, *, start: datetime | None, is_day: bool = False) -> bool:
    """Whether a VJOURNAL is."""
    if start is None:
        return False
    return _between(wanted, start, later(start, DAY)) if is_day else instant(wanted, start)


def free_busy(wanted: TimeRange, start: datetime, end: datetime) -> bool:
    """Whether a VFREEBUSY with DTSTART and DTEND is."""
    begin, until = bounds(wanted)
    return begin <= end and until > start


def period(wanted: TimeRange, start: datetime, end: datetime) -> bool:
    """Whether a period of FREEBUSY is."""
    return _between(wanted, start, end)


def instant(wanted: TimeRange, at: datetime) -> bool:
    """Whether the trigger of a VALARM is, or the value of a property."""
    begin, end = bounds(wanted)
    return begin <= at < end


def _between(wanted: TimeRange, start: datetime, end: datetime) -> bool:
    begin, until = bounds(wanted)
    return begin < end and until > start
