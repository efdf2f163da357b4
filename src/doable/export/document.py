"""The document, written as it is read: it is never in memory as a whole."""

from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

from pydantic import TypeAdapter

from doable.database import Row
from doable.export.repository import SECTIONS, ExportRepository
from doable.export.schemas import ExportedUser, ExportRead

_ITEMS: Final[dict[str, TypeAdapter[Any]]] = {
    name: TypeAdapter(field.annotation) for name, field in ExportRead.model_fields.items() if field.annotation
}


async def write(export: ExportRepository, user: Row, check: Callable[[], None]) -> AsyncGenerator[bytes]:
    """The document in pieces: JSON with one item a line.

    `check` raises when the caller may not go on. Then the document is left unfinished, so that nobody takes it for
    complete. The same happens if the user is removed meanwhile.
    """
    yield b'{"user":' + ExportedUser.__pydantic_serializer__.to_json(ExportedUser.model_validate(user))
    for section in SECTIONS:
        adapter = _ITEMS[section.table.name]
        yield b',\n"%s":[' % section.table.name.encode()
        separator = b"\n"
        async for rows in export.pages(section):
            check()
            items = adapter.dump_json(adapter.validate_python(rows))
            yield separator + items[1:-1]
            separator = b",\n"
        yield b"]"
    await export.user()
    yield b"}\n"
