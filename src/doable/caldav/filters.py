"""The filter of a calendar-query as a tree (RFC 4791, 9.7)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, NoReturn

from doable.caldav.refusals import Refusal
from doable.caldav.xml import Element, caldav

ASCII_CASEMAP: Final = "i;ascii-casemap"

_CAPITALS: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}

COLLATIONS: Final[Mapping[str, Callable[[str], str]]] = {
    ASCII_CASEMAP: lambda text: text.translate(_CAPITALS),
    "i;unicode-casemap": str.casefold,
    "i;octet": str,
}
"""What two texts are compared as."""

_INSTANT: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,200}")
MOST_ELEMENTS: Final = 100
"""Of a filter: each is looked for in every line of thousands of objects."""
_MOST_BELOW: Final = 10
"""How deep filters may be in one another: a calendar has three levels."""


class TimeRange(NamedTuple):
    """From one instant to before another; None is without a bound."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class TextMatch:
    """Some text is part of a value, or no part of it."""

    wanted: str
    """As the collation compares it."""
    collation: str
    is_negated: bool

    def matches(self, value: str) -> bool:
        """Whether a value does."""
        return (self.wanted in COLLATIONS[self.collation](value)) is not self.is_negated


@dataclass(frozen=True, slots=True)
class ParamFilter:
    """A parameter that a property has, or has not."""

    name: str
    is_not_defined: bool = False
    text: TextMatch | None = None


@dataclass(frozen=True, slots=True)
class PropFilter:
    """A property that a component has, or has not."""

    name: str
    is_not_defined: bool = False
    time_range: TimeRange | None = None
    text: TextMatch | None = None
    params: Sequence[ParamFilter] = ()


@dataclass(frozen=True, slots=True)
class CompFilter:
    """A component that there is in another, or is not."""

    name: str
    is_not_defined: bool = False
    time_range: TimeRange | None = None
    props: Sequence[PropFilter] = ()
    comps: Sequence["CompFilter"] = ()


def read_filter(element: Element) -> CompFilter:
    """The filter of a query; its one component is VCALENDAR. Raises Refusal."""
    if sum(1 for _ in element.iter()) > MOST_ELEMENTS:
        _refuse(f"A filter has at most {MOST_ELEMENTS} elements.", "supported-filter")
    children = [*_children(element)]
    if len(children) != 1 or children[0].tag != caldav("comp-filter"):
        _refuse("A filter has one comp-filter.")
    found = _comp(children[0], 0)
    if found.name != "VCALENDAR":
        _refuse("The filter of a calendar begins with VCALENDAR.")
    return found


def read_time_range(element: Element, precondition: str = "valid-filter") -> TimeRange:
    """The range of time-range, expand and the like. Raises Refusal."""
    start, end = (_instant(element.get(name), precondition) for name in ("start", "end"))
    if start is None and end is None:
        _refuse("A range has a start or an end.", precondition)
    if start is not None and end is not None and end <= start:
        _refuse("A range ends after it starts.", precondition)
    return TimeRange(start, end)


def _comp(element: Element, depth: int) -> CompFilter:
    if depth > _MOST_BELOW:
        _refuse("Filters are in one another too deep.")
    time_range = None
    props, comps, is_not_defined = [], [], False
    for child in _children(element):
        if child.tag == caldav("is-not-defined"):
            is_not_defined = True
        elif child.tag == caldav("time-range"):
            time_range = read_time_range(child)
        elif child.tag == caldav("prop-filter"):
            props.append(_prop(child))
        elif child.tag == caldav("comp-filter"):
            comps.append(_comp(child, depth + 1))
        else:
            _unsupported()
    if is_not_defined and (time_range or props or comps):
        _refuse("What is not defined has nothing else.")
    return CompFilter(_name(element), is_not_defined, time_range, props, comps)


def _prop(element: Element) -> PropFilter:
    time_range, text, params, is_not_defined = None, None, [], False
    for child in _children(element):
        if child.tag == caldav("is-not-defined"):
            is_not_defined = True
        elif child.tag == caldav("time-range"):
            time_range = read_time_range(child)
        elif child.tag == caldav("text-match"):
            text = _text_match(child)
        elif child.tag == caldav("param-filter"):
            params.append(_param(child))
        else:
            _unsupported()
    if is_not_defined and (time_range or text or params):
        _refuse("What is not defined has nothing else.")
    return PropFilter(_name(element), is_not_defined, time_range, text, params)


def _param(element: Element) -> ParamFilter:
    text, is_not_defined = None, False
    for child in _children(element):
        if child.tag == caldav("is-not-defined"):
            is_not_defined = True
        elif child.tag == caldav("text-match"):
            text = _text_match(child)
        else:
            _unsupported()
    if is_not_defined and text:
        _refuse("What is not defined has nothing else.")
    return ParamFilter(_name(element), is_not_defined, text)


def _text_match(element: Element) -> TextMatch:
    collation = element.get("collation", ASCII_CASEMAP)
    if collation == "default":
        collation = ASCII_CASEMAP
    if collation not in COLLATIONS:
        raise Refusal(403, "C:supported-collation", f"There are {', '.join(COLLATIONS)}.")
    said = element.get("negate-condition", "no")
    if said not in {"yes", "no"}:
        _refuse("A negate-condition is yes or no.")
    return TextMatch(COLLATIONS[collation]("".join(element.itertext())), collation, said == "yes")


def _children(element: Element) -> Iterator[Element]:
    """Without comments and the like."""
    return (child for child in element if isinstance(child.tag, str))


def _name(element: Element) -> str:
    name = element.get("name", "")
    if not _NAME.fullmatch(name):
        _refuse("A filter has the name of what it is about.")
    return str(name).upper()


def _instant(text: str | None, precondition: str) -> datetime | None:
    if text is None:
        return None
    if _INSTANT.fullmatch(text):
        try:
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass
    return _refuse("The ends of a range are instants in UTC, as in 20270101T000000Z.", precondition)


def _refuse(message: str, precondition: str = "valid-filter") -> NoReturn:
    raise Refusal(403, f"C:{precondition}", message)


def _unsupported() -> NoReturn:
    raise Refusal(403, "C:supported-filter", "The filter has an element that is not known in it.")
