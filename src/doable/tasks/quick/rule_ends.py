"""What is said behind a rule: its time, where it begins, and where it ends."""

from dataclasses import replace

from doable.tasks.dates import MAX_YEAR
from doable.tasks.quick.amounts import duration
from doable.tasks.quick.calendar import Today
from doable.tasks.quick.language import Language
from doable.tasks.quick.rule import MOST, MOST_TIMES, Rule
from doable.tasks.quick.text import Text
from doable.tasks.quick.when import When, together
from doable.tasks.quick.when import when as read_when

Read = tuple[Rule, int]


def tail(text: Text, said: Rule, end: int, words: Language, today: Today) -> Read:
    """The time, the beginning and the end of it."""
    while True:
        start = end + 1 if text[end].key == "," else end
        step = (
            _starting(text, said, start, words, today)
            or _until(text, said, start, words, today)
            or _times(text, said, start, words)
            or _time(text, said, start, words, today)
        )
        if step is None or not text.ends[step[1]]:
            return said, end
        said, end = step


def _time(text: Text, said: Rule, index: int, words: Language, today: Today) -> Read | None:
    part = text.word(words.parts, index)
    if part is not None and said.when.part is None:
        return replace(said, when=replace(said.when, part=part[0])), part[1]
    found = read_when(text, index, words, today)
    if found is None or found.when is None or found.when.day is not None:
        return None
    both = _merged(said.when, found.when)
    return None if both is None else (replace(said, when=both), found.end)


def _merged(before: When, more: When) -> When | None:
    if (before.clock and more.clock) or (before.part and more.part):
        return None
    return When(part=before.part or more.part, clock=before.clock or more.clock)


def _starting(text: Text, said: Rule, index: int, words: Language, today: Today) -> Read | None:
    start = text.word(words.starting, index)
    if start is None or said.starts is not None:
        return None
    found = _behind(text, start[1], words, today)
    if found is None or found[0].moment(today)[0].year >= MAX_YEAR:
        return None
    when, end = found
    both = _merged(said.when, When(part=when.part, clock=when.clock))
    return None if both is None else (replace(said, starts=replace(when, part=None, clock=None), when=both), end)


def _until(text: Text, said: Rule, index: int, words: Language, today: Today) -> Read | None:
    start = text.word(words.until, index)
    if start is None or said.until or said.count or said.lasts:
        return None
    found = _behind(text, start[1], words, today)
    return None if found is None else (replace(said, until=found[0]), found[1])


def _behind(text: Text, index: int, words: Language, today: Today) -> tuple[When, int] | None:
    """The day behind `starting` or `until`, which is one whatever else would be a title."""
    found, end = together(text, index, words, today)
    return None if found.day is None else (found, end)


def _times(text: Text, said: Rule, index: int, words: Language) -> Read | None:
    """`for 5 times`, `for 7 days`, `5 times`."""
    if said.until or said.count or said.lasts:
        return None
    start = text.word(words.for_, index)
    number = text.number(index if start is None else start[1], digits=3)
    times = text.word(words.times, (index if start is None else start[1]) + 1)
    if number is not None and times is not None:
        return (replace(said, count=number), times[1]) if 1 <= number <= MOST_TIMES else None
    found = None if start is None else duration(text, start[1], words)
    if found is None or found[0][1] == "minute" or not 1 <= found[0][0] <= MOST:
        return None
    return replace(said, lasts=(found[0][0], found[0][1])), found[1]
