"""Microsoft To Do: the JSON of Graph, which every program that exports from it writes, with lists of tasks in some way or other."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any, BinaryIO, Final

from doable.ical import zones
from doable.tasks.recurrence.rules import WEEKDAYS
from doable.transfer.formats import when
from doable.transfer.formats.draft import Draft, Keys, Piece, is_inbox, one_line, quoted
from doable.transfer.formats.files import decoded, document
from doable.transfer.formats.html import as_text
from doable.transfer.formats.trees import items, members_of, number, texts
from doable.transfer.found import Found, Reading, Unreadable

name: str = "microsoft-todo"

_DAYS: Final = dict(
    zip(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), WEEKDAYS, strict=True)
)
_WHICH: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_MARKS: Final = (
    '"wellknownListName"',
    '"dueDateTime"',
    '"checklistItems"',
    "#microsoft.graph.",
    '"isReminderOn"',
    "/todo/lists",
)
_PRIORITIES: Final = {"high": "high", "low": "low"}


def recognises(filename: str, head: bytes) -> bool:
    """By members that only Graph has."""
    del filename
    text = decoded(head)
    return text.lstrip("\ufeff \r\n\t").startswith(("{", "[")) and any(mark in text for mark in _MARKS)


def read(file: BinaryIO, reading: Reading) -> Iterator[Piece]:
    """The lists with their tasks."""
    reader = _Reader(reading)
    for each in _several(document(file), "value", "lists"):
        tasks = _several(each, "tasks", "value")
        if "tasks" in each or "displayName" in each:
            yield from reader.listed(each, tasks)
        elif isinstance(each.get("title"), str) or isinstance(each.get("subject"), str):
            yield from reader.task(each, None)
    if not reader.has_any:
        raise Unreadable("the file has no lists of Microsoft To Do")


def _several(value: Any, *members: str) -> list[dict[str, Any]]:
    """The objects of an array, or of the array that a member of an object is; else the object itself."""
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    content = members_of(value)
    member = next((each for each in members if isinstance(content.get(each), list)), None)
    if member is not None:
        return items(content, member)
    wrapped = next((content[each] for each in members if isinstance(content.get(each), dict)), None)
    return _several(wrapped, "value") if wrapped is not None else [content]


class _Reader:
    """Reads lists and their tasks."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._keys = Keys()
        self.has_any = False

    def listed(self, content: dict[str, Any], tasks: list[dict[str, Any]]) -> Iterator[Piece]:
        """A list, and what is in it. The one that everybody has is the inbox."""
        said = texts(content)
        called = said("displayName") or said("title") or said("name")
        key = None
        self.has_any = True
        if said("wellknownListName") != "defaultList" and not is_inbox(called):
            key = self._keys.own(said("id")) if said("id") else self._keys.of("list", called)
            yield Found(kind="list", key=key, members={"name": one_line(called) or "Microsoft To Do"})
        for each in tasks:
            if each is not content:
                yield from self.task(each, key)

    def task(self, task: dict[str, Any], list_id: str | None) -> Iterator[Piece]:
        """A task and its steps."""
        self.has_any = True
        said = texts(task)
        title = said("title") or said("subject")
        key = self._keys.own(said("id")) if said("id") else self._keys.of(list_id or "", title)
        draft = Draft(title, key=key)
        draft.members |= {"list_id": list_id, "priority": _PRIORITIES.get(said("importance").lower())}
        draft.members["created_at"] = when.instant(when.parsed(said("createdDateTime")), "UTC")
        _body(draft, task)
        tags = task.get("categories")
        draft.tags = [str(tag) for tag in tags] if isinstance(tags, list) else []
        self._dates(draft, task)
        yield from draft.found()
        for step in items(task, "checklistItems"):
            yield from self._step(step, draft)

    def _step(self, step: dict[str, Any], above: Draft) -> Iterator[Piece]:
        said = texts(step)
        title = said("displayName") or said("title")
        draft = Draft(title, key=self._keys.of(str(above.key), said("id") or title))
        draft.members |= {"list_id": above.members["list_id"], "parent_id": above.key}
        draft.members["created_at"] = when.instant(when.parsed(said("createdDateTime")), "UTC")
        if step.get("isChecked") is True or above.members.get("is_completed"):
            at = when.instant(when.parsed(said("checkedDateTime")), "UTC")
            draft.is_done(at or above.members.get("completed_at"))
        return draft.found()

    def _dates(self, draft: Draft, task: dict[str, Any]) -> None:
        pattern = members_of(members_of(task.get("recurrence")).get("pattern"))
        range_ = members_of(members_of(task.get("recurrence")).get("range"))
        zone = zones.iana(texts(range_)("recurrenceTimeZone")) or self._reading.timezone
        for member, name in (("due", "dueDateTime"), ("start", "startDateTime")):
            said = texts(members_of(task.get(name)))
            draft.has(member, _day(said("dateTime"), said("timeZone"), zone), said("dateTime"))
        if texts(task)("status").lower() == "completed":
            draft.is_done(_instant(task.get("completedDateTime"), zone))
        reminder = members_of(task.get("reminderDateTime"))
        if reminder and task.get("isReminderOn") is not False and not draft.members.get("is_completed"):
            draft.reminds_at(_instant(reminder, zone), texts(reminder)("dateTime"))
        if pattern:
            rule = _rule(pattern, range_)
            if rule is None:
                draft.misses(f"how it recurs: {quoted(texts(pattern)('type'))}")
            else:
                draft.recurs(rule)


