"""The text of a client, and how lines of it are changed: each by itself, while everything else keeps its bytes."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final

from doable.ical import zones
from doable.ical.definitions import definition
from doable.ical.lines import PARAMETER, Component, Line, components, unfolded
from doable.ical.text import folded
from doable.tasks.dates import MAX_YEAR, MIN_YEAR

_LINE_END: Final = re.compile(r"\r?\n")


class Source:
    """A text that has been checked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.calendar = components(text)[0]
        todos = [each for each in self.calendar.components if each.name == "VTODO"]
        self.todo = next((each for each in todos if each.first("RECURRENCE-ID") is None), todos[0])
        """The task: the rest is what single instances of a series are in its place (RFC 5545, section 3.8.4.4)."""
        self.first: Mapping[str, Line] = {line.name: line for line in reversed(self.todo.lines)}
        """The first line of each name: a name that may be there once is sometimes there twice."""

    @cached_property
    def zones(self) -> Mapping[str, Component]:
        """Its own definitions of zones."""
        return zones.zones(self.calendar)

    @property
    def overrides(self) -> list[Component]:
        """The other to-dos: single instances."""
        return [each for each in self.calendar.components if each.name == "VTODO" and each is not self.todo]

    def value(self, name: str) -> str:
        """The value of a line, without white space around it; empty if it is not there."""
        line = self.first.get(name)
        return "" if line is None else line.value.strip()

    def moment(self, name: str) -> date | datetime | None:
        """The date of a line."""
        line = self.first.get(name)
        return None if line is None else zones.moment(line, self.zones)

    def instant(self, name: str) -> datetime | None:
        """The date of a line that is in UTC (RFC 5545, section 3.8.7); one that floats is read so."""
        value = self.moment(name)
        if value is None or not MIN_YEAR < value.year < MAX_YEAR:
            return None
        if not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Edits:
    """Changes of a text, which are made all at once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        first_end = _LINE_END.search(source.text)
        self._end = "\r\n" if first_end is None else first_end[0]
        self._changes: dict[tuple[int, int], str] = {}
        self._added: list[str] = []
        self._behind: list[str] = []
        self._zones: list[str] = []

    @property
    def are_none(self) -> bool:
        """Whether nothing is changed."""
        return not (self._changes or self._added or self._behind)

    def put(self, name: str, value: str, head: str | None = None) -> None:
        """Give the first line of this name this value, and other parameters if they are given. A line that is not there is added."""
        line = self.source.first.get(name)
        if line is None:
            self.add(f"{name}{head or ''}:{value}")
        else:
            self.replace(line, value, head)

    def replace(self, line: Line, value: str, head: str | None = None) -> None:
        """The same of this line."""
        head = line.head if head is None else head
        if (value, head) == (line.value, line.head):
            return
        raw = self.source.text[line.start : line.end]
        written = re.split("[;:]", unfolded(raw), maxsplit=1)[0]
        end = "\r\n" if raw.endswith("\r\n") else "\n"
        self._changes[line.start, line.end] = folded(f"{written}{head}:{value}", end)

    def add(self, content: str) -> None:
        """Add a line to the to-do, before the components in it."""
        self._added.append(content)

    def add_component(self, contents: Iterable[str]) -> None:
        """Add a component to the to-do, behind those in it."""
        self._behind.extend(contents)

    def drop(self, *names: str) -> None:
        """Take away all lines of these names."""
        for line in self.source.todo.lines:
            if line.name in names:
                self.drop_line(line)

    def drop_line(self, line: Line) -> None:
        """Take this one away."""
        self._changes[line.start, line.end] = ""

    def drop_component(self, component: Component) -> None:
        """Take away a component with all of its lines."""
        self._changes[component.begin.start, component.end.end] = ""

    def needs_zone(self, name: str) -> None:
        """Have the zone described in the calendar (RFC 5545, section 3.2.19), if it is not yet."""
        if name not in self.source.zones and name not in self._zones:
            self._zones.append(name)

    def applied(self) -> str:
        """The text with all of them."""
        source, end = self.source, self._end
        pieces = [(start, stop, new) for (start, stop), new in self._changes.items()]
        inner, closing = source.todo.components, source.todo.end.start
        for contents, at in ((self._added, inner[0].begin.start if inner else closing), (self._behind, closing)):
            if contents:
                pieces.append((at, at, "".join(folded(each, end) for each in contents)))
        if self._zones:
            described = "".join(map(definition, self._zones)).replace("\r\n", end)
            at = next(each.begin.start for each in source.calendar.components if each.name == "VTODO")
            pieces.append((at, at, described))
        pieces.sort(key=lambda each: each[:2])
        made: list[str] = []
        position = 0
        for start, stop, new in pieces:
            if start >= position:  # else it is in a component that goes
                made += (source.text[position:start], new)
                position = stop
        return "".join((*made, source.text[position:]))


def without(head: str, *names: str) -> str:
    """The parameters of a line but these."""
    return "".join(each[0] for each in PARAMETER.finditer(head) if each[1].strip().upper() not in names)
