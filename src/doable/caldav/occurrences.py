"""When the components of a calendar are, with all instances of what recurs, as RFC 4791, 9.9, counts them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

from doable.caldav import overlaps
from doable.caldav.filters import TimeRange
from doable.ical import zones
from doable.ical.lines import Component, Line
from doable.ical.recurring import MOST, Instance, Moment, Recurring, bounds, instances, read, start_of
from doable.ical.rules import Budget
from doable.ical.values import Duration, duration, later

T = TypeVar("T", date, datetime)

RULES: Final = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE"})

_SLACK: Final = timedelta(hours=3)
"""More than clocks are put back and forward, by which an instance may be longer than another."""
_MOST_REPEATED: Final = 1000


class Occurrence(NamedTuple):
    """A component at one of its times."""

    component: Component
    instance: Instance | None
    """None where it does not recur."""


class Occurrences:
    """Those of all components of one kind in a calendar: one object, as checked when it was put."""

    def __init__(self, calendar: Component, kind: str, zone: tzinfo) -> None:
        self.kind = kind
        self.zone = zone
        """In which whole days and what floats are read."""
        self.members = [each for each in calendar.components if each.name == kind]
        self.own = zones.zones(calendar)

    def moment(self, line: Line | None) -> Moment | None:
        """The value of a line that is a date."""
        return None if line is None else zones.moment(line, self.own)

    def at(self, moment: Moment) -> datetime:
        """The instant of it."""
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - a whole day begins in the zone
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=self.zone)

    def start(self, component: Component) -> Moment | None:
        """What it recurs from."""
        return start_of(component, self.own)

    @cached_property
    def master(self) -> Component | None:
        """The one that recurs; None where none does."""
        found = [each for each in self.members if each.first("RECURRENCE-ID") is None]
        if len(found) != 1 or not (len(self.members) > 1 or any(line.name in RULES for line in found[0].lines)):
            return None
        return None if self.start(found[0]) is None else found[0]

    @cached_property
    def overrides(self) -> Sequence[Component]:
        """What takes the place of single instances."""
        return [each for each in self.members if self.moment(each.first("RECURRENCE-ID")) is not None]

    @cached_property
    def recurring(self) -> Recurring | None:
        """How the master recurs."""
        master = self.master
        return None if master is None else read(master, self.overrides, self.own)

    def _period(self, start: Moment, text: str) -> timedelta | None:
        end = text.partition("/")[2]
        lasts = duration(end)
        if lasts is not None:
            return plus(self.at(start), lasts) - self.at(start)
        until = zones.moment(Line("DTEND", "", end, 0, 0), self.own)
        if until is None:
            return None
        at = self.at(until)
        if isinstance(start, datetime) and isinstance(until, datetime) and until.tzinfo is None:
            at = until.replace(tzinfo=start.tzinfo or self.zone)
        return at - self.at(start)

    def within(
        self, wanted: TimeRange, *, most: int = MOST, among: Sequence[Component] | None = None
    ) -> tuple[list[Occurrence], bool]:
        """Those in the range, of these components, and whether these are all: else there may be others."""
        recurring = self.recurring
        if recurring is None:
            every, is_complete = [Occurrence(component, None) for component in self.members], True
        else:
            begin, end = self._around(wanted, max(map(self.length, self.members)))
            # Of those that only may be in the range there are a few more.
            walked = instances(recurring, begin, end, zone=self.zone, most=2 * most + MOST)
            every, is_complete = [self.of(instance) for instance in walked.instances], walked.is_complete
        found = []
        for each in every:
            if (among is None or each.component in among) and self.is_in(each, wanted):
                found.append(each)
                if len(found) > most:
                    return found, False
        return found, is_complete

    def of(self, instance: Instance) -> Occurrence:
        """The component of an instance."""
        assert self.master is not None  # noqa: S101 - it recurs
        component = self.master if instance.override is None else self.overrides[instance.override]
        return Occurrence(component, instance)

    @staticmethod
    def _around(wanted: TimeRange, length: timedelta) -> tuple[datetime | None, datetime | None]:
        begin = None if wanted.start is None else later(wanted.start, -length - _SLACK)
        end = None if wanted.end is None else later(wanted.end, length + _SLACK)
        return begin, end

    def length(self, component: Component) -> timedelta:
        """How long it is at most, be it backwards."""
        start = self.start(component)
        ends = [self.moment(component.first(name)) for name in ("DTEND", "DUE")]
        lasts = [abs(self.at(end) - self.at(start)) for end in ends if end is not None and start is not None]
        for line in (component.first("DURATION"), *component.all("RDATE")):
            if line is not None:
                lasts += [abs(found) for text in line.value.split(",") if (found := self._lasting(text)) is not None]
        return max(lasts, default=timedelta())

    def _lasting(self, text: str) -> timedelta | None:
        start, _, end = text.partition("/")
        if not end:
            lasts = duration(start)
            return None if lasts is None else lasts.whole
        begins = zones.moment(Line("DTSTART", "", start, 0, 0), self.own)
        return None if begins is None else self._period(begins, text)

    def is_in(self, each: Occurrence, wanted: TimeRange) -> bool:
        """Whether it is in the range."""
        if self.kind == "VTODO":
            return self._is_todo_in(each, wanted)
        if self.kind == "VFREEBUSY":
            return self._is_busy_in(each.component, wanted)
        start = self._begin(each)
        if start is None:
            return False
        is_day, (begins, end) = not isinstance(start, datetime), self.span(each, start)
        if self.kind == "VJOURNAL":
            return overlaps.journal(wanted, start=begins, is_day=is_day)
        if end is None:
            return overlaps.event(wanted, start=begins, is_day=is_day)
        return overlaps.event(wanted, start=begins, end=end) if end > begins else overlaps.instant(wanted, begins)

    def span(self, each: Occurrence, start: Moment) -> tuple[datetime, datetime | None]:
        """When an event begins and ends; None if it does not say."""
        begins = self.at(start)
        if each.instance is not None and each.instance.lasts is not None:
            return begins, later(in_utc(begins), each.instance.lasts)
        end, first = self.moment(each.component.first("DTEND")), self.moment(each.component.first("DTSTART"))
        if end is not None and first is not None:
            return begins, self.at(moved(end, first, start))
        lasts = duration_of(each.component)
        return begins, None if lasts is None else plus(begins, lasts)

    def taken(self, each: Occurrence) -> tuple[datetime, datetime] | None:
        """The time that an event takes: a day if it says no end and no time."""
        start = self._begin(each)
        if start is None:
            return None
        begins, end = self.span(each, start)
        is_day = not isinstance(start, datetime)
        return begins, end or (later(begins, overlaps.DAY) if is_day else begins)

    def _begin(self, each: Occurrence) -> Moment | None:
        return each.instance.start if each.instance is not None else self.moment(each.component.first("DTSTART"))

    def _todo(self, each: Occurrence) -> tuple[datetime | None, datetime | None, timedelta | None]:
        """DTSTART, DUE and DURATION of an instance."""
        first, due = (self.moment(each.component.first(name)) for name in ("DTSTART", "DUE"))
        if each.instance is not None:
            anchor, here = first or due, each.instance.start
            if anchor is not None:
                first = None if first is None else here
                due = None if due is None else moved(due, anchor, here)
        start = None if first is None else self.at(first)
        said = None if due is not None or start is None else duration_of(each.component)
        lasts = None
        if said is not None and start is not None:
            until = plus(start, said)
            start = in_utc(start)
            lasts = until - start
        return start, None if due is None else self.at(due), lasts

    def _is_todo_in(self, each: Occurrence, wanted: TimeRange) -> bool:
        start, due, lasts = self._todo(each)
        completed, created = (self.moment(each.component.first(name)) for name in ("COMPLETED", "CREATED"))
        return overlaps.todo(
            wanted,
            start=start,
            lasts=lasts,
            due=due,
            completed=None if completed is None else self.at(completed),
            created=None if created is None else self.at(created),
        )

    def _is_busy_in(self, component: Component, wanted: TimeRange) -> bool:
        start, end = (self.moment(component.first(name)) for name in ("DTSTART", "DTEND"))
        if start is not None and end is not None:
            return overlaps.free_busy(wanted, self.at(start), self.at(end))
        return any(
            overlaps.period(wanted, *found) for line in component.all("FREEBUSY") for found in self.periods(line)
        )

    def between(self) -> tuple[datetime | None, datetime | None]:
        """The instants between which all of them are, whatever the zone; None where there is no bound."""
        bound: tuple[datetime | None, datetime | None]
        if self.recurring is not None:
            bound = bounds(self.recurring, UTC)
        else:
            starts = [self.start(each) for each in self.members]
            known = [self.at(start) for start in starts if start is not None]
            bound = (min(known), max(known)) if known and len(known) == len(starts) else (None, None)
        return self._around(TimeRange(*bound), max(map(self.length, self.members), default=timedelta()) + _SLACK)

    def periods(self, line: Line) -> Iterator[tuple[datetime, datetime]]:
        """Those of a FREEBUSY."""
        for text in line.value.split(","):
            start = zones.moment(Line("DTSTART", "", text.partition("/")[0], 0, 0), self.own)
            lasts = None if start is None else self._period(start, text)
            if start is not None and lasts is not None:
                yield self.at(start), later(self.at(start), lasts)

    def rings_in(self, alarm: Component, above: Component, wanted: TimeRange, budget: Budget) -> bool:
        """Whether an alarm of this component rings in the range, at any instance of it. Raises GaveUp."""
        line = alarm.first("TRIGGER")
        if line is None:
            return False
        after = _repeated(alarm)
        offset = duration(line.value)
        if offset is None:
            at = self.moment(line)
            return at is not None and any(overlaps.instant(wanted, later(self.at(at), each)) for each in after)
        is_end = line.parameter("RELATED") == "END"
        recurring = self.recurring
        if recurring is None or self.master is None:
            return self._rings(Occurrence(above, None), offset, after, wanted, is_end=is_end)
        farthest = abs(offset.whole) + after[-1] + max(map(self.length, self.members))
        begin, end = self._around(wanted, farthest)
        walked = instances(recurring, begin, end, zone=self.zone, budget=budget)
        for each in map(self.of, walked.instances):
            budget.spend(len(after))
            if each.component is above and self._rings(each, offset, after, wanted, is_end=is_end):
                return True
        return not walked.is_complete

    def _rings(
        self, each: Occurrence, offset: Duration, after: Sequence[timedelta], wanted: TimeRange, *, is_end: bool
    ) -> bool:
        base: datetime | None
        if self.kind == "VTODO":
            start, due, lasts = self._todo(each)
            end = due if due is not None or start is None or lasts is None else later(start, lasts)
            base = (end or start) if is_end else (start or end)
        else:
            begins = self._begin(each)
            if begins is None:
                return False
            base, until = self.span(each, begins)
            if is_end and until is not None:
                base = until
        return base is not None and any(overlaps.instant(wanted, later(plus(base, offset), each)) for each in after)


def in_utc(at: datetime) -> datetime:
    """The same instant; at an end of all years, the same time."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return at.replace(tzinfo=UTC)


