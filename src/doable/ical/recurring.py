"""The instants of a component that recurs: its rules, dates, exceptions and overrides (RFC 5545, 3.8.5).

Whatever a client has sent, none of this takes long: a walk is given up after 10,000 steps, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

Moment = date | datetime
"""A whole day, a local time that floats, or a time in a zone."""

MOST: Final = 1000
"""Instances of one answer."""


@dataclass(frozen=True, slots=True)
class Override:
    """A component with RECURRENCE-ID: what one instance is in place of the rule's."""

    instance: Moment
    """Its RECURRENCE-ID."""
    start: Moment | None
    """Its DTSTART, or DUE where it has none."""
    and_future: bool = False
    """RANGE=THISANDFUTURE: later ones are moved by as much."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """When a component recurs."""

    start: Moment
    """DTSTART, or DUE where there is none. It is the first of its instances, whether it fits the rules or not."""
    rules: Sequence[str] = ()
    """Values of RRULE."""
    dates: Sequence[Moment | tuple[Moment, timedelta]] = ()
    """Of RDATE; a PERIOD with how long it lasts."""
    exceptions: Sequence[Moment] = ()
    """Of EXDATE."""
    overrides: Sequence[Override] = ()


class Instance(NamedTuple):
    """One of its instances."""

    at: Moment
    """By the rule, which is its RECURRENCE-ID."""
    start: Moment
    """In fact."""
    lasts: timedelta | None = None
    """Where its PERIOD says so."""
    override: int | None = None
    """Which override it is, if one."""


class Found(NamedTuple):
    """Instances in the order of their instants."""

    instances: Sequence[Instance]
    is_complete: bool
    """False where there may be more: the walk was given up, or there are more than were wanted."""


def instances(
    recurring: Recurring, begin: datetime | None, end: datetime | None, *, zone: tzinfo, most: int = MOST
) -> Found:
    """Those that start from the one instant to before the other. Whole days and what floats are read in the zone.

    Who looks for what overlaps a range begins so much earlier as an instance lasts.
    """
    raise NotImplementedError


def bounds(recurring: Recurring, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """The instants between which all instances start, both included; None where there is no bound, or it is not quickly found."""
    raise NotImplementedError
