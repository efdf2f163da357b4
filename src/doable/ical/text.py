"""iCalendar (RFC 5545): content lines, escaped and folded. The format alone; what is said in it is known elsewhere."""

import re
from datetime import UTC, date, datetime
from typing import Final

LONGEST: Final = 75
"""The bytes of a line, its end not counted (section 3.1)."""

_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_LINE_ENDS: Final = re.compile(r"\r\n?")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPES: Final = re.compile(r"\\([\\;,nN])")
_ONE: Final = re.compile(r"(?:[^,\\]|\\.?)+")


def sayable(value: str) -> str:
    """The text without control characters, which there is no way to write, and with one kind of line end."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", value))


def text(value: str) -> str:
    """A value of type TEXT (section 3.3.11)."""
    return sayable(value).translate(_ESCAPED)


def day(value: date) -> str:
    """A value of type DATE."""
    return f"{value:%Y%m%d}"


def instant(value: datetime) -> str:
    """A value of type DATE-TIME, in UTC."""
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def unescaped(value: str) -> str:
    """What a value of type TEXT says."""
    return _ESCAPES.sub(lambda found: "\n" if found[1] in "nN" else found[1], value) if "\\" in value else value


def several(value: str) -> list[str]:
    """The values of a line that has several, with commas between them: each as it is written."""
    return _ONE.findall(value)


def texts(value: str) -> list[str]:
    """What they say."""
    return [unescaped(each) for each in several(value)]


def folded(content: str, end: str = "\r\n") -> str:
    """A content line with its end, folded between characters and not within one."""
    if len(content) <= LONGEST and content.isascii():
        return content + end
    raw = content.encode()
    if len(raw) <= LONGEST:
        return content + end
    pieces, start, room = [], 0, LONGEST
    while start < len(raw):
        stop = start + room
        while stop < len(raw) and raw[stop] & 0xC0 == 0x80:  # noqa: PLR2004 - a byte inside a character of UTF-8
            stop -= 1
        pieces.append(raw[start:stop].decode())
        start, room = stop, LONGEST - 1  # the space at the beginning counts
    return f"{end} ".join(pieces) + end


def line(content: str) -> bytes:
    """The same as bytes."""
    return folded(content).encode()
