"""Days by their numbers: `Dec 20`, `20th of December 2027`, `24.12.`, `12/24`, `2027-05-31`, `the 15th`."""

from datetime import date
from typing import Final

from doable.tasks.dates import MAX_YEAR, MIN_YEAR, later
from doable.tasks.quick.calendar import LONGEST_MONTH, MONTHS, Day, Today, date_of
from doable.tasks.quick.language import Language
from doable.tasks.quick.text import Text

CENTURY: Final = 2000
LENGTHS_OF_YEAR: Final = (2, 4)

Read = tuple[Day, int]


def month_and_day(text: Text, index: int, words: Language) -> tuple[int, int, int] | None:
    """`June 14`, `the 14th of June`, `14. Juni`: the month, the day, and the token after them."""
    found = text.word(words.months, index)
    if found is not None:
        following = found[1] + 1 if text.is_glued(found[1], ".") else found[1]  # Dec. 4
        number = ordinal(text, text.skip(words.on, following), words, is_bare=True)
        return None if number is None or text[number[1]].key in words.counted else (found[0], *number)
    number = ordinal(text, index, words, is_bare=True)
    if number is None:
        return None
    found = text.word(words.months, text.skip(words.of, number[1]))
    return None if found is None else (found[0], number[0], found[1])


def ordinal(text: Text, index: int, words: Language, *, is_bare: bool = False) -> tuple[int, int] | None:
    """`15th`, `15.`, `first`, `last` (-1), or `15` too: the number from 1 to 31, and the token after it."""
    spelled = text.word(words.ordinals, index)
    if spelled is not None:
        return spelled
    number = text.number(index, digits=2)
    if number is None or not 1 <= number <= LONGEST_MONTH:
        return None
    following = index + 1
    after_it = text[following]
    if after_it.key in words.ordinal_endings and not after_it.is_spaced:
        return (number, following + 1) if _may_follow(text, following + 1) else None
    if (words.has_ordinal_dot or is_bare) and text.is_glued(following, ".") and text[following + 1].is_spaced:
        return number, following + 1
    return (number, following) if is_bare and _may_follow(text, following) else None


def _may_follow(text: Text, index: int) -> bool:
    return text.ends[index] or text.is_glued(index, ",") or text.is_glued(index, "/")


def month_then_day(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`Dec 20`, `December 20th, 2027`."""
    return None if text.word(words.months, index) is None else day_of_month(text, index, words, today)


def day_of_month(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`20 December`, `20th of Dec 2027`."""
    found = month_and_day(text, index, words)
    if found is None:
        return None
    month, number, following = found
    comma = following + 1 if text[following].key == "," else following
    year = _year(text, comma) if text[comma].is_spaced else None
    if year is not None:
        exact = date_of(year, month, number)
        return None if exact is None else (Day(exact), comma + 1)
    coming = _coming(today, month, number)
    return None if coming is None else (Day(coming), following)


def _year(text: Text, index: int) -> int | None:
    year = text.number(index)
    return year if year is not None and MIN_YEAR <= year <= MAX_YEAR and text.ends[index + 1] else None


def _coming(today: Today, month: int, number: int) -> date | None:
    """The next one of this day, today among them. For 29 February that may be years from now."""
    for year in range(today.day.year, today.day.year + 9):
        found = date_of(year, month, number)
        if found is not None and found >= today.day:
            return found
    return None


def iso(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`2027-05-31`."""
    del words, today
    year, month, number = text.number(index), text.number(index + 2, digits=2), text.number(index + 4, digits=2)
    if year is None or month is None or number is None:
        return None
    if not _are_glued(text, index + 1, "-", 4) or len(text[index].key) != len("YYYY"):
        return None
    found = date_of(year, month, number)
    return None if found is None else (Day(found), index + 5)


def _are_glued(text: Text, index: int, sign: str, tokens: int) -> bool:
    """Whether these tokens have no white space before them, and each other one is this sign."""
    some = range(index, index + tokens)
    return all(not text[each].is_spaced and text[each].kind != "stop" for each in some) and all(
        text[each].key == sign for each in some[::2]
    )


def in_digits(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`12/24`, `12/24/2027`, `24.12.`, `24.12.2026`."""
    first, second = text.number(index, digits=2), text.number(index + 2, digits=2)
    sign = text[index + 1].key
    if first is None or second is None or sign not in {"/", "."} or not _are_glued(text, index + 1, sign, 2):
        return None
    is_both = max(first, second) <= MONTHS
    is_month_first = sign == "/" and (words.is_month_first if is_both else second > MONTHS)
    month, number = (first, second) if is_month_first else (second, first)
    following = index + 3
    if not text.is_glued(following, sign):
        # Without its second dot it may be a time or a price, and a fraction with a slash; 24/7 is always.
        coming = None if (first, second) == (24, 7) else _coming(today, month, number)
        return None if coming is None else (Day(coming, needs_on=True), following)
    year = text.number(following + 1)
    if year is None or text[following + 1].is_spaced:
        coming = _coming(today, month, number) if sign == "." else None
        return None if coming is None else (Day(coming), following + 1)
    length = len(text[following + 1].key)
    exact = date_of(CENTURY + year if length == len("YY") else year, month, number)
    return None if exact is None or length not in LENGTHS_OF_YEAR else (Day(exact), following + 2)


def numbered(text: Text, index: int, words: Language, today: Today) -> Read | None:
    """`15th`, `15.`: the next one, in a month that has it."""
    if text.word(words.ordinals, index) is not None:
        return None
    found = ordinal(text, index, words)
    if found is None or text[found[1]].key in words.counted:
        return None
    for months in range(MONTHS):
        first = later(today.day.replace(day=1), months)
        there = date_of(first.year, first.month, found[0])
        if there is not None and there >= today.day:
            return Day(there, needs_on=True), found[1]
    return None
