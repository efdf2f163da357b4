"""A VTODO as the members of a task, and the members of a task in a VTODO.

Nobody's text is made anew of fields: a line is touched only if what it says differs from what the task has. So PRIORITY:3
stays until somebody sets another priority, and a title of 1,000 characters until somebody edits the title.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypedDict

from pydantic_core import from_json

from doable.caldav import alarms, dates, members
from doable.caldav.dates import Dates, Parts
from doable.caldav.source import Edits, Source
from doable.ical import text
from doable.ical.definitions import definitions
from doable.tasks import reminders
from doable.tasks.dates import sent
from doable.tasks.fields import USUAL_LENGTH
from doable.tasks.tables import TaskRow

PRODUCT: Final = "-//Doable//Doable//EN"


class Fields(TypedDict):
    """What a VTODO says of a task: members as a task has them. All are there."""

    title: str
    description: str | None
    is_completed: bool
    completed_at: datetime | None
    """Also None where it is complete and the text does not say since when."""
    is_cancelled: bool
    priority: int
    """0 to 9, as in the row."""
    due: Parts | None
    """`date`, `time` and `timezone`."""
    start: Parts | None
    tags: list[str]
    """In the order of their keys, as in the row."""
    url: str | None
    estimate_minutes: int | None
    reminders: list[dict[str, Any]]
    """`offset`, `relative_to` and `at`, without ids: see `with_ids`."""
    recurrence: Mapping[str, str] | None
    """`rule`, in upper case, and `from_`: `due`, or `completion` by a property of Doable's own."""
    exceptions: Mapping[str, Any] | None
    """As the row has it, read: `exdates` and `rdates` are local dates (`2026-12-01`) or times (`2026-12-01T09:00:00`) in the zone
    of what the rule is anchored at, which is DTSTART with `by_start`, else DUE. Absent members are left out, and None is none."""
    parent_uid: str | None
    created_at: datetime | None


_STATE: Final = ("is_completed", "is_cancelled", "completed_at")


def projected(said: str, *, longest: int = USUAL_LENGTH) -> Fields:
    """What the first VTODO without RECURRENCE-ID says. The text has been checked. `longest` is that of a description."""
    return _projected(Source(said), longest)


def _projected(source: Source, longest: int) -> Fields:
    when, what = dates.read(source), members.state(source)
    return {
        "title": members.title(source),
        "description": members.description(source, longest),
        "is_completed": what.is_completed,
        "completed_at": what.completed_at,
        "is_cancelled": what.is_cancelled,
        "priority": members.priority(source),
        "due": when.due,
        "start": when.start,
        "tags": members.tags(source),
        "url": members.url(source),
        "estimate_minutes": members.estimate(source),
        "reminders": alarms.read(source, has_start=when.start is not None),
        "recurrence": when.recurrence,
        "exceptions": when.exceptions,
        "parent_uid": members.parent_uid(source),
        "created_at": source.instant("CREATED"),
    }


def changes(before: str, after: str, *, longest: int = USUAL_LENGTH) -> dict[str, Any]:
    """The members of Fields in which two texts differ: what a client has changed in the one that it was given.

    So what a VTODO cannot say, such as a start that is not before the due date, survives a client that sends back what it
    read. What says whether it is complete comes together if any of it differs.
    """
    old, source = projected(before, longest=longest), Source(after)
    new = _projected(source, longest)
    before_it, after_it = old["recurrence"], new["recurrence"]
    if before_it and after_it and before_it["rule"] == after_it["rule"]:
        # A program that keeps no properties of others' means no other rule by that.
        new["recurrence"] = before_it
    found: dict[str, Any] = {name: new[name] for name in new if new[name] != old[name]}  # type: ignore[literal-required] # its own names
    if any(name in found for name in _STATE):
        found |= {name: new[name] for name in _STATE}
    if old["is_completed"] and new["is_completed"] and "COMPLETED" not in source.first:
        found.pop("completed_at", None)  # it was taken from LAST-MODIFIED
    return found


def with_ids(found: list[dict[str, Any]], stored: str | None) -> list[dict[str, Any]]:
    """These reminders, with the ids of those that the row has already (its column `reminders`)."""
    return alarms.with_ids(found, reminders.from_text(stored))


def fields_of(task: TaskRow, parent_uid: str | None) -> Fields:
    """What a row says. A task that is complete does not recur."""
    completed_at = task["completed_at"]
    recurs = task["recurrence"] is not None and completed_at is None
    return {
        "title": task["title"],
        "description": task["description"],
        "is_completed": completed_at is not None,
        "completed_at": completed_at,
        "is_cancelled": completed_at is not None and bool(task["is_cancelled"]),
        "priority": task["priority"],
        "due": _parts(task["due_local"], task["due_timezone"]),
        "start": _parts(task["start_local"], task["start_timezone"]),
        "tags": [] if task["tags"] is None else from_json(task["tags"]),
        "url": task["url"],
        "estimate_minutes": task["estimate_minutes"],
        "reminders": reminders.from_text(task["reminders"]),
        "recurrence": {"rule": task["recurrence"] or "", "from_": task["recurs_from"] or "due"} if recurs else None,
        "exceptions": (from_json(task["exceptions"]) or None) if recurs and task["exceptions"] else None,
        "parent_uid": parent_uid,
        "created_at": task["created_at"],
    }


