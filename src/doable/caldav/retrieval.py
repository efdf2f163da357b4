"""What a report wants of each object's text: `calendar-data` (RFC 4791, 9.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from doable.caldav.filters import TimeRange, read_time_range
from doable.caldav.refusals import Refusal
from doable.caldav.xml import Element, caldav

_MOST_BELOW: Final = 10
MOST_ELEMENTS: Final = 500
"""Of what is wanted: each is looked for in every component."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a component: None is all."""

    name: str
    props: Mapping[str, bool] | None = None
    """By name, whether with the value."""
    comps: Sequence["Wanted"] | None = None


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What is wanted of an object."""

    comp: Wanted | None = None
    expand: TimeRange | None = None
    """Each instance that is in the range, in UTC and without a rule."""
    only: TimeRange | None = None
    """Of what takes the place of single instances, what is in the range (limit-recurrence-set)."""
    busy: TimeRange | None = None
    """Of the periods of FREEBUSY, those that are in the range (limit-freebusy-set)."""


WHOLE: Final = Retrieval()
"""The text as it is."""


def read_retrieval(element: Element) -> Retrieval:
    """What `calendar-data` says. Raises Refusal."""
    content_type, version = element.get("content-type", "text/calendar"), element.get("version", "2.0")
    if content_type.lower() != "text/calendar" or version != "2.0":
        raise Refusal(403, "C:supported-calendar-data", "There is text/calendar 2.0.")
    if sum(1 for _ in element.iter()) > MOST_ELEMENTS:
        raise Refusal(403, "C:valid-calendar-data", f"At most {MOST_ELEMENTS} elements say what is wanted of a text.")
    found: dict[str, Any] = {}
    ranges = {caldav("expand"): "expand", caldav("limit-recurrence-set"): "only", caldav("limit-freebusy-set"): "busy"}
    for child in element:
        if child.tag == caldav("comp"):
            found["comp"] = _wanted(child, 0)
        elif child.tag in ranges:
            name = ranges[child.tag]
            found[name] = read_time_range(child, "valid-calendar-data")
            if None in {found[name].start, found[name].end}:
                raise Refusal(403, "C:valid-calendar-data", "A range here has a start and an end.")
    return Retrieval(**found)


def _wanted(element: Element, depth: int) -> Wanted:
    if depth > _MOST_BELOW:
        raise Refusal(403, "C:valid-calendar-data", "Components are in one another too deep.")
    props: dict[str, bool] = {}
    comps: list[Wanted] = []
    children = {child.tag for child in element}
    for child in element:
        if child.tag == caldav("prop"):
            props[child.get("name", "").upper()] = child.get("novalue", "no") != "yes"
        elif child.tag == caldav("comp"):
            comps.append(_wanted(child, depth + 1))
    # An empty one is all there is of it, as in the examples of the RFC.
    is_empty = not children
    return Wanted(
        element.get("name", "").upper(),
        None if is_empty or caldav("allprop") in children else props,
        None if is_empty or caldav("allcomp") in children else comps,
    )
