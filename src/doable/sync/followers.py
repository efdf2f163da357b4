"""Who follows a feed in this process, and when they are to look again. No thread, and one timer for all."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final, Self
from weakref import WeakSet, WeakValueDictionary

from doable import clock
from doable.accounts.api_tokens.repository import STOOD_STILL
from doable.accounts.gate.credentials import Credential
from doable.background import Repeating
from doable.database import Database
from doable.errors import DoableError, TooManyStreams

TICK_SECONDS: Final = 1.0
# In case nobody could tell: a process died after its commit, or the connection that tells was lost.
LOOK_SECONDS: Final = 5.0
MAX_STREAMS: Final = 20
"""Of one user in one process: each is a connection, and is woken by every change."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Follower:
    """One event stream: whose feed it follows, and whether it is to look again or to end."""

    credential: Credential
    together: "WeakSet[Follower]"
    """All of the same user."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False
    looked_at: float = 0.0

    async def something(self) -> None:
        """Wait until there may be something to read."""
        await self.wake.wait()
        self.wake.clear()
        self.looked_at = time.monotonic()

    def end(self) -> None:
        """Have the stream end."""
        self.ended = True
        self.wake.set()


class Followers:
    """Wakes each follower when its owner's data changes, every five seconds, and when it must end."""

    def __init__(self, database: Database, check: Callable[[Credential], None]) -> None:
        self._database = database
        self._check = check
        self._followers: dict[str, set[Follower]] = {}
        # Each follower holds the set that it is in, so that this remembers nobody who has gone.
        self._open: WeakValueDictionary[str, WeakSet[Follower]] = WeakValueDictionary()
        self._watching = ExitStack()
        self._ticking = Repeating("followers", TICK_SECONDS, self._tick)
        self._ticked_at = clock.now()

    async def __aenter__(self) -> Self:
        await self._ticking.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._ticking.__aexit__(*error)

    def admit(self, credential: Credential) -> Follower:
        """A new follower, who counts until it ends. Raises TooManyStreams for a user who has as many as one may have."""
        together = self._open.get(credential.user_id)
        if together is None:
            together = self._open[credential.user_id] = WeakSet()
        if sum(not each.ended for each in together) >= MAX_STREAMS:
            raise TooManyStreams
        follower = Follower(credential, together)
        together.add(follower)
        return follower

    @contextmanager
    def following(self, follower: Follower) -> Iterator[None]:
        """Wake this follower until the block ends, and for the first time now: something may have changed already."""
        if not self._followers:
            self._watching.enter_context(self._database.watch(self._changed))
        owner_id = follower.credential.user_id
        self._followers.setdefault(owner_id, set()).add(follower)
        follower.wake.set()
        try:
            yield
        finally:
            together = self._followers[owner_id]
            together.discard(follower)
            if not together:
                del self._followers[owner_id]
            if not self._followers:
                self._watching.close()

    def _changed(self, owner_id: str | None) -> None:
        for follower in self._all() if owner_id is None else self._followers.get(owner_id, ()):
            follower.wake.set()

    def _all(self) -> list[Follower]:
        return [follower for together in self._followers.values() for follower in together]

    async def _tick(self) -> None:
        before, now = self._ticked_at, clock.now()
        self._ticked_at = now
        stood_still = not before <= now < before + STOOD_STILL
        look = time.monotonic() - LOOK_SECONDS
        for follower in self._all():
            credential = follower.credential
            try:
                self._check(credential)
            except DoableError:
                follower.end()
            # The revocation of an API token is kept for a short while only, and may have been missed.
            if credential.has_expired(now) or (stood_still and credential.scopes is not None):
                follower.end()
            elif follower.looked_at <= look:
                follower.wake.set()
