"""What begins with a sign: `#list`, `/section`, `@tag`, `!high`, `~30m`; and what such signs do not reach: escapes and quotes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from unicodedata import category

from doable.tasks.fields import MAX_ESTIMATE
from doable.tasks.quick.language import Language
from doable.tasks.quick.text import CLOSING, OPENING, Span
from doable.tasks.tag_names import MAX_TAG_LENGTH, MAX_TAGS_OF_A_TASK, key_of

ESCAPED: Final = frozenset("#/@!~")
QUOTES: Final = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "「": "」"}
LONGEST_NUMBER: Final = 6
HOUR: Final = 60
MEMBERS: Final = {
    "list": "list_id",
    "section": "section_id",
    "estimate": "estimate_minutes",
    "priority": "priority",
}
"""The members of a task that may be said once, by their kinds."""


class Destination(NamedTuple):
    """A list with its sections, or a section."""

    id: str
    name: str
    sections: Sequence["Destination"] = ()


class Piece(NamedTuple):
    """What was understood of a part of the text, by the code points of its start and end."""

    kind: str
    start: int
    end: int
    value: Any


@dataclass(slots=True)
class Marks:
    """What a line's signs say."""

    pieces: list[Piece] = field(default_factory=list)
    members: dict[str, Any] = field(default_factory=dict)
    stops: list[Span] = field(default_factory=list)
    """What can be no part of a date: these pieces, and quotations."""
    escapes: list[int] = field(default_factory=list)
    """Where backslashes are that belong to no title."""


class _Mark(NamedTuple):
    sign: str
    start: int
    end: int
    name: str
    """What stands behind the sign."""
    is_quoted: bool


def marks(raw: str, words: Language, lists: Sequence[Destination], list_id: str | None) -> Marks:
    """What the signs of this line say. Sections are those of the list that is named, or else of the list with this id."""
    found = Marks()
    of_list: dict[str, Destination] | None = None
    # A section may stand before the list that it is of.
    seen = sorted(_scan(raw, found), key=lambda mark: mark.sign != "#")
    by_name = _by_name(lists) if any(mark.sign == "#" for mark in seen) else {}
    for mark in seen:
        match mark.sign:
            case "#":
                _place(found, "list", mark, by_name)
            case "/":
                if of_list is None:
                    of = found.members.get("list_id", list_id)
                    of_list = _by_name([each for some in lists if some.id == of for each in some.sections])
                _place(found, "section", mark, of_list)
            case "@":
                _tag(found, mark)
            case "~":
                _once(found, "estimate", mark, _estimate(_trimmed(mark), words.estimates))
            case _:
                said = f"{mark.sign}{_trimmed(mark)}".casefold()
                _once(found, "priority", mark, words.priorities.get(said))
    found.stops.sort()
    return found


def _by_name(places: Sequence[Destination]) -> dict[str, Destination]:
    """The places by their names, whatever the case; of several the first."""
    return {key_of(each.name): each for each in reversed(places)}


def _place(found: Marks, kind: str, mark: _Mark, places: Mapping[str, Destination]) -> None:
    for name in dict.fromkeys((mark.name, _trimmed(mark))):
        place = places.get(key_of(name.strip()))
        if place is not None:
            _once(found, kind, mark, place.id, name)
            return


def _once(found: Marks, kind: str, mark: _Mark, value: Any, name: str | None = None) -> None:
    """Note what the mark says of a member, if it says anything, and it has not been said before."""
    member = MEMBERS[kind]
    if value is not None and member not in found.members:
        found.members[member] = value
        _add(found, kind, mark, value, _trimmed(mark) if name is None else name)


def _scan(raw: str, found: Marks) -> Iterator[_Mark]:
    """The signs of this line, with what stands behind each. Notes quotations and escapes."""
    place, may_begin = 0, True
    while place < len(raw):
        character = raw[place]
        if character == "\\" and raw[place + 1 : place + 2] in ESCAPED:
            found.escapes.append(place)
            place += 2
            may_begin = False
            continue
        if may_begin and character in QUOTES and (end := _closing(raw, place)) is not None:
            found.stops.append((place, end))
            place, may_begin = end, False
            continue
        if may_begin and (character in ESCAPED or (character in "pP" and raw[place + 1 : place + 2].isdecimal())):
            yield (mark := _mark(raw, place))
            place, may_begin = mark.end, False
            continue
        may_begin = character.isspace() or character in OPENING
        place += 1


def _closing(raw: str, start: int) -> int | None:
    """The end of a quotation that begins here: behind its second quotation mark, where one ends something."""
    for quote in QUOTES[raw[start]]:
        end = raw.find(quote, start + 1) + 1
        if end and not raw[end : end + 1].isalnum():
            return end
    return None


def _mark(raw: str, start: int) -> _Mark:
    sign = raw[start]
    after = start + 1
    if sign in "#/@" and raw[after : after + 1] in QUOTES and raw[after : after + 1]:
        end = _closing(raw, after)
        if end is not None:
            return _Mark(sign, start, end, raw[after + 1 : end - 1], is_quoted=True)
    end = after
    while end < len(raw) and not raw[end].isspace():
        end += 1
    return _Mark(sign, start, end, raw[after:end], is_quoted=False)


def _trimmed(mark: _Mark) -> str:
    """The name without the signs that end a sentence."""
    name = mark.name
    while not mark.is_quoted and name and name[-1] in CLOSING:
        name = name[:-1]
    return name


def _tag(found: Marks, mark: _Mark) -> None:
    name = _trimmed(mark)
    tag = " ".join(name.split())
    tags: list[str] = found.members.get("tags", [])
    if (
        not tag
        or len(tag) > MAX_TAG_LENGTH
        or len(tags) == MAX_TAGS_OF_A_TASK
        or any(category(each) == "Cc" for each in tag)
    ):
        return
    if key_of(tag) not in map(key_of, tags):
        found.members["tags"] = [*tags, tag]
    _add(found, "tag", mark, tag, name)


def _estimate(name: str, units: Mapping[str, int]) -> int | None:
    """The minutes of `30m`, `1h30`, `1.5h`; None if it is nothing of the kind."""
    total, place, last = 0, 0, 0
    while place < len(name):
        start = place
        while place < len(name) and (name[place].isdecimal() or (name[place] in ".," and place > start)):
            place += 1
        number, unit_at = name[start:place].replace(",", "."), place
        while place < len(name) and name[place].isalpha():
            place += 1
        unit = units.get(name[unit_at:place].casefold())
        if unit is None and unit_at == place and last == HOUR and place == len(name):
            unit = 1  # 1h30
        if unit is None or not number or number.count(".") > 1 or len(number) > LONGEST_NUMBER or number.endswith("."):
            return None
        total, last = total + round(float(number) * unit), unit
    return total if 1 <= total <= MAX_ESTIMATE else None


def _add(found: Marks, kind: str, mark: _Mark, value: Any, name: str) -> None:
    end = mark.end if mark.is_quoted else mark.start + len(mark.sign + name)
    found.pieces.append(Piece(kind, mark.start, end, value))
    found.stops.append((mark.start, end))
