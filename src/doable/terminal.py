"""The terminal, and what takes its place: streams that may be closed, and other people's text."""

import os
import sys


def printable(text: str) -> str:
    """The text without what could move the cursor, hide or turn round what is shown, or end the line."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


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
