"""Times of day: `5pm`, `17:30`, `at 9`, `half past eight`, `9 Uhr 30`."""

from datetime import time
from typing import Final, Literal, NamedTuple

from doable.tasks.quick.language import HOUR_OF, Language, PartOfDay
from doable.tasks.quick.text import Text

LATEST_OF_AFTERNOON: Final = 6
"""Who says 1 to 6 and nothing else means the afternoon."""
NOON: Final = 12
EVENING: Final = 5
"""From this hour on it may be the evening."""
HOURS: Final = 24
MINUTES: Final = 60
QUARTER: Final = 15


Need = Literal["nothing", "place", "day", "at"]
"""What makes a time of what could be a price (`12.50`) or a length (`12h`): `at` before it; a day before it, too; or, where it is
said as times are (`17.30`, `15h`) and prices seldom are, a place of the line where times stand as well."""


class Clock(NamedTuple):
    """A time as it is said, which a part of the day may complete."""

    hour: int
    minute: int = 0
    is_sure: bool = True
    """Whether it says itself which half of the day it is in."""
    is_bare: bool = False
    """Whether it is an hour alone, which could be any number."""
    needs: Need = "nothing"


Read = tuple[Clock, int]


def clock(text: Text, index: int, words: Language) -> Read | None:
    """The time that is said here, and the token after it. One that is bare needs something that makes it a time."""
    named = text.word(words.clock_words, index)
    if named is not None:
        return Clock(named[0]), named[1]
    return _past(text, index, words) or _digits(text, index, words) or _spelled(text, index, words)


def at(said: Clock, part: PartOfDay | None) -> time:
    """The time that is meant, on the part of the day that is said beside it."""
    hour = said.hour
    if not said.is_sure:
        early = {"morning": NOON, "noon": 1, "afternoon": 0, "evening": EVENING, "night": EVENING}
        is_late = 1 <= hour <= LATEST_OF_AFTERNOON if part is None else hour >= early[part]
        if is_late and hour < NOON:
            hour += NOON
        elif hour == NOON and part == "night":
            hour = 0
    return time(hour, said.minute)


def beginning(part: PartOfDay) -> time:
    """The time of a part of the day beside which no other is said."""
    return time(HOUR_OF[part])


def _past(text: Text, index: int, words: Language) -> Read | None:
    """`quarter to 5`, `halb neun`."""
    past = text.word(words.past, index)
    hour = None if past is None else _hour(text, past[1], words)
    if past is None or hour is None:
        return None
    minutes = (hour[0] * MINUTES + past[0]) % (HOURS * MINUTES)
    is_sure = hour[0] > NOON
    following = text.word(words.is_pm, hour[1])
    if following is not None and minutes < NOON * MINUTES:
        return Clock(minutes // MINUTES + NOON * following[0], minutes % MINUTES), following[1]
    # Half an hour before one is twelve: the half of the day is that of what was said.
    if not is_sure and 1 <= hour[0] <= LATEST_OF_AFTERNOON:
        return Clock(
            minutes // MINUTES + NOON if minutes < NOON * MINUTES else minutes // MINUTES, minutes % MINUTES
        ), hour[1]
    return Clock(minutes // MINUTES, minutes % MINUTES, is_sure), text.skip(words.o_clock, hour[1])


def _spelled(text: Text, index: int, words: Language) -> Read | None:
    """`nine`, `neun Uhr`."""
    hour = None if text[index].kind == "number" else _hour(text, index, words)
    if hour is None:
        return None
    following = text.word(words.is_pm, hour[1])
    if following is not None:
        return _halved(hour[0], 0, following)
    named = text.word(words.o_clock, hour[1])
    return (Clock(hour[0], 0, is_sure=False, is_bare=named is None), hour[1] if named is None else named[1])


def _hour(text: Text, index: int, words: Language) -> tuple[int, int] | None:
    """An hour of 0 to 23, in digits or of the first twelve in words."""
    digits = text.number(index, digits=2)
    if digits is not None:
        return (digits, index + 1) if digits < HOURS else None
    spelled = text.word(words.numbers, index)
    return spelled if spelled is not None and spelled[0] <= NOON and text[index].key not in {"a", "an"} else None


def _digits(text: Text, index: int, words: Language) -> Read | None:
    hour = text.number(index, digits=2)
    if hour is None or hour >= HOURS:
        return None
    minute, following, is_dotted = _minutes(text, index + 1)
    half = _half(text, following, words)
    if half is not None:
        return _halved(hour, minute or 0, half)
    # 05 is said by who counts to 24.
    is_sure = hour > NOON or hour == 0 or text.raw[text[index].start] == "0"
    named = text.word(words.o_clock, following)
    h = _h(text, following) if named is None else None
    needs: Need = "nothing"
    if h is not None or (is_dotted and named is None):
        is_of_day = is_sure or (words.is_24_hours and is_dotted)
        needs = _needs(text, index, is_h=h is not None, is_said_so=is_of_day and (minute or 0) % QUARTER == 0)
    named = named or h
    is_length = named is not None and text.word(words.minutes, named[1] + 1) is not None  # "15 Uhr 30 Minuten vorher"
    after = None if named is None or minute is not None or is_length else _two_digits(text, named[1])
    if named is not None and after is not None and (named[0] or not text[named[1]].is_spaced):
        return Clock(hour, after, needs=needs), named[1] + 1
    is_sure = is_sure or (words.is_24_hours and minute is not None) or (named is not None and not named[0])
    if named is not None:
        return Clock(hour, minute or 0, is_sure, needs=needs), named[1]
    return Clock(hour, minute or 0, is_sure, is_bare=minute is None, needs=needs), following


def _needs(text: Text, index: int, *, is_h: bool, is_said_so: bool) -> Need:
    if len(text[index].key) == 1:
        return "at" if is_h else "day"
    return "place" if is_said_so else "day"


def _h(text: Text, index: int) -> tuple[bool, int] | None:
    """The `h` of `15h`, which is no word by itself."""
    return (False, index + 1) if text[index].key == "h" and not text[index].is_spaced else None


def _two_digits(text: Text, index: int) -> int | None:
    """Minutes."""
    token = text[index]
    minute = text.number(index, digits=2)
    return minute if minute is not None and minute < MINUTES and len(token.key) == len("00") else None


def _minutes(text: Text, index: int) -> tuple[int | None, int, bool]:
    """`:30` or `.30` behind an hour: the minutes, the token after them, and whether it was a dot."""
    is_dotted = text.is_glued(index, ".")
    minute = _two_digits(text, index + 1) if is_dotted or text.is_glued(index, ":") else None
    if minute is None or text[index + 1].is_spaced:
        return None, index, False
    return minute, index + 2, is_dotted


def _half(text: Text, index: int, words: Language) -> tuple[bool, int] | None:
    """Whether the hour is after noon, as `pm`, `p.m.` say."""
    said = text.word(words.is_pm, index)
    if said is not None:
        return said
    letter, m = text[index].key, text[index + 2]
    if words.is_pm.meanings and letter in {"a", "p"} and text.is_glued(index + 1, ".") and m.key == "m":
        following = index + 3
        return letter == "p", following + 1 if text.is_glued(following, ".") else following
    return None


def _halved(hour: int, minute: int, half: tuple[bool, int]) -> Read | None:
    is_pm, following = half
    return (Clock(hour % NOON + NOON * is_pm, minute), following) if 1 <= hour <= NOON else None
