"""The dates of a rule, by jumps of days, weeks, months or years: pure functions, and nothing of them takes long.

A rule is anchored at a date, which is its first (DTSTART of RFC 5545) whether it fits the rule or not. Sets of a month are
made once for each form of a month, and there are 28 of these, 14 of years: so however far a rule is followed, it costs little.
"""

from calendar import isleap, monthrange
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Final

from doable.errors import RecurrenceNever, RecurrenceUnsupported
from doable.tasks.dates import LAST_DAY, later
from doable.tasks.recurrence.rules import Frequency, Rule, parse

WEEK: Final = 7
MONTHS: Final = 12
FEBRUARY: Final = 2
SEARCHED: Final[dict[Frequency, int]] = {"MONTHLY": 500}
"""How many months a next date is searched for. The longest gap that a Monday the 29th of February leaves is 480."""
USUALLY_SEARCHED: Final = 100 * MONTHS

Period = tuple[int, Sequence[int]]
"""The ordinal of the first day of a day, week, month or year, and which of its days are dates of the rule, from 0."""


def check(rule: Rule, anchor: date, *, from_completion: bool) -> None:
    """Raise RecurrenceNever if the rule has no date after the anchor, COUNT and UNTIL aside."""
    last = _horizon(rule, anchor)
    found = step(rule, anchor) if from_completion else next(dates(rule, anchor, anchor), None)
    if found is None or found > last:
        raise RecurrenceNever


def can_follow(text: str, anchor: date, *, from_completion: bool) -> bool:
    """Whether a task that is due then can recur by this text of a rule: `every 999 months` has no other date."""
    try:
        check(parse(text, from_completion=from_completion), anchor, from_completion=from_completion)
    except (RecurrenceUnsupported, RecurrenceNever):
        return False
    return True


def dates(rule: Rule, anchor: date, after: date) -> Iterator[date]:
    """The dates of the rule behind this day and the anchor, in order, as far as they are searched; COUNT and UNTIL aside."""
    after = max(anchor, after)
    return _between(rule, anchor, after, _horizon(rule, after))


def upcoming(rule: Rule, occurrence: date, after: date, months: int) -> Iterator[date]:
    """The dates behind this day that a series goes on to from its present one, so many months ahead at most, with COUNT and UNTIL.

    They are those that `following` finds if each is completed on its day.
    """
    last = ahead(after, months) if rule.until is None else min(rule.until, ahead(after, months))
    if rule.count is None:
        return _between(rule, occurrence, max(occurrence, after), last)
    # Missed dates count as well, so they are counted from the present one on.
    found = islice(_between(rule, occurrence, occurrence, last), rule.count - 1)
    return (day for day in found if day > after)


def following(
    rule: Rule, anchor: date, after: date, is_wanted: Callable[[date], bool] = lambda _: True
) -> tuple[date, Rule] | None:
    """The first date behind this day that is wanted, and the rule as it goes on from there. None if the rule ends before."""
    found = next((day for day in dates(rule, anchor, after) if is_wanted(day)), None)
    if found is None or rule.count is None:
        return _unless_over(rule, found, passed=0)
    passed = 1  # the anchor
    for _ in _between(rule, anchor, anchor, found - timedelta(days=1)):
        if passed >= rule.count:
            break
        passed += 1
    return _unless_over(rule, found, passed=passed)


def following_completion(rule: Rule, today: date, due: date) -> tuple[date, Rule] | None:
    """As `following`: the date of a rule that goes by the day of completion. If that was early, it goes by what was due."""
    found = step(rule, today)
    if found is not None and found <= due:
        found = step(rule, due)
    return _unless_over(rule, found, passed=1)


def step(rule: Rule, day: date) -> date | None:
    """The day so many of the rule's units later, or the last of that month if it has none. None beyond the years of tasks."""
    try:
        match rule.frequency:
            case "DAILY" | "WEEKLY":
                found = day + timedelta(days=rule.interval * (WEEK if rule.frequency == "WEEKLY" else 1))
            case _:
                found = later(day, rule.interval * (MONTHS if rule.frequency == "YEARLY" else 1))
    except OverflowError:
        return None
    return found if found <= LAST_DAY else None


def _unless_over(rule: Rule, found: date | None, *, passed: int) -> tuple[date, Rule] | None:
    if found is None or (rule.until is not None and found > rule.until):
        return None
    if rule.count is None:
        return found, rule
    return (found, rule.counting(rule.count - passed)) if passed < rule.count else None


def _horizon(rule: Rule, day: date) -> date:
    return ahead(day, SEARCHED.get(rule.frequency, USUALLY_SEARCHED))


