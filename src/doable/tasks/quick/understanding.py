"""What a line of text says of a task: its title, and what else was understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final
from unicodedata import category

from doable.tasks.quick.amounts import duration
from doable.tasks.quick.calendar import Today
from doable.tasks.quick.clock import clock
from doable.tasks.quick.english import ENGLISH
from doable.tasks.quick.german import GERMAN
from doable.tasks.quick.language import Language
from doable.tasks.quick.marks import Destination, Piece, marks
from doable.tasks.quick.rule import Rule
from doable.tasks.quick.rules import rule
from doable.tasks.quick.text import Span, Text
from doable.tasks.quick.when import When, together, when

LANGUAGES: Final[Mapping[str, Language]] = {"en": ENGLISH, "de": GERMAN}

KINDS: Final = frozenset({"due", "recurrence", "list", "section", "tag", "priority", "reminder", "estimate", "start"})
"""The kinds of what can be understood."""

MOST_REMINDERS: Final = 20
LONGEST_OFFSET: Final = 400 * 24 * 60

_LOOSE: Final = frozenset(",;:-\N{EN DASH}\N{EM DASH}")
"""What has nothing to hold together where something beside it was taken out."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A task, as `POST …/tasks` takes it, and the places of the text that say so."""

    members: Mapping[str, Any]
    pieces: Sequence[Piece]


@dataclass(slots=True)
class _Said:
    """What the words of a line say, before it is known what they mean together."""

    kinds: frozenset[str]
    when: When = field(default_factory=When)
    rule: Rule | None = None
    start: When | None = None
    reminders: list[tuple[Span, str | When]] = field(default_factory=list)
    places: list[tuple[str, Span]] = field(default_factory=list)

    def is_due(self, moment: When, span: Span) -> None:
        """Note that it is due then, if that does not contradict what was said before."""
        both = self.when.and_(moment)
        if both is not None and "due" in self.kinds:
            self.when = both
            self.places.append(("due", span))


def understand(
    text: str,
    *,
    now: datetime,
    language: str = "en",
    week_starts_on: str = "monday",
    lists: Sequence[Destination] = (),
    list_id: str | None = None,
    kinds: frozenset[str] = KINDS,
) -> Understood:
    """The task that this line is. `now` has its zone; `list_id` is the list that the task is in if none is named.

    What would be of another kind than these stays in the title, with the dates that are part of it.
    """
    words, today = LANGUAGES[language], Today(now, week_starts_on)
    signs = marks(text, words, lists, list_id)
    said = _read(Text(text, signs.stops), words, today, kinds)
    pieces = sorted([*signs.pieces, *_pieces(said, today)], key=lambda piece: piece.start)
    title = _without(text, [(piece.start, piece.end) for piece in pieces], signs.escapes)
    if not title:
        return Understood({"title": text.strip()}, ())
    members = {"title": title, **signs.members, **_members(said, today)}
    return Understood(members, pieces)


def _read(text: Text, words: Language, today: Today, kinds: frozenset[str]) -> _Said:
    said, index = _Said(kinds), 0
    while index < len(text.tokens):
        token = text[index]
        can_begin = token.kind == "number" or token.key == "@" or token.key in words.starters
        end = _phrase(text, index, words, today, said) if can_begin and text.begins(index) else index
        index = max(end, index + 1)
    return said


def _phrase(text: Text, index: int, words: Language, today: Today, said: _Said) -> int:
    """Read what begins at this token into what is said. Answers the token after it, or the same if it is nothing."""
    marked = _marked(text, index, words, today)
    if marked is not None:
        kind, moment, end = marked
        if kind == "start" and said.start is None and "start" in said.kinds:
            said.start = moment
            said.places.append(("start", _span(text, index, end)))
        elif kind == "due":
            said.is_due(moment, _span(text, index, end))
        return end
    reminder = _reminder(text, index, words)
    if reminder is not None:
        what, end = reminder
        if len(said.reminders) < MOST_REMINDERS and "reminder" in said.kinds:
            said.reminders.append((_span(text, index, end), what))
        return end
    repeated = rule(text, index, words, today)
    if repeated is not None:
        rule_of, end = repeated
        is_first = said.rule is None and rule_of is not None and "recurrence" in said.kinds
        both = said.when.and_(rule_of.when) if rule_of is not None else None
        if is_first and both is not None:
            said.rule, said.when = rule_of, both
            said.places.append(("recurrence", _span(text, index, end)))
            return end
        return together(text, end, words, today)[1]  # "every month on Friday" belongs to the title as a whole
    found = when(text, index, words, today)
    if found is None:
        return index
    if found.when is not None:
        said.is_due(found.when, _span(text, index, found.end))
    return found.end


def _span(text: Text, index: int, end: int) -> Span:
    return text[index].start, text[end - 1].end


