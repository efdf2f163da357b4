"""What any file may be: text in several encodings, JSON, a zip. All of it bounded, whatever is in it."""

import codecs
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from doable.transfer.found import Unreadable

MAX_BYTES: Final = 50 * 1024 * 1024
"""Of a file, and of all that is in a zip."""
MAX_VALUES: Final = 2_000_000
"""Of a JSON document: an empty object takes 64 bytes of memory and two of a file."""
MAX_DIRECTORY: Final = 1024 * 1024
"""The bytes of a zip's list of names, which is read as a whole."""
_PIECE: Final = 65536
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_END: Final = struct.Struct("<4s8xLLH")


def decoded(head: bytes) -> str:
    """The first bytes of a file as text, as far as they are any."""
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    if encoding is not None:
        return head.decode(encoding, errors="replace")
    try:
        # It may end inside of a character.
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("cp1252", errors="replace")


def lines(file: BinaryIO) -> Iterator[str]:
    """The lines of a text with their ends, whatever those are."""
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        for line in text:  # noqa: UP028 - `yield from` would close it, if nobody wants the rest
            yield line
    finally:
        text.detach()  # else it would close the file, which is the caller's


def _encoding(file: BinaryIO) -> str:
    """By its mark; else UTF-8 if it is that, and else what Windows wrote before."""
    file.seek(0)
    head = file.read(3)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def document(file: BinaryIO) -> Any:
    """A JSON document as a whole. Raises Unreadable."""
    file.seek(0)
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Unreadable("the file is larger than 50 MiB")
    if sum(content.count(sign) for sign in (b",", b"[", b"{")) > MAX_VALUES:
        raise Unreadable("there are more than 2,000,000 values in the file")
    try:
        # The standard library's, since exports of JavaScript have halves of characters, which Pydantic's refuses.
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("the file is not valid JSON") from None


def is_zip(file: BinaryIO) -> bool:
    """Whether it begins as a zip does."""
    file.seek(0)
    return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


class Archive:
    """A zip, of which no more is unpacked than a file may have. Nothing of it is ever a path."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises Unreadable."""
        if _directory_size(file) > MAX_DIRECTORY:
            raise Unreadable("there are too many files in the zip")
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
            raise Unreadable("the zip is damaged") from None
        self._left = MAX_BYTES
        self.names = [each.filename for each in self._zip.infolist() if not each.is_dir()]

    def member(self, name: str) -> BinaryIO:
        """The content of one. Raises Unreadable."""
        info = self._zip.getinfo(name)
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Unreadable("the zip is compressed in a way that is not known here")
        try:
            with self._zip.open(info) as member:
                content = member.read(self._left + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, struct.error):
            raise Unreadable("the zip is damaged, or it has a password") from None
        if len(content) > self._left:
            raise Unreadable("there are more than 50 MiB in the zip")
        self._left -= len(content)
        return io.BytesIO(content)


def _directory_size(file: BinaryIO) -> int:
    """As the end of the file says, which is found where `zipfile` finds it. One that is 64 bits wide is of no export."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(size - _END.size - 65535 - 20, 0))
    tail = file.read()
    if b"PK\x06\x07" in tail:
        raise Unreadable("the zip is of a kind that is not known here")
    at = len(tail) - _END.size
    if not (tail[max(at, 0) :].startswith(b"PK\x05\x06") and tail.endswith(b"\0\0")):
        at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + _END.size:
        raise Unreadable("the zip is damaged")
    return int(_END.unpack_from(tail, at)[1])
