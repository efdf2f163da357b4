"""What a line of text says of a task: its title, and what else was understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Final
from unicodedata import category

from doable.tasks.quick.calendar import Today
from doable.tasks.quick.english import ENGLISH
from doable.tasks.quick.german import GERMAN
from doable.tasks.quick.language import Language
from doable.tasks.quick.marks import Destination, Piece, marks
from doable.tasks.quick.reminders import Asked, Moment, as_sent, is_behind_request, reminders
from doable.tasks.quick.rule import Rule
from doable.tasks.quick.rules import rule
from doable.tasks.quick.text import Span, Text
from doable.tasks.quick.when import When, together, when
from doable.tasks.reminders import MAX_REMINDERS

LANGUAGES: Final[Mapping[str, Language]] = {"en": ENGLISH, "de": GERMAN}

KINDS: Final = frozenset({"due", "recurrence", "list", "section", "tag", "priority", "reminder", "estimate", "start"})
"""The kinds of what can be understood."""

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
    reminders: list[tuple[Span, Asked]] = field(default_factory=list)
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
    day_reminder_at: str = "09:00:00",
    lists: Sequence[Destination] = (),
    list_id: str | None = None,
    kinds: frozenset[str] = KINDS,
) -> Understood:
    """The task that this line is.

    `now` has its zone; `list_id` is the list that the task is in if none is named. A reminder of a whole day comes at
    `day_reminder_at`. What would be of another kind than these stays in the title, with the dates that are part of it.
    """
    words, today = LANGUAGES[language], Today(now, week_starts_on, time.fromisoformat(day_reminder_at))
    signs = marks(text, words, lists, list_id)
    said = _read(Text(text, signs.stops), words, today, kinds)
    due = _due(said, today)
    dated, reminded = _members(said, due, today), _reminders(said, due, today)
    places = (Piece(kind, *span, dated[kind]) for kind, span in said.places)
    pieces = sorted([*signs.pieces, *places, *reminded], key=lambda piece: piece.start)
    title = _without(text, [(piece.start, piece.end) for piece in pieces], signs.escapes)
    if not title:
        return Understood({"title": text.strip()}, ())
    members = {"title": title, **signs.members, **dated}
    if reminded:
        members["reminders"] = [each.value for each in reminded]
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
    reminded = [*reminders(text, index, words, today)]
    if reminded:
        if "reminder" in said.kinds:
            said.reminders += [(_span(text, start, end), asked) for asked, start, end in reminded]
        return reminded[-1][2]
    repeated = rule(text, index, words, today)
    if repeated is not None:
        noted = _repeats(text, index, repeated, words, said)
        # "every month on Friday" belongs to the title as a whole
        return together(text, repeated[1], words, today)[1] if noted is None else noted
    found = when(text, index, words, today)
    if found is None:
        return index
    if found.when is not None:
        said.is_due(found.when, _span(text, index, found.end))
    return found.end


def _repeats(text: Text, index: int, repeated: tuple[Rule | None, int], words: Language, said: _Said) -> int | None:
    """Note that it is repeated so, if that does not contradict what was said before. Answers the token after it, then."""
    rule_of, end = repeated
    both = said.when.and_(rule_of.when) if rule_of is not None else None
    if rule_of is None or both is None or said.rule is not None or "recurrence" not in said.kinds:
        return None
    said.rule, said.when = rule_of, both
    if said.reminders and is_behind_request(text, index, words):
        end = text.skip(words.remind_to, end)  # "Remind me every day to stretch"
    said.places.append(("recurrence", _span(text, index, end)))
    return end


def _span(text: Text, index: int, end: int) -> Span:
    return text[index].start, text[end - 1].end


def _marked(text: Text, index: int, words: Language, today: Today) -> tuple[str, When, int] | None:
    """`start: Monday`, `due: Friday`."""
    found = text.word(words.marks, index)
    if found is None or not text.is_glued(found[1], ":"):
        return None
    moment, end = together(text, found[1] + 1, words, today)
    return None if end == found[1] + 1 else (found[0], moment, end)


def _members(said: _Said, due: Moment | None, today: Today) -> dict[str, Any]:
    """What the words say, as a new task has it."""
    members: dict[str, Any] = {}
    if due is not None:
        members["due"] = _moment(*due)
        if said.rule is not None:
            members["recurrence"] = _recurrence(said.rule, today, due[0])
    if said.start is not None:
        members["start"] = _moment(*said.start.moment(today))
    return members


def _reminders(said: _Said, due: Moment | None, today: Today) -> list[Piece]:
    start = None if said.start is None else said.start.moment(today)
    found = (
        Piece("reminder", *span, value)
        for span, asked in said.reminders
        if (value := as_sent(asked, due, start, today, recurs=said.rule is not None)) is not None
    )
    return [*islice(found, MAX_REMINDERS)]


def _due(said: _Said, today: Today) -> Moment | None:
    if said.rule is not None:
        day = said.when.moment(today)[0] if said.when.day is not None else said.rule.due(today, said.when.at)
        return day, said.when.at
    return said.when.moment(today) if said.when != When() else None


def _recurrence(said: Rule, today: Today, due: date) -> dict[str, str]:
    return {"rule": said.text(today, due), "from": "completion" if said.from_completion else "due"}


def _moment(day: date, at: time | None) -> dict[str, str | None]:
    return {"date": day.isoformat(), "time": None if at is None else at.isoformat("seconds")}


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
