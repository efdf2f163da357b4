"""Values of content lines: dates and times, and lengths of time (RFC 5545, section 3.3)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

_MOMENT: Final = re.compile(r"([0-9]{8})(?:[Tt]([0-9]{6})([Zz])?)?")
_DURATION: Final = re.compile(
    r"([+-]?)P(?:([0-9]{1,5})W)?(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,7})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})S)?)?"
)
_LEAP_SECOND: Final = 60
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


def local(text: str) -> date | datetime | None:
    """A DATE or a DATE-TIME (sections 3.3.4 and 3.3.5), in UTC if it says so; None if it is neither."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    day, time, utc = found.groups()
    try:
        year, month, of_month = int(day[:4]), int(day[4:6]), int(day[6:])
        if time is None:
            return date(year, month, of_month)
        second = int(time[4:])
        if second == _LEAP_SECOND:  # no clock here has it
            second -= 1
        return datetime(year, month, of_month, int(time[:2]), int(time[2:4]), second, tzinfo=UTC if utc else None)
    except ValueError:
        return None


class Duration(NamedTuple):
    """A length of time: days are nominal, the same time by the clock, and the rest is exact (section 3.3.6)."""

    days: int
    seconds: int

    @property
    def whole(self) -> timedelta:
        """Where it makes no difference."""
        return timedelta(days=self.days, seconds=self.seconds)


def duration(text: str) -> Duration | None:
    """A DURATION (section 3.3.6); None if it is none. Weeks may go with the rest, as some programs write them."""
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None or not any(found.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    return Duration(sign * (weeks * 7 + days), sign * ((hours * 60 + minutes) * 60 + seconds))


def later(at: datetime, length: timedelta) -> datetime:
    """So much later, or earlier; the last time there is, or the first, where that is beyond all years."""
    try:
        return at + length
    except OverflowError:
        return _LAST.replace(tzinfo=at.tzinfo) if length > timedelta() else _FIRST.replace(tzinfo=at.tzinfo)
