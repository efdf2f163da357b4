"""The instants of a component that recurs: its rules, dates, exceptions and overrides (RFC 5545, 3.8.5).

Whatever a client has sent, none of this takes long: a walk is given up after 10,000 steps, and says so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from heapq import merge
from itertools import groupby
from typing import Final, NamedTuple

from doable.ical import zones
from doable.ical.lines import Component, Line
from doable.ical.rules import Budget, GaveUp, Rule, UnreadableRule, parse, walk
from doable.ical.values import duration, later

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

    start: Moment | None
    """DTSTART, or DUE where there is none. It is the first of its instances, whether it fits the rules or not. None if there
    are only overrides."""
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
    """Which override says the rest of it, if one."""


class Found(NamedTuple):
    """Instances in the order of their instants."""

    instances: Sequence[Instance]
    is_complete: bool
    """False where there may be more: the walk was given up, or there are more than were wanted."""


def read(master: Component | None, overrides: Sequence[Component], own: Mapping[str, Component]) -> Recurring:
    """When these components recur: all of one UID, and the VTIMEZONEs of their calendar."""
    replaced = []
    for each in overrides:
        line = each.first("RECURRENCE-ID")
        instance = None if line is None else zones.moment(line, own)
        if line is not None and instance is not None:
            replaced.append(Override(instance, start_of(each, own), line.parameter("RANGE") == "THISANDFUTURE"))
    if master is None:
        return Recurring(None, overrides=replaced)
    return Recurring(
        start_of(master, own),
        [line.value for line in master.all("RRULE")],
        [each for line in master.all("RDATE") for each in _dates(line, own)],
        [each for line in master.all("EXDATE") for each in zones.moments(line, own)],
        replaced,
    )


def start_of(component: Component, own: Mapping[str, Component]) -> Moment | None:
    """What its instances are counted from: DTSTART, or DUE where it has none."""
    lines = (component.first(name) for name in ("DTSTART", "DUE"))
    return next((moment for line in lines if line is not None and (moment := zones.moment(line, own))), None)


def _dates(line: Line, own: Mapping[str, Component]) -> Iterator[Moment | tuple[Moment, timedelta]]:
    for value in line.value.split(","):
        begin, _, rest = value.partition("/")
        found = zones.moments(Line(line.name, line.head, begin, line.start, line.end), own)
        if found and rest:
            yield found[0], _until_end(found[0], Line(line.name, line.head, rest, line.start, line.end), own)
        else:
            yield from found


def _until_end(begin: Moment, end: Line, own: Mapping[str, Component]) -> timedelta:
    """How long a PERIOD lasts, of which this is the end, or says so itself."""
    if (lasts := duration(end.value)) is not None:
        return max(lasts.whole, timedelta())
    found = zones.moments(end, own)
    return max(_instant(found[0], UTC) - _instant(begin, UTC), timedelta()) if found else timedelta()


def instances(
    recurring: Recurring,
    begin: datetime | None,
    end: datetime | None,
    *,
    zone: tzinfo,
    most: int = MOST,
    budget: Budget | None = None,
) -> Found:
    """Those that start from the one instant to before the other. Whole days and what floats are read in the zone.

    Who looks for what overlaps a range begins so much earlier as an instance lasts. A budget of steps may be that of many.
    """
    walked = _Walk(recurring, zone)
    found: list[Instance] = []
    is_complete = True
    begin, end = (_instant(at or side, UTC) for at, side in ((begin, _FIRST), (end, _LAST)))

    def is_in(each: Instance) -> bool:
        return begin <= _instant(each.start, zone) < end

    try:
        for each in filter(is_in, walked.by_rule(begin, end, budget or Budget())):
            if len(found) == most:
                is_complete = False
                break
            found.append(each)
    except GaveUp:
        is_complete = False
    found += filter(is_in, walked.replaced())
    found.sort(key=lambda each: _instant(each.start, zone))
    return Found(found[:most], is_complete and walked.is_readable and len(found) <= most)


def bounds(recurring: Recurring, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """The instants between which all instances start, both included; None where there is no bound, or it is not quickly found.

    What a PERIOD lasts is in them, the duration of the rest is not.
    """
    walked = _Walk(recurring, zone)
    known = [_instant(each.start, zone) for each in walked.replaced()]
    ends = [*known]
    if recurring.start is not None:
        known.append(_instant(recurring.start, zone))
        ends.append(known[-1])
    for local, lasts in walked.dates.items():
        known.append(_instant(walked.moment(local), zone))
        ends.append(later(known[-1], lasts or timedelta()))
    moved = [delta for _, delta, _ in walked.moved]
    last: datetime | None = None
    if walked.is_readable:
        try:
            ends += (_instant(walked.moment(local), zone) for local in walked.lasts())
            last = max(ends, default=None)
        except (GaveUp, _Endless):
            pass
    # A day's change of clocks does not matter to a bound; an override that moves what follows does.
    first = min(known, default=None)
    return (
        first and later(first, min([timedelta(), *moved])),
        last and later(last, max([timedelta(), *moved])),
    )


_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_MIDNIGHT: Final = time()
_END_OF_DAY: Final = time(23, 59, 59)
_DAY: Final = timedelta(days=1)


class _Endless(Exception):
    pass


def _instant(moment: Moment, zone: tzinfo) -> datetime:
    """In UTC; RFC 5545, 3.3.5, has what becomes of a local time that comes twice or not at all, and so has `fold=0`."""
    shown = moment if isinstance(moment, datetime) else datetime.combine(moment, _MIDNIGHT)
    aware = shown if shown.tzinfo is not None else shown.replace(tzinfo=zone)
    try:
        return aware.astimezone(UTC)
    except OverflowError:  # at the ends of the calendar
        return shown.replace(tzinfo=UTC)


class _Walk:
    """The instances of one component, in the local time of its start."""

    def __init__(self, recurring: Recurring, zone: tzinfo) -> None:
        start = recurring.start
        self._recurring = recurring
        self._start = start
        self._is_of_days = start is not None and not isinstance(start, datetime)
        self._zone = (start.tzinfo if isinstance(start, datetime) else None) or zone
        self._rules = [*self._readable()]
        self.is_readable = len(self._rules) == len(recurring.rules)
        self.dates: dict[datetime, timedelta | None] = {}
        for each in recurring.dates if start is not None else ():
            moment, lasts = each if isinstance(each, tuple) else (each, None)
            self.dates[self._local(moment)] = lasts
        self._left_out = {self._key(each) for each in recurring.exceptions}
        self._left_out |= {self._key(each.instance) for each in recurring.overrides}
        self.moved = sorted(
            (self._local(each.instance), self._local(each.start) - self._local(each.instance), number)
            for number, each in enumerate(recurring.overrides)
            if each.and_future and each.start is not None
        )
        """From when on, by how much, and by which override."""

    def _readable(self) -> Iterator[Rule]:
        for text in self._recurring.rules:
            try:
                rule = parse(text)
            except UnreadableRule:
                continue
            yield rule.of_days() if self._is_of_days else rule

    def _local(self, moment: Moment) -> datetime:
        """What a clock shows in the zone of the start."""
        if not isinstance(moment, datetime):
            return datetime.combine(moment, _MIDNIGHT)
        if moment.tzinfo is not None:
            try:
                moment = moment.astimezone(self._zone).replace(tzinfo=None)
            except OverflowError:
                moment = moment.replace(tzinfo=None)
        local = moment.replace(microsecond=0, fold=0)
        return datetime.combine(local, _MIDNIGHT) if self._is_of_days else local

    def _key(self, moment: Moment) -> Moment:
        """An exception that is a day is all of that day."""
        return self._local(moment) if isinstance(moment, datetime) or self._is_of_days else moment

    def moment(self, local: datetime) -> Moment:
        """What this local time is as a value of DTSTART."""
        if self._is_of_days:
            return local.date()
        return local.replace(tzinfo=self._start.tzinfo) if isinstance(self._start, datetime) else local

    def by_rule(self, begin: datetime, end: datetime, budget: Budget) -> Iterator[Instance]:
        """Those without an override of their own, about from the one to the other instant. Raises GaveUp."""
        if self._start is None:
            return
        deltas = [timedelta(), *(delta for _, delta, _ in self.moved)]
        after = later(self._shown(begin, min), -max(deltas))
        before = later(self._shown(end, max), -min(deltas))
        start = self._local(self._start)
        rules = (walk(rule, start, after, until=self._until(rule), budget=budget) for rule in self._rules)
        others = sorted({start, *self.dates})
        for local, _ in groupby(merge(others, *rules)):
            if local > before:
                return
            if local in self._left_out or local.date() in self._left_out:
                budget.spend()
                continue
            lasts = self.dates.get(local)
            moved = next((each for each in reversed(self.moved) if each[0] <= local), None)
            if moved is None:
                yield Instance(self.moment(local), self.moment(local), lasts)
            else:
                yield Instance(self.moment(local), self.moment(later(local, moved[1])), lasts, moved[2])

    def _shown(self, at: datetime, which: Callable[[datetime, datetime], datetime]) -> datetime:
        """The least or greatest local time there of which this may be the instant: clocks are put forward and back."""
        shown = [
            later(at, offset).replace(tzinfo=None) for offset in (self._offset(at), self._offset(later(at, -_DAY)))
        ]
        return which(*shown)

    def _offset(self, at: datetime) -> timedelta:
        try:
            return at.astimezone(self._zone).utcoffset() or timedelta()
        except OverflowError:
            return timedelta()

    def replaced(self) -> Iterator[Instance]:
        """The overrides."""
        for number, each in enumerate(self._recurring.overrides):
            yield Instance(each.instance, each.instance if each.start is None else each.start, None, number)

    def _until(self, rule: Rule) -> datetime | None:
        if rule.until is None:
            return None
        if isinstance(rule.until, datetime) and not self._is_of_days:
            return self._local(rule.until)
        # With a time its date counts, where the start is a day; and a day is over when it is past.
        return datetime.combine(rule.until, _END_OF_DAY)

    def lasts(self) -> Iterator[datetime]:
        """The last local time of each rule, or a later one. Raises GaveUp, or _Endless."""
        if self._start is None:
            return
        start, budget = self._local(self._start), Budget()
        for rule in self._rules:
            until = self._until(rule)
            if until is not None:
                yield until
            elif rule.count is None:
                raise _Endless
            else:
                yield from walk(rule, start, start, budget=budget)
