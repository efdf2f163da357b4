"""What is revoked: known to every process within a second, without a database read on each request."""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Final, Self

from doable import clock
from doable.accounts.gate.credentials import Credential
from doable.accounts.users.repository import live_revocations
from doable.database import Database
from doable.errors import DoableError, Unauthenticated, Unavailable

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 0.5
STALE_SECONDS: Final = 5.0


class Revocations:
    """The ids that are revoked, read before the process listens and again twice a second.

    A process that has not been able to read them for five seconds refuses every credential with 503: it cannot know.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revoked: set[str] = set()
        self._own: dict[str, float] = {}
        self._read_at = 0.0

    async def __aenter__(self) -> Self:
        await self._read()
        self._task = asyncio.create_task(self._keep_reading(), name="doable-revocations")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})

    def check(self, credential: Credential) -> None:
        """Raise Unauthenticated if its user or session is revoked, Unavailable if that is not known."""
        if time.monotonic() - self._read_at > STALE_SECONDS:
            raise Unavailable
        if credential.user_id in self._revoked or credential.id in self._revoked:
            raise Unauthenticated

    def add(self, ids: Iterable[str]) -> None:
        """Refuse these from now on: this process has just committed that they are revoked."""
        now = time.monotonic()
        self._own.update(dict.fromkeys(ids, now))
        self._revoked.update(self._own)

    async def _read(self) -> None:
        began = time.monotonic()
        revoked = await live_revocations(self._database, clock.now())
        # A read that began before a commit of our own does not know of it.
        self._own = {each: added for each, added in self._own.items() if added >= began}
        self._revoked = revoked.union(self._own)
        self._read_at = time.monotonic()

    async def _keep_reading(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            try:
                await self._read()
            except DoableError:
                logger.warning("The revocations could not be read")
            except Exception:
                # It must go on: a process that stopped reading would answer 503 for good.
                logger.exception("The revocations could not be read")
