"""What is revoked: known to every process within a second, without a database read on each request."""

import time
from collections.abc import Iterable
from typing import Final, Self

from doable import clock
from doable.accounts.gate.credentials import Credential
from doable.accounts.users.repository import live_revocations
from doable.background import Repeating
from doable.database import Database
from doable.errors import Unauthenticated, Unavailable

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
        self._reading = Repeating("revocations", INTERVAL_SECONDS, self._read)

    async def __aenter__(self) -> Self:
        await self._read()
        await self._reading.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._reading.__aexit__(*error)

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
