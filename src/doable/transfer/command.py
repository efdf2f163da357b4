"""What `doable import` does: directly on the database, whether or not a server runs."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from doable.accounts.users.repository import UserRepository
from doable.database import Database, Row, open_database
from doable.errors import FileUnreadable, Misconfigured
from doable.owned.imports import RUNNING
from doable.owned.limits import Limits
from doable.settings import Settings
from doable.terminal import printable
from doable.transfer.found import Format
from doable.transfer.reader import Reader
from doable.transfer.repository import ImportRepository
from doable.transfer.working import go_on

PLURAL = {
    "list": "lists",
    "section": "sections",
    "tag": "tags",
    "filter": "filters",
    "preferences": "preferences",
    "task": "tasks",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is open, what it is called, and its format or the format's name. None: it is recognised."""

    file: BinaryIO
    filename: str
    format: Format | str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    file: Path
    user: str  # the e-mail or the id
    format: str | None
    is_dry: bool


async def run(settings: Settings, asked: Asked, show: Callable[[Row], None]) -> Row:
    """The import at its end, or what it would be. `show` gets it as it proceeds. Raises FileUnreadable, or Misconfigured."""
    async with open_database(settings) as database:
        users = UserRepository(database)
        user = await (users.find_by_email(asked.user) if "@" in asked.user else users.find(asked.user))
        if user is None:
            message = f"There is no user with the {'e-mail' if '@' in asked.user else 'id'} {asked.user}."
            raise Misconfigured(message)
        try:
            file = asked.file.open("rb")
        except OSError as error:
            message = f"{asked.file} cannot be read: {error.strerror}."
            raise FileUnreadable(message) from error
        with file:
            source = Source(file, asked.file.name, asked.format)
            return await import_source(database, user["id"], settings, source, is_dry=asked.is_dry, show=show)


async def import_source(
    database: Database,
    owner_id: str,
    settings: Settings,
    source: Source,
    *,
    is_dry: bool,
    show: Callable[[Row], None] = lambda _: None,
) -> Row:
    """The import at its end, or what it would be."""
    limits = Limits(settings.max_tasks, settings.max_stored_bytes)
    imports = ImportRepository(database, owner_id)
    reader = Reader(database, owner_id, limits, settings.max_description_length, beside_requests=False)
    if is_dry:
        return await reader.dry_run(source.file, source.filename, source.format)
    digest = file_digest(source.file, "sha256").hexdigest()  # type: ignore[arg-type] # a stub that asks for more than is read
    id_ = await imports.unfinished(digest)
    if id_ is None:
        async with reader.read(source.file, source.filename, source.format) as (outline, slices):
            id_ = await imports.store(outline, slices, source.filename, digest)
    while True:  # a server may do some of it
        await go_on(database, owner_id, id_, RUNNING, limits)
        found = await imports.get(id_)
        show(found)
        if found["state"] != RUNNING:
            return found


def table(found: Row) -> list[str]:
    """The numbers of each kind, and what is not understood, as lines for a terminal."""
    is_dry = "things" in found
    heads = ("", "in the file", "would be made" if is_dry else "made", "there already", "not taken")
    rows = [
        (PLURAL[kind], *(str(numbers[name]) for name in ("found", "made", "there", "not_taken")))
        for kind, numbers in found["kinds"].items()
    ]
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    lines = []
    for row in (heads, *rows):
        first, *others = (text.rjust(width) for text, width in zip(row, widths, strict=True))
        lines.append("  ".join([row[0].ljust(len(first)), *others]).rstrip())
    told = found["not_understood"]
    if told["total"]:
        lines += ["", f"Not understood, or not taken over as it was: {told['total']}"]
        lines += [_told(item) for item in told["items"]]
        if told["total"] > len(told["items"]):
            lines.append(f"  … and {told['total'] - len(told['items'])} more")
    if found.get("exceeds"):
        lines += ["", f"There is no room for all of it: the import would stop at the limit of {found['exceeds']}."]
    return lines


def _told(item: Row) -> str:
    where = f"line {item['line']}: " if item["line"] is not None else ""
    of = f" ({printable(item['of'])})" if item["of"] else ""
    return f"  {where}{printable(item['what'])}{of}"
