"""Whether a calendar matches a filter (RFC 4791, 9.7)."""

from collections.abc import Sequence
from datetime import tzinfo

from doable.caldav import overlaps
from doable.caldav.filters import CompFilter, ParamFilter, PropFilter, TimeRange
from doable.caldav.occurrences import Occurrences
from doable.ical import zones
from doable.ical.lines import Component, Line
from doable.ical.rules import Budget, GaveUp
from doable.ical.text import unescaped
from doable.tasks.objects import COMPONENTS

DATED = frozenset(COMPONENTS)
OF_CALENDARS = frozenset({"VERSION", "PRODID", "CALSCALE", "METHOD"})


def matches(wanted: CompFilter, calendar: Component, zone: tzinfo) -> bool:
    """Whether it does. The filter is of VCALENDAR; whole days and what floats are read in the zone."""
    return _Matching(calendar, zone).is_met(_of_any_kind(wanted, calendar), calendar)


def _of_any_kind(wanted: CompFilter, calendar: Component) -> CompFilter:
    """The filter as it is meant: what is asked of VCALENDAR, and it never has, is asked of the components in it.

    RFC 4791 has no such filters. Scripts send them for what is of any kind.
    """
    meant = [each for each in wanted.props if each.name not in OF_CALENDARS and not calendar.all(each.name)]
    if wanted.time_range is None and not meant:
        return wanted
    kind = next((each.name for each in calendar.components if each.name in DATED), "")
    own = [each for each in wanted.props if each not in meant]
    return CompFilter(
        wanted.name, props=own, comps=[*wanted.comps, CompFilter(kind, time_range=wanted.time_range, props=meant)]
    )


class _Matching:
    def __init__(self, calendar: Component, zone: tzinfo) -> None:
        self._calendar = calendar
        self._zone = zone
        self._budget = Budget()
        """For all alarms of the calendar."""

    def is_met(self, wanted: CompFilter, component: Component) -> bool:
        """Whether what is asked of this component holds, its time aside."""
        if wanted.is_not_defined:
            return False
        return all(self._has_prop(each, component) for each in wanted.props) and all(
            self._has(each, component) for each in wanted.comps
        )

    def _has(self, wanted: CompFilter, above: Component) -> bool:
        found = [each for each in above.components if each.name == wanted.name]
        if wanted.is_not_defined:
            return not found
        # What is cheap first.
        met = [each for each in found if self.is_met(wanted, each)]
        return bool(met) and (wanted.time_range is None or self._is_in(met, above, wanted.name, wanted.time_range))

    def _is_in(self, among: Sequence[Component], above: Component, name: str, wanted: TimeRange) -> bool:
        if above is self._calendar and name in DATED:
            found, is_complete = Occurrences(self._calendar, name, self._zone).within(wanted, most=0, among=among)
            # A walk that was given up may have missed one.
            return bool(found) or not is_complete
        if name == "VALARM":
            occurrences = Occurrences(self._calendar, above.name, self._zone)
            try:
                return any(occurrences.rings_in(each, above, wanted, self._budget) for each in among)
            except GaveUp:  # it may have missed one
                return True
        return False

    def _has_prop(self, wanted: PropFilter, component: Component) -> bool:
        lines = component.all(wanted.name)
        if wanted.is_not_defined:
            return not lines
        return any(self._is_prop(wanted, line) for line in lines)

    def _is_prop(self, wanted: PropFilter, line: Line) -> bool:
        if wanted.text is not None and not wanted.text.matches(unescaped(line.value)):
            return False
        if wanted.time_range is not None and not self._is_prop_in(wanted.time_range, line):
            return False
        return all(_has_param(each, line) for each in wanted.params)

    def _is_prop_in(self, wanted: TimeRange, line: Line) -> bool:
        occurrences = Occurrences(self._calendar, "", self._zone)
        return any(overlaps.instant(wanted, occurrences.at(each)) for each in zones.moments(line, occurrences.own))


def _has_param(wanted: ParamFilter, line: Line) -> bool:
    values = line.parameters.get(wanted.name)
    if values is None or wanted.is_not_defined:
        return wanted.is_not_defined and values is None
    return wanted.text is None or any(map(wanted.text.matches, values))
