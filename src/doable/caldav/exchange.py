"""A request of a user who was let in, and its reply: all that a method needs of HTTP, without a framework."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final, TypeVar

from doable.accounts.gate.credentials import Credential
from doable.accounts.users.repository import UserRepository
from doable.caldav import xml
from doable.caldav.paths import Addresses, Place
from doable.caldav.refusals import Refusal
from doable.caldav.repository import CalendarRepository
from doable.database import Database
from doable.database.protocol import Work
from doable.owned.writes import Writes
from doable.places import aside

T = TypeVar("T")

XML_TYPE: Final = "application/xml; charset=utf-8"
MAX_XML_BYTES: Final = 1024 * 1024
MAX_REPORT_BYTES: Final = 4 * 1024 * 1024
"""A multiget of 5,000 hrefs is 450 kB."""
MANY: Final = 1000
"""Rows of which an answer is made beside the event loop."""
AT_ONCE: Final = 100
"""Objects that are read, and looked at, before others have their turn: each may have a mebibyte."""
LARGE: Final = 32 * 1024
"""What is longer, a body or a text, is read beside the event loop."""


@dataclass(slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Exchange:
    """One request. Made for it alone."""

    method: str
    place: Place
    headers: Mapping[str, str]
    """By lower-case name; lines of the same name are joined by commas."""
    credential: Credential
    addresses: Addresses
    hosts: frozenset[str]
    """By which the server is known to whoever asks, with their ports: a `Destination` may name one."""
    database: Database
    repository: CalendarRepository
    max_kept_bytes: int
    longest_description: int
    """Of a task. What is longer is in its text alone."""
    users: UserRepository
    receive: Callable[[int], Awaitable[bytes]]
    """The body. Raises Refusal 413 for one that is longer than this, and 415 for one that is compressed."""
    turn: Callable[[], AbstractAsyncContextManager[None]]
    """For what is made of many objects: one at a time for each user."""
    may_go_on: Callable[[], bool]
    """Whether another part of a long write may follow."""
    precondition: Work[None] | None = None
    """What must hold for a write to be done, by the `If` header."""

    @property
    def owner_id(self) -> str:
        """Whose everything is that is read or written."""
        return self.credential.user_id

    @property
    def may_read(self) -> bool:
        """Whether its credential lets it read."""
        return self.credential.scopes is None or "tasks:read" in self.credential.scopes

    @property
    def may_write(self) -> bool:
        """Whether its credential lets it write."""
        return self.credential.scopes is None or "tasks:write" in self.credential.scopes

    def writes(self) -> Writes:
        """How it writes: in one transaction, which can be undone."""
        return Writes(
            self.database,
            self.owner_id,
            max_kept_bytes=self.max_kept_bytes,
            undo_token=str(uuid.uuid4()),
            may_go_on=self.may_go_on,
            precondition=self.precondition,
            name=f"{self.method} {self.addresses.of(self.place)}",
        )

    async def xml(self, longest: int = MAX_XML_BYTES) -> xml.Element | None:
        """The root of the body; None if there is no body. Whatever its Content-Type is: some clients send none."""
        body = await self.receive(longest)
        if not body.strip():
            return None
        return await beside_if(len(body) > LARGE, lambda: xml.read(body))

    def depth(self, usual: str) -> str:
        """`0`, `1` or `infinity`. Raises Refusal for anything else."""
        said = self.headers.get("depth", usual).strip().lower()
        if said not in {"0", "1", "infinity"}:
            raise Refusal(400, message="Depth is 0, 1 or infinity.")
        return said

    @property
    def is_minimal(self) -> bool:
        """Whether what is not there need not be told (RFC 8144; `Brief` is what Microsoft and Apple call it)."""
        preferred = [each.strip().lower() for each in self.headers.get("prefer", "").split(",")]
        return "return=minimal" in preferred or self.headers.get("brief", "").strip().lower() == "t"


async def beside(make: Callable[[], T]) -> T:
    """What it makes, in a thread, so that others are answered meanwhile."""
    with aside():
        return await asyncio.to_thread(make)


async def beside_if(is_long: bool, make: Callable[[], T]) -> T:  # noqa: FBT001 - read as a sentence
    """The same if that takes a while, and else at once."""
    return await beside(make) if is_long else make()


async def multistatus(responses: Callable[[], list[str]], rows: int, after: str = "") -> Reply:
    """207 with these responses, which are made of so many rows: beside the event loop if those are many."""

    def make() -> bytes:
        return xml.multistatus(responses(), after)

    return Reply(207, await beside_if(rows > MANY, make), XML_TYPE)


def empty(status: int, **headers: Any) -> Reply:
    """A reply without a body. Names of headers have `_` for `-`."""
    return Reply(status, headers={name.replace("_", "-"): f"{value}" for name, value in headers.items()})


def http_date(at: datetime) -> str:
    """An instant as HTTP has it (RFC 9110, section 5.6.7)."""
    return format_datetime(at.astimezone(UTC), usegmt=True)
