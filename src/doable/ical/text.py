"""iCalendar (RFC 5545): content lines, escaped and folded. The format alone; what is said in it is known elsewhere."""

import re
from datetime import UTC, date, datetime
from typing import Final

LONGEST: Final = 75
"""The bytes of a line, its end not counted (section 3.1)."""

_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_LINE_ENDS: Final = re.compile(r"\r\n?")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def text(value: str) -> str:
    """A value of type TEXT (section 3.3.11). Control characters, which there is no way to write, are left out."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", value)).translate(_ESCAPED)


def day(value: date) -> str:
    """A value of type DATE."""
    return f"{value:%Y%m%d}"


def instant(value: datetime) -> str:
    """A value of type DATE-TIME, in UTC."""
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def line(content: str) -> bytes:
    """A content line, folded between characters and not within one."""
    raw = content.encode()
    if len(raw) <= LONGEST:
        return raw + b"\r\n"
    pieces, start, room = [], 0, LONGEST
    while start < len(raw):
        end = start + room
        while end < len(raw) and raw[end] & 0xC0 == 0x80:  # noqa: PLR2004 - a byte inside a character of UTF-8
            end -= 1
        pieces.append(raw[start:end])
        start, room = end, LONGEST - 1  # the space at the beginning counts
    return b"\r\n ".join(pieces) + b"\r\n"
