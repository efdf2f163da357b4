"""The formats, and which of them a file has."""

from collections.abc import Sequence
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

from doable.errors import FileUnreadable
from doable.transfer.formats import doable
from doable.transfer.found import Format

FORMATS: Final[Sequence[Format]] = (doable,)
"""In the order in which they are asked: what would take any text comes last."""

NAMES: Final = tuple(each.name for each in FORMATS)

HEAD_BYTES: Final = 4096
MAX_NAMES: Final = 10_000
_END_BYTES: Final = 22
_LONGEST_END: Final = _END_BYTES + 65_535


def format_of(file: BinaryIO, filename: str, name: str | None) -> Format:
    """The format of this name, or the one that the file has. Raises FileUnreadable."""
    if name is not None:
        found = next((each for each in FORMATS if each.name == name), None)
        if found is None:
            message = f"There is no format of this name. These are known: {', '.join(NAMES)}."
            raise FileUnreadable(message)
        return found
    head = _head(file)
    for each in FORMATS:
        if each.recognises(filename, head):
            return each
    message = "Nobody knows what kind of file this is. Say its format: it is one of " + ", ".join(NAMES) + "."
    raise FileUnreadable(message)


def _head(file: BinaryIO) -> bytes:
    """Its beginning; of a zip, the names in it."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        message = "The file is empty."
        raise FileUnreadable(message)
    if not head.startswith(b"PK"):
        file.seek(0)
        return head
    _check_directory(file)
    try:
        with ZipFile(file) as archive:
            return "\n".join(archive.namelist()).encode("utf-8", "replace")
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        message = "The file begins as a zip does, and is none, or a damaged one."
        raise FileUnreadable(message) from error
    finally:
        file.seek(0)


def _check_directory(file: BinaryIO) -> None:
    """Raise FileUnreadable for a zip with more names in it than anybody's has: all of them would be read at once."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _LONGEST_END))
    end = file.read(_LONGEST_END)
    place = end.rfind(b"PK\x05\x06")
    names = int.from_bytes(end[place + 10 : place + 12], "little") if place >= 0 else 0
    directory = int.from_bytes(end[place + 12 : place + 16], "little") if place >= 0 else 0
    if names > MAX_NAMES or directory > MAX_NAMES * 1024:
        message = f"The zip has more than {MAX_NAMES} files in it."
        raise FileUnreadable(message)
