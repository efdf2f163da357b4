"""iCalendar: the to-dos of a file, which may have several calendars, as Apple's programs, Nextcloud and Tasks.org write them."""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Final, NamedTuple
from zoneinfo import ZoneInfo

from doable.ical import zones
from doable.ical.text import several, unescaped
from doable.ical.values import duration
from doable.transfer.formats import when
from doable.transfer.formats.draft import MAX_PARTS, Draft, Keys, Piece, Places, color, one_line, quoted
from doable.transfer.formats.files import decoded, lines
from doable.transfer.found import NotUnderstood, Reading, Unreadable

name: str = "ics"

_TASK: Final = "VTODO"
_PRIORITIES: Final = ("", "high", "high", "high", "high", "medium", "low", "low", "low", "low")
_NAMES: Final = ("X-WR-CALNAME", "NAME")
_COLORS: Final = ("X-APPLE-CALENDAR-COLOR", "COLOR")
_DATE_TIME: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_LEFT: Final = {"VEVENT": "event", "VJOURNAL": "journal entry", "VFREEBUSY": "list of busy times"}
MAX_DEPTH: Final = 100
"""Of components in components."""
MAX_LINES: Final = 10_000
"""Of one to-do."""
_UNTAKEN: Final = {
    "ATTACH": "a file that is attached to it",
    "ATTENDEE": "who takes part in it",
    "GEO": "its place on the map",
}


class Property(NamedTuple):
    """A content line."""

    name: str
    parameters: Mapping[str, Any]
    value: str


@dataclass(slots=True)
class _Component:
    """What is between a BEGIN and its END, as text still: only one is taken apart at a time."""

    line: int
    lines: list[str] = field(default_factory=list)


def recognises(filename: str, head: bytes) -> bool:
    """By how every calendar begins."""
    del filename
    return decoded(head).lstrip("\ufeff \r\n\t").upper().startswith("BEGIN:VCALENDAR")


def read(file: BinaryIO, reading: Reading) -> Iterator[Piece]:
    """The to-dos of each calendar, which is a list."""
    reader = _Reader(reading)
    for number, line in _unfolded(file):
        yield from reader.takes(number, line)
    yield from reader.ends()


def _unfolded(file: BinaryIO) -> Iterator[tuple[int, str]]:
    """Content lines, each with the number of its first: one goes on where the next begins with white space."""
    number, whole = 0, io.StringIO()
    for at, line in enumerate(lines(file), start=1):
        bare = line.rstrip("\r\n")
        if bare[:1] in {" ", "\t"}:
            whole.write(bare[1:])
            continue
        if number:
            yield number, whole.getvalue()
        number, whole = at, io.StringIO(bare)
        whole.seek(0, io.SEEK_END)
    yield number, whole.getvalue()


