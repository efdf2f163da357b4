"""When a to-do begins, is due, and recurs: DTSTART, DUE, DURATION, RRULE, EXDATE and RDATE, which say it together."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from doable.caldav.source import Edits, Source, without
from doable.errors import RecurrenceNever, RecurrenceUnsupported
from doable.ical import zones
from doable.ical.lines import Line
from doable.ical.rules import MAX_LENGTH
from doable.ical.values import duration
from doable.tasks.dates import MAX_YEAR, MIN_YEAR
from doable.tasks.recurrence import stored

Parts = Mapping[str, str | None]
"""`date`, `time` and `timezone`."""

FROM_COMPLETION: Final = "X-DOABLE-RECURS-FROM"
"""A property of Doable's own: iCalendar knows no rule that counts from when it was done."""

_MOST: Final = 1000
"""Exceptions."""
_PLAIN: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "WKST"})
_OF_COMPLETION: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL"})
_BY_DAYS: Final = frozenset({"DAILY", "WEEKLY"})
_DATED: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_EXCEPTIONS: Final = {"EXDATE": "exdates", "RDATE": "rdates"}


class Dates(NamedTuple):
    """What a task has of them."""

    start: Parts | None
    due: Parts | None
    recurrence: Mapping[str, str] | None
    exceptions: Mapping[str, Any] | None


def read(source: Source) -> Dates:
    """Dates that a task cannot have are none: they stay in the text."""
    begins, ends = source.moment("DTSTART"), _ends(source)
    if ends is None and "RRULE" in source.first:
        begins, ends = None, begins
    due = parts_of(ends)
    # Apple's programs write DTSTART as DUE is: that is no start. Neither is one that is later (RFC 5545, section 3.8.2.3).
    start = parts_of(begins) if ends is None or (begins is not None and _is_before(begins, ends)) else None
    recurrence = _recurrence(source, start, due)
    exceptions = None if recurrence is None or due is None else _exceptions(source, recurrence["rule"], start, due)
    return Dates(start, due, recurrence, exceptions)


def _ends(source: Source) -> date | datetime | None:
    """DUE, or what DURATION makes of DTSTART (RFC 5545, section 3.6.2). Days of it are nominal, and the rest is exact."""
    if "DUE" in source.first:
        return source.moment("DUE")
    begins, length = source.moment("DTSTART"), duration(source.value("DURATION"))
    if begins is None or length is None:
        return None
    try:
        if not isinstance(begins, datetime):
            return begins + length.whole
        later = begins + timedelta(days=length.days)
        if begins.tzinfo is None:
            return later + timedelta(seconds=length.seconds)
        return (later.astimezone(UTC) + timedelta(seconds=length.seconds)).astimezone(begins.tzinfo)
    except OverflowError:
        return None


def _recurrence(source: Source, start: Parts | None, due: Parts | None) -> Mapping[str, str] | None:
    """The rule, if a task that is due then can have it."""
    rule = re.sub(r"\s", "", source.value("RRULE")).upper().strip(";")
    if not rule or len(rule) > MAX_LENGTH or due is None:
        return None
    is_of_completion = source.value(FROM_COMPLETION).upper() == "COMPLETION" and _names(rule) <= _OF_COMPLETION
    recurs_from = "completion" if is_of_completion else "due"
    return {"rule": rule, "from_": recurs_from} if _can_recur(rule, recurs_from, (start or due)["date"] or "") else None


@lru_cache(1000)
def _can_recur(rule: str, recurs_from: str, first: str) -> bool:
    try:
        stored.as_stored(
            None, {"recurrence": {"rule": rule, "from_": recurs_from}, "due_local": first, stored.AS_PUT: ""}
        )
    except (RecurrenceUnsupported, RecurrenceNever):
        return False
    return True


def _names(rule: str) -> frozenset[str]:
    return frozenset(each.partition("=")[0] for each in rule.split(";"))