def ahead(day: date, months: int) -> date:
    """So many months later, as far as there are years of tasks."""
    try:
        return later(day, months)
    except OverflowError:
        return LAST_DAY


def _between(rule: Rule, anchor: date, after: date, last: date) -> Iterator[date]:
    """The dates behind the first of these days, up to the last."""
    begin, end = after.toordinal(), last.toordinal()
    for start, offsets in _periods(rule, anchor, after):
        if start > end:
            return
        for offset in offsets:
            day = start + offset
            if begin < day <= end:
                yield date.fromordinal(day)


def _periods(rule: Rule, anchor: date, after: date) -> Iterator[Period]:
    """From that of the day on, those that the interval does not leave out; as far as there are years of tasks."""
    match rule.frequency:
        case "DAILY" if not rule.days:
            return _equal(anchor, after, rule.interval, (0,))
        case "DAILY":
            # Of a day that it has: the first of one, and the last.
            fits = not rule.positions or not {1, -1}.isdisjoint(rule.positions)
            return _equal(_week(rule, anchor), after, WEEK, _weekly(rule, anchor) if fits else ())
        case "WEEKLY":
            offsets = _chosen(rule, _weekly(rule, anchor))
            return _equal(_week(rule, anchor), after, WEEK * rule.interval, offsets)
        case "MONTHLY":
            return _months(rule, anchor, after)
        case _:
            return _years(rule, anchor, after)


def _equal(first: date, after: date, days: int, offsets: Sequence[int]) -> Iterator[Period]:
    start = first.toordinal()
    start += max(0, after.toordinal() - start) // days * days
    end = LAST_DAY.toordinal() if offsets else 0
    return ((each, offsets) for each in range(start, end + 1, days))


def _week(rule: Rule, day: date) -> date:
    return day - timedelta(days=(day.weekday() - rule.week_start) % WEEK)


def _weekly(rule: Rule, anchor: date) -> Sequence[int]:
    weekdays = {weekday for _, weekday in rule.days} or {anchor.weekday()}
    return sorted((each - rule.week_start) % WEEK for each in weekdays)


def _months(rule: Rule, anchor: date, after: date) -> Iterator[Period]:
    known: dict[tuple[int, int], Sequence[int]] = {}
    first, here = (day.year * MONTHS + day.month - 1 for day in (anchor, after))
    for number in range(first + (here - first) // rule.interval * rule.interval, _AFTER_THE_LAST, rule.interval):
        year, month = divmod(number, MONTHS)
        form = monthrange(year, month + 1)
        if form not in known:
            known[form] = _chosen(rule, _of_month(rule, *form, anchor.day))
        yield date(year, month + 1, 1).toordinal(), known[form]


def _years(rule: Rule, anchor: date, after: date) -> Iterator[Period]:
    known: dict[tuple[int, bool], Sequence[int]] = {}
    start = anchor.year + (after.year - anchor.year) // rule.interval * rule.interval
    for year in range(start, LAST_DAY.year + 1, rule.interval):
        first = date(year, 1, 1)
        form = first.weekday(), isleap(year)
        if form not in known:
            known[form] = _chosen(rule, _of_year(rule, year, anchor))
        yield first.toordinal(), known[form]


_AFTER_THE_LAST: Final = (LAST_DAY.year + 1) * MONTHS


def _of_year(rule: Rule, year: int, anchor: date) -> Sequence[int]:
    found: list[int] = []
    for month in rule.months or (anchor.month,):
        before = date(year, month, 1).timetuple().tm_yday - 1
        found += (before + each for each in _of_month(rule, *monthrange(year, month), anchor.day))
    return found


def _of_month(rule: Rule, weekday: int, length: int, day: int) -> Sequence[int]:
    """The days of a month that begins with this weekday and is so long; the day is the one if the rule names none."""
    every = set(range(length))
    by_number = {each - 1 if each > 0 else length + each for each in rule.month_days or (() if rule.days else (day,))}
    by_weekday: set[int] = set()
    for number, each in rule.days:
        of_month = range((each - weekday) % WEEK, length, WEEK)
        if number == 0:
            by_weekday.update(of_month)
        elif abs(number) <= len(of_month):
            by_weekday.add(of_month[number - 1 if number > 0 else number])
    return sorted(every & (by_number or every) & (by_weekday if rule.days else every))


def _chosen(rule: Rule, found: Sequence[int]) -> Sequence[int]:
    """Those at the rule's positions."""
    if not rule.positions:
        return found
    places = {each - 1 if each > 0 else len(found) + each for each in rule.positions}
    return [each for place, each in enumerate(found) if place in places]
