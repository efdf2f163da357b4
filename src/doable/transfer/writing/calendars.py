"""iCalendar: a calendar a list, a to-do a task, as Apple's programs, Nextcloud, Thunderbird and Tasks.org read them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from pydantic_core import from_json

from doable.database import Row
from doable.ical import text
from doable.ical.definitions import definitions
from doable.transfer.writing.account import Entry, Heading

_OPENS: Final = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Doable//Doable//EN", "CALSCALE:GREGORIAN")


class Calendars:
    """A calendar a list."""

    media_type = "text/calendar; charset=utf-8"
    filename = "doable-tasks.ics"

    def __init__(self) -> None:
        self._zones: set[str] = set()
        self._is_open = False
        self._place = 0

    def begins(self) -> str:
        """Nothing."""
        return ""

    def heading(self, heading: Heading) -> str:
        """A list begins. There are no sections in calendars."""
        if heading.section is not None:
            return ""
        ended, self._is_open, self._zones = self.ends(), True, set()
        name = text.text("Inbox" if heading.list is None else heading.list["name"])
        lines = [*_OPENS, f"NAME:{name}", f"X-WR-CALNAME:{name}"]
        if heading.list is not None and heading.list["color"]:
            lines.append(f"X-APPLE-CALENDAR-COLOR:{heading.list['color']}")
        return ended + _written(lines)

    def task(self, entry: Entry) -> str:
        """A to-do, and before the first of a time zone that zone."""
        self._place += 1
        used = {each["timezone"] for each in (entry.task["due"], entry.task["start"]) if each and each["timezone"]}
        zones = definitions(sorted(used - self._zones))
        self._zones |= used
        return zones + _written(_lines(entry.task, self._place))

    def ends(self) -> str:
        """The end of the calendar."""
        return _written(["END:VCALENDAR"]) if self._is_open else ""


def _written(lines: list[str] | Iterator[str]) -> str:
    return "".join(map(text.folded, lines))


def _lines(task: Row, place: int) -> Iterator[str]:
    yield "BEGIN:VTODO"
    yield f"UID:{task['id']}"
    changed = _instant(task["updated_at"])
    yield f"DTSTAMP:{changed}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"CREATED:{_instant(task['created_at'])}"
    yield f"SUMMARY:{text.text(task['title'])}"
    if task["description"]:
        yield f"DESCRIPTION:{text.text(task['description'])}"
    yield from _state(task)
    if task["ical_priority"]:
        yield f"PRIORITY:{task['ical_priority']}"
    if task["tags"]:
        yield f"CATEGORIES:{','.join(map(text.text, task['tags']))}"
    if task["parent_id"]:
        yield f"RELATED-TO:{task['parent_id']}"
    yield f"X-APPLE-SORT-ORDER:{place}"
    if task["url"]:
        yield f"URL:{task['url']}"
    if task["estimate_minutes"]:
        yield f"ESTIMATED-DURATION:PT{task['estimate_minutes']}M"
    yield from _dates(task)
    for reminder in task["reminders"]:
        yield from _alarm(reminder, task)
    yield "END:VTODO"


def _state(task: Row) -> Iterator[str]:
    if not task["is_completed"]:
        yield "STATUS:NEEDS-ACTION"
        return
    yield f"STATUS:{'CANCELLED' if task['is_cancelled'] else 'COMPLETED'}"
    yield f"COMPLETED:{_instant(task['completed_at'])}"
    if not task["is_cancelled"]:
        yield "PERCENT-COMPLETE:100"


def _dates(task: Row) -> Iterator[str]:
    recurrence = task["recurrence"]
    is_by_rule = recurrence is not None and recurrence["from"] == "due"
    # A rule needs a beginning (RFC 5545, section 3.8.5.3), and programs write the same one twice.
    start = task["start"] or (task["due"] if is_by_rule else None)
    if start:
        yield f"DTSTART{_moment(start)}"
    if task["due"]:
        yield f"DUE{_moment(task['due'])}"
    if is_by_rule:
        yield f"RRULE:{recurrence['rule']}"
        yield from _exceptions(task)


def _exceptions(task: Row) -> Iterator[str]:
    """What another calendar program has left out, and put in besides, as it is in the zone of the rule's dates."""
    said = from_json(task["exceptions"] or "{}")
    zone = (task["start" if said.get("by_start") and task["start"] else "due"])["timezone"]
    for name, member in (("EXDATE", "exdates"), ("RDATE", "rdates")):
        for each in said.get(member, ()):
            day, _, clock_time = each.partition("T")
            yield f"{name}{_moment({'date': day, 'time': clock_time or None, 'timezone': zone})}"


def _alarm(reminder: Row, task: Row) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{text.text(task['title'])}"
    if reminder["at"]:
        yield f"TRIGGER;VALUE=DATE-TIME:{_instant(reminder['at'])}"
    else:
        related = "START" if reminder["relative_to"] == "start" else "END"
        yield f"TRIGGER;RELATED={related}:{reminder['offset']}"
    yield "END:VALARM"


def _moment(moment: Row) -> str:
    day = moment["date"].replace("-", "")
    if moment["time"] is None:
        return f";VALUE=DATE:{day}"
    local = f"{day}T{moment['time'].replace(':', '')}"
    return f";TZID={moment['timezone']}:{local}" if moment["timezone"] else f":{local}"


def _instant(instant: str) -> str:
    return text.instant(datetime.fromisoformat(instant).astimezone(UTC))