def parts_of(value: date | datetime | None) -> Parts | None:
    """A date as a task has it; None outside of the years that there are here."""
    if value is None or not MIN_YEAR <= value.year <= MAX_YEAR:
        return None
    if not isinstance(value, datetime):
        return {"date": value.isoformat(), "time": None, "timezone": None}
    zone = value.tzinfo
    name = None if zone is None else zone.key if isinstance(zone, ZoneInfo) else "UTC"
    shown = value.isoformat()
    return {"date": shown[:10], "time": shown[11:19], "timezone": name}


def _is_before(begins: date | datetime, ends: date | datetime) -> bool:
    """By their instants, if both have one, and else by the clock."""
    if isinstance(begins, datetime) and isinstance(ends, datetime):
        if begins.tzinfo is not None and ends.tzinfo is not None:
            return begins.astimezone(UTC) < ends.astimezone(UTC)
        return begins.replace(tzinfo=None) < ends.replace(tzinfo=None)
    return begins.isoformat()[:10] < ends.isoformat()[:10]


def _moment(parts: Parts) -> date | datetime:
    day, time, zone = parts["date"], parts["time"], parts["timezone"]
    if time is None:
        return date.fromisoformat(day or "")
    at = datetime.fromisoformat(f"{day}T{time}")
    return at if zone is None else at.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))


def _is_by_start(rule: str, start: Parts, due: Parts, *, has_exceptions: bool) -> bool:
    """Whether it makes a difference that the rule counts from DTSTART and not from DUE, which is later."""
    if has_exceptions:
        return True
    frequency = next(each[5:] for each in rule.split(";") if each.startswith("FREQ="))
    if start["date"] == due["date"]:
        return frequency not in _DATED
    return frequency not in _BY_DAYS or not _names(rule) <= _PLAIN


def _exceptions(source: Source, rule: str, start: Parts | None, due: Parts) -> Mapping[str, Any] | None:
    found: dict[str, Any] = {}
    anchor = start or due
    for name, member in _EXCEPTIONS.items():
        values = {said for line in source.todo.all(name) for said, _ in _said(source, line, anchor) if said}
        if values:
            found[member] = sorted(values)[:_MOST]
    if start is not None and _is_by_start(rule, start, due, has_exceptions=bool(found)):
        found["by_start"] = True
    return found or None


def _said(source: Source, line: Line, anchor: Parts) -> list[tuple[str | None, str]]:
    """The dates of an EXDATE or RDATE as the clock of the anchor's zone shows them, each with what is written."""
    zone = anchor["timezone"]
    tz = None if zone is None else ZoneInfo(zone)
    has_time = anchor["time"] is not None
    return [(_shown(value, tz, has_time=has_time), written) for written, value in zones.each_moment(line, source.zones)]


def _shown(value: date | datetime | None, zone: ZoneInfo | None, *, has_time: bool) -> str | None:
    if value is None or not MIN_YEAR < value.year < MAX_YEAR:
        return None
    if not isinstance(value, datetime):
        return value.isoformat()
    if zone is not None and value.tzinfo is not None:
        value = value.astimezone(zone)
    return value.isoformat()[: 19 if has_time else 10]


class Layout(NamedTuple):
    """What DTSTART and DUE are to be."""

    begins: Parts | None
    ends: Parts | None


def layout(wanted: Dates) -> Layout:
    """What says these dates. A start that is not before the due date is not said (RFC 5545, section 3.8.2.3)."""
    if wanted.due is None:
        return Layout(wanted.start, None)
    start = _fitted(wanted.start, wanted.due)
    if wanted.recurrence is None:
        return Layout(start, wanted.due)
    if start is not None:
        rule, exceptions = wanted.recurrence["rule"], wanted.exceptions or {}
        is_said = _is_by_start(
            rule, start, wanted.due, has_exceptions=len(exceptions) > bool(exceptions.get("by_start"))
        )
        if not is_said or exceptions.get("by_start"):
            return Layout(start, wanted.due)
    # A rule is anchored at DTSTART (RFC 5545, section 3.8.5.3), and needs one.
    return Layout(wanted.due, wanted.due)


