"""The terminal, and what takes its place: streams that may be closed, and other people's text."""

import io
import os
import shutil
import sys
import unicodedata
from typing import Final

JOINER: Final = "\N{ZERO WIDTH JOINER}"
LINE_ENDS: Final = "\t\n\v\f\r\x85\u2028\u2029"
"""And the tab: a space does in their place."""


def printable(text: str) -> str:
    """The text without what could move the cursor, hide or turn round what is shown, or end the line."""
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    # Emoji are joined with it. Variation selectors are printable.
    if character.isprintable() or character == JOINER:
        return character
    return " " if character in LINE_ENDS else "\N{REPLACEMENT CHARACTER}"


def columns_of(text: str) -> int:
    """How many columns a printable text takes: Chinese and emoji take two each, and combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_columns_of_one(each) for each in text)


def _columns_of_one(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def fitted(text: str, columns: int) -> str:
    """The text, or its beginning and an ellipsis if it takes more columns than these."""
    if columns_of(text) <= columns:
        return text
    kept = 0
    for index, each in enumerate(text):
        kept += _columns_of_one(each)
        if kept >= columns:  # one is for the ellipsis
            # What ends with an ellipsis already, or with a joiner, goes without.
            return text[:index].rstrip(f" …{JOINER}") + "…" if columns > 0 else ""
    return text


def pointed_at(text: str, position: int, width: int | None = None) -> str:
    """The text, and below it a mark under the character at this position. Of one that is too wide, what is around that."""
    text = printable(text)
    before, after = text[:position], text[position:]
    if width is not None:
        kept = before
        while kept and columns_of(kept) >= width // 2:
            kept = kept[1:]
        before = before if kept == before else f"…{kept}"
        after = fitted(after, max(1, width - columns_of(before)))
    return f"{before}{after}\n{' ' * columns_of(before)}^"


def width() -> int | None:
    """How many columns the output has; None where it goes to no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def open_standard_streams() -> None:
    """Have 0, 1 and 2 open. Otherwise a file of ours, such as the database, could get one of these numbers.

    Whatever is printed there would then get into it.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # which gets the lowest number that is free
            os.set_inheritable(descriptor, True)  # noqa: FBT003 - it has no name
            setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows few characters shows a ? for the others