def _parts(local: str | None, timezone: str | None) -> Parts | None:
    if local is None:
        return None
    parts = sent(local, timezone, None)
    del parts["at"]
    return parts


def patched(said: str, task: TaskRow, uid: str, parent_uid: str | None) -> str:
    """The text of a client, with what the task has in place of what it says otherwise.

    DTSTAMP and LAST-MODIFIED are `updated_at`, never the present: what has the same ETag has the same bytes.
    """
    return with_fields(said, fields_of(task, parent_uid), uid=uid, updated_at=task["updated_at"])


def with_fields(said: str, fields: Fields, *, uid: str, updated_at: datetime) -> str:
    """The same of fields. With those that it says, it is the very text."""
    source = Source(said)
    edits = Edits(source)
    for each in (source.todo, *source.overrides):
        line = each.first("UID")
        if line is not None and line.value.strip() != uid:
            edits.replace(line, uid)
    members.put_title(edits, fields["title"])
    members.put_description(edits, fields["description"])
    members.put_priority(edits, fields["priority"])
    members.put_tags(edits, fields["tags"])
    members.put_url(edits, fields["url"])
    members.put_estimate(edits, fields["estimate_minutes"])
    members.put_parent_uid(edits, fields["parent_uid"])
    what = members.State(fields["is_completed"], fields["is_cancelled"], fields["completed_at"])
    members.put_state(edits, what, updated_at)
    when = Dates(fields["start"], fields["due"], fields["recurrence"], fields["exceptions"])
    has_start = dates.put(edits, when)
    alarms.put(edits, fields["reminders"], fields["title"], has_start=has_start)
    if edits.are_none:
        return said
    # RFC 5545, sections 3.8.7.2 to 3.8.7.4.
    stamp = text.instant(updated_at)
    edits.put("DTSTAMP", stamp)
    edits.put("LAST-MODIFIED", stamp)
    sequence = source.value("SEQUENCE")
    if sequence.isascii() and sequence.isdigit():
        edits.put("SEQUENCE", str(int(sequence[:9]) + 1))
    return edits.applied()


def rendered(task: TaskRow, uid: str, parent_uid: str | None) -> str:
    """The calendar of a task that no client has put."""
    fields = fields_of(task, parent_uid)
    when = Dates(fields["start"], fields["due"], fields["recurrence"], fields["exceptions"])
    lay = dates.layout(when)
    zones = {each["timezone"]: None for each in lay if each is not None and each["timezone"] not in {None, "UTC"}}
    lines = map(text.folded, _lines(task, fields, lay, uid))
    described = definitions(each for each in zones if each is not None) if zones else ""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n{described}{''.join(lines)}END:VCALENDAR\r\n"


def _lines(task: TaskRow, fields: Fields, lay: dates.Layout, uid: str) -> Iterator[str]:
    stamp = text.instant(task["updated_at"])
    yield "BEGIN:VTODO"
    yield f"UID:{uid}"
    yield f"DTSTAMP:{stamp}"
    yield f"CREATED:{text.instant(task['created_at'])}"
    yield f"LAST-MODIFIED:{stamp}"
    yield f"SUMMARY:{text.text(fields['title'])}"
    if fields["description"]:
        yield f"DESCRIPTION:{text.text(fields['description'])}"
    yield from _state(fields)
    if fields["priority"]:
        yield f"PRIORITY:{fields['priority']}"
    if fields["tags"]:
        yield f"CATEGORIES:{','.join(map(text.text, fields['tags']))}"
    if fields["parent_uid"]:
        yield f"RELATED-TO:{fields['parent_uid']}"
    if fields["url"]:
        yield f"URL:{fields['url']}"
    if fields["estimate_minutes"]:
        yield f"ESTIMATED-DURATION:PT{fields['estimate_minutes']}M"
    yield from dates.lines(fields["recurrence"], fields["exceptions"], lay)
    for reminder in fields["reminders"]:
        yield from alarms.alarm_of(reminder, fields["title"])
    yield "END:VTODO"


def _state(fields: Fields) -> Iterator[str]:
    if fields["completed_at"] is None:
        yield "STATUS:NEEDS-ACTION"
        return
    yield f"STATUS:{'CANCELLED' if fields['is_cancelled'] else 'COMPLETED'}"
    yield f"COMPLETED:{text.instant(fields['completed_at'])}"
    if not fields["is_cancelled"]:
        yield "PERCENT-COMPLETE:100"
