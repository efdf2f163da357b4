"""A file to take elsewhere, written as it is read: it is never in memory as a whole."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Literal, Protocol

from doable.database import Database
from doable.export import document as everything
from doable.export.repository import ExportRepository
from doable.transfer.writing.account import Account, Entry, Heading
from doable.transfer.writing.calendars import Calendars
from doable.transfer.writing.markdown import Markdown
from doable.transfer.writing.table import Table
from doable.transfer.writing.todotxt import TodoTxt

Name = Literal["csv", "ics", "todotxt", "markdown"]


class Writer(Protocol):
    """A format. Made anew for each file."""

    media_type: str
    filename: str

    def begins(self) -> str:
        """What stands before everything."""

    def heading(self, heading: Heading) -> str:
        """A list or a section begins."""

    def task(self, entry: Entry) -> str:
        """A task."""

    def ends(self) -> str:
        """What stands behind everything."""


WRITERS: Final[Mapping[Name, Callable[[str], Writer]]] = {
    "csv": lambda _: Table(),
    "ics": lambda _: Calendars(),
    "todotxt": TodoTxt,
    "markdown": lambda _: Markdown(),
}
"""What makes a writer, by the zone in which its owner is."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is made."""

    filename: str
    media_type: str
    pieces: AsyncGenerator[bytes]


async def file_of(database: Database, user_id: str, name: Name | Literal["json"], check: Callable[[], None]) -> File:
    """What a user has, in this format. Raises Unauthenticated if there is no such user."""
    export = ExportRepository(database, user_id)
    user = await export.user()
    if name == "json":
        return File("doable-export.json", "application/json", everything.write(export, user, check))
    account = Account(database, user_id)
    writer = WRITERS[name](await account.timezone())
    return File(writer.filename, writer.media_type, write(account, writer, check))


async def write(account: Account, writer: Writer, check: Callable[[], None]) -> AsyncGenerator[bytes]:
    """The file in pieces. `check` raises when the caller may not go on: then it is left unfinished."""
    if isinstance(writer, Calendars):
        await asyncio.to_thread(import_module, "icalendar")  # a tenth of a second, for the first of a process
    yield writer.begins().encode()
    async for pieces in account.pieces():
        check()
        yield "".join(
            writer.heading(each) if isinstance(each, Heading) else writer.task(each) for each in pieces
        ).encode()
        await asyncio.sleep(0)
    await account.check()
    yield writer.ends().encode()
