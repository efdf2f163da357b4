"""The file of an import, as it is sent: it is written to the disk while it comes, and never in memory as a whole."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import Annotated, BinaryIO, Final
from uuid import UUID

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.errors import FileUnreadable, Overloaded
from doable.http.notes import Depends, Path
from doable.http.streams import CONNECTION, Connection
from doable.transfer.repository import ImportRepository

MAX_FILE_BYTES: Final = 50 * 1024 * 1024
AROUND_BYTES: Final = 64 * 1024
"""For the lines around the file."""
MAX_FILENAME: Final = 200
AT_ONCE: Final = 8
"""So many files are received and read at once, one of each user."""

_MULTIPART: Final = b"multipart/form-data"


@dataclass(slots=True)
class Upload:
    """A file that was received whole."""

    file: BinaryIO
    filename: str
    digest: str


@dataclass(slots=True)
class _Part:
    """What the parser has seen of the file's part."""

    file: BinaryIO
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    filename: str = ""
    count: int = 0
    size: int = 0
    name: bytes = b""
    value: bytes = b""
    disposition: bytes = b""
    has_ended: bool = False

    def begin(self) -> None:
        self.count += 1
        self.disposition = self.name = self.value = b""

    def add_name(self, data: bytes, start: int, end: int) -> None:
        self.name += data[start:end]

    def add_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def end_header(self) -> None:
        if self.name.lower() == b"content-disposition":
            self.disposition = self.value
        self.name = self.value = b""

    def end_headers(self) -> None:
        _, options = parse_options_header(self.disposition)
        if self.count > 1 or options.get(b"name") != b"file" or b"filename" not in options:
            message = "There must be one part, a file of the name `file`."
            raise FileUnreadable(message)
        name = options[b"filename"].decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
        self.filename = "".join(each for each in name if each.isprintable())[:MAX_FILENAME] or "file"

    def add(self, data: bytes, start: int, end: int) -> None:
        some = data[start:end]
        self.size += len(some)
        if self.size > MAX_FILE_BYTES:
            raise HTTPException(413)
        self.digest.update(some)
        self.file.write(some)

    def end(self) -> None:
        self.has_ended = True


_receiving: Final[Counter[str]] = Counter()


@asynccontextmanager
async def upload(request: Request, owner_id: str) -> AsyncIterator[Upload]:
    """The file of the request, while the block lasts.

    Raises HTTPException 413 or 415, FileUnreadable for a body that is no multipart with one file, and Overloaded.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != _MULTIPART or not options.get(b"boundary") or request.headers.get("content-encoding"):
        raise HTTPException(415)
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > MAX_FILE_BYTES + AROUND_BYTES:
        raise HTTPException(413)
    if _receiving[owner_id] or _receiving.total() >= AT_ONCE:
        raise Overloaded
    _receiving[owner_id] += 1
    try:
        with TemporaryFile() as file:
            part = _Part(file)
            await _receive(request, part, options[b"boundary"])
            file.seek(0)
            yield Upload(file, part.filename, part.digest.hexdigest())
    finally:
        del _receiving[owner_id]


async def _receive(request: Request, part: _Part, boundary: bytes) -> None:
    connection: Connection | None = request.scope.get("extensions", {}).get(CONNECTION)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": part.begin,
                "on_header_field": part.add_name,
                "on_header_value": part.add_value,
                "on_header_end": part.end_header,
                "on_headers_finished": part.end_headers,
                "on_part_data": part.add,
                "on_end": part.end,
            },
        )
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > MAX_FILE_BYTES + AROUND_BYTES:
                raise HTTPException(413)
            parser.write(chunk)
            if connection is not None:
                connection.let_go(len(chunk))
        parser.finalize()
    except FormParserError:
        raise _malformed() from None
    if not part.has_ended or not part.count:
        raise _malformed()


def _malformed() -> FileUnreadable:
    return FileUnreadable(
        "The body must be multipart/form-data with one file of the name `file`, whole to its last boundary."
    )


async def import_repository(request: Request, owner_id: CurrentOwnerId) -> ImportRepository:
    """A repository made for one owner, which cannot reach anybody else's imports."""
    return ImportRepository(request.app.state.database, owner_id)


Imports = Annotated[ImportRepository, Depends(import_repository)]
ImportId = Annotated[
    UUID, Path(description="The import's id, a UUID.", examples=["9b1f0a34-5c0e-4f37-8f27-4f0d5a1b2c3d"])
]
