"""Has a file read for an owner, and says what would be made of it. For the route and the command alike."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, BinaryIO

from doable import clock
from doable.database import Database, Row
from doable.owned.limits import Limits
from doable.places import aside
from doable.tasks.preferred import preferred
from doable.transfer.apart import Teller, telling
from doable.transfer.found import Format
from doable.transfer.looking import answer, exceeds
from doable.transfer.telling import Asked, Outline, Question

Slices = AsyncIterator[list[str]]
"""What is to be made, some slices at a time."""


class Reader:
    """Has files read for one owner. Beside requests, what is not small is read by a process of its own."""

    def __init__(
        self, database: Database, owner_id: str, limits: Limits, longest_description: int, *, beside_requests: bool
    ) -> None:
        self._database = database
        self._owner_id = owner_id
        self._limits = limits
        self._longest_description = longest_description
        self._beside_requests = beside_requests

    async def dry_run(self, file: BinaryIO, filename: str, format_: Format | str | None) -> Row:
        """What would be made of it. Raises FileUnreadable."""
        async with self._read(file, filename, format_, is_dry=True) as (outline, _):
            return {
                "format": outline.format,
                "kinds": outline.kinds,
                "things": outline.things,
                "not_understood": outline.not_understood,
                "exceeds": await exceeds(self._database, self._owner_id, outline, self._limits),
            }

    @asynccontextmanager
    async def read(
        self, file: BinaryIO, filename: str, format_: Format | str | None
    ) -> AsyncIterator[tuple[Outline, Slices]]:
        """What is in it, and what is to be made, which comes while the block lasts. Raises FileUnreadable."""
        async with self._read(file, filename, format_, is_dry=False) as found:
            yield found

    @asynccontextmanager
    async def _read(
        self, file: BinaryIO, filename: str, format_: Format | str | None, *, is_dry: bool
    ) -> AsyncIterator[tuple[Outline, Slices]]:
        prefers = await preferred(self._database, self._owner_id)
        asked = Asked(
            owner_id=self._owner_id,
            filename=filename,
            format=format_,
            now=clock.now(),
            timezone=clock.known_zone(prefers["timezone"]),
            language=prefers["language"],
            longest_description=self._longest_description,
            is_dry=is_dry,
        )
        with aside():
            async with (
                telling(file, asked, beside_requests=self._beside_requests) as teller,
                aclosing(self._told(teller)) as told,
            ):
                outline = await anext(told)
                yield outline, told

    async def _told(self, teller: Teller) -> AsyncGenerator[Any]:
        """The outline and the slices. Questions are answered."""
        loop = asyncio.get_running_loop()
        reply = None
        while (told := await loop.run_in_executor(teller.threads, teller.send, reply)) is not None:
            if isinstance(told, Question):
                reply = await answer(self._database, self._owner_id, told)
            else:
                reply = None
                yield told
