"""The content lines of a text, and which component each is of (RFC 5545, sections 3.1 and 3.4). Nothing is written anew here.

Each line knows where it stands in the text, with its folding and its end: whoever changes one puts another in its place, and
everything else stays as somebody has written it.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Final

MAX_DEPTH: Final = 16
"""Of components in one another."""
MAX_LINES: Final = 30_000
MAX_COMPONENTS: Final = 5000
MAX_PARAMETERS: Final = 100
"""Of one line."""

_BARE: Final = re.compile(
    r'(?:[A-Za-z0-9_-]+\.)?+([A-Za-z0-9_-]++)((?:;(?:[^":\r\n]|"[^"\r\n]*")*+)?+):([^\r\n]*+)\r*\n(?![ \t])'
)
"""A line that is not folded."""
_WHOLE: Final = re.compile(r"[^\n]*+(?:\n[ \t][^\n]*+)*+\n?")
_FOLD: Final = re.compile(r"(?<!\r)\r*+\n[ \t]")
_UNFOLDED: Final = re.compile(r'(?:[A-Za-z0-9_-]+\.)?+([A-Za-z0-9_-]++)((?:;(?:[^":]|"[^"]*")*+)?+):(.*)', re.DOTALL)
PARAMETER: Final = re.compile(r';\s*([^=;:",]+)(?:=((?:[^";]|"[^"]*")*+))?')
"""A parameter with the semicolon before it."""
_PARAMETER_VALUE: Final = re.compile(r'"([^"]*)"|([^",]+)')
_CARET: Final = re.compile(r"\^([n^'])")
_CARETS: Final = {"n": "\n", "^": "^", "'": '"'}


class Malformed(ValueError):
    """A text that is no iCalendar. The message is for the log of whoever wrote it."""


class TooLarge(Malformed):
    """It may be iCalendar, but has more lines or components than are looked at."""


class Line:
    """A content line."""

    __slots__ = ("end", "head", "name", "start", "value")

    def __init__(self, name: str, head: str, value: str, start: int, end: int) -> None:
        self.name = name
        """In upper case, without a group before it."""
        self.head = head
        """Its parameters as they are written, from the first semicolon on."""
        self.value = value
        """As it is written, unfolded: of a TEXT, the escapes are in it (`text.unescaped`, `text.texts`)."""
        self.start = start
        """Where it begins in the text."""
        self.end = end
        """Where the next one begins."""

    def __repr__(self) -> str:
        return f"<Line {self.name}{self.head}:{self.value} at {self.start}>"

    @property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """Their values by their names in upper case, without quotation marks, and with the escapes of RFC 6868 resolved."""
        if not self.head:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for each in PARAMETER.finditer(self.head):
            values = (quoted or bare for quoted, bare in _PARAMETER_VALUE.findall(each[2] or ""))
            found.setdefault(each[1].strip().upper(), tuple(_CARET.sub(lambda of: _CARETS[of[1]], v) for v in values))
            if len(found) >= MAX_PARAMETERS:
                break
        return found

    def parameter(self, name: str) -> str | None:
        """The first value of this one, by its name in upper case; None if the line does not have it."""
        if not self.head:
            return None
        values = self.parameters.get(name)
        return None if values is None else values[0] if values else ""


class Component:
    """What is between a BEGIN and its END."""

    __slots__ = ("begin", "components", "end", "lines", "name", "zone")

    def __init__(self, name: str, begin: Line) -> None:
        self.name = name
        """In upper case."""
        self.begin = begin
        """The line BEGIN."""
        self.end = begin
        """The line END."""
        self.lines: list[Line] = []
        """Its own properties, in order."""
        self.components: list[Component] = []
        """Those in it, in order."""
        self.zone: tzinfo | None = None
        """Of a VTIMEZONE, once somebody has asked which it is."""

    def first(self, name: str) -> Line | None:
        """The first property of this name in upper case."""
        for line in self.lines:
            if line.name == name:
                return line
        return None

    def all(self, name: str) -> list[Line]:
        """All properties of this name in upper case."""
        return [line for line in self.lines if line.name == name]


def lines(text: str) -> Iterator[Line]:
    """The content lines; blank ones are left out, and those that are none have no name and are all value."""
    position, end = 0, len(text)
    if text.startswith("\ufeff"):
        position = 1
    while position < end:
        found = _BARE.match(text, position)
        if found is not None:
            yield Line(found[1].upper(), found[2], found[3], position, found.end())
            position = found.end()
            continue
        found = _WHOLE.match(text, position)
        assert found is not None  # noqa: S101 - it matches anything
        whole = unfolded(found[0])
        parts = _UNFOLDED.fullmatch(whole)
        if parts is not None:
            yield Line(parts[1].upper(), parts[2], parts[3], position, found.end())
        elif whole.strip():
            yield Line("", "", whole, position, found.end())
        position = found.end()


def unfolded(line: str) -> str:
    """A line as it stands, without its folds and its end."""
    return _FOLD.sub("", line).rstrip("\r\n")


def components(text: str) -> list[Component]:
    """Those at the top, which is one VCALENDAR as a rule. Raises Malformed, or TooLarge.

    Lines that are none are refused, and so is what is outside of any component, or ends what has not begun.
    """
    tree = _Tree()
    for number, line in enumerate(lines(text), 1):
        if number > MAX_LINES:
            raise TooLarge("too many lines")
        if line.name == "BEGIN":
            tree.begins(line)
        elif line.name == "END":
            tree.ends(line)
        elif not line.name:
            raise Malformed("a line is no content line")
        elif not tree.open:
            raise Malformed("a line is outside of any component")
        else:
            tree.open[-1].lines.append(line)
    if tree.open:
        raise Malformed("a component does not end")
    return tree.top


class _Tree:
    def __init__(self) -> None:
        self.top: list[Component] = []
        self.open: list[Component] = []
        self._count = 0

    def begins(self, line: Line) -> None:
        self._count += 1
        if self._count > MAX_COMPONENTS:
            raise TooLarge("too many components")
        if len(self.open) >= MAX_DEPTH:
            raise TooLarge("components are too deep in one another")
        made = Component(line.value.strip().upper(), line)
        (self.open[-1].components if self.open else self.top).append(made)
        self.open.append(made)

    def ends(self, line: Line) -> None:
        if not self.open or line.value.strip().upper() != self.open[-1].name:
            raise Malformed("a component ends that has not begun")
        self.open.pop().end = line
