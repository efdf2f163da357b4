"""Doable's own export, `GET /api/auth/me/export`: JSON of one object, whose members are lists."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from doable.transfer.found import Found, KindName, NotUnderstood, Reading, Unreadable

READ_BYTES: Final = 256 * 1024
MAX_ITEM: Final = 16 * 1024 * 1024
"""In characters. No thing is nearly as long; what an undo has kept may be, and then the file is not read on."""

TAKEN: Final[dict[str, KindName]] = {
    "lists": "list",
    "sections": "section",
    "tags": "tag",
    "filters": "filter",
    "preferences": "preferences",
    "tasks": "task",
}
_NOT_MEMBERS: Final = frozenset({"id", "user_id", "updated_at", "revision"})
_BLANK: Final = re.compile(r"[ \t\r\n]*")


name: str = "doable"


def recognises(filename: str, head: bytes) -> bool:
    """Whether it begins as an export does."""
    del filename
    return re.match(rb'(\xef\xbb\xbf)?\s*\{\s*"user"\s*:\s*\{', head) is not None


def read(file: BinaryIO, reading: Reading) -> Iterator[Found | NotUnderstood]:
    """Each thing as it comes. Sessions, tokens, tombstones and the like are of the other account."""
    del reading
    for section, item, line in _Document(file).items():
        kind = TAKEN.get(section)
        if kind is not None and isinstance(item, dict):
            key = item.get("id")
            members = {member: value for member, value in item.items() if member not in _NOT_MEMBERS}
            yield Found(kind=kind, members=members, key=key if isinstance(key, str) else None, line=line)
        elif kind is not None:
            yield NotUnderstood(what=f"something in `{section}` that is no {kind}", line=line)


class _Document:
    """Reads the items of the lists in an object, of which one alone is in memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._decoder = json.JSONDecoder()
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._has_ended = False

    def items(self) -> Iterator[tuple[str, Any, int]]:
        """The name of each list, its items, and the lines that they begin on. Raises Unreadable."""
        self._expect("{")
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise self._wrong()
            self._expect(":")
            if self._next() == "[":
                self._expect("[")
                is_first = True
                while not (is_first and self._next() == "]"):
                    is_first = False
                    self._next()
                    line = self._line
                    yield name, self._value(), line
                    if self._next() == "]":
                        break
                    self._expect(",")
                self._expect("]")
            else:
                self._value()
            if self._next() == "}":
                break
            self._expect(",")
        self._expect("}")
        if self._next():
            raise self._wrong()

    def _next(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            blank = _BLANK.match(self._buffer, self._at)
            end = self._at if blank is None else blank.end()
            self._line += self._buffer.count("\n", self._at, end)
            self._at = end
            if end < len(self._buffer):
                return self._buffer[end]
            if not self._more():
                return ""

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise self._wrong()
        self._at += 1

    def _value(self) -> Any:
        """The next value, whole: behind it something must come, as a number has no end of its own."""
        self._next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except RecursionError:
                raise self._wrong() from None
            except json.JSONDecodeError as error:
                goes_on = error.pos >= len(self._buffer) - len("false\\u0000") or error.msg.startswith("Unterminated")
                if not goes_on or not self._more():
                    raise self._wrong() from None
                continue
            except ValueError:  # a number of thousands of digits
                raise self._wrong() from None
            if end < len(self._buffer) or not self._more():
                self._line += self._buffer.count("\n", self._at, end)
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on: as much again as is waited for, so that a long value is not looked at too often."""
        self._buffer = self._buffer[self._at :]
        self._at = 0
        if len(self._buffer) > MAX_ITEM:
            raise self._wrong()
        if self._has_ended:
            return False
        read = self._file.read(max(READ_BYTES, len(self._buffer)))
        self._has_ended = not read
        try:
            self._buffer += self._decode.decode(read, final=self._has_ended)
        except UnicodeDecodeError:
            raise self._wrong() from None
        return bool(read)

    def _wrong(self) -> Unreadable:
        return Unreadable(f"it is not the JSON of an export from line {self._line} on")
