"""One user's tasks out of the file that `reading` has written, as things that are found."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, BinaryIO, Final

from pydantic_core import from_json

from doable.transfer.formats import when
from doable.transfer.formats.draft import Draft, Piece, quoted
from doable.transfer.found import Reading
from doable.transfer.tutorial.reading import is_true

_DONE: Final = frozenset({"done", "completed", "complete", "finished", "closed"})
_CANCELLED: Final = frozenset({"cancelled", "canceled"})
_OPEN: Final = frozenset({"", "todo", "open", "pending", "new", "notstarted", "incomplete", "active"})
_PRIORITIES: Final = {
    **dict.fromkeys(("urgent", "critical", "highest", "high"), "high"),
    **dict.fromkeys(("medium", "normal"), "medium"),
    **dict.fromkeys(("low", "lowest"), "low"),
}
_NONE: Final = frozenset({"", "none", "0"})
FEW: Final = 3
"""Numbers up to this are low, medium and high; where there are more of them, the middle of the scale is medium."""


@dataclass(slots=True)
class TutorialTasks:
    """The format of that file."""

    highest_priority: int | None
    name: str = "tutorial"

    def recognises(self, filename: str, head: bytes) -> bool:  # noqa: ARG002 - a format's
        """Never: it is no file that anybody has."""
        return False

    def read(self, file: BinaryIO, reading: Reading) -> Iterator[Piece]:
        """A line each."""
        for line in file:
            yield from self._task(from_json(line), reading)

    def _task(self, row: Mapping[str, Any], reading: Reading) -> Iterator[Piece]:
        draft = Draft(_text(row.get("title")), key=_text(row["id"]))
        draft.says(_text(row.get("description")))
        draft.members["parent_id"] = _text(row.get("parent")) or None
        draft.members["created_at"] = _instant(row.get("created_at"))
        draft.tags = [*_tags(row.get("tags")), _text(row.get("category"))]
        self._prioritise(draft, _text(row.get("priority")))
        due = _text(row.get("due"))
        draft.has("due", _moment(due, reading.timezone), due)
        _close(draft, row)
        yield from draft.found()

    def _prioritise(self, draft: Draft, said: str) -> None:
        """A word, or a number of which a higher one is more urgent."""
        word = said.rpartition(".")[2].lower()  # an Enum is stored as `Priority.HIGH` by some
        if word.isdecimal() and word.isascii() and word != "0" and self.highest_priority:
            number, highest = int(word), max(self.highest_priority, FEW)
            draft.members["priority"] = ("low", "medium", "high")[min(2, 3 * (number - 1) // highest)]
        elif word in _PRIORITIES:
            draft.members["priority"] = _PRIORITIES[word]
        elif word not in _NONE:
            draft.misses(f"the priority {quoted(said)}")


def _close(draft: Draft, row: Mapping[str, Any]) -> None:
    said = _text(row.get("status"))
    status = re.sub(r"[\W_]", "", said.rpartition(".")[2].lower())
    is_cancelled = status in _CANCELLED
    if is_true(row.get("is_completed")) or status in _DONE or is_cancelled:
        draft.is_done(_instant(row.get("completed_at")) or _instant(row.get("updated_at")), is_cancelled=is_cancelled)
    elif status not in _OPEN:
        draft.misses(f"the status {quoted(said)}")


def _tags(said: object) -> list[str]:
    """A list, as JSON or with commas; some have objects with a name in it."""
    if isinstance(said, str):
        try:
            said = from_json(said) if said.lstrip().startswith("[") else said.strip("{}").split(",")
        except ValueError:
            said = [said]
    items = said if isinstance(said, list) else []
    return [_text(each.get("name") if isinstance(each, dict) else each) for each in items]


def _moment(text: str, timezone: str) -> when.Moment | None:
    """Midnight is what becomes of a day in a column for times."""
    value = when.parsed(text)
    return when.day(value) if value is not None and value.time() == time() else when.moment(text, timezone)


def _instant(value: object) -> str | None:
    return when.instant(when.parsed(_text(value)), "UTC")


def _text(value: object) -> str:
    return "" if value is None else str(value)
