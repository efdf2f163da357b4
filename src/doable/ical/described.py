"""A zone of which there are only the rules of a VTIMEZONE (RFC 5545, section 3.6.5)."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from doable.ical.lines import Component
from doable.ical.values import local

_OFFSET: Final = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")
_BY_DAY: Final = re.compile(r"([+-]?[0-9])?(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MOST: Final = 200
"""Parts of a zone, and dates of a part, that are looked at."""


class Described(tzinfo):
    """The last onset before a time says what the offset is then."""

    def __init__(self, component: Component) -> None:
        self._name = line.value if (line := component.first("TZID")) else ""
        parts = [each for each in component.components if each.name in {"STANDARD", "DAYLIGHT"}]
        self._parts = [_Part(each) for each in parts[:_MOST]]

    def utcoffset(self, at: datetime | None) -> timedelta:
        if at is None or not self._parts:
            return timedelta()
        shown = at.replace(tzinfo=None)
        onsets = [(onset, part) for part in self._parts if (onset := part.last(shown)) is not None]
        if onsets:
            return max(onsets, key=lambda each: each[0])[1].after
        return min(self._parts, key=lambda part: part.start).before

    def dst(self, at: datetime | None) -> timedelta:
        del at
        return timedelta()

    def tzname(self, at: datetime | None) -> str:
        del at
        return self._name


class _Part:
    """A STANDARD or DAYLIGHT: when it sets in, and the offsets before and after."""

    def __init__(self, component: Component) -> None:
        def value(name: str) -> str:
            line = component.first(name)
            return "" if line is None else line.value.strip().upper()

        self.before, self.after = _offset(value("TZOFFSETFROM")), _offset(value("TZOFFSETTO"))
        self.start = _time(local(value("DTSTART"))) or datetime.min  # noqa: DTZ901 - by the clock
        listed = [each for line in component.all("RDATE") for each in line.value.split(",", _MOST)[:_MOST]]
        self._dates = [self.start, *(at for each in listed[:_MOST] if (at := _time(local(each))) is not None)]
        self._rule = dict(each.split("=", 1) for each in value("RRULE").split(";") if "=" in each)
        until = local(self._rule.get("UNTIL", ""))
        at = _time(until)
        # UNTIL is in UTC here.
        in_utc = at is not None and isinstance(until, datetime)
        self._until = _later(at, self.before) if in_utc and at else at or datetime.max  # noqa: DTZ901 - by the clock

    def last(self, shown: datetime) -> datetime | None:
        """The last onset that is not after this time."""
        found = [each for each in self._dates if each <= shown]
        if self._rule.get("FREQ") == "YEARLY":
            years = {year for year in (shown.year, shown.year - 1, self._until.year, self._until.year - 1) if year > 0}
            by_rule = (self._of_year(year) for year in years)
            found += [at for at in by_rule if at is not None and self.start <= at <= min(shown, self._until)]
        return max(found, default=None)

    def _of_year(self, year: int) -> datetime | None:
        month = _number(self._rule.get("BYMONTH")) or self.start.month
        if not 1 <= month <= 12:  # noqa: PLR2004 - of a year
            return None
        length = monthrange(year, month)[1]
        days: list[int] = list(range(1, length + 1))
        by_number = [_number(each) or 0 for each in self._rule.get("BYMONTHDAY", "").split(",")[:_MOST] if each]
        if by_number:
            wanted = {each if each > 0 else length + 1 + each for each in by_number}
            days = [each for each in days if each in wanted]
        by_day = _BY_DAY.fullmatch(self._rule.get("BYDAY", ""))
        if by_day is not None:
            weekday = _WEEKDAYS.index(by_day[2])
            days = [each for each in days if date(year, month, each).weekday() == weekday]
            which = int(by_day[1] or 1)
            days = days[which - 1 : which] if which > 0 else days[which : which + 1 or None]
        elif not by_number:
            days = [min(self.start.day, length)]
        return self.start.replace(year=year, month=month, day=days[0]) if days else None


def _offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return timedelta()
    hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    size = min(timedelta(hours=hours, minutes=minutes, seconds=seconds), timedelta(hours=23, minutes=59))
    return -size if found[1] == "-" else size


def _time(value: date | datetime | None) -> datetime | None:
    if value is None:
        return None
    return value.replace(tzinfo=None) if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001 - by the clock


def _later(at: datetime, length: timedelta) -> datetime:
    try:
        return at + length
    except OverflowError:
        return at


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[+-]?[0-9]{1,3}", text) else None
