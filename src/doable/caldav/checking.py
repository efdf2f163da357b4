"""Whether a body is an object that may be put into a collection (RFC 4791, sections 4.1 and 5.3.2.1), and by which precondition not."""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Final, NamedTuple

from doable.caldav.refusals import Refusal
from doable.ical.lines import Component, Malformed, TooLarge, components
from doable.ical.values import local
from doable.tasks.names import MAX_UID

_KINDS: Final = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY", "VPOLL"})
"""Components that an object is of. Others are beside them: zones, and what RFC 5545, section 3.6, lets anybody add."""
_FOLD_IN_CHARACTER: Final = re.compile(rb"(?<=[\x80-\xff])\r*\n[ \t](?=[\x80-\xbf])")
_ENDS: Final = {"VTODO": "DUE", "VEVENT": "DTEND"}


class InvalidData(Refusal):
    """The body is no iCalendar: not UTF-8, no calendar, lines that are none, dates of two types."""

    def __init__(self, message: str = "The body is no valid iCalendar.") -> None:
        super().__init__(403, "C:valid-calendar-data", message)


class InvalidObject(Refusal):
    """It is iCalendar, but not one object of a calendar: METHOD, no UID or several, components of several types."""

    def __init__(self, message: str) -> None:
        super().__init__(403, "C:valid-calendar-object-resource", message)


class UnsupportedComponent(Refusal):
    """The collection does not take such components."""

    def __init__(self) -> None:
        super().__init__(
            403, "C:supported-calendar-component", "This collection does not take components of this type."
        )


class ObjectTooLarge(Refusal):
    """It has more lines or components than are looked at."""

    def __init__(self) -> None:
        super().__init__(403, "C:max-resource-size", "The calendar has too many lines or components.")


class Checked(NamedTuple):
    """An object that may be put."""

    text: str
    """As it came, and as it is to be kept."""
    is_kept: bool
    """False where the text is not the very bytes, since a fold was within a character: then a PUT answers no ETag."""
    uid: str
    component: str
    """VTODO, VEVENT, VJOURNAL or VFREEBUSY."""


def check(body: bytes, components: Collection[str]) -> Checked:
    """The object of this body, for a collection of these components. Raises Refusal."""
    text, is_kept = _decoded(body)
    calendar = _calendar(text)
    # RFC 4791, section 4.1: no METHOD, one type of component besides zones, one UID.
    if calendar.first("METHOD") is not None:
        raise InvalidObject("A calendar that is stored has no METHOD (RFC 4791, section 4.1).")
    found = [each for each in calendar.components if each.name in _KINDS]
    kinds = {each.name for each in found}
    if len(kinds) > 1:
        raise InvalidObject("An object has components of one type (RFC 4791, section 4.1).")
    if not found:
        raise InvalidObject("There is no event, to-do or journal entry in the calendar.")
    (kind,) = kinds
    if kind not in components:
        raise UnsupportedComponent
    uids = {"" if line is None else line.value.strip() for line in (each.first("UID") for each in found)}
    if len(uids) > 1:
        raise InvalidObject("All components of an object have one UID (RFC 4791, section 4.1).")
    (uid,) = uids
    if not uid:
        raise InvalidObject("A component has no UID.")
    if len(uid.encode()) > MAX_UID:
        raise InvalidObject("A UID has at most 1,000 bytes.")
    for each in found:
        _check_dates(each)
    return Checked(text, is_kept, uid, kind)


def _decoded(body: bytes) -> tuple[str, bool]:
    """The text, and whether it is the very bytes. RFC 5545, section 3.1, lets a fold be within a character of UTF-8."""
    if b"\0" in body:
        raise InvalidData("There are no NUL characters in iCalendar (RFC 5545, section 3.1).")
    try:
        return body.decode(), True
    except UnicodeDecodeError:
        pass
    try:
        return _FOLD_IN_CHARACTER.sub(b"", body).decode(), False
    except UnicodeDecodeError:
        raise InvalidData("The body is not UTF-8.") from None


def _calendar(text: str) -> Component:
    try:
        found = components(text)
    except TooLarge:
        raise ObjectTooLarge from None
    except Malformed:
        raise InvalidData from None
    if not found or any(each.name != "VCALENDAR" for each in found):
        raise InvalidData("The body is no calendar: it begins with BEGIN:VCALENDAR.")
    if len(found) > 1:
        raise InvalidObject("There is more than one calendar in the body.")
    return found[0]


def _check_dates(component: Component) -> None:
    """RFC 5545, sections 3.8.2.2 and 3.8.2.3: an end is of the type of DTSTART. What is no date at all is left to whoever reads it."""
    start, end = component.first("DTSTART"), component.first(_ENDS.get(component.name, ""))
    begins, ends = (None if line is None else local(line.value) for line in (start, end))
    if begins is not None and ends is not None and _has_time(begins) != _has_time(ends):
        raise InvalidData("One of its dates has a time, and the other has none (RFC 5545, section 3.8.2).")


def _has_time(value: date) -> bool:
    return isinstance(value, datetime)
