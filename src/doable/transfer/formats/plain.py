"""A table with a header: Doable's own, and anybody else's whose columns are called as one would call them."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from doable.ical import zones
from doable.ical.values import duration
from doable.transfer.formats import when
from doable.transfer.formats.draft import MAX_PARTS, Draft, Keys, Piece, Places, one_line, quoted
from doable.transfer.formats.tables import Row, is_table, rows
from doable.transfer.found import NotUnderstood, Reading

name: str = "csv"

_TITLE: Final = ("title", "name", "task", "task name", "content", "summary", "subject", "titel", "aufgabe", "betreff")
_COLUMNS: Final = {
    "id": ("id", "task id", "uid", "uuid"),
    "parent": ("parent id", "parent", "parent task", "übergeordnete aufgabe"),
    "description": ("description", "notes", "note", "details", "body", "beschreibung", "notizen", "notiz"),
    "list": ("list", "list name", "project", "project name", "folder", "liste", "projekt"),
    "section": ("section", "section column", "column", "bucket", "abschnitt"),
    "due": ("due", "due date", "deadline", "due on", "fällig", "fällig am", "fälligkeitsdatum"),
    "due time": ("due time",),
    "due timezone": ("due timezone",),
    "start": ("start", "start date", "startdatum"),
    "start time": ("start time",),
    "start timezone": ("start timezone",),
    "state": ("state", "status", "is completed", "completed", "done", "erledigt"),
    "done": ("completed at", "completed on", "completed date", "date completed", "erledigt am"),
    "created": ("created at", "created", "created on", "created date", "date created", "erstellt am"),
    "priority": ("priority", "priorität"),
    "tags": ("tags", "labels", "tag", "label", "categories", "kategorien", "schlagwörter", "etiketten"),
    "rule": ("recurrence", "repeat", "rrule", "recurring", "wiederholung"),
    "rule from": ("recurrence from",),
    "estimate": ("estimate minutes", "estimate"),
    "url": ("url", "link", "address"),
    "reminders": ("reminders", "reminder", "erinnerung"),
}
_KNOWN: Final = frozenset({*_TITLE, *(each for some in _COLUMNS.values() for each in some)})
_NO: Final = frozenset(
    {"", "false", "no", "nein", "n", "0", "open", "offen", "todo", "to do", "not started", "in progress"}
)
_YES: Final = frozenset(
    {"true", "yes", "ja", "y", "x", "1", "completed", "complete", "done", "erledigt", "closed", "✓"}
)
_CANCELLED: Final = frozenset({"cancelled", "canceled", "won't do", "wont do", "abgebrochen"})
_PRIORITIES: Final = {
    "high": ("high", "hoch", "urgent", "dringend", "highest", "p1", "!!!", "a"),
    "medium": ("medium", "mittel", "p2", "!!", "b"),
    "low": ("low", "niedrig", "gering", "lowest", "p3", "!", "c"),
    "none": ("", "none", "no", "keine", "normal", "p4", "0"),
}
_WORDS: Final = {word: priority for priority, words in _PRIORITIES.items() for word in words}
_REMINDER: Final = re.compile(r"([+-]?P\w+)(?: (due|start))?|(\d{4}-\S+)", re.ASCII)


def recognises(filename: str, head: bytes) -> bool:
    """By a column with titles, in a header."""
    return is_table(head, _is_header) and (filename.lower().endswith((".csv", ".tsv", ".txt")) or not filename)


def read(file: BinaryIO, reading: Reading) -> Iterator[Piece]:
    """The tasks in their order."""
    keys = Keys()
    places = Places(keys)
    unknown: set[str] = set()
    for row in rows(file, _is_header):
        if isinstance(row, NotUnderstood):
            yield row
            continue
        yield from _unknown(row, unknown)
        yield from _task(row, keys, places, reading)


def _is_header(names: frozenset[str]) -> bool:
    return not names.isdisjoint(_TITLE)


def _unknown(row: Row, seen: set[str]) -> Iterator[Piece]:
    """Each column that nothing is known of, once, where it has something in it."""
    for name in sorted(row.cells.keys() - _KNOWN - seen):
        if row.of(name):
            seen.add(name)
            yield NotUnderstood(what=f"the column {quoted(name)}", line=row.line)


def _task(row: Row, keys: Keys, places: Places, reading: Reading) -> Iterator[Piece]:
    def of(column: str) -> str:
        return row.of(*_COLUMNS[column])

    list_name = one_line(of("list"))
    list_id = yield from places.list_named(list_name, row.line)
    section_id = yield from places.section_named(list_id, of("section"), row.line)
    title = row.of(*_TITLE)
    draft = Draft(title, key=keys.own(of("id")) if of("id") else keys.of(list_name, title), line=row.line)
    draft.members |= {"list_id": list_id, "section_id": section_id, "parent_id": of("parent") or None}
    draft.says(of("description"))
    draft.tags = (
        of("tags").split("\n", MAX_PARTS)
        if "\n" in row.cells.get("tags", "")
        else re.split("[,;]", of("tags"), maxsplit=MAX_PARTS)
    )
    _priority(draft, of("priority"))
    for member in ("due", "start"):
        moment = _moment(of(member), of(f"{member} time"), of(f"{member} timezone"), reading)
        draft.has(member, moment, f"{of(member)} {of(f'{member} time')}")
    draft.members["created_at"] = _instant(of("created"), reading)
    _state(draft, of("state"), _instant(of("done"), reading))
    if of("rule"):
        _rule(draft, of("rule"), of("rule from"), reading)
    if re.fullmatch(r"\d{1,6}", of("estimate"), re.ASCII):
        draft.takes(int(of("estimate")))
    if of("url"):
        draft.leads_to(of("url"))
    for each in re.split(r"[,;\n]+", of("reminders"), maxsplit=MAX_PARTS):
        _reminds(draft, each.strip(), reading)
    yield from draft.found()


def _priority(draft: Draft, said: str) -> None:
    """In words. Numbers count upwards in some programs and downwards in others."""
    priority = _WORDS.get(said.lower())
    if priority is None:
        draft.misses(f"the priority {quoted(said)}")
    elif priority != "none":
        draft.members["priority"] = priority


def _moment(day: str, time: str, timezone: str, reading: Reading) -> when.Moment | None:
    moment = when.moment(f"{day} {time}".strip(), reading.timezone)
    if moment is None:
        words = when.words(f"{day} {time}", reading.language, reading)
        moment = None if words is None or "recurrence" in words else words["due"]
    zone = zones.iana(timezone) if timezone else None
    return {**moment, "timezone": zone} if moment and zone and moment.get("time") else moment


def _instant(said: str, reading: Reading) -> str | None:
    return when.instant(when.parsed(said), reading.timezone) if said else None


def _state(draft: Draft, state: str, at: str | None) -> None:
    word = state.lower()
    since = at or _instant_of(word)
    if word in _CANCELLED:
        draft.is_done(at, is_cancelled=True)
    elif word in _YES or since is not None:
        draft.is_done(since)
    elif word not in _NO:
        draft.misses(f"the state {quoted(state)}")


def _instant_of(word: str) -> str | None:
    """A column that says `completed` may say since when."""
    return when.instant(when.parsed(word), "UTC")


def _rule(draft: Draft, said: str, rule_from: str, reading: Reading) -> None:
    if "=" in said:
        draft.recurs(said, from_completion=rule_from.lower() == "completion")
        return
    words = when.words(said, reading.language, reading)
    if words is None or "recurrence" not in words:
        draft.misses(f"the rule {quoted(said)}", said)
        return
    draft.members["due"] = draft.members.get("due") or words["due"]
    draft.recurs(words["recurrence"]["rule"], from_completion=words["recurrence"]["from"] == "completion")


def _reminds(draft: Draft, said: str, reading: Reading) -> None:
    found = _REMINDER.fullmatch(said)
    length = duration(found[1]) if found and found[1] else None
    if length is not None and found is not None:
        draft.reminds(length.whole, found[2] or "due")
    elif said:
        draft.reminds_at(_instant(said, reading), said)
