"""The text of an object as a report wants it: parts of it, or each instance by itself (RFC 4791, 9.6)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Final

from doable.caldav import overlaps
from doable.caldav.filters import TimeRange
from doable.caldav.occurrences import RULES, Occurrence, Occurrences, in_utc, moved
from doable.caldav.retrieval import Retrieval, Wanted
from doable.ical import text as written
from doable.ical.lines import Component, Line, components
from doable.ical.recurring import Instance, Moment
from doable.ical.rules import is_readable
from doable.ical.values import later

ENDS: Final = {"VEVENT": "DTEND", "VTODO": "DUE"}


MOST_CHARACTERS: Final = 16 * 1024 * 1024
"""Of one object: a text of a mebibyte may recur every day."""


class TooManyInstances(Exception):
    """A range has more of them than are told of one object."""


def shaped(text: str, retrieval: Retrieval, zone: tzinfo) -> tuple[str, int]:
    """What is wanted of a text that was checked, and how many components that is. Raises TooManyInstances."""
    calendar = components(text)[0]
    return _Shaping(text, calendar, retrieval, zone).shaped()


class _Shaping:
    def __init__(self, text: str, calendar: Component, retrieval: Retrieval, zone: tzinfo) -> None:
        self._text = text
        self._calendar = calendar
        self._retrieval = retrieval
        self._zone = zone

    def shaped(self) -> tuple[str, int]:
        wanted = self._retrieval.comp
        if wanted is not None and wanted.name != "VCALENDAR":
            wanted = None
        pieces = [self._raw(self._calendar.begin), *self._lines(self._calendar, wanted, {})]
        number = length = 0
        for component, changed in self._components():
            written_one = "".join(self._written(component, wanted, changed))
            pieces.append(written_one)
            number, length = number + 1, length + len(written_one)
            if length > MOST_CHARACTERS:
                raise TooManyInstances
        pieces.append(self._raw(self._calendar.end))
        return "".join(pieces), number

    def _components(self) -> Iterator[tuple[Component, Mapping[str, str]]]:
        """Those of the calendar, each with the lines that take the place of its own."""
        retrieval = self._retrieval
        kinds: dict[str, Occurrences] = {}
        for each in self._calendar.components:
            if each.name not in ENDS and each.name != "VJOURNAL":
                if retrieval.expand is None or each.name != "VTIMEZONE":
                    yield each, self._only_busy(each)
                continue
            is_first = each.name not in kinds
            if is_first:
                kinds[each.name] = Occurrences(self._calendar, each.name, self._zone)
            if retrieval.expand is None:
                if retrieval.only is None or _is_needed(kinds[each.name], each, retrieval.only):
                    yield each, {}
            elif is_first:
                yield from _expanded(kinds[each.name], retrieval.expand)

    def _only_busy(self, component: Component) -> Mapping[str, str]:
        wanted = self._retrieval.busy
        if wanted is None or component.name != "VFREEBUSY":
            return {}
        occurrences = Occurrences(self._calendar, component.name, self._zone)
        kept = []
        for line in component.all("FREEBUSY"):
            periods = zip(line.value.split(","), occurrences.periods(line), strict=False)
            texts = [text for text, found in periods if overlaps.period(wanted, *found)]
            if texts:
                kept.append(written.line(f"FREEBUSY{line.head}:{','.join(texts)}").decode())
        return {"FREEBUSY": "".join(kept)}

    def _written(self, component: Component, above: Wanted | None, changed: Mapping[str, str]) -> Iterator[str]:
        """The component, if it is wanted of the one above."""
        wanted = None
        if above is not None and above.comps is not None:
            wanted = next((each for each in above.comps if each.name == component.name), None)
            if wanted is None:
                return
        yield self._raw(component.begin)
        yield from self._lines(component, wanted, changed)
        for child in component.components:
            yield from self._written(child, wanted, {})
        yield self._raw(component.end)

    def _lines(self, component: Component, wanted: Wanted | None, changed: Mapping[str, str]) -> Iterator[str]:
        props = None if wanted is None else wanted.props
        said = set()
        for line in component.lines:
            if props is not None and line.name not in props:
                continue
            if line.name in changed:
                # Where its first one is; those that follow it are in that.
                if line.name not in said:
                    yield changed[line.name]
                said.add(line.name)
            elif props is not None and not props[line.name]:
                yield f"{line.name}:\r\n"
            else:
                yield self._raw(line)
        for name, text in changed.items():
            if name not in said and (props is None or name in props):
                yield text

    def _raw(self, line: Line) -> str:
        raw = self._text[line.start : line.end]
        return raw if raw.endswith("\n") else f"{raw}\r\n"


def _is_needed(occurrences: Occurrences, component: Component, wanted: TimeRange) -> bool:
    """Whether a component is what recurs, or takes the place of an instance in the range, or is in it."""
    line = component.first("RECURRENCE-ID")
    instance = occurrences.moment(line)
    if line is None or instance is None or line.parameter("RANGE") is not None:
        return True
    if occurrences.is_in(Occurrence(component, None), wanted):
        return True
    master = occurrences.master
    return master is not None and occurrences.is_in(Occurrence(master, Instance(instance, instance)), wanted)


def _expanded(occurrences: Occurrences, wanted: TimeRange) -> Iterator[tuple[Component, Mapping[str, str]]]:
    if occurrences.recurring is None:
        yield from ((each, _in_utc(occurrences, each)) for each in occurrences.members)
        return
    found, is_complete = occurrences.within(wanted)
    # Of a rule that nobody can read, what else there is is told: a single text must not shut a whole list.
    if not is_complete and all(map(is_readable, occurrences.recurring.rules)):
        raise TooManyInstances
    for each in found:
        if each.instance is not None:
            yield each.component, _of_instance(occurrences, each.component, each.instance)


def _in_utc(occurrences: Occurrences, component: Component) -> dict[str, str]:
    """The dates of a component, in UTC."""
    changed = {}
    for name in ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID"):
        moment = occurrences.moment(component.first(name))
        if moment is not None:
            changed[name] = _line(name, moment, occurrences)
    return changed


def _of_instance(occurrences: Occurrences, component: Component, instance: Instance) -> Mapping[str, str]:
    changed = {**_in_utc(occurrences, component), **dict.fromkeys(RULES, "")}
    changed["RECURRENCE-ID"] = _line("RECURRENCE-ID", instance.at, occurrences)
    end_name = ENDS.get(component.name, "")
    first, end = (occurrences.moment(component.first(name)) for name in ("DTSTART", end_name))
    start = instance.start
    if first is not None:
        changed["DTSTART"] = _line("DTSTART", start, occurrences)
        if instance.lasts is not None and end_name:
            changed[end_name] = _line(end_name, later(in_utc(occurrences.at(start)), instance.lasts), occurrences)
            changed["DURATION"] = ""
        elif end is not None:
            changed[end_name] = _line(end_name, moved(end, first, start), occurrences)
    elif end is not None:
        changed[end_name] = _line(end_name, start, occurrences)
    return changed


def _line(name: str, moment: Moment, occurrences: Occurrences) -> str:
    if not isinstance(moment, datetime):
        return f"{name};VALUE=DATE:{written.day(moment)}\r\n"
    return f"{name}:{written.instant(in_utc(occurrences.at(moment)))}\r\n"
