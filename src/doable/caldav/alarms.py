"""Alarms as reminders (RFC 5545, section 3.8.6.3, and RFC 9074). Those that a task cannot have stay in the text, and are nobody's reminder."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from doable.caldav.source import Edits, Source
from doable.database.types import instant_to_text
from doable.ical import text, zones
from doable.ical.lines import Component, Line
from doable.ical.values import Duration, duration
from doable.tasks.dates import MAX_YEAR, MIN_YEAR
from doable.tasks.reminders import MAX_OFFSET, MAX_REMINDERS, Offset

Reminder = dict[str, str | None]
"""`offset`, `relative_to` and `at`."""

_OFFSET: Final[TypeAdapter[str]] = TypeAdapter(Offset)
_ACTIONS: Final = frozenset({"", "DISPLAY", "AUDIO"})
_AT_PLACES: Final = frozenset({"PROXIMITY", "X-APPLE-PROXIMITY"})
_NEVER: Final = datetime(1976, 4, 1, 0, 55, 45, tzinfo=UTC)
"""With this, Apple's programs say that nobody is to be reminded, or at a place."""
_MINUTE: Final = 60


def read(source: Source, *, has_start: bool) -> list[Reminder]:
    """The reminders of a to-do; `has_start` says whether the task has a start."""
    return [reminder for reminder, _ in _known(source, has_start=has_start).values()]


def _known(source: Source, *, has_start: bool) -> dict[object, tuple[Reminder, list[Component]]]:
    """The reminders, by what makes them one, with the alarms that say so."""
    found: dict[object, tuple[Reminder, list[Component]]] = {}
    for each in source.todo.components:
        reminder = _reminder(each, source, has_start=has_start) if each.name == "VALARM" else None
        if reminder is None:
            continue
        key = _key(reminder)
        if key in found:
            found[key][1].append(each)
        elif len(found) < MAX_REMINDERS:
            found[key] = reminder, [each]
    return found


def _key(reminder: Mapping[str, Any]) -> object:
    """Equal for two that come at the same time, however that is written."""
    if reminder["at"] is not None:
        return reminder["at"][:19]
    length = duration(reminder["offset"])
    return length, reminder.get("relative_to") or "due"


def _reminder(alarm: Component, source: Source, *, has_start: bool) -> Reminder | None:
    """What it is as a reminder; None if it is at a place, by mail, or to the second."""
    first = {line.name: line for line in reversed(alarm.lines)}
    action = first["ACTION"].value.strip().upper() if "ACTION" in first else ""
    trigger = first.get("TRIGGER")
    if trigger is None or action not in _ACTIONS or not _AT_PLACES.isdisjoint(first):
        return None
    length = duration(trigger.value)
    if length is None:
        return _absolute(trigger, source)
    offset = _offset(trigger.value.strip().upper(), length)
    if offset is None:
        return None
    # Without RELATED it goes by the start (RFC 5545, section 3.2.14); a task that has none has its due date there.
    is_end = (trigger.parameter("RELATED") or "START").upper() == "END"
    return {"offset": offset, "relative_to": "due" if is_end or not has_start else "start", "at": None}


def _absolute(trigger: Line, source: Source) -> Reminder | None:
    value = zones.moment(trigger, source.zones)
    if not isinstance(value, datetime) or not MIN_YEAR < value.year < MAX_YEAR:
        return None
    at = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return None if at == _NEVER else {"offset": None, "relative_to": None, "at": instant_to_text(at)}


def _offset(written: str, length: Duration) -> str | None:
    """As it is written, if a reminder may be written so."""
    if length.seconds % _MINUTE or abs(length.whole) > MAX_OFFSET:
        return None
    try:
        return _OFFSET.validate_python(written)
    except ValidationError:
        pass
    minutes = abs(length.seconds) // _MINUTE
    sign = "-" if length.whole.total_seconds() < 0 else ""
    days = f"{abs(length.days)}D" if length.days else ""
    hours = f"{minutes // 60}H" if minutes >= 60 else ""  # noqa: PLR2004 - of an hour
    rest = f"{minutes % 60}M" if minutes % 60 or not (days or hours) else ""
    return f"{sign}P{days}{'T' if hours or rest else ''}{hours}{rest}"


def put(edits: Edits, wanted: Sequence[Mapping[str, Any]], title: str, *, has_start: bool) -> None:
    """An alarm whose reminder is another now gets that trigger and keeps the rest, with ACKNOWLEDGED (RFC 9074, section 6)."""
    said = _known(edits.source, has_start=has_start)
    names = {_key(each): each for each in wanted}
    gone, new = [key for key in said if key not in names], [each for key, each in names.items() if key not in said]
    for number, key in enumerate(gone):
        alarms = said[key][1]
        kept = number < len(new)
        if kept:
            trigger = alarms[0].first("TRIGGER")
            assert trigger is not None  # noqa: S101 - it was read
            edits.replace(trigger, *_trigger(new[number]))
        for alarm in alarms[1 if kept else 0 :]:
            edits.drop_component(alarm)
    for reminder in new[len(gone) :]:
        edits.add_component(alarm_of(reminder, title))


def _trigger(reminder: Mapping[str, Any]) -> tuple[str, str]:
    """Its value and its parameters."""
    if reminder["at"] is not None:
        return text.instant(datetime.fromisoformat(reminder["at"])), ";VALUE=DATE-TIME"
    return reminder["offset"], f";RELATED={'START' if reminder['relative_to'] == 'start' else 'END'}"


def alarm_of(reminder: Mapping[str, Any], title: str) -> list[str]:
    """The lines of an alarm."""
    value, head = _trigger(reminder)
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{text.text(title)}",
        f"TRIGGER{head}:{value}",
        "END:VALARM",
    ]


def with_ids(found: Sequence[Mapping[str, Any]], stored: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """These, with the ids of those that are stored already."""
    ids = {_key(each): each["id"] for each in reversed(stored)}
    return [{**each, **({"id": ids[_key(each)]} if _key(each) in ids else {})} for each in found]
