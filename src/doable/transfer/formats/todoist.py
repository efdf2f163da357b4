"""Todoist: its CSV templates, of one project each, and its backups, which are zips of them."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from pydantic_core import from_json

from doable.ical import zones
from doable.transfer.formats import when
from doable.transfer.formats.draft import Draft, Keys, Piece, Places, one_line, quoted
from doable.transfer.formats.files import Archive, is_zip
from doable.transfer.formats.tables import Row, is_table, rows
from doable.transfer.found import NotUnderstood, Reading, Unreadable

name: str = "todoist"

_COLUMNS: Final = frozenset({"type", "content", "priority", "indent"})
# Its API counts the other way round, and so does the number that its pages show.
_PRIORITIES: Final = {"1": "high", "2": "medium", "3": "low"}
_ID: Final = re.compile(r"\s*\[\w+\]$")
_LABEL: Final = re.compile(r"(?:^|(?<=\s))@([^\s@]+)(?=\s|$)")
_FILE: Final = "[[file {"


def recognises(filename: str, head: bytes) -> bool:
    """By the header; a backup by having nothing but CSV in it."""
    del filename
    names = head.decode(errors="replace").split("\n")
    return is_table(head, _is_header) or all(each.endswith(".csv") for each in names)


def read(file: BinaryIO, reading: Reading) -> Iterator[Piece]:
    """The tasks of a project, or of each in a backup."""
    keys = Keys()
    if not is_zip(file):
        yield from _Project(_name(reading.filename), keys, reading).read(file)
        return
    archive = Archive(file)
    projects = [each for each in archive.names if each.lower().endswith(".csv")]
    if not projects:
        raise Unreadable("there is no CSV in the zip")
    for each in projects:
        yield from _Project(_name(each), keys, reading).read(archive.member(each))


def _is_header(names: frozenset[str]) -> bool:
    return names >= _COLUMNS


def _name(path: str) -> str:
    """The project's, which only its file is called by: `Work [220474322].csv`."""
    base = re.split(r"[\\/]", path)[-1][-300:]
    return one_line(_ID.sub("", re.sub(r"(?i)\.csv$", "", base)))


class _Project:
    """One project. A task is not complete before the row behind its notes."""

    def __init__(self, called: str, keys: Keys, reading: Reading) -> None:
        self._name, self._keys, self._reading = called, keys, reading
        self._places = Places(keys)
        self._list: str | None = None
        self._section: str | None = None
        self._above: list[str] = []
        self._pending: Draft | None = None

    def read(self, file: BinaryIO) -> Iterator[Piece]:
        self._list = yield from self._places.list_named(self._name or "Todoist")
        for row in rows(file, _is_header):
            if isinstance(row, NotUnderstood):
                yield row
                continue
            kind = row.of("type").lower()
            if kind != "note":
                yield from self._finished()
            if kind == "task":
                self._pending = self._task(row)
            elif kind == "section":
                self._above = []
                yield from self._in_section(row)
            elif kind in {"note", "project_note"}:
                yield from self._note(row)
            elif kind not in {"", "meta"}:
                yield NotUnderstood(what=f"a row of the type {quoted(kind)}", line=row.line)
        yield from self._finished()

    def _finished(self) -> Iterator[Piece]:
        if self._pending is not None:
            yield from self._pending.found()
        self._pending = None

    def _in_section(self, row: Row) -> Iterator[Piece]:
        self._section = yield from self._places.section_named(self._list, row.of("content"), row.line)

    def _note(self, row: Row) -> Iterator[Piece]:
        text = row.of("content")
        attached = _attached(text)
        if self._pending is None:
            yield NotUnderstood(what=f"a comment on the project: {quoted(text)}", line=row.line)
        elif attached is None:
            self._pending.says(text)
        else:
            self._pending.says(attached[0])
            self._pending.misses("a file that is attached to it", attached[1])

    def _task(self, row: Row) -> Draft:
        text = row.of("content").removeprefix("* ")  # so it marks what has no box to tick
        title = _LABEL.sub("", text)
        indent = int(row.of("indent")) if re.fullmatch("[1-9]", row.of("indent"), re.ASCII) else 1
        self._above = self._above[: indent - 1]
        place = [self._name, self._section or "", *self._above[-1:]]
        draft = Draft(title if one_line(title) else text, key=self._keys.of(*place, text), line=row.line)
        if self._above:
            draft.members["parent_id"] = self._above[-1]
        self._above.append(str(draft.key))
        draft.members |= {"list_id": self._list, "section_id": self._section}
        draft.members["priority"] = _PRIORITIES.get(row.of("priority"))
        draft.tags = _LABEL.findall(text)
        draft.says(row.of("description"))
        _dates(draft, row, self._reading)
        if row.of("responsible"):
            draft.misses(f"that it is assigned to {quoted(row.of('responsible'))}")
        return draft


def _dates(draft: Draft, row: Row, reading: Reading) -> None:
    language = row.of("date lang").lower()[:2] or "en"
    said, deadline = row.of("date"), row.of("deadline")
    if said:
        _due(draft, said, language, row.of("timezone"), reading)
        if deadline:
            draft.misses(f"the deadline {quoted(deadline)}, beside its date", f"Deadline: {deadline}")
    elif deadline:
        _due(draft, deadline, row.of("deadline lang").lower()[:2] or language, "", reading)
    amount = row.of("duration")
    if re.fullmatch(r"\d{1,6}", amount, re.ASCII):
        draft.takes(int(amount) * (1440 if row.of("duration unit").lower() == "day" else 1))


def _due(draft: Draft, said: str, language: str, timezone: str, reading: Reading) -> None:
    moment = when.moment(said, reading.timezone)
    recurrence = None
    if moment is None:
        members = when.words(said, language, reading)
        if members is None:
            draft.misses(f"the date {quoted(said)}", said)
            return
        moment, recurrence = members["due"], members.get("recurrence")
    zone = zones.iana(timezone) if timezone else None
    # The column is there for times that float as well: it says something where it is not theirs.
    if moment.get("time") and not moment.get("timezone") and zone not in {None, reading.timezone}:
        moment = {**moment, "timezone": zone}
    draft.members["due"] = moment
    if recurrence is not None:
        draft.recurs(recurrence["rule"], from_completion=recurrence["from"] == "completion")


def _attached(text: str) -> tuple[str, str] | None:
    """The text beside a file that a comment has, and the file's name and address."""
    start, end = text.find(_FILE), text.rfind("}]]")
    if start < 0 or end < start:
        return None
    said = text[start + len(_FILE) - 1 : end + 1]
    try:
        file = from_json(said)
    except ValueError:
        file = None
    beside = text[:start] + text[end + 3 :]
    return beside, f"{file.get('file_name', '')}: {file.get('file_url', '')}" if isinstance(file, dict) else said