def _body(draft: Draft, task: dict[str, Any]) -> None:
    body = texts(members_of(task.get("body")))
    text = body("content")
    draft.says(as_text(text) if body("contentType").lower() == "html" else text)
    for each in items(task, "linkedResources"):
        draft.leads_to(each.get("webUrl"))
    for each in items(task, "attachments"):
        called = texts(each)("name")
        draft.misses(f"the file {quoted(called)} that is attached to it", f"File: {called}")
    if task.get("hasAttachments") is True and not items(task, "attachments"):
        draft.misses("the files that are attached to it")


def _day(text: str, timezone: str, zone: str) -> when.Moment | None:
    """A day, which Graph has as the midnight of a zone, that in UTC as a rule: the 2nd in Berlin is 23:00 of the 1st."""
    value = when.parsed(text)
    if value is None:
        return None
    own = zones.iana(timezone) or "UTC"
    if value.tzinfo is None and own not in {"UTC", "Etc/UTC", "Etc/GMT"}:
        return when.day(value)
    midnight = when.midnight(value if value.tzinfo else value.replace(tzinfo=UTC), zone)
    return None if midnight is None else when.day(midnight)


def _instant(value: Any, zone: str) -> str | None:
    said = texts(members_of(value))
    return when.instant(when.parsed(said("dateTime")), zones.iana(said("timeZone")) or zone)


def _rule(pattern: dict[str, Any], range_: dict[str, Any]) -> str | None:
    """A rule of RFC 5545."""
    said = texts(pattern)
    interval = int(number(pattern.get("interval"))) or 1
    days = pattern.get("daysOfWeek")
    names = [_DAYS.get(str(day).lower(), "") for day in days] if isinstance(days, list) else []
    which = _WHICH.get(said("index").lower(), 1)
    month, month_day = int(number(pattern.get("month"))), int(number(pattern.get("dayOfMonth")))
    parts = {
        "daily": (when.every(interval, "DAILY"),),
        "weekly": (when.every(interval, "WEEKLY"), f"BYDAY={','.join(names)}", _week_start(said("firstDayOfWeek"))),
        "absolutemonthly": (when.every(interval, "MONTHLY"), f"BYMONTHDAY={month_day}"),
        "relativemonthly": (when.every(interval, "MONTHLY"), _which(names, which)),
        "absoluteyearly": (when.every(interval, "YEARLY"), f"BYMONTH={month}", f"BYMONTHDAY={month_day}"),
        "relativeyearly": (when.every(interval, "YEARLY"), f"BYMONTH={month}", _which(names, which)),
    }.get(said("type").lower())
    if parts is None or "" in names:
        return None
    return ";".join(part for part in (*parts, _end(range_)) if part and not part.endswith("="))


def _which(names: list[str], which: int) -> str:
    return f"BYDAY={which}{names[0]}" if len(names) == 1 else f"BYDAY={','.join(names)};BYSETPOS={which}"


def _week_start(name: str) -> str:
    return f"WKST={_DAYS[name.lower()]}" if name.lower() in _DAYS and name.lower() != "monday" else ""


def _end(range_: dict[str, Any]) -> str:
    said = texts(range_)
    if said("type") == "endDate":
        return f"UNTIL={said('endDate').replace('-', '')}"
    return f"COUNT={int(number(range_.get('numberOfOccurrences')))}" if said("type") == "numbered" else ""
