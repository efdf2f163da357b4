"""todo.txt: a line a task."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from doable.transfer.formats import when
from doable.transfer.formats.draft import Draft, Keys, Piece, Places, clean, quoted
from doable.transfer.formats.files import decoded, lines
from doable.transfer.found import Reading

name: str = "todotxt"

_DATE: Final = r"\d{4}-\d{2}-\d{2}"
_START: Final = re.compile(
    rf"(?P<done>x )?\s*(?:\((?P<priority>[A-Z])\) )?\s*(?:(?P<first>{_DATE}) )?\s*(?(done)(?:(?P<second>{_DATE}) )?)",
    re.ASCII,
)
_PROJECT: Final = re.compile(r"\+(\S+)")
_CONTEXT: Final = re.compile(r"@(\S+)")
_MEMBER: Final = re.compile(r"([A-Za-z][\w-]*):(?!//)(\S+)", re.ASCII)
_INTERVAL: Final = re.compile(r"(\+?)(\d{1,3})([dbwmy])", re.ASCII)
_UNITS: Final = {"d": "DAILY", "w": "WEEKLY", "m": "MONTHLY", "y": "YEARLY"}
_PRIORITIES: Final = {"A": "high", "B": "medium"}


def recognises(filename: str, head: bytes) -> bool:
    """By its name, or if every line begins as only its lines do."""
    text = decoded(head)
    if re.search(r"(?i)(todo|done|tasks)[^/\\]*\.txt$", filename):
        return True
    found = [line for line in text.splitlines()[:20] if line.strip()]
    return bool(found) and all(re.match(rf"x {_DATE} |\([A-Z]\) |{_DATE} ", line) for line in found)


def read(file: BinaryIO, reading: Reading) -> Iterator[Piece]:
    """The tasks in their order. The first project of each is its list."""
    keys = Keys()
    places = Places(keys)
    for number, line in enumerate(lines(file), start=1):
        text = clean(line)
        if text:
            yield from _task(text, number, keys, places, reading)


def _task(text: str, number: int, keys: Keys, places: Places, reading: Reading) -> Iterator[Piece]:
    start = _START.match(text)
    begins = start.groupdict() if start else {}
    words = text[start.end() if start else 0 :].split()
    members = {found[1].lower(): found[2] for word in words if (found := _MEMBER.fullmatch(word))}
    projects = _named(_PROJECT, words)
    draft = Draft(_title(words), key=keys.of(text), line=number)
    draft.members["list_id"] = yield from places.list_named(projects[0] if projects else "", number)
    draft.tags = [*projects[1:], *_named(_CONTEXT, words)]
    priority = begins.get("priority") or members.get("pri", "")
    if re.fullmatch("[A-Z]", priority):
        draft.members["priority"] = _PRIORITIES.get(priority, "low")
    done, created = _dates(begins)
    draft.members["created_at"] = _on(created, reading)
    for member, key in (("due", "due"), ("start", "t"), ("start", "threshold")):
        if key in members:
            draft.has(member, when.moment(members[key], reading.timezone), f"{key}:{members[key]}")
    if begins.get("done"):
        draft.is_done(_on(done, reading))
    _recurs(draft, members.get("rec", ""))
    yield from draft.found()


def _named(sign: re.Pattern[str], words: list[str]) -> list[str]:
    return [found[1] for word in words if (found := sign.fullmatch(word))]


def _title(words: list[str]) -> str:
    """What is left without what stands at its end. Inside of a sentence a project or a context is a word of it."""
    kept = [word for word in words if not _is_known(word)]
    while kept and (_PROJECT.fullmatch(kept[-1]) or _CONTEXT.fullmatch(kept[-1])):
        kept.pop()
    return " ".join(kept or words)


def _is_known(word: str) -> bool:
    found = _MEMBER.fullmatch(word)
    return found is not None and found[1].lower() in {"due", "t", "threshold", "rec", "pri"}


def _dates(begins: dict[str, str | None]) -> tuple[str, str]:
    """When it was done and when it was made: of one that is done, a single date is the former."""
    first, second = begins.get("first") or "", begins.get("second") or ""
    return (first, second) if begins.get("done") else ("", first)


def _on(day: str, reading: Reading) -> str | None:
    return when.instant(when.parsed(day), reading.timezone) if day else None


def _recurs(draft: Draft, interval: str) -> None:
    """`rec:+1w` counts from when it was due, `rec:1w` from when it was done; days of business are weekdays."""
    found = _INTERVAL.fullmatch(interval)
    if found is None:
        if interval:
            draft.misses(f"the rule {quoted(f'rec:{interval}')}", f"rec:{interval}")
    elif found[3] != "b":
        draft.recurs(when.every(int(found[2]), _UNITS[found[3]]), from_completion=not found[1])
    elif found[2] == "1":
        draft.recurs("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")
    else:
        draft.misses(f"the rule {quoted(f'rec:{interval}')}", f"rec:{interval}")
