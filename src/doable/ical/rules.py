"""Rules of RFC 5545, section 3.3.10, all of them, on local times; pure, and none of it takes long.

A rule is followed by jumps of its unit. Which days of a year it means depends on the weekdays that this year and its
neighbours begin with, so that is found once for each of these forms. A walk spends steps, and is given up when they are spent.
"""

import re
from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, takewhile
from typing import Any, Final, Literal, overload

MAX_LENGTH: Final = 4096
STEPS: Final = 10_000
"""Of one walk. They take less than 50 ms."""
STEPS_OF_A_YEAR: Final = 20
"""What it costs to find the days of another form of a year."""
CYCLE: Final = 400
"""Years after which the calendar is the same."""

WEEK: Final = 7
MONTHS: Final = 12
MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 86_400
MID_WEEK: Final = 3
"""The day of a week whose year is that of the week, counted from its first."""

Frequency = Literal["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
UNITS: Final[Mapping[Frequency, int]] = {
    "SECONDLY": 1,
    "MINUTELY": MINUTE,
    "HOURLY": HOUR,
    "DAILY": DAY,
    "WEEKLY": WEEK * DAY,
}
"""Seconds of the units that are equal."""
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class UnreadableRule(ValueError):
    """It is no rule of RFC 5545."""


class GaveUp(Exception):
    """The steps are spent: there may be more."""


class Budget:
    """How many steps may still be taken."""

    def __init__(self, steps: int = STEPS) -> None:
        """Begin with so many."""
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Take so many. Raises GaveUp."""
        self.left -= steps
        if self.left < 0:
            raise GaveUp


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read; what it does not say is empty. Negative numbers count from the end."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    """The last that may be an instant of it; in UTC if it was sent so."""
    week_start: int = 0
    """As `date.weekday` has it; so are the days."""
    days: Sequence[tuple[int, int]] = ()
    """Weekdays, and before each which of the month's or year's it is; 0 is each of them."""
    month_days: Sequence[int] = ()
    year_days: Sequence[int] = ()
    weeks: Sequence[int] = ()
    months: Sequence[int] = ()
    hours: Sequence[int] = ()
    minutes: Sequence[int] = ()
    seconds: Sequence[int] = ()
    positions: Sequence[int] = ()

    @property
    def names_days(self) -> bool:
        """Whether it leaves days out, or names some."""
        return bool(self.days or self.month_days or self.year_days or self.weeks or self.months)

    @property
    def step(self) -> timedelta | None:
        """From one instant to the next, where that is always the same."""
        unit = UNITS.get(self.frequency)
        if unit is None or self.names_days or self.hours or self.minutes or self.seconds or self.positions:
            return None
        try:
            return timedelta(seconds=unit * self.interval)
        except OverflowError:
            return timedelta.max

    def of_days(self) -> "Rule":
        """The same for what is on whole days: times of the day are passed over, as RFC 5545 has it."""
        unit = UNITS.get(self.frequency, DAY)
        if unit >= DAY:
            return replace(self, hours=(), minutes=(), seconds=())
        days = max(1, unit * self.interval // DAY)
        return replace(self, frequency="DAILY", interval=days, hours=(), minutes=(), seconds=())

    def anchored(self, start: datetime) -> "Rule":
        """With the parts that it takes from its start, since it does not say them."""
        said: dict[str, Any] = {}
        if not (self.days or self.month_days or self.year_days):
            match self.frequency:
                case "YEARLY" if not self.weeks:
                    said = {"months": self.months or (start.month,), "month_days": (start.day,)}
                case "MONTHLY" if not self.weeks:
                    said = {"month_days": (start.day,)}
                case "WEEKLY" | "YEARLY":
                    said = {"days": ((0, start.weekday()),)}
                case _:
                    pass
        unit = UNITS.get(self.frequency, DAY)
        for name, size, value in (
            ("hours", HOUR, start.hour),
            ("minutes", MINUTE, start.minute),
            ("seconds", 1, start.second),
        ):
            if size < unit and not getattr(self, name):
                said[name] = (value,)
        return replace(self, **said)


def parse(text: str) -> Rule:
    """The rule of this text, in any case. Raises UnreadableRule."""
    if len(text) > MAX_LENGTH or not text.isascii():
        raise UnreadableRule(text[:MAX_LENGTH])
    read: dict[str, Any] = {}
    for part in text.strip().rstrip(";").upper().split(";"):
        name, _, value = part.partition("=")
        member, reader = _READERS.get(name, ("", _nothing))
        found = reader(value)
        if found is None or member in read:
            raise UnreadableRule(text)
        read[member] = found
    if "frequency" not in read:
        raise UnreadableRule(text)
    return Rule(**read)


def is_readable(text: str) -> bool:
    """Whether it is a rule of RFC 5545."""
    try:
        parse(text)
    except UnreadableRule:
        return False
    return True


def _nothing(_: str) -> None:
    return None


def _frequency(value: str) -> str | None:
    return value if value in {*UNITS, "MONTHLY", "YEARLY"} else None


def _number(value: str) -> int | None:
    return (int(value) or None) if re.fullmatch(r"[0-9]{1,9}", value) else None


def _numbers(least: int, most: int, *, signed: bool = False) -> Callable[[str], Sequence[int] | None]:
    form = re.compile(r"[+-]?[0-9]{1,4}" if signed else r"[0-9]{1,4}")

    def read(value: str) -> Sequence[int] | None:
        values = value.split(",")
        if not all(form.fullmatch(each) and least <= abs(int(each)) <= most for each in values):
            return None
        return tuple(sorted({int(each) for each in values}))

    return read


def _seconds(value: str) -> Sequence[int] | None:
    found = _numbers(0, 60)(value)
    # RFC 5545: without leap seconds, the 60th is the 59th.
    return None if found is None else tuple(sorted({min(each, 59) for each in found}))


def _until(value: str) -> date | datetime | None:
    found = re.fullmatch(r"([0-9]{8})(T[0-9]{6})?(Z?)", value)
    try:
        if found is None:
            return None
        if found[2] is None:
            return datetime.strptime(found[1], "%Y%m%d").date()  # noqa: DTZ007 - a date
        read = datetime.strptime(found[1] + found[2], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - it may float
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if found[3] else read


def _weekday(value: str) -> int | None:
    return WEEKDAYS.index(value) if value in WEEKDAYS else None


def _days(value: str) -> Sequence[tuple[int, int]] | None:
    read = set()
    for each in value.split(","):
        found = re.fullmatch(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", each)
        if found is None or not (found[1] is None or 1 <= abs(int(found[1])) <= _MOST_OF_A_WEEKDAY):
            return None
        read.add((int(found[1] or 0), WEEKDAYS.index(found[2])))
    return tuple(sorted(read))


_MOST_OF_A_WEEKDAY: Final = 53
_READERS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "FREQ": ("frequency", _frequency),
    "INTERVAL": ("interval", _number),
    "COUNT": ("count", _number),
    "UNTIL": ("until", _until),
    "WKST": ("week_start", _weekday),
    "BYDAY": ("days", _days),
    "BYMONTHDAY": ("month_days", _numbers(1, 31, signed=True)),
    "BYYEARDAY": ("year_days", _numbers(1, 366, signed=True)),
    "BYWEEKNO": ("weeks", _numbers(1, 53, signed=True)),
    "BYMONTH": ("months", _numbers(1, 12)),
    "BYHOUR": ("hours", _numbers(0, 23)),
    "BYMINUTE": ("minutes", _numbers(0, 59)),
    "BYSECOND": ("seconds", _seconds),
    "BYSETPOS": ("positions", _numbers(1, 366, signed=True)),
}


def walk(
    rule: Rule, start: datetime, after: datetime, *, until: datetime | None = None, budget: Budget
) -> Iterator[datetime]:
    """The local times of the rule from `after` on, in order, with COUNT. Raises GaveUp.

    It begins at its start, which is the first of them whether it fits the rule or not. UNTIL is the caller's to give, as a
    local time. Only where COUNT says that all must be counted, it is walked from the start; else it is from just before `after`.
    """
    last = _MAX if until is None else until
    count = rule.count
    if count is not None and rule.step is not None:
        with suppress(OverflowError):
            last = min(last, start + (count - 1) * rule.step)
        count = None
    if after <= start <= last:
        yield start
    wanted = max(start, after)
    periods = _periods(rule.anchored(start), start, wanted if count is None else start, last, budget)
    for moment in _behind(_number_of(start), periods, _number_of(wanted), count, budget):
        shown = _shown(moment)
        if shown > last:
            return
        budget.spend()
        yield shown


def passed(rule: Rule, start: datetime, before: datetime, *, budget: Budget) -> int:
    """How many local times of the rule there are before this one, its start included. Raises GaveUp."""
    if rule.step is not None:
        return max(0, -((start - before) // rule.step))
    return sum(1 for _ in takewhile(lambda each: each < before, walk(rule, start, start, budget=budget)))


def _behind(
    start: int, periods: Iterator[Sequence[int]], wanted: int, count: int | None, budget: Budget
) -> Iterator[int]:
    """The moments behind the start that are wanted; those before count, as the start does."""
    left = None if count is None else count - 1
    for found in periods:
        budget.spend()
        begin, end = bisect_right(found, start), len(found)
        if left is not None:
            end = min(end, begin + left)
            left -= end - begin
        for place in range(max(begin, bisect_left(found, wanted)), end):
            yield found[place]
        if left == 0:
            return


_MAX: Final = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - a local time


def _number_of(shown: datetime) -> int:
    """Seconds, such that a day begins at those of its ordinal."""
    return shown.toordinal() * DAY + shown.hour * HOUR + shown.minute * MINUTE + shown.second


def _shown(number: int) -> datetime:
    day, seconds = divmod(number, DAY)
    return datetime.fromordinal(day) + timedelta(seconds=seconds)


class _Product(Sequence[int]):
    """The sums of one of each, in order, without making them: there may be 86,400 in a day."""

    def __init__(self, many: Sequence[int], few: Sequence[int]) -> None:
        self._many, self._few = many, few

    def __len__(self) -> int:
        return len(self._many) * len(self._few)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        many, few = divmod(place, len(self._few))
        return self._many[many] + self._few[few]


def _times(hours: Sequence[int], minutes: Sequence[int], seconds: Sequence[int]) -> Sequence[int]:
    of_hour = _Product([each * MINUTE for each in minutes], seconds)
    return _Product([each * HOUR for each in hours], of_hour)


class _Years:
    """Which days of each year a rule means."""

    def __init__(self, rule: Rule, budget: Budget) -> None:
        self._rule, self.budget = rule, budget
        self._known: dict[tuple[int, ...], Sequence[int]] = {}

    def of(self, year: int) -> Sequence[int]:
        """Counted from its first, which is 0."""
        form = _form(year) if self._rule.weeks else _form(year)[1:3]
        if form not in self._known:
            self.budget.spend(STEPS_OF_A_YEAR)
            self._known[form] = _days_of(self._rule, year)
        return self._known[form]

    def between(self, first: int, end: int) -> Sequence[int]:
        """Those from the one ordinal to before the other."""
        found: list[int] = []
        for year in range(date.fromordinal(first).year, date.fromordinal(min(end - 1, _LAST)).year + 1):
            days, begin = self.of(year), _first_of(year)
            found += (begin + each for each in days[bisect_left(days, first - begin) : bisect_left(days, end - begin)])
        return found

    def following(self, day: int) -> int | None:
        """The first of them from this ordinal on."""
        year = date.fromordinal(day).year
        for each in range(year, min(year + CYCLE, date.max.year) + 1):
            days, begin = self.of(each), _first_of(each)
            place = bisect_left(days, day - begin)
            if place < len(days):
                return begin + days[place]
        return None


_LAST: Final = date.max.toordinal()


@lru_cache(maxsize=CYCLE)
def _first_of(year: int) -> int:
    return date(year, 1, 1).toordinal()


@lru_cache(maxsize=CYCLE)
def _form(year: int) -> tuple[int, ...]:
    """The weekdays on which a year begins, and those of the one before and of two behind: more make no difference."""
    # Of years that the calendar does not have, those a cycle later or before are the same.
    known = (year - 2) % CYCLE + CYCLE
    return tuple(date(known + each, 1, 1).weekday() for each in (1, 2, 3, 4))


def _days_of(rule: Rule, year: int) -> Sequence[int]:
    _, weekday, after, _ = _form(year)
    length = 365 + (after - weekday - 1) % WEEK
    ends = [*accumulate(monthrange(year, month + 1)[1] for month in range(MONTHS))]
    months = [range(end - monthrange(year, month + 1)[1], end) for month, end in enumerate(ends)]
    found = {*range(length)}
    if rule.months:
        found &= {day for month in rule.months for day in months[month - 1]}
    if rule.month_days:
        found &= {day for month in months for day in _numbered(month, rule.month_days)}
    if rule.year_days:
        found &= {*_numbered(range(length), rule.year_days)}
    if rule.days:
        found &= _weekdays(rule, weekday, [range(length)], months)
    if rule.weeks:
        found &= _weeks(rule, year, length)
    return sorted(found)


def _numbered(days: Sequence[int], numbers: Sequence[int]) -> Iterator[int]:
    """Those that have these numbers, from 1 on; negative from the end."""
    return (days[each - 1 if each > 0 else each] for each in numbers if abs(each) <= len(days))


def _weekdays(rule: Rule, weekday: int, year: Sequence[range], months: Sequence[range]) -> set[int]:
    """Days of a year that begins with this weekday. Numbers are of its months or its own, as the rule has it."""
    of_months = rule.frequency == "MONTHLY" or (rule.frequency == "YEARLY" and rule.months)
    found: set[int] = set()
    for number, each in rule.days:
        every = range((each - weekday) % WEEK, year[0].stop, WEEK)
        if number == 0 or rule.frequency not in {"MONTHLY", "YEARLY"}:
            found.update(every)
            continue
        for span in months if of_months else year:
            begin, end = (bisect_left(every, side) for side in (span.start, span.stop))
            found.update(_numbered(every[begin:end], [number]))
    return found


def _weeks(rule: Rule, year: int, length: int) -> set[int]:
    """The days of its weeks of these numbers. A week is of the year that has four days of it (RFC 5545, 3.3.10)."""
    before, weekday, after, beyond = _form(year)
    lengths = (365 + (weekday - before - 1) % WEEK, length, 365 + (beyond - after - 1) % WEEK)
    found: set[int] = set()
    for of, begin in zip(lengths, (-lengths[0], 0, length), strict=True):
        first = (rule.week_start + MID_WEEK - weekday - begin) % WEEK  # the middle of its first week
        middles = range(begin + first, begin + of, WEEK)
        for middle in _numbered(middles, rule.weeks):
            found.update(range(middle - MID_WEEK, middle + WEEK - MID_WEEK))
    return found & {*range(length)}


def _periods(rule: Rule, start: datetime, after: datetime, last: datetime, budget: Budget) -> Iterator[Sequence[int]]:
    """From that of `after` on, those that the interval does not leave out: the moments of each, in order."""
    years = _Years(rule, budget)
    unit = UNITS.get(rule.frequency)
    if unit is not None and unit < DAY:
        found = _short(rule, _number_of(start), _number_of(after), _number_of(last), years)
    else:
        times = _times(rule.hours, rule.minutes, rule.seconds)
        found = (_Product([day * DAY for day in days], times) for days in _long(rule, start, after, last, years))
    return found if not rule.positions else (_chosen(each, rule.positions, budget) for each in found)


def _chosen(found: Sequence[int], positions: Sequence[int], budget: Budget) -> Sequence[int]:
    budget.spend(len(positions))
    return sorted({*_numbered(found, positions)})


def _long(rule: Rule, start: datetime, after: datetime, last: datetime, years: _Years) -> Iterator[Sequence[int]]:
    """The ordinals of the days of each day, week, month or year."""
    interval = rule.interval
    match rule.frequency:
        case "YEARLY":
            for year in range(start.year + (after.year - start.year) // interval * interval, last.year + 1, interval):
                first = _first_of(year)
                yield [first + each for each in years.of(year)]
        case "MONTHLY":
            begin, here, end = (each.year * MONTHS + each.month - 1 for each in (start, after, last))
            for number in range(begin + (here - begin) // interval * interval, end + 1, interval):
                year, month = divmod(number, MONTHS)
                first = date(year, month + 1, 1).toordinal()
                yield years.between(first, first + monthrange(year, month + 1)[1])
        case "WEEKLY":
            begin, days = start.toordinal() - (start.weekday() - rule.week_start) % WEEK, WEEK * interval
            for week in range(begin + (after.toordinal() - begin) // days * days, last.toordinal() + 1, days):
                yield years.between(max(week, 1), week + WEEK)
        case _:
            yield from _daily(rule, start.toordinal(), after.toordinal(), last.toordinal(), years)


def _daily(rule: Rule, first: int, day: int, last: int, years: _Years) -> Iterator[Sequence[int]]:
    while day <= last:
        if rule.names_days:
            years.budget.spend()
            found = years.following(day)
            if found is None:
                return
            day = found
        beyond = (first - day) % rule.interval
        if beyond == 0:
            yield (day,)
        day += beyond or 1


def _short(rule: Rule, first: int, number: int, last: int, years: _Years) -> Iterator[Sequence[int]]:
    """The moments of each hour, minute or second. What the rule does not mean is passed over by days, hours and minutes."""
    unit = UNITS[rule.frequency]
    within = _times((0,), rule.minutes, rule.seconds) if unit == HOUR else rule.seconds if unit == MINUTE else (0,)
    first, number, last = first // unit, number // unit, last // unit
    while (number := number + (first - number) % rule.interval) <= last:
        wanted = _wanted(rule, unit, number * unit, years)
        if wanted is None:
            return
        if wanted == number * unit:
            yield _Product((wanted,), within)
            number += 1
        else:
            number = wanted // unit


def _wanted(rule: Rule, unit: int, moment: int, years: _Years) -> int | None:
    """The moment itself if the rule means its day, hour, minute and second; else the next that may be one."""
    years.budget.spend()
    day, seconds = divmod(moment, DAY)
    if rule.names_days:
        found = years.following(day)
        if found is None or found > day:
            return None if found is None else found * DAY
    for size, of, numbers in ((HOUR, 24, rule.hours), (MINUTE, 60, rule.minutes), (1, 60, rule.seconds)):
        if size < unit or not numbers:
            continue
        number = seconds // size % of
        if number not in numbers:
            place = bisect_left(numbers, number)
            begin = moment - moment % (size * of)
            return begin + size * (numbers[place] if place < len(numbers) else of)
    return moment
