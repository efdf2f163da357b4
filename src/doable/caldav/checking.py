"""Whether a body is an object that may be put into a collection (RFC 4791, sections 4.1 and 5.3.2.1)."""

from collections.abc import Collection
from typing import ClassVar, NamedTuple

from doable.errors import Forbidden

MAX_UID: int = 1000
"""Bytes."""


class Refused(Forbidden):
    """A precondition of RFC 4791, section 5.3.2.1, does not hold. Its element is in the namespace `urn:ietf:params:xml:ns:caldav`."""

    element: ClassVar[str]


class InvalidData(Refused):
    """The body is no iCalendar: not UTF-8, no calendar, lines that are none, dates of two types."""

    element = "valid-calendar-data"
    code = "valid_calendar_data"
    message = "The body is no valid iCalendar."


class InvalidObject(Refused):
    """It is iCalendar, but not one object of a calendar: METHOD, no UID or several, components of several types."""

    element = "valid-calendar-object-resource"
    code = "valid_calendar_object_resource"
    message = (
        "The calendar is not one object: all its components are of one type and have one UID, and it has no METHOD."
    )


class UnsupportedComponent(Refused):
    """The collection does not take such components."""

    element = "supported-calendar-component"
    code = "supported_calendar_component"
    message = "This collection does not take components of this type."


class ObjectTooLarge(Refused):
    """It has more lines or components than are looked at."""

    element = "max-resource-size"
    code = "max_resource_size"
    message = "The calendar has too many lines or components."


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
    """The object of this body, for a collection of these components. Raises one of Refused."""
    raise NotImplementedError