def duration_of(component: Component) -> Duration | None:
    """How long it says that it takes."""
    line = component.first("DURATION")
    return None if line is None else duration(line.value)


def plus(start: datetime, lasts: Duration) -> datetime:
    """So much later: days are days of the clock, and the rest is time that passes (RFC 5545, 3.3.6)."""
    return later(in_utc(later(start, timedelta(days=lasts.days))), timedelta(seconds=lasts.seconds))


def moved(end: Moment, first: Moment, here: Moment) -> Moment:
    """The end of what begins here, where it begins first by its properties: as much later by the same clock."""
    if isinstance(end, datetime) and isinstance(first, datetime) and isinstance(here, datetime):
        if end.tzinfo is not None and first.tzinfo is not None and end.tzinfo is not first.tzinfo:
            return _added(here, end - first)
        return _added(here, end.replace(tzinfo=None) - first.replace(tzinfo=None))
    between = _day(end) - _day(first)
    if not isinstance(here, datetime):
        return _added(here, between)
    return _added(here, between)


def _added(at: T, lasts: timedelta) -> T:
    try:
        return at + lasts
    except OverflowError:
        return at


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _repeated(alarm: Component) -> list[timedelta]:
    """How long after its trigger an alarm rings: at once, and again."""
    times, every = alarm.first("REPEAT"), duration_of(alarm)
    if times is None or every is None or every.whole <= timedelta() or not times.value.strip().isdecimal():
        return [timedelta()]
    number = min(int(times.value.strip()[:6]), _MOST_REPEATED)
    return [every.whole * each for each in range(number + 1)]
