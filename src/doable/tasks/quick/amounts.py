"""Lengths of time: `3 days`, `an hour and a half`; and the day that is so far away."""

from datetime import UTC, timedelta
from typing import Literal

from doable.tasks.quick.calendar import Day, Today, after
from doable.tasks.quick.language import Language, Unit
from doable.tasks.quick.text import Text


def duration(text: Text, index: int, words: Language) -> tuple[tuple[int, Unit | Literal["minute"]], int] | None:
    """`3 days`, `a week`, `1.5 hours`, `half an hour`: a number of units or of minutes, and the token after it."""
    fraction = text.word(words.fractions, index)
    if fraction is not None:
        return (fraction[0], "minute"), fraction[1]
    number, tenths, following = text.number(index), 0, index + 1
    if number is None:
        spelled = text.word(words.numbers, index)
        if spelled is None:
            return None
        number, following = spelled
    elif text[following].key in {".", ","} and not text[following + 1].is_spaced:
        tenth = text.number(following + 1, digits=1)
        if tenth is None:
            return None
        tenths, following = tenth, following + 2
    minutes = text.word(words.minutes, following)
    if minutes is not None and _is_amount(text, following, minutes[1]):
        return ((number * 10 + tenths) * minutes[0] // 10, "minute"), minutes[1]
    unit = text.word(words.units, following)
    if unit is None or tenths or not _is_amount(text, following, unit[1]):
        return None
    return (number, unit[0]), unit[1]


def _is_amount(text: Text, unit: int, following: int) -> bool:
    """Whether the unit, if it is a single letter, is glued to its number."""
    token = text[unit]
    return following == unit + 1 and (token.end - token.start > 1 or not token.is_spaced)


def away(text: Text, index: int, words: Language, today: Today) -> tuple[Day, int] | None:
    """`in 3 days`, `in half an hour`, `2 weeks from now`."""
    start = text.word(words.in_, index)
    found = duration(text, index if start is None else start[1], words)
    if found is None:
        return None
    (number, unit), following = found
    ending = text.word(words.from_now, following)
    if start is None and ending is None:
        return None
    following = following if ending is None else ending[1]
    if unit == "minute":
        instant = today.now.replace(second=0, microsecond=0).astimezone(UTC) + timedelta(minutes=number)
        local = instant.astimezone(today.now.tzinfo)
        return Day(local.date(), at=local.time()), following
    result = after(today, number, unit)
    return None if result is None else (Day(result), following)