class _Reader:
    """Goes through the lines of a file, and takes a to-do apart when it has ended."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._keys = Keys()
        self._open: list[str] = []
        self._task: _Component | None = None
        self._head: dict[str, str] = {}
        self._list: str | None = None
        self._has_list = False
        self._places = Places(self._keys)
        self._zones: dict[str, str | None] = {}
        self._zone = ""
        self._left: dict[str, int] = {}
        self._is_calendar = False

    def takes(self, number: int, line: str) -> Iterator[Piece]:
        """One line more."""
        name, _, value = line.partition(":")
        name = name.upper()
        if name == "BEGIN":
            self._begins(number, value.strip().upper())
        if self._task is not None and len(self._task.lines) < MAX_LINES:
            self._task.lines.append(line)
        if name == "END":
            yield from self._ends(value.strip().upper())
        elif name != "BEGIN":
            self._says(name, value)

    def ends(self) -> Iterator[Piece]:
        """The end of the file."""
        if not self._is_calendar:
            raise Unreadable("there is no calendar in the file")
        if self._task is not None:
            yield NotUnderstood(what="the file ends in the middle of this to-do", line=self._task.line)
        for kind, count in sorted(self._left.items()):
            what = _LEFT[kind] if count == 1 else f"{_LEFT[kind].replace('ry', 'rie')}s"
            yield NotUnderstood(what=f"{count} {what}: only to-dos are taken over")

    def _begins(self, number: int, kind: str) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise Unreadable("the calendar has too many things in one another")
        self._open.append(kind)
        if kind == "VCALENDAR":
            self._is_calendar = True
            self._head, self._list, self._has_list = {}, None, False
        elif kind == _TASK and self._task is None:
            self._task = _Component(number)
        elif kind in _LEFT:
            self._left[kind] = self._left.get(kind, 0) + 1

    def _ends(self, kind: str) -> Iterator[Piece]:
        if kind in self._open:
            while self._open.pop() != kind:
                pass
        if kind == _TASK and self._task is not None:
            task, self._task = self._task, None
            if not self._has_list:
                yield from self._names_list(task.line)
            yield from self._taken_apart(task)

    def _says(self, name: str, value: str) -> None:
        """What the calendar, or a zone in it, says of itself."""
        where = self._open[-1] if self._open else ""
        if where == "VCALENDAR":
            self._head.setdefault(name.partition(";")[0], value)
        elif where == "VTIMEZONE" and name == "TZID":
            self._zone = value
        elif where == "VTIMEZONE" and name == "X-LIC-LOCATION":
            self._zones[self._zone] = zones.iana(value)

    def _names_list(self, line: int) -> Iterator[Piece]:
        self._has_list = True
        called = next((text for each in _NAMES if (text := one_line(unescaped(self._head.get(each, ""))))), "")
        shade = next((found for each in _COLORS if (found := color(self._head.get(each)))), None)
        self._list = yield from self._places.list_named(called, line, shade=shade)

    def _taken_apart(self, component: _Component) -> Iterator[Piece]:
        properties, alarms, problems = _parts(component)
        found = {each.name: each for each in reversed(properties)}
        title = unescaped(found["SUMMARY"].value) if "SUMMARY" in found else ""
        uid = found["UID"].value if "UID" in found else ""
        if "RECURRENCE-ID" in found:
            yield NotUnderstood(
                what="one date of a series that is another than its rule says", line=component.line, of=title
            )
            return
        key = self._keys.own(uid) if uid.strip() else self._keys.of(self._list or "", title)
        draft = Draft(title, key=key, line=component.line)
        task = _Task(draft, properties, found, self._moment, self._reading.timezone)
        task.draft.members["list_id"] = self._list
        for problem in problems:
            task.draft.misses(f"the line {quoted(problem)}")
        task.fills(alarms)
        yield from task.draft.found()

    def _moment(self, said: Property | None) -> tuple[when.Moment | None, datetime | None]:
        """A date or a time as a task has it, and as an instant if it has a zone."""
        match = _DATE_TIME.fullmatch(said.value.strip()) if said is not None else None
        value = when.parsed(f"{match[1]}T{match[2]}" if match[2] else match[1]) if match is not None else None
        if said is None or match is None or value is None:
            return None, None
        if not match[2]:
            return when.day(value), value
        if match[3]:
            value = value.replace(tzinfo=UTC)
            shown = when.in_zone(value, self._reading.timezone)
            return (None, None) if shown is None else (when.local(shown, self._reading.timezone), value)
        zone = self._zone_of(str(said.parameters.get("TZID", "")))
        return when.local(value, zone), value.replace(tzinfo=None if zone is None else ZoneInfo(zone))

    def _zone_of(self, called: str) -> str | None:
        return (self._zones.get(called) or zones.iana(called)) if called else None


def _texts(value: str) -> list[str]:
    """Several, with commas between them."""
    return [unescaped(each) for each in several(value)[:MAX_PARTS]]


def _parts(component: _Component) -> tuple[list[Property], list[list[Property]], list[str]]:
    """The properties of a to-do, those of each of its alarms, and the lines that are none."""
    from icalendar.parser import Contentline

    properties: list[Property] = []
    alarms: list[list[Property]] = []
    problems: list[str] = []
    below: list[str] = []
    for line in component.lines[1:]:
        try:
            name, parameters, value = Contentline(line).raw_parts()
        except ValueError:
            if line.strip():
                problems.append(line)
            continue
        each = Property(str(name).upper(), parameters, str(value))
        if each.name == "BEGIN":
            below.append(each.value.upper())
            if below == ["VALARM"]:
                alarms.append([])
        elif each.name == "END":
            below = below[:-1]
        elif not below:
            properties.append(each)
        elif below == ["VALARM"]:
            alarms[-1].append(each)
    return properties, alarms, problems


class _Task:
    """A to-do, and the task that it becomes."""

    def __init__(
        self,
        draft: Draft,
        properties: Sequence[Property],
        found: Mapping[str, Property],
        moment: Callable[[Property | None], tuple[when.Moment | None, datetime | None]],
        timezone: str,
    ) -> None:
        self.draft, self._properties, self._found = draft, properties, found
        self._moment, self._timezone = moment, timezone

    def fills(self, alarms: Sequence[Sequence[Property]]) -> None:
        """Say everything that it says."""
        draft = self.draft
        draft.says(unescaped(self._value("DESCRIPTION")))
        draft.tags = [tag for each in self._properties if each.name == "CATEGORIES" for tag in _texts(each.value)]
        priority = self._value("PRIORITY")
        if re.fullmatch("[1-9]", priority, re.ASCII):
            draft.members["priority"] = _PRIORITIES[int(priority)]
            draft.members["ical_priority"] = int(priority)
        if self._value("URL"):
            draft.leads_to(unescaped(self._value("URL")))
        draft.members["parent_id"] = self._parent()
        draft.members["created_at"] = self._instant("CREATED")
        order = re.fullmatch(r"(-?\d{1,15})(\.\d+)?", self._value("X-APPLE-SORT-ORDER"), re.ASCII)
        draft.members["position"] = order and f"{int(order[1]) + 10**15:016d}"
        if self._value("LOCATION"):
            draft.misses("its place", f"Place: {unescaped(self._value('LOCATION'))}")
        for each in self._properties:
            if each.name in _UNTAKEN:
                draft.misses(_UNTAKEN[each.name], each.value if "://" in each.value[:40] else "")
        self._dates()
        self._state()
        for alarm in alarms:
            self._reminds({each.name: each for each in alarm})

    def _value(self, name: str) -> str:
        return self._found[name].value.strip() if name in self._found else ""

    def _instant(self, name: str) -> str | None:
        _, value = self._moment(self._found.get(name))
        return when.instant(value, self._timezone)

    def _parent(self) -> str | None:
        for each in self._properties:
            if each.name == "RELATED-TO" and str(each.parameters.get("RELTYPE", "PARENT")).upper() == "PARENT":
                return each.value.strip() or None
        return None

    def _dates(self) -> None:
        draft = self.draft
        start, begins = self._moment(self._found.get("DTSTART"))
        due, _ = self._moment(self._found.get("DUE"))
        length = duration(self._value("DURATION"))
        if due is None and length is not None and begins is not None and start is not None:
            due = _later(start, begins, length.whole)
        draft.has("due", due, self._value("DUE"))
        if start != due:  # Apple's programs write both alike
            draft.has("start", start, self._value("DTSTART"))
        estimate = duration(self._value("ESTIMATED-DURATION"))
        if estimate is not None:
            draft.takes(estimate.whole.total_seconds() / 60)
        if self._value("RRULE"):
            # What begins and is never due recurs by its beginning.
            if "due" not in draft.members and start is not None:
                draft.members["due"] = draft.members.pop("start", start)
            draft.recurs(self._value("RRULE"), is_any=True)
        for name in ("EXDATE", "RDATE"):
            if self._value(name):
                draft.misses(f"a part of its rule: {quoted(f'{name}:{self._value(name)}')}")

    def _state(self) -> None:
        status = self._value("STATUS").upper()
        at = self._instant("COMPLETED")
        if status == "CANCELLED":
            self.draft.is_done(at or self._instant("LAST-MODIFIED"), is_cancelled=True)
        elif status == "COMPLETED" or at is not None or self._value("PERCENT-COMPLETE") == "100":
            self.draft.is_done(at or self._instant("LAST-MODIFIED"))

    def _reminds(self, alarm: Mapping[str, Property]) -> None:
        trigger = alarm.get("TRIGGER")
        if trigger is None or "X-APPLE-PROXIMITY" in alarm or "PROXIMITY" in alarm:
            self.draft.misses("a reminder at a place")
            return
        length = duration(trigger.value)
        if length is None:
            _, at = self._moment(trigger)
            self.draft.reminds_at(when.instant(at, self._timezone), trigger.value)
        elif str(trigger.parameters.get("RELATED", "START")).upper() == "END" or "start" not in self.draft.members:
            self.draft.reminds(length.whole)
        else:
            self.draft.reminds(length.whole, "start")


def _later(start: when.Moment, begins: datetime, length: timedelta) -> when.Moment | None:
    try:
        ends = begins + length
    except OverflowError:
        return None
    if not start.get("time"):
        return when.day(ends)
    timezone = start.get("timezone")
    shown = when.in_zone(ends, timezone) if timezone else ends
    return None if shown is None else when.local(shown, timezone)
