"""Outlook: the CSV of its tasks, in English and German, in which old ones wrote what Windows did."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import BinaryIO, Final

from doable.transfer.formats import when
from doable.transfer.formats.draft import MAX_PARTS, Draft, Keys, Piece
from doable.transfer.formats.tables import Row, is_table, rows
from doable.transfer.found import NotUnderstood, Reading

name: str = "outlook"

_MONTHS: Final = 12
_TITLE: Final = ("subject", "betreff")
_DUE: Final = ("due date", "fällig am", "fälligkeitsdatum")
_START: Final = ("start date", "beginnt am", "startdatum", "anfangsdatum")
_DONE: Final = ("date completed", "erledigt am", "abgeschlossen am")
_PERCENT: Final = ("complete", "erledigt", "abgeschlossen")
_NOTES: Final = ("notes", "notizen", "beschreibung", "description")
_REMINDS: Final = ("reminder on off", "erinnerung ein aus")
_REMINDER_DAY: Final = ("reminder date", "erinnerung am", "erinnerungsdatum")
_REMINDER_TIME: Final = ("reminder time", "erinnerung um", "erinnerungszeit")
_DATES: Final = (*_DUE, *_START, *_DONE, *_REMINDER_DAY)
_TRUE: Final = frozenset({"true", "wahr", "ein", "on", "yes", "ja", "1", "-1"})
_FINISHED: Final = frozenset({"completed", "erledigt", "abgeschlossen"})
_PRIORITIES: Final = {"high": "high", "hoch": "high", "low": "low", "niedrig": "low"}
_DATE: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4})", re.ASCII)
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp])?[Mm.]*", re.ASCII)


def recognises(filename: str, head: bytes) -> bool:
    """By its header: appointments have no date on which they are due."""
    del filename
    return is_table(head, _is_header)


def read(file: BinaryIO, reading: Reading) -> Iterator[Piece]:
    """The tasks of a folder."""
    keys = Keys()
    is_day_first = _is_day_first(file, reading)
    for row in rows(file, _is_header):
        if isinstance(row, NotUnderstood):
            yield row
        else:
            yield from _task(row, keys, reading, is_day_first=is_day_first).found()


def _is_header(names: frozenset[str]) -> bool:
    return all(not names.isdisjoint(some) for some in (_TITLE, _DUE, _DONE))


def _is_day_first(file: BinaryIO, reading: Reading) -> bool:
    """Whether `9/1/2026` is in January: so it is if any date says so that could be no other, else by the language."""
    for row in rows(file, _is_header):
        cells = [row.of(name) for name in _DATES] if isinstance(row, Row) else []
        for found in map(_DATE.fullmatch, cells):
            if found and (int(found[1]) > _MONTHS) != (int(found[3]) > _MONTHS):
                return int(found[1]) > _MONTHS
    return reading.language != "en"


def _task(row: Row, keys: Keys, reading: Reading, *, is_day_first: bool) -> Draft:
    title = row.of(*_TITLE)
    draft = Draft(title, key=keys.of(title), line=row.line)
    draft.says(row.of(*_NOTES))
    draft.tags = re.split("[;,]", row.of("categories", "kategorien"), maxsplit=MAX_PARTS)
    draft.members["priority"] = _PRIORITIES.get(row.of("priority", "priorität").lower())
    for member, columns in (("due", _DUE), ("start", _START)):
        day = _day(row.of(*columns), is_day_first=is_day_first)
        draft.has(member, None if day is None else when.day(day), row.of(*columns))
    done = _day(row.of(*_DONE), is_day_first=is_day_first)
    if done or row.of(*_PERCENT).startswith(("100", "1,0", "1.0")) or row.of("status").lower() in _FINISHED:
        draft.is_done(None if done is None else when.instant(datetime.combine(done, time()), reading.timezone))
    if row.of(*_REMINDS).lower() in _TRUE:
        _reminds(draft, row, reading, is_day_first=is_day_first)
    return draft


def _reminds(draft: Draft, row: Row, reading: Reading, *, is_day_first: bool) -> None:
    said = f"{row.of(*_REMINDER_DAY)} {row.of(*_REMINDER_TIME)}".strip()
    day, at = _day(row.of(*_REMINDER_DAY), is_day_first=is_day_first), _time(row.of(*_REMINDER_TIME))
    known = None if day is None or at is None else when.instant(datetime.combine(day, at), reading.timezone)
    draft.reminds_at(known, said)


def _day(text: str, *, is_day_first: bool) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        read = when.parsed(text)
        return read and read.date()
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day, month = (first, second) if is_day_first or found[2] == "." else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    try:
        return time(hour, int(found[2]), int(found[3] or 0))
    except ValueError:
        return None
