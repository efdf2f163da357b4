"""Days: `tomorrow`, `next Friday`, `this weekend`, `end of the month`, and all that other rooms know of them."""

from collections.abc import Callable
from datetime import date, timedelta

from doable.tasks.dates import MAX_YEAR, MIN_YEAR, later
from doable.tasks.quick.amounts import away, duration
from doable.tasks.quick.calendar import (
    LONGEST_MONTH,
    MONTHS,
    MOST_OF_A_WEEKDAY,
    SATURDAY,
    WEEK,
    WORKDAYS,
    Day,
    Today,
    of_month,
)
from doable.tasks.quick.dated import day_of_month, in_digits, iso, month_then_day, numbered, ordinal
from doable.tasks.quick.language import Language, Unit
from doable.tasks.quick.text import Text

Read = tuple[Day, int]
Reader = Callable[[Text, int, Language, Today], Read | None]


def day(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """The day that is said here, and the token after it."""
    if text[index].kind == "number":
        readers: tuple[Reader, ...] = (iso, in_digits, day_of_month, _nth, away, numbered)
    else:
        readers = (_relative, _weekday, _week, _end, month_then_day, _nth, away, numbered)
    for reader in readers:
        found = reader(text, index, words, today)
        if found is not None and MIN_YEAR <= found[0].date.year <= MAX_YEAR:
            return found
    return None


def _relative(text: Text, index: int, words: Language, today: Today) -> Read | None:
    night = text.word(words.tonight, index)
    if night is not None:
        return Day(today.day, night[0]), night[1]
    found = text.word(words.days, index)
    if found is None:
        return None
    if found[0] == 0 and text.word(words.in_, found[1]) is not None:  # "heute in einer Woche"
        further = away(text, found[1], words, today)
        if further is not None:
            return further
    that = today.day + timedelta(days=found[0])
    return _weeks_later(text, found[1], words, that) or (Day(that), found[1])


def _weeks_later(text: Text, index: int, words: Language, day: date) -> Read | None:
    """The day so many weeks after that day: `in einer Woche`, `in 14 Tagen` behind it."""
    said = text.word(words.in_, index)
    found = None if said is None else duration(text, said[1], words)
    if found is None or not text.ends[found[1]]:
        return None
    (number, unit), end = found
    days = number * WEEK if unit == "week" else number
    if unit not in {"day", "week"} or days % WEEK:
        return None
    try:
        return Day(day + timedelta(days=days)), end
    except OverflowError:
        return None


def _weekday(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`Friday`, `next Friday`, `Fri 4 Dec`, `Friday next week`, `Freitagabend`."""
    with_part = text.word(words.weekday_parts, index)
    if with_part is not None:
        (number, part), following = with_part
        return Day(today.weekday(number), part, is_weekday=True), following
    coming = text.word(words.this, index)
    following_one = text.word(words.next, index) if coming is None else None
    chosen = coming or following_one
    start = index if chosen is None else chosen[1]
    full = text.word(words.weekdays, start)
    found = full or text.word(words.short_weekdays, start)
    if found is None:
        return None
    number, end = found
    if full is None and text.is_glued(end, ".") and not text.is_last(end):
        end += 1  # Mon. 9am
    if following_one is not None:
        return Day(_in_week(today, number, 1)), end
    if chosen is None:
        exact = _date_behind(text, end, words, today) or _weeks_later(text, end, words, today.weekday(number))
        if exact is not None:
            return exact
        week = text.word(words.next, text.skip(words.on, end))
        unit = None if week is None else text.word(words.units, week[1])
        if unit is not None and unit[0] == "week":
            return Day(_in_week(today, number, 1)), unit[1]
    return Day(today.weekday(number), is_weekday=True, is_short=full is None, is_bare=chosen is None), end


def _date_behind(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`4 Dec` behind `Friday`: the date says more."""
    start = index + 1 if text[index].key in {",", "."} else index
    article = text.word(words.on, start)
    if article is not None:
        start = article[1]
    for reader in (iso, in_digits, day_of_month, month_then_day, *([numbered] if article is not None else [])):
        found = reader(text, start, words, today)
        if found is not None:
            return found[0]._replace(needs_on=False), found[1]
    return None


def _in_week(today: Today, number: int, weeks: int) -> date:
    first = today.week(weeks)
    return first + timedelta(days=(number - first.weekday()) % WEEK)


def _week(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`next week`, `next week Tuesday`, `next month`, `next year`, `this weekend`, `weekend`."""
    coming, following_one = text.word(words.this, index), text.word(words.next, index)
    chosen = coming or following_one
    start = index if chosen is None else chosen[1]
    weekend = text.word(words.weekend, start)
    if weekend is not None:
        is_next = coming is None and following_one is not None
        saturday = _in_week(today, SATURDAY, 1) if is_next else today.weekday(SATURDAY)
        return Day(saturday, needs_on=chosen is None), weekend[1]
    unit = text.word(words.units, start) if coming is None and following_one is not None else None
    if unit is None or unit[0] == "day":
        return None
    if unit[0] == "week":
        on = unit[1] + 1 if text[unit[1]].key in words.plain_on else unit[1]
        named = text.word(words.weekdays, on)
        if named is not None:
            return Day(_in_week(today, named[0], 1)), named[1]
        return Day(today.week(1)), unit[1]
    first = today.day.replace(day=1)
    return Day(later(first, 1) if unit[0] == "month" else date(today.day.year + 1, 1, 1)), unit[1]


def _end(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`end of the month`, `end of next week`, `Monatsende`."""
    short = text.word(words.ends, index)
    if short is not None:
        return Day(_last(today, short[0], 0)), short[1]
    end = text.word(words.end_of, index)
    if end is None:
        return None
    following_one, coming = text.word(words.next, end[1]), text.word(words.this, end[1])
    chosen = following_one or coming
    unit = text.word(words.units, end[1] if chosen is None else chosen[1])
    month = text.word(words.months, end[1])
    if unit is None and month is not None:
        first = today.day.replace(day=1)
        return Day(later(first, (month[0] - first.month) % MONTHS, LONGEST_MONTH)), month[1]
    if unit is None and chosen is None:
        return _relative(text, end[1], words, today)
    return None if unit is None else (Day(_last(today, unit[0], int(following_one is not None))), unit[1])


def _last(today: Today, unit: Unit, more: int) -> date:
    match unit:
        case "day":
            return today.day + timedelta(days=more)
        case "week":
            return today.week(more) + timedelta(days=WEEK - 1)
        case "month":
            return later(today.day, more, LONGEST_MONTH)
        case "year":
            return date(today.day.year + more, 12, 31)


def _nth(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`last Friday of the month`, `first Monday of next month`, `first Monday of December`."""
    number = ordinal(text, index, words)
    if number is None:
        return None
    weekday, workday = text.word(words.weekdays, number[1]), text.word(words.workday, number[1])
    if weekday is not None and number[0] <= MOST_OF_A_WEEKDAY:
        days: tuple[int, ...] = (weekday[0],)
        end = weekday[1]
    elif workday is not None:
        days, end = WORKDAYS, workday[1]
    else:
        return _of_a_month(text, *number, words, today)
    months, end = _months(text, end, words, today)
    for each in months:
        first = later(today.day.replace(day=1), each)
        found = of_month(first.year, first.month, days, number[0])
        if found is not None and found >= today.day:
            return Day(found), end
    return None


def _of_a_month(text: Text, number: int, index: int, words: Language, today: Today) -> Read | None:
    """`of the month`, `of next month` behind `first`, `15th`: the next such day, or that of the next month."""
    months, end = _months(text, index, words, today)
    if text.word(words.months, text.skip(words.of, index)) is not None:
        return None
    for each in months:
        first = later(today.day.replace(day=1), each)
        found = later(first, 0, LONGEST_MONTH if number < 0 else number)
        if found >= today.day and number in {found.day, -1}:
            return Day(found), end
    return None


def _months(text: Text, index: int, words: Language, today: Today) -> tuple[range, int]:
    """`of the month`, `of next month`, `of May`: the months by their distance from this one. None, if nothing of the kind is said."""
    of_the_month = text.word(words.of_the_month, index)
    if of_the_month is not None:
        return range(2), of_the_month[1]
    start = text.skip(words.of, index)
    named, following_one = text.word(words.months, start), text.word(words.next, start)
    if named is not None:
        distance = (named[0] - today.day.month) % MONTHS
        return range(distance, distance + MONTHS + 1, MONTHS), named[1]
    unit = None if following_one is None else text.word(words.units, following_one[1])
    return (range(1, 2), unit[1]) if unit is not None and unit[0] == "month" else (range(0), index)
