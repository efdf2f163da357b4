"""A day and a time together, in any order: `tomorrow morning`, `at 9 on Friday`, `tonight at 8`."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Final

from doable.tasks.quick import clock as clocks
from doable.tasks.quick.calendar import WEEK, Day, Today
from doable.tasks.quick.clock import Clock
from doable.tasks.quick.days import day as read_day
from doable.tasks.quick.language import Language, PartOfDay
from doable.tasks.quick.text import OPENING, Text

DASHES: Final = frozenset("-\N{EN DASH}\N{EM DASH}")
CURRENCIES: Final = frozenset("$€£¥%")
AMOUNT_FROM: Final = 8
"""So many tokens before a number a word may say that it is an amount: `Pay the plumber 15.00`."""


@dataclass(frozen=True, slots=True)
class When:
    """What is said of a moment: a day, a part of the day, a time, or some of them."""

    day: Day | None = None
    part: PartOfDay | None = None
    clock: Clock | None = None
    is_today: bool = False
    """Whether the part is one of today: `this evening`."""

    def and_(self, other: "When") -> "When | None":
        """Both together; None if they contradict each other."""
        days, parts, clocks_ = ((self.day, other.day), (self.part, other.part), (self.clock, other.clock))
        at = [
            each
            for each in (self.day, other.day)
            if each is not None and (each.at is not None or each.part is not None)
        ]
        if any(all(each) for each in (days, parts, clocks_)) or (at and (self.part or other.part)):
            return None
        return When(
            self.day or other.day,
            self.part or other.part,
            self.clock or other.clock,
            self.is_today or other.is_today,
        )

    @property
    def at(self) -> time | None:
        """The time of the day; None for the whole day."""
        part = self.part or (None if self.day is None else self.day.part)
        if self.clock is not None:
            return clocks.at(self.clock, part)
        if part is not None:
            return clocks.beginning(part)
        return None if self.day is None else self.day.at

    def moment(self, today: Today) -> tuple[date, time | None]:
        """The date and the time that are meant: the first ones that are not past."""
        at = self.at
        is_past = at is not None and at < today.now.time()
        day = self.day
        if day is None:
            found = today.day + timedelta(days=int(is_past and not self.is_today))
        elif day.is_weekday and day.date == today.day and is_past:
            found = day.date + timedelta(days=WEEK)
        else:
            found = day.date
        # The night ends on the day after.
        part = self.part or (None if day is None else day.part)
        if part == "night" and day is not None and at is not None and at.hour < clocks.EVENING:
            found += timedelta(days=1)
        return found, at


@dataclass(frozen=True, slots=True)
class Found:
    """A moment in a text, up to a token. None of it counts if it belongs to the title: then it is passed over as a whole."""

    when: When | None
    end: int


def when(text: Text, index: int, words: Language, today: Today) -> Found | None:
    """The moment that is said at this token."""
    found, end = together(text, index, words, today)
    if end == index:
        return None
    last = _end_of_range(text, end, words, today) if found.day is not None else None
    if last is not None:
        return Found(None, last)
    return Found(found if _is_moment(text, index, end, found, words) else None, end)


def together(text: Text, index: int, words: Language, today: Today) -> tuple[When, int]:
    """All that is said of one moment from this token on, and the token after it; the same token if nothing is."""
    found, end = When(), index
    while True:
        start = end + 1 if end > index and text[end].key == "," else end
        # "am Morgen" is no day, though "morgen" is one.
        step = _part(text, start, words, found) or _day(text, start, words, today, found)
        step = step or _clock(text, start, words, today, found, is_first=end == index)
        if step is None or not text.ends[step[1]]:
            return found, end
        found, end = step


def _day(text: Text, index: int, words: Language, today: Today, before: When) -> tuple[When, int] | None:
    if before.day is not None:
        return None
    said = text.word(words.on, index)
    start = index if said is None else said[1]
    # "by the end of", "in the morning": the article may belong to what follows.
    found = read_day(text, start, words, today) or (None if said is None else read_day(text, index, words, today))
    if found is None:
        return None
    day, end = found
    is_sure = said is not None and said[0] == "on"
    if day.needs_on and not is_sure and not _stands_alone(text, end, is_the=said is not None):
        return None
    return replace(before, day=day._replace(is_bare=day.is_bare and not is_sure)), end


def _stands_alone(text: Text, end: int, *, is_the: bool) -> bool:
    """Whether a day in numbers is one without `on`: at the end, `the 15th` and `12/24`; `12/24` before a time, too."""
    last = text[end - 1]
    if last.kind == "number" and text[end - 2].key == "/":
        return text.is_last(end) or text[end].kind == "number"
    return is_the and (last.kind == "number" or text[end - 2].kind == "number") and text.is_last(end)


def _part(text: Text, index: int, words: Language, before: When) -> tuple[When, int] | None:
    if before.part is not None:
        return None
    adverb = text.word(words.adverbial_parts, index)
    if adverb is not None:
        return replace(before, part=adverb[0]), adverb[1]
    said = text.word(words.in_the, index)
    found = text.word(words.parts, index if said is None else said[1])
    if found is None or (said is None and before.day is None):
        return None
    return replace(before, part=found[0], is_today=said is not None and said[0]), found[1]


def _clock(
    text: Text, index: int, words: Language, today: Today, before: When, *, is_first: bool
) -> tuple[When, int] | None:
    if before.clock is not None or (before.day is not None and before.day.at is not None):
        return None
    is_at = text[index].key == "@" and text[index + 1].is_spaced
    said: tuple[str, int] | None = ("at", index + 1) if is_at else text.word(words.at, index)
    found = clocks.clock(text, index if said is None else said[1], words)
    if found is None:
        return None
    clock, end = found
    if clock.is_bare and (said is None or not _is_hour(text, end, words, is_by=said[0] != "at")):
        return None
    is_sure = clock.needs == "nothing" or (said is not None and said[0] != "for")
    if not is_sure and (said is not None or not _is_time(text, index, end, words, today, clock=clock, before=before)):
        return None
    is_doubtful = said is None and is_first and text.word(words.clock_words, index) is not None
    if is_doubtful and not text.is_last(end) and _day(text, end, words, today, before) is None:
        return None
    return replace(before, clock=clock), end


def _is_time(text: Text, index: int, end: int, words: Language, today: Today, *, clock: Clock, before: When) -> bool:
    """Whether what could be a price or a length is a time, without `at` before it."""
    if clock.needs == "at" or text[end].key in words.counted or text[end].key in CURRENCIES:
        return False
    return before != When() or (clock.needs == "place" and _has_place(text, index, end, words, today))


def _has_place(text: Text, index: int, end: int, words: Language, today: Today) -> bool:
    """Whether it is at the beginning, at the end or before a day, and no word of the line makes an amount of it."""
    amounts = words.lengths if text[index + 1].key == "h" else words.amounts
    last, following = text[index - 1], text[end]
    if index == 0:
        is_governing = text.word(words.for_, end) is not None or text.word(words.until, end) is not None
        is_part = following.key in words.blocking or following.key in words.articles or following.key in amounts
        return following.kind == "word" and not is_governing and not is_part
    is_governed = text.word(words.at, index - 1) is not None or text.word(words.for_, index - 1) is not None
    if is_governed or last.kind == "number" or (last.kind == "sign" and last.key not in OPENING - DASHES):
        return False
    if any(text[each].key in amounts for each in range(max(0, index - AMOUNT_FROM), index)):
        return False
    day = end + 1 if following.key == "," else end
    return text.is_last(end) or _day(text, day, words, today, When()) is not None


def _is_hour(text: Text, end: int, words: Language, *, is_by: bool) -> bool:
    """Whether a number behind `at` is an hour, and not that of a house."""
    if text[end].key in words.counted or (is_by and not text.is_last(end)):
        return False
    return not (words.is_capitalising and text.is_capitalised(end)) or text[end].key in words.starters


def _is_moment(text: Text, index: int, end: int, found: When, words: Language) -> bool:
    """Whether it is not rather a part of the title."""
    before = text.before(index) if text[index].is_spaced else ""
    if before in words.blocking or _is_end_of_range(text, index, words):
        return False
    return found.day is None or not found.day.is_bare or _is_weekday(text, index, end, found, words)


def _is_weekday(text: Text, index: int, end: int, found: When, words: Language) -> bool:
    """Whether the name of a weekday is one, and not a part of another name."""
    before = text.before(index) if text[index].is_spaced else ""
    if before in words.articles or before in words.before_names or text[index].key in words.articles:
        return False
    if found.clock is not None or (index == 0 and text[end].key in words.beginnings):
        return True
    is_word = words.is_capitalising or text.is_capitalised(end - 1)
    if found.day is not None and found.day.is_short and found.part is None and not (text.is_last(end) and is_word):
        return False
    following = text[end]
    if following.kind != "word" or not following.is_spaced:
        return True
    is_name = words.is_capitalising and text.is_capitalised(end)
    return not is_name and following.key not in words.after_weekdays


def _end_of_range(text: Text, index: int, words: Language, today: Today) -> int | None:
    """The token after `bis Freitag`, if that is here: with the day before it, it says how long something is."""
    until = text.word(words.until, index)
    if until is None:
        return None
    found, end = together(text, until[1], words, today)
    return None if found.day is None else end


def _is_end_of_range(text: Text, index: int, words: Language) -> bool:
    """Whether it is the second time of two: `9 bis 11 Uhr`, `3. bis 5. Mai`, `3.-5. Mai`."""
    dash = index > 0 and text[index - 1].key in DASHES and not text[index].is_spaced
    if not dash and text.word(words.until, index) is None:
        return False
    last = index - 2 if dash else index - 1
    if last > 0 and text.is_glued(last, "."):
        last -= 1
    return last >= 0 and text[last].kind == "number"
