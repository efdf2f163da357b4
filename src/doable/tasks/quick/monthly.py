"""Rules of months and years: `1st and 15th`, `3rd Monday`, `last day of every month`, `June 14`."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from doable.tasks.dates import later
from doable.tasks.quick.calendar import LONGEST_MONTH, MONTHS, MOST_OF_A_WEEKDAY, WORKDAYS, date_of, of_month
from doable.tasks.quick.dated import month_and_day, ordinal
from doable.tasks.quick.language import Language
from doable.tasks.quick.rule import NAMES, First, Rule
from doable.tasks.quick.text import Text

MOST_WORKDAYS: Final = 23
IN_EVERY_MONTH: Final = 28
LEAP_YEAR: Final = 2028
MOST_DAYS: Final = 8
"""So many days of a month are read; more would make a hostile line long."""

Read = tuple[Rule, int]


def yearly(text: Text, index: int, words: Language) -> Read | None:
    """`June 14`."""
    found = month_and_day(text, index, words)
    if found is None:
        return None
    month, number, end = found
    if date_of(LEAP_YEAR, month, number) is None:
        return None
    days = (
        [("BYMONTHDAY", "28,29"), ("BYSETPOS", "-1")] if (month, number) == (2, 29) else [("BYMONTHDAY", str(number))]
    )

    def first(start: date) -> date:
        this = later(date(start.year, month, 1), 0, number)
        return this if this >= start else later(date(start.year + 1, month, 1), 0, number)

    return Rule("year", parts=[("BYMONTH", str(month)), *days], first=first), end


def monthly(text: Text, index: int, words: Language, *, is_of_every: bool = False) -> Read | None:
    """Days of a month, `of every month` if there must be that."""
    numbers, end = _numbers(text, index, words)
    if not numbers:
        return None
    nth = _nth(text, numbers[0], end, words) if len(numbers) == 1 else None
    made, end = nth or (_on_days(numbers), end)
    of_every, of_the = text.word(words.of_every_month, end), text.word(words.of_the_month, end)
    of = of_every or (None if is_of_every else of_the)
    # "every first prize", "every last one": a number in words says no day by itself.
    if of is None and (
        is_of_every or (nth is None and text[end - 1].kind == "word" and _is_spelled(text, end - 1, words))
    ):
        return None
    return made, end if of is None else of[1]


def _is_spelled(text: Text, index: int, words: Language) -> bool:
    return text.word(words.ordinals, index) is not None


def _numbers(text: Text, index: int, words: Language) -> tuple[list[int], int]:
    numbers: list[int] = []
    end = index
    for _ in range(MOST_DAYS):
        start = end if not numbers else next_of_series(text, end, words)
        found = ordinal(text, text.skip(words.on, start) if numbers else start, words)
        if found is None or (numbers and start == end):
            break
        numbers.append(found[0])
        end = found[1]
    return numbers, end


def next_of_series(text: Text, index: int, words: Language) -> int:
    """The token behind a comma or an `and`, or both."""
    if text[index].kind == "sign" and text[index].key in {",", "/", "&"}:
        index += 1
    return text.skip(words.and_, index)


def _nth(text: Text, number: int, end: int, words: Language) -> Read | None:
    """`Monday`, `day` or `workday` behind the number."""
    day = text.word(words.weekdays, end) or text.word(words.short_weekdays, end)
    if day is not None and -1 <= number <= MOST_OF_A_WEEKDAY:
        return _nth_weekday(number, day[0]), day[1]
    unit = text.word(words.units, end)
    if unit is not None and unit[0] == "day":
        return _on_days([number]), unit[1]
    workday = text.word(words.workday, end)
    if workday is None or number > MOST_WORKDAYS:
        return None
    byday = ",".join(NAMES[each] for each in WORKDAYS)
    return Rule(
        "month",
        parts=[("BYDAY", byday), ("BYSETPOS", str(number))],
        first=_in_months(lambda year, month: of_month(year, month, WORKDAYS, number)),
    ), workday[1]


def _nth_weekday(number: int, weekday: int) -> Rule:
    return Rule(
        "month",
        parts=[("BYDAY", f"{number}{NAMES[weekday]}")],
        first=_in_months(lambda year, month: of_month(year, month, (weekday,), number)),
    )


def _on_days(numbers: Sequence[int]) -> Rule:
    """On these days of the month; where it has not that many, on its last if it is one day."""
    if len(numbers) == 1 and numbers[0] > IN_EVERY_MONTH:
        days = ",".join(map(str, range(IN_EVERY_MONTH, numbers[0] + 1)))
        parts = [("BYMONTHDAY", days), ("BYSETPOS", "-1")]
    else:
        # The last day is behind the others.
        parts = [("BYMONTHDAY", ",".join(map(str, sorted({*numbers}, key=lambda each: each % (LONGEST_MONTH + 1)))))]

    def first(start: date) -> date:
        begins = start.replace(day=1)
        found = (later(begins, months, LONGEST_MONTH if each < 0 else each) for months in range(2) for each in numbers)
        return min(each for each in found if each >= start)

    return Rule("month", parts=parts, first=first)


def _in_months(find: Callable[[int, int], date | None]) -> First:
    def first(start: date) -> date | None:
        for months in range(MONTHS + 1):  # a fifth Monday is in one of three
            month = later(start.replace(day=1), months)
            found = find(month.year, month.month)
            if found is not None and found >= start:
                return found
        return None

    return first
