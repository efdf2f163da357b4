"""What a line says of reminders: `remind 30 min before`, `remind at 8am`, `remind me on Friday`."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from doable.tasks.dates import MAX_YEAR, MIN_YEAR
from doable.tasks.quick.amounts import duration
from doable.tasks.quick.calendar import Today
from doable.tasks.quick.clock import clock
from doable.tasks.quick.language import Language
from doable.tasks.quick.rules import rule
from doable.tasks.quick.text import Text
from doable.tasks.quick.when import When, when
from doable.tasks.reminders import MAX_OFFSET

MINUTES: Final = {"minute": 1, "day": 24 * 60, "week": 7 * 24 * 60}
DAY: Final = timedelta(days=1)

Asked = str | When
"""An offset from the date of the task, or a time."""
Moment = tuple[date, time | None]


def reminders(text: Text, index: int, words: Language, today: Today) -> Iterator[tuple[Asked, int, int]]:
    """The reminders that are asked for at this token, one behind the other, each with its tokens."""
    found = _reminder(text, index, words, today)
    while found is not None:
        asked, end = found
        yield asked, index, end
        joined = text.word(words.and_, end)
        is_offset = joined is not None and isinstance(asked, str)
        index, found = end, _before(text, joined[1], words) if joined is not None and is_offset else None


def _reminder(text: Text, index: int, words: Language, today: Today) -> tuple[Asked, int] | None:
    found = text.word(words.remind, index)
    if found is None:
        offset = _before(text, index, words)  # "eine Stunde vorher erinnern"
        found = None if offset is None else text.word(words.remind, offset[1])
        if offset is not None and found is not None and text.ends[found[1]]:
            return offset[0], found[1]
        is_early = index <= words.remind.longest  # so it hardly ever is
        return _alone(text, index, words, today) if is_early and is_behind_request(text, index, words) else None
    asks, start = found
    if index == 0:
        return _sentence(text, start, words, today) if asks else None
    if _is_of_title(text.before(index), words):
        return None
    return (
        _before(text, start, words)
        or _at_time(text, start, words)
        or (_at(text, start, words, today) if asks else None)
    )


def is_behind_request(text: Text, index: int, words: Language) -> bool:
    """Whether the line begins with `Remind me`, and this token is next."""
    return text.word(words.remind, 0) == (True, index)


def _alone(text: Text, index: int, words: Language, today: Today) -> tuple[Asked, int] | None:
    """`in 20 minutes` of "Remind me in 20 minutes", which has no other title than its first words."""
    found = when(text, index, words, today)
    return None if found is None or found.when is None or not text.is_last(found.end) else (found.when, found.end)


def _sentence(text: Text, index: int, words: Language, today: Today) -> tuple[Asked, int] | None:
    """`to` of "Remind me to call Bob tomorrow", `at 5 to` of "Remind me at 5 to call"; of a rule, nothing but that one is asked for."""
    repeated = rule(text, index, words, today)
    if repeated is not None:
        is_asked = repeated[0] is not None and text.word(words.remind_to, repeated[1]) is not None
        return ("PT0M", index) if is_asked else None
    found = when(text, index, words, today)
    moment = None if found is None else found.when
    to = text.word(words.remind_to, index if found is None else found.end)
    return None if to is None or (found is not None and moment is None) else (moment or "PT0M", to[1])


def _is_of_title(before: str, words: Language) -> bool:
    """Whether no reminder is asked for behind this word: `Ask Tom to remind me at 5`, `Send the reminder at 5`."""
    return before in words.articles or (before in words.blocking and before not in words.before.firsts)


def _at_time(text: Text, index: int, words: Language) -> tuple[Asked, int] | None:
    """`at 8am`."""
    at = text.word(words.at, index)
    found = None if at is None else clock(text, at[1], words)
    return None if found is None or not text.ends[found[1]] else (When(clock=found[0]), found[1])


def _at(text: Text, index: int, words: Language, today: Today) -> tuple[Asked, int] | None:
    """`on Friday at 8`, `in 20 minutes`; at the end of what is said, or before a rule, when it is due."""
    found = when(text, index, words, today)
    if found is not None and found.when is not None:
        return found.when, found.end
    is_rule = text.word(words.every, index) is not None or text.word(words.adverbs, index) is not None
    return ("PT0M", index) if is_rule or text.is_last(index) else None


def _before(text: Text, index: int, words: Language) -> tuple[str, int] | None:
    """`30 min before`, `the day before`: the offset, and the token after it."""
    days = text.word(words.days_before, index)
    if days is not None:
        return f"-P{days[0]}D", days[1]
    length = _length(text, index, words)
    before = None if length is None else text.word(words.before, length[1])
    if length is None or before is None or not text.ends[before[1]]:
        return None
    (number, unit), _ = length
    if unit not in MINUTES or number * MINUTES[unit] > MAX_OFFSET // timedelta(minutes=1):
        return None
    return (_of_minutes(-number) if unit == "minute" else f"-P{number}{unit[0].upper()}"), before[1]


def _length(text: Text, index: int, words: Language) -> tuple[tuple[int, str], int] | None:
    """`2 days`, `an hour and 30 minutes`."""
    found = duration(text, index, words)
    more = None if found is None else duration(text, text.skip(words.and_, found[1]), words)
    if found is None or more is None or found[0][1] != "minute" or more[0][1] != "minute":
        return found
    return (found[0][0] + more[0][0], "minute"), more[1]


def _of_minutes(minutes: int) -> str:
    """`-PT1H30M`."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else ''}PT{f'{hours}H' if hours else ''}{f'{rest}M' if rest or not hours else ''}"


def as_sent(
    asked: Asked, due: Moment | None, start: Moment | None, today: Today, *, recurs: bool
) -> dict[str, str] | None:
    """A reminder as the API takes it; None if it counts from a date, and there is none.

    A time is one on the day of the task. Of a task that recurs it is an offset, for the next one to have it too.
    """
    base = due or start
    if isinstance(asked, str):
        relative_to = {} if due is not None else {"relative_to": "start"}
        return None if base is None else {"offset": asked, **relative_to}
    if base is None or asked.day is not None:
        day, at = asked.moment(today)
        return _instant(datetime.combine(day, at or today.day_reminder_at), today)
    at = asked.at or today.day_reminder_at
    counts_from = datetime.combine(base[0], base[1] or today.day_reminder_at)
    local = datetime.combine(base[0], at)
    # "Flight at 1am remind at 9pm" is the evening before.
    is_too_late = base[1] is not None and local > counts_from
    if is_too_late and (recurs or local - DAY > today.now.replace(tzinfo=None)):
        local -= DAY
    return {"offset": _of_minutes((local - counts_from) // timedelta(minutes=1))} if recurs else _instant(local, today)


def _instant(local: datetime, today: Today) -> dict[str, str] | None:
    try:
        at = local.replace(tzinfo=today.now.tzinfo).astimezone(UTC)
    except OverflowError:
        return None
    return {"at": f"{at:%Y-%m-%dT%H:%M:%S}.000000Z"} if MIN_YEAR <= at.year <= MAX_YEAR else None
