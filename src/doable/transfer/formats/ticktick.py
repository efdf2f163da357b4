"""TickTick: the CSV of its backup, which has lines before its header."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO, Final

from doable.ical import zones
from doable.ical.values import duration
from doable.transfer.formats import when
from doable.transfer.formats.draft import MAX_PARTS, Draft, Keys, Piece, Places, quoted
from doable.transfer.formats.tables import Row, is_table, rows
from doable.transfer.found import NotUnderstood, Reading

name: str = "ticktick"

_COLUMNS: Final = frozenset({"folder name", "list name", "title", "status"})
_PRIORITIES: Final = {"1": "low", "3": "medium", "5": "high"}
_OPEN, _DONE, _ARCHIVED, _CANCELLED = "0", "1", "2", "-1"
_ITEM: Final = re.compile(r"\s*(?:([▪✔✓☑■])|[▫☐□])\s*(.*)")
_MAX_LINES: Final = 1000
"""Of a checklist: twice as many as tasks may be below one."""
_NINE: Final = timedelta(hours=9)
"""When a whole day reminds, unless somebody chose another time."""
_DAY: Final = timedelta(days=1)


def recognises(filename: str, head: bytes) -> bool:
    """By its header."""
    del filename
    return is_table(head, _is_header)


def read(file: BinaryIO, reading: Reading) -> Iterator[Piece]:
    """The tasks of all lists; the items of a checklist are subtasks."""
    keys = Keys()
    places = Places(keys)
    for row in rows(file, _is_header):
        if isinstance(row, NotUnderstood):
            yield row
        else:
            yield from _task(row, keys, places, reading)


def _is_header(names: frozenset[str]) -> bool:
    return names >= _COLUMNS


def _task(row: Row, keys: Keys, places: Places, reading: Reading) -> Iterator[Piece]:
    list_id = yield from places.list_named(row.of("list name"), row.line, group=row.of("folder name"))
    section_id = yield from places.section_named(list_id, row.of("column name"), row.line)
    own = row.of("taskid")
    key = keys.own(own) if own else keys.of(list_id or "", row.of("title"))
    draft = Draft(row.of("title"), key=key, line=row.line)
    draft.members |= {"list_id": list_id, "section_id": section_id, "parent_id": row.of("parentid") or None}
    draft.members |= {"priority": _PRIORITIES.get(row.of("priority")), "position": _position(row.of("order"))}
    draft.members["created_at"] = when.instant(when.parsed(row.of("created time")), "UTC")
    draft.tags = row.of("tags").split(",", MAX_PARTS)
    _dates(draft, row, reading)
    _state(draft, row)
    items = []
    if row.of("is check list").upper() in {"Y", "TRUE"}:
        items = _items(draft, row.of("content"))
    else:
        draft.says(row.of("content"))
    yield from draft.found()
    for title, is_done in items:
        item = Draft(title, key=keys.of(key, title), line=row.line)
        item.members |= {"list_id": list_id, "section_id": section_id, "parent_id": key}
        if is_done or draft.members.get("is_completed"):
            item.is_done(draft.members.get("completed_at"))
        yield from item.found()


def _position(order: str) -> str | None:
    """As a text that sorts as the number does, which may be negative."""
    found = re.fullmatch(r"(-?\d{1,19})(\.\d+)?", order, re.ASCII)
    return found and f"{int(found[1]) + 10**19:020d}"


def _items(draft: Draft, content: str) -> list[tuple[str, bool]]:
    """The items of a checklist. Lines without a box before them are its description."""
    items = []
    for line in re.split(r"[\r\n]+", content, maxsplit=_MAX_LINES):
        found = _ITEM.fullmatch(line)
        if found is None:
            draft.says(line)
        elif found[2].strip():
            items.append((found[2], found[1] is not None))
    return items


def _state(draft: Draft, row: Row) -> None:
    status = row.of("status")
    at = when.instant(when.parsed(row.of("completed time")), "UTC")
    if status in {_DONE, _ARCHIVED, _CANCELLED}:
        draft.is_done(at, is_cancelled=status == _CANCELLED)
    elif status not in {_OPEN, ""}:
        draft.misses(f"the status {quoted(status)}")


def _dates(draft: Draft, row: Row, reading: Reading) -> None:
    """Instants in UTC: which day or time is meant, its zone says."""
    zone = zones.iana(row.of("timezone")) or reading.timezone
    is_whole, is_floating = (row.of(name).lower() == "true" for name in ("is all day", "is floating"))
    moments = {}
    for member, text in (("start", row.of("start date")), ("due", row.of("due date"))):
        value = when.parsed(text)
        shown = None if value is None else when.in_zone(value, zone)
        if shown is not None:
            moments[member] = when.day(shown) if is_whole else when.local(shown, None if is_floating else zone)
        if text and not moments.get(member):
            draft.misses(f"the date {quoted(text)}", text)
    start, due = moments.get("start"), moments.get("due")
    # A task with one date has it as both.
    draft.members["due"] = due or start
    if due and start != due:
        draft.members["start"] = start
    _repeats(draft, row.of("repeat"))
    for trigger in re.split(r"[\s,]+", row.of("reminder"), maxsplit=MAX_PARTS):
        _reminds(draft, trigger.upper().removeprefix("TRIGGER:"), is_whole=is_whole)


def _repeats(draft: Draft, text: str) -> None:
    rule, *others = [line for line in re.split(r"[\r\n]+", text, maxsplit=MAX_PARTS) if line.strip()] or [""]
    if rule.upper().startswith("ERULE"):
        draft.misses(f"the rule {quoted(rule)}", rule)
    elif rule:
        parts = rule.split(";", MAX_PARTS)
        draft.recurs(";".join(part for part in parts if not part.upper().startswith("TT_")))
        others += [part for part in parts if part.upper().startswith("TT_")]
    for each in others:
        draft.misses(f"a part of its rule: {quoted(each)}", each)


def _reminds(draft: Draft, trigger: str, *, is_whole: bool) -> None:
    """Before a time, or from the beginning of a whole day on: that is for the time at which whole days remind here."""
    if not trigger:
        return
    length = duration(trigger)
    if length is None:
        draft.misses(f"the reminder {quoted(trigger)}")
    elif not is_whole:
        draft.reminds(-abs(length.whole))
    else:
        days, time = divmod(length.whole, _DAY)
        draft.reminds(timedelta(days=days))
        if time != _NINE:
            draft.misses(f"the time of its reminder, {time}: whole days remind at the time of the preferences")
