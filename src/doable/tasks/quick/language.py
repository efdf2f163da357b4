"""The words of a language that quick add knows, by what they do in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from doable.tasks.quick.text import Words

Unit = Literal["day", "week", "month", "year"]
PartOfDay = Literal["morning", "noon", "afternoon", "evening", "night"]

HOUR_OF: Final[Mapping[PartOfDay, int]] = {"morning": 9, "noon": 12, "afternoon": 14, "evening": 18, "night": 20}

Amount = tuple[int, Unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language's words. Numbers of weekdays count from Monday, which is 0."""

    is_capitalising: bool
    """Whether a capital letter tells a name from another word."""
    is_month_first: bool
    """Whether 12/1 is the first of December."""
    is_24_hours: bool
    """Whether 5:30 is in the morning: only a bare hour may be of the afternoon."""
    has_adjectives: bool
    """Whether `daily` before a noun belongs to that noun."""

    days: Words[int]
    """Days by their distance from today."""
    tonight: Words[PartOfDay]
    """Parts of today."""
    weekdays: Words[int]
    short_weekdays: Words[int]
    on_weekdays: Words[int]
    """Each of them, in the word itself: mondays."""
    weekday_parts: Words[tuple[int, PartOfDay]]
    months: Words[int]
    units: Words[Unit]
    minutes: Words[int]
    """Units of time by their minutes."""
    fractions: Words[int]
    """Phrases for a number of minutes, where others have a number and a unit."""
    numbers: Words[int]
    ordinals: Words[int]
    """-1 is the last."""
    ordinal_endings: frozenset[str]
    """What makes an ordinal of digits that it follows."""
    has_ordinal_dot: bool
    next: Words[bool]
    """Of the next week, month or year."""
    this: Words[bool]
    """The first that comes."""
    weekend: Words[bool]
    end_of: Words[bool]
    ends: Words[Unit]
    in_: Words[bool]
    from_now: Words[bool]
    on: Words[Literal["on", "the"]]
    """What stands before a day and goes with it; an article alone is less sure."""
    at: Words[str]
    """What stands before a time and goes with it; some only where nothing follows a bare hour."""
    in_the: Words[bool]
    """What stands before a part of a day; whether it is today's."""
    and_: Words[bool]
    of: Words[bool]
    parts: Words[PartOfDay]
    adverbial_parts: Words[PartOfDay]
    """Parts of a day that need nothing before them."""
    clock_words: Words[int]
    """Hours that have a name."""
    is_pm: Words[bool]
    o_clock: Words[bool]
    past: Words[int]
    """Minutes to be added to the hour that follows."""

    every: Words[bool]
    other: Words[int]
    adverbs: Words[Amount]
    every_set: Words[tuple[int, ...]]
    """Sets of weekdays, after `every`."""
    sets: Words[tuple[int, ...]]
    """Each of a set of weekdays, in the word itself."""
    workday: Words[bool]
    quarter: Words[bool]
    of_every_month: Words[bool]
    of_the_month: Words[bool]
    until: Words[bool]
    for_: Words[bool]
    times: Words[bool]
    starting: Words[bool]

    remind: Words[bool]
    """Whether it asks for a reminder whatever follows: `remind me tomorrow`, and not `Send reminder tomorrow`."""
    remind_to: Words[bool]
    """What stands between that, at the beginning of a line, and what is to be done."""
    before: Words[bool]
    days_before: Words[int]
    """Phrases for so many days before."""
    marks: Words[Literal["start", "due"]]
    """What says with a colon behind it which date follows."""
    plain_on: frozenset[str]
    """What may stand between `next week` and a day of it, where `by` would begin another date."""
    priorities: Mapping[str, str]
    estimates: Mapping[str, int]

    blocking: frozenset[str]
    """Behind these words a date belongs to the title: "since Monday"."""
    articles: frozenset[str]
    """Behind these words a weekday is not a date: "the Friday"."""
    before_names: frozenset[str]
    """With these words before it, the weekday is a name: "Black Friday"."""
    after_weekdays: frozenset[str]
    """What a weekday before it only describes: "Sunday lunch"."""
    beginnings: frozenset[str]
    """What one does: before such a word a weekday at the very beginning is a date, though a capital may be there for a name."""
    counted: frozenset[str]
    """What a number before it counts, so that no month goes with the number: "March 5 miles"."""
    amounts: frozenset[str]
    """Behind these words, not always at once, a number with a dot is no time: "Pay Bob 17.30"."""
    lengths: frozenset[str]
    """Behind these words a number with an `h` is a length: "Study 15h"."""
    starters: frozenset[str] = field(init=False)
    """The words with which anything can begin."""

    def __post_init__(self) -> None:
        """Gather the first words of all phrases."""
        every = (getattr(self, name) for name in self.__slots__ if name != "starters")
        firsts = (each.firsts for each in every if isinstance(each, Words))
        object.__setattr__(self, "starters", frozenset().union(*firsts))
