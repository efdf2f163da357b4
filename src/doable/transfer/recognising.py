"""Which format a file has."""

from collections.abc import Sequence
from typing import BinaryIO, Final

from doable.errors import FileUnreadable
from doable.transfer.formats import doable
from doable.transfer.formats.files import Archive, is_zip
from doable.transfer.formats.table import OTHERS
from doable.transfer.found import Format, Unreadable

FORMATS: Final[Sequence[Format]] = (doable, *OTHERS)
"""In the order in which they are asked."""

NAMES: Final = tuple(each.name for each in FORMATS)

HEAD_BYTES: Final = 4096


def format_of(file: BinaryIO, filename: str, name: str | None) -> Format:
    """The format of this name, or the one that the file has. Raises FileUnreadable."""
    if name is not None:
        found = next((each for each in FORMATS if each.name == name), None)
        message = f"There is no format of this name. The formats are {', '.join(NAMES)}."
    else:
        head = _head(file)
        found = next((each for each in FORMATS if each.recognises(filename, head)), None)
        message = f"The format of this file is not recognised. Say which it is: {', '.join(NAMES)}."
    if found is None:
        raise FileUnreadable(message)
    return found


def _head(file: BinaryIO) -> bytes:
    """Its beginning; of a zip, the names in it."""
    try:
        if is_zip(file):
            return "\n".join(Archive(file).names).encode("utf-8", "replace")
    except Unreadable as error:
        raise unreadable(error) from error
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        message = "The file is empty."
        raise FileUnreadable(message)
    return head


def unreadable(error: Unreadable) -> FileUnreadable:
    """The same, in a sentence."""
    return FileUnreadable(f"The file cannot be read: {error}.")
