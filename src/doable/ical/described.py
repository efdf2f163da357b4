"""A zone of which there are only the rules of a VTIMEZONE (RFC 5545, section 3.6.5)."""

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from doable.ical.lines import Component
from doable.ical.values import later, local

_OFFSET: Final = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")
_BY_DAY: Final = re.compile(r"([+-]?[0-9])?(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MOST_PARTS: Final = 100
_MOST_DATES: Final = 500
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
"""Outside of them it is as in these."""


class Described(tzinfo):
    """The last onset before a time says what the offset is then."""

    def __init__(self, component: Component) -> None:
        self._name = line.value if (line := component.first("TZID")) else ""
        parts = [each for each in component.components if each.name in {"STANDARD", "DAYLIGHT"}]
        self._parts = [_Part(each) for each in parts[:_MOST_PARTS]]
        self._listed = sorted((at, part.after) for part in self._parts for at in part.listed())
        self._years: dict[int, list[tuple[datetime, timedelta]]] = {}

    def utcoffset(self, at: datetime | None) -> timedelta:
        if at is None or not self._parts:
            return timedelta()
        year = min(max(at.year, _FIRST_YEAR), _LAST_YEAR)
        shown = at.replace(tzinfo=None, fold=0)
        if year != at.year:
            shown = shown.replace(year=year, day=min(at.day, 28))  # a day of any February
        found = [_last(onsets, shown) for onsets in (self._listed, self._of_year(year), self._of_year(year - 1))]
        last = max((each for each in found if each is not None), default=None)
        return min(self._parts, key=lambda part: part.start).before if last is None else last[1]

    def _of_year(self, year: int) -> list[tuple[datetime, timedelta]]:
        if year not in self._years:
            onsets = ((part.of_year(year), part.after) for part in self._parts)
            self._years[year] = sorted((at, after) for at, after in onsets if at is not None)
        return self._years[year]

    def dst(self, at: datetime | None) -> timedelta:
        del at
        return timedelta()

    def tzname(self, at: datetime | None) -> str:
        del at
        return self._name


def _last(onsets: Sequence[tuple[datetime, timedelta]], shown: datetime) -> tuple[datetime, timedelta] | None:
    index = bisect_right(onsets, (shown, timedelta.max))
    return onsets[index - 1] if index else None


class _Part:
    """A STANDARD or DAYLIGHT: when it sets in, and the offsets before and after."""

    def __init__(self, component: Component) -> None:
        def value(name: str) -> str:
            line = component.first(name)
            return "" if line is None else line.value.strip().upper()

        self.before, self.after = _offset(value("TZOFFSETFROM")), _offset(value("TZOFFSETTO"))
        self.start = _time(local(value("DTSTART"))) or datetime.min  # noqa: DTZ901 - by the clock
        self._dates = [each for line in component.all("RDATE") for each in line.value.split(",", _MOST_DATES)]
        self._rule = dict(each.split("=", 1) for each in value("RRULE").split(";") if "=" in each)
        month_days = self._rule.get("BYMONTHDAY", "").split(",")[:_MOST_DATES]
        self._by_number = {_number(each) or 0 for each in month_days if each}
        until = local(self._rule.get("UNTIL", ""))
        at = _time(until)
        # UNTIL is in UTC here.
        in_utc = at is not None and isinstance(until, datetime)
        self._until = later(at, self.before) if in_utc and at else at or datetime.max  # noqa: DTZ901 - by the clock

    def listed(self) -> Iterator[datetime]:
        """The onsets that are named, and the last ones of a rule that has ended."""
        yield self.start
        for each in self._dates[:_MOST_DATES]:
            at = _time(local(each))
            if at is not None:
                yield at
        for year in (self._until.year, self._until.year - 1):
            onset = self.of_year(year) if 0 < year < _LAST_YEAR else None
            if onset is not None:
                yield onset

    def of_year(self, year: int) -> datetime | None:
        """The onset of the rule in this year."""
        at = self._in(year) if self._rule.get("FREQ") == "YEARLY" else None
        return at if at is not None and self.start <= at <= self._until else None

    def _in(self, year: int) -> datetime | None:
        month = _number(self._rule.get("BYMONTH")) or self.start.month
        if not 1 <= month <= 12:  # noqa: PLR2004 - of a year
            return None
        length = monthrange(year, month)[1]
        days: list[int] = list(range(1, length + 1))
        if self._by_number:
            wanted = {each if each > 0 else length + 1 + each for each in self._by_number}
            days = [each for each in days if each in wanted]
        by_day = _BY_DAY.fullmatch(self._rule.get("BYDAY", ""))
        if by_day is not None:
            weekday = _WEEKDAYS.index(by_day[2])
            days = [each for each in days if date(year, month, each).weekday() == weekday]
            which = int(by_day[1] or 1)
            days = days[which - 1 : which] if which > 0 else days[which : which + 1 or None]
        elif not self._by_number:
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


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"[+-]?[0-9]{1,3}", text) else None