def _fitted(start: Parts | None, due: Parts) -> Parts | None:
    """The start in the type of the due date, which has to be the same; None if it is not before that."""
    if start is None:
        return None
    if due["time"] is None:
        start = {**start, "time": None, "timezone": None}
    elif start["time"] is None:
        start = {**start, "time": "00:00:00", "timezone": due["timezone"]}
    elif (start["timezone"] is None) != (due["timezone"] is None):
        start = {**start, "timezone": due["timezone"]}
    return start if _is_before(_moment(start), _moment(due)) else None


def lines(recurrence: Mapping[str, str] | None, exceptions: Mapping[str, Any] | None, lay: Layout) -> Iterator[str]:
    """All of them as lines."""
    for name, parts in (("DTSTART", lay.begins), ("DUE", lay.ends)):
        if parts is not None:
            yield f"{name}{head_of(parts)}:{written(parts)}"
    anchor = lay.begins or lay.ends
    if recurrence is None or anchor is None:
        return
    yield f"RRULE:{recurrence['rule']}"
    if recurrence["from_"] == "completion":
        yield f"{FROM_COMPLETION}:COMPLETION"
    for name, member in _EXCEPTIONS.items():
        yield from exception_lines(name, (exceptions or {}).get(member, ()), anchor)


def put(edits: Edits, wanted: Dates) -> bool:
    """Change what differs. Answers whether the task has a start by the text then."""
    source, said = edits.source, read(edits.source)
    if wanted == said:
        return said.start is not None
    lay = layout(wanted)
    if wanted.recurrence is None and (
        said.recurrence
        or (said.due is None and _recurrence(source, None, wanted.due))
        or (wanted.due is None and wanted.start is not None and not _has_an_end(source, lay))  # else it is due then
    ):
        edits.drop("RRULE", "EXRULE", "RDATE", "EXDATE", FROM_COMPLETION)
        for each in source.overrides:
            edits.drop_component(each)
    elif wanted.recurrence is not None:
        _put_rule(edits, wanted.recurrence, said.recurrence)
    if wanted.recurrence is None:
        # Apple's DTSTART goes along with DUE: else it may be later, and then iOS drops it.
        is_double = said.start is None and {"DUE", "DURATION"} & source.first.keys()
        if lay.begins is None and is_double and parts_of(source.moment("DTSTART")) is not None:
            lay = Layout(wanted.due, wanted.due)
    elif said.recurrence is not None and lay.begins == lay.ends:
        # Of a series that has one of the two alone, that one is moved.
        names = source.first.keys() & {"DTSTART", "DUE", "DURATION"}
        lay = Layout(None, lay.ends) if names == {"DUE"} else Layout(lay.begins, None) if names == {"DTSTART"} else lay
    _put_layout(edits, lay)
    if wanted.recurrence is not None:
        _put_exceptions(edits, wanted, lay)
    if lay.begins is None or lay.ends is None:
        return lay.begins is not None and wanted.recurrence is None
    return lay.begins != lay.ends


def _put_rule(edits: Edits, wanted: Mapping[str, str], said: Mapping[str, str] | None) -> None:
    if said is None or wanted["rule"] != said["rule"]:
        edits.put("RRULE", wanted["rule"])
    if wanted["from_"] != ("due" if said is None else said["from_"]):
        if wanted["from_"] == "completion":
            edits.put(FROM_COMPLETION, "COMPLETION")
        else:
            edits.drop(FROM_COMPLETION)


def _put_layout(edits: Edits, lay: Layout) -> None:
    source = edits.source
    begins, ends = parts_of(source.moment("DTSTART")), parts_of(_ends(source))
    if "DURATION" in source.first:
        if lay == (begins, ends):
            return
        edits.drop("DURATION")
    for name, wanted, said in (("DTSTART", lay.begins, begins), ("DUE", lay.ends, parts_of(source.moment("DUE")))):
        if wanted != said:
            _put_date(edits, name, wanted, ends if name == "DUE" else said)
        elif wanted is None and name in source.first and _is_of_other_type(source.moment(name), lay):
            edits.drop(name)  # a date that a task cannot have, and that cannot be beside the other one


