"""What repeats: `every other Friday`, `daily at 9`, `first Monday of every month`, `every! 3 days`."""

from dataclasses import replace

from doable.tasks.quick.amounts import duration
from doable.tasks.quick.calendar import WEEK, Today
from doable.tasks.quick.dated import ordinal
from doable.tasks.quick.language import Language
from doable.tasks.quick.monthly import monthly, next_of_series, yearly
from doable.tasks.quick.rule import MOST, Rule, weekly
from doable.tasks.quick.rule_ends import tail
from doable.tasks.quick.text import Text
from doable.tasks.quick.when import When

Read = tuple[Rule, int]


def rule(text: Text, index: int, words: Language, today: Today) -> tuple[Rule | None, int] | None:
    """The rule that is said at this token, and the token after it. None for one that cannot be: it belongs to the title."""
    found = _every(text, index, words) or _adverb(text, index, words) or _of_month(text, index, words)
    if found is None:
        return None
    said, end = found
    if not text.ends[end]:
        return None
    said, end = tail(text, said, end, words, today)
    if said.from_completion and said.parts:
        return None, end
    return said, end


def _every(text: Text, index: int, words: Language) -> Read | None:
    found = text.word(words.every, index)
    if found is None:
        return None
    start = found[1]
    is_marked = text.is_glued(start, "!")
    if is_marked:
        start += 1
    read = _other(text, start, words)
    for reader in (_set, _number_of, _quarter, yearly, _ordinals, _part, _weekday_part):
        read = read or reader(text, start, words)
    if read is None:
        days = weekdays(text, start, words)
        read = None if days is None else (weekly(days[0]), days[1])
    return None if read is None else (replace(read[0], from_completion=is_marked), read[1])


def _other(text: Text, index: int, words: Language) -> Read | None:
    """`other week`, `second Tuesday`: each one is left out."""
    found = text.word(words.other, index)
    if found is None:
        return None
    unit = text.word(words.units, found[1])
    if unit is not None:
        return _by(text, Rule(unit[0], found[0]), unit[1], words)
    days = weekdays(text, found[1], words)
    if days is None or text.word(words.of_the_month, days[1]) or text.word(words.of_every_month, days[1]):
        return None
    return replace(weekly(days[0]), interval=found[0]), days[1]


def _number_of(text: Text, index: int, words: Language) -> Read | None:
    """`3 days`, `2 weeks on Monday`, `month`."""
    unit = text.word(words.units, index)
    if unit is not None:
        return _by(text, Rule(unit[0]), unit[1], words) if text[index].end - text[index].start > 1 else None
    found = duration(text, index, words)
    if found is None:
        return None
    (number, of), end = found
    return _by(text, Rule(of, number), end, words) if of != "minute" and 1 <= number <= MOST else None


def _by(text: Text, plain: Rule, end: int, words: Language) -> Read:
    """The rule with the days that are said behind it, if any are: `on Monday`, `on the 15th`, `on June 14`."""
    said = text.word(words.on, end)
    start = end if said is None else said[1]
    found: Read | None = None
    if plain.unit == "week":
        days = weekdays(text, start, words)
        found = None if days is None else (weekly(days[0]), days[1])
    elif plain.unit == "month":
        found = None if said is None else monthly(text, start, words)
    elif plain.unit == "year":
        found = yearly(text, start, words)
    if found is None or not text.ends[found[1]]:
        return plain, end
    return replace(found[0], interval=plain.interval), found[1]


def _set(text: Text, index: int, words: Language) -> Read | None:
    found = text.word(words.every_set, index)
    return None if found is None else (weekly(found[0]), found[1])


def _quarter(text: Text, index: int, words: Language) -> Read | None:
    found = text.word(words.quarter, index)
    return None if found is None else (Rule("month", 3), found[1])


def _part(text: Text, index: int, words: Language) -> Read | None:
    """`morning`: every day, then."""
    found = text.word(words.parts, index)
    return None if found is None else (Rule("day", when=When(part=found[0])), found[1])


def _weekday_part(text: Text, index: int, words: Language) -> Read | None:
    """`Dienstagabend`."""
    found = text.word(words.weekday_parts, index)
    return None if found is None else (replace(weekly([found[0][0]]), when=When(part=found[0][1])), found[1])


def _ordinals(text: Text, index: int, words: Language) -> Read | None:
    """`1st`, `1st and 15th`, `3rd Monday`, `last day of the month`; `3rd day` is each third one."""
    found = ordinal(text, index, words)
    if found is None:
        return None
    unit = text.word(words.units, found[1])
    if unit is not None and found[0] > 0:
        is_of_month = text.word(words.of_the_month, unit[1]) or text.word(words.of_every_month, unit[1])
        if not is_of_month:
            return _by(text, Rule(unit[0], found[0]), unit[1], words)
    return monthly(text, index, words)


def _of_month(text: Text, index: int, words: Language) -> Read | None:
    """`on the 15th of every month`, `first Monday of every month`."""
    return monthly(text, text.skip(words.on, index), words, is_of_every=True)


def weekdays(text: Text, index: int, words: Language) -> tuple[list[int], int] | None:
    """`Monday, Wed and Friday`, and the token after them."""
    days: list[int] = []
    end = index
    for _ in range(WEEK):
        start = end if not days else next_of_series(text, end, words)
        if days and start == end:
            break
        start = text.skip(words.on, start) if days else start
        found = (
            text.word(words.weekdays, start)
            or text.word(words.short_weekdays, start)
            or text.word(words.on_weekdays, start)
        )
        if found is None:
            break
        days.append(found[0])
        end = found[1]
    return (days, end) if days else None


def _adverb(text: Text, index: int, words: Language) -> Read | None:
    """`daily`, `monthly on the 15th`, `weekdays`, `montags`."""
    days = text.word(words.sets, index)
    if days is not None:
        return weekly(days[0]), days[1]
    single = text.word(words.on_weekdays, index)
    if single is not None:
        more = weekdays(text, text.skip(words.on, index), words)
        return (weekly([single[0]]), single[1]) if more is None else (weekly(more[0]), more[1])
    found = text.word(words.adverbs, index)
    if found is None:
        return None
    (number, unit), end = found
    read = _by(text, Rule(unit, number), end, words)
    if words.has_adjectives and read[1] == end and text[end].kind == "word" and text[end].key not in words.starters:
        return None  # "weekly report"
    return read