def _marked(text: Text, index: int, words: Language, today: Today) -> tuple[str, When, int] | None:
    """`start: Monday`, `due: Friday`."""
    found = text.word(words.marks, index)
    if found is None or not text.is_glued(found[1], ":"):
        return None
    moment, end = together(text, found[1] + 1, words, today)
    return None if end == found[1] + 1 else (found[0], moment, end)


def _reminder(text: Text, index: int, words: Language) -> tuple[str | When, int] | None:
    """`remind 30 min before`: its offset. `remind at 8am`: that time."""
    found = text.word(words.remind, index)
    if found is None or index == 0:  # "Remind me at 5 to call" is a sentence
        return None
    length = duration(text, found[1], words)
    before = None if length is None else text.word(words.before, length[1])
    if length is not None and before is not None:
        offset = _offset(*length[0])
        return None if offset is None or not text.ends[before[1]] else (offset, before[1])
    at = text.word(words.at, found[1])
    time_of = None if at is None else clock(text, at[1], words)
    return None if time_of is None or not text.ends[time_of[1]] else (When(clock=time_of[0]), time_of[1])


def _offset(number: int, unit: str) -> str | None:
    minutes = number * {"minute": 1, "day": 24 * 60, "week": 7 * 24 * 60}.get(unit, LONGEST_OFFSET + 1)
    if minutes > LONGEST_OFFSET:
        return None
    if unit == "minute":
        hours, rest = divmod(number, 60)
        return f"-PT{f'{hours}H' if hours else ''}{f'{rest}M' if rest or not hours else ''}"
    return f"-P{number}{'W' if unit == 'week' else 'D'}"


def _members(said: _Said, today: Today) -> dict[str, Any]:
    """What the words say, as a new task has it."""
    members: dict[str, Any] = {}
    due = _due(said, today)
    if due is not None:
        members["due"] = _moment(*due)
        if said.rule is not None:
            members["recurrence"] = _recurrence(said.rule, today, due[0])
    if said.start is not None:
        members["start"] = _moment(*said.start.moment(today))
    if said.reminders:
        members["reminders"] = [_as_sent(what, due, today) for _, what in said.reminders]
    return members


def _pieces(said: _Said, today: Today) -> list[Piece]:
    members = _members(said, today)
    reminders = members.get("reminders", ())
    return [
        *(Piece(kind, *span, members[kind]) for kind, span in said.places),
        *(Piece("reminder", *span, value) for (span, _), value in zip(said.reminders, reminders, strict=True)),
    ]


def _due(said: _Said, today: Today) -> tuple[date, time | None] | None:
    if said.rule is not None:
        day = said.when.moment(today)[0] if said.when.day is not None else said.rule.due(today, said.when.at)
        return day, said.when.at
    return said.when.moment(today) if said.when != When() else None


def _recurrence(said: Rule, today: Today, due: date) -> dict[str, str]:
    return {"rule": said.text(today, due), "from": "completion" if said.from_completion else "due"}


def _moment(day: date, at: time | None) -> dict[str, str | None]:
    return {"date": day.isoformat(), "time": None if at is None else at.isoformat("seconds")}


def _as_sent(what: str | When, due: tuple[date, time | None] | None, today: Today) -> dict[str, str]:
    """A reminder as the API takes it: a time is one on the day that the task is due."""
    if isinstance(what, str):
        return {"offset": what}
    day, at = what.moment(today)
    if due is not None:
        day = due[0]
    local = datetime.combine(day, at or time(), today.now.tzinfo)
    return {"at": f"{local.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000000Z"}


def _without(text: str, spans: Sequence[Span], escapes: Sequence[int]) -> str:
    """The text without these spans and backslashes; empty if nothing is left but punctuation."""
    parts, place = [], 0
    for start, end in spans:
        parts.append((place, start))
        place = end
    parts.append((place, len(text)))
    title = ""
    for start, end in parts:
        kept = "".join(text[each] for each in range(start, end) if each not in escapes)
        title = _joined(title, kept) if start else kept
    if spans:
        title = _trimmed(title)
    has_something = any(category(each)[0] not in "PZC" for each in title)
    return title.strip() if has_something else ""


def _joined(before: str, after: str) -> str:
    """Two parts of a title with nothing between them any longer."""
    left, right = before.rstrip(), after.lstrip()
    if left.endswith(("(", "[")) and right.startswith((")", "]")):
        return _joined(left[:-1], right[1:])
    if not right or (after == right and _closes(right)):
        return left + right
    return f"{left} {right}" if left else right


def _closes(text: str) -> bool:
    """Whether it begins with punctuation that ends what is before it, and not with a sign like `!2`."""
    signs = len(text) - len(text.lstrip(",.;:!?…)]}"))
    return not text or (signs > 0 and (signs == len(text) or text[signs].isspace()))


def _trimmed(title: str) -> str:
    title = title.strip()
    while title and title[0] in _LOOSE:
        title = title[1:].lstrip()
    while title and title[-1] in _LOOSE:
        title = title[:-1].rstrip()
    return title