def _has_an_end(source: Source, lay: Layout) -> bool:
    """Whether there will still be an end that no task can have, where it has none."""
    ends = _ends(source)
    if ends is None or parts_of(ends) is not None:
        return False
    if "DURATION" in source.first:
        return lay == (parts_of(source.moment("DTSTART")), None)
    return not _is_of_other_type(ends, lay)


def _is_of_other_type(value: date | datetime | None, lay: Layout) -> bool:
    other = lay.begins or lay.ends
    return value is not None and other is not None and isinstance(value, datetime) != (other["time"] is not None)


def _put_date(edits: Edits, name: str, wanted: Parts | None, said: Parts | None) -> None:
    if wanted is None:
        edits.drop(name)
        return
    line = edits.source.first.get(name)
    if line is not None and said is not None and _is_written_alike(line, wanted, said):
        edits.put(name, written(wanted, is_utc=line.value.strip().upper().endswith("Z")))
        return
    edits.put(name, written(wanted), head_of(wanted) + ("" if line is None else without(line.head, "VALUE", "TZID")))
    if wanted["timezone"] not in {None, "UTC"}:
        edits.needs_zone(wanted["timezone"])


def _is_written_alike(line: Line, wanted: Parts, said: Parts) -> bool:
    """Whether another time in the same zone, or another day, leaves the parameters as they are."""
    if (wanted["time"] is None) != (said["time"] is None) or wanted["timezone"] != said["timezone"]:
        return False
    # Of a zone that only a VTIMEZONE describes, what was read is in UTC.
    is_utc = line.value.strip().upper().endswith("Z")
    return said["timezone"] != "UTC" or is_utc or zones.iana(line.parameter("TZID") or "") is not None


def written(parts: Parts, *, is_utc: bool | None = None) -> str:
    """The value of a DATE or DATE-TIME."""
    day, time = (parts["date"] or "").replace("-", ""), parts["time"]
    if time is None:
        return day
    ends = parts["timezone"] == "UTC" if is_utc is None else is_utc
    return f"{day}T{time.replace(':', '')}{'Z' if ends else ''}"


def head_of(parts: Parts) -> str:
    """Its parameters."""
    if parts["time"] is None:
        return ";VALUE=DATE"
    zone = parts["timezone"]
    return "" if zone in {None, "UTC"} else f";TZID={zone}"


def _put_exceptions(edits: Edits, wanted: Dates, lay: Layout) -> None:
    anchor = lay.begins or lay.ends
    if anchor is None:
        return
    for name, member in _EXCEPTIONS.items():
        values = (wanted.exceptions or {}).get(member, ())
        names = set(values)
        had: set[str | None] = set()
        for line in edits.source.todo.all(name):
            said = _said(edits.source, line, anchor)
            had.update(shown for shown, _ in said)
            kept = [each for shown, each in said if shown is None or shown in names]
            if not kept:
                edits.drop_line(line)
            elif len(kept) < len(said):
                edits.replace(line, ",".join(kept))
        for content in exception_lines(name, [each for each in values if each not in had], anchor):
            edits.add(content)


def exception_lines(name: str, values: Sequence[str], anchor: Parts) -> list[str]:
    """The lines EXDATE or RDATE of these local dates and times."""
    found = []
    for is_day in (True, False):
        some = [each for each in values if (len(each) == len("YYYY-MM-DD")) == is_day]
        if some:
            parts = [{"date": each[:10], "time": each[11:] or None, "timezone": anchor["timezone"]} for each in some]
            found.append(f"{name}{head_of(parts[0])}:{','.join(map(written, parts))}")
    return found
