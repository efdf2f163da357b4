"""The event streams of this process, and when each should look again. No thread, and two timers for all."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final, Self
from weakref import WeakSet, WeakValueDictionary

from sqlalchemy import bindparam, select

from doable import clock
from doable.accounts.api_tokens.repository import STOOD_STILL
from doable.accounts.gate.credentials import Credential
from doable.background import Repeating
from doable.database import Database, Statement
from doable.database.types import Id
from doable.errors import DoableError, TooManyStreams
from doable.owned.tables import owners

TICK_SECONDS: Final = 1.0
# In case nobody could tell: a process died after its commit, or the connection that tells was lost.
LOOK_SECONDS: Final = 5.0
MAX_STREAMS: Final = 20
"""Of one user in one process. Each is a connection, and every change wakes it."""
KEEP_ALIVE_SECONDS: Final = 15.0
TOGETHER: Final = 500

# A list of any length would be a statement for each length, so this has a fixed one; spare places repeat the last id.
REVISIONS = Statement(
    select(owners.c.owner_id, owners.c.revision).where(
        owners.c.owner_id.in_([bindparam(f"owner_{number}", type_=Id()) for number in range(TOGETHER)])
    )
)


@dataclass(slots=True, eq=False, weakref_slot=True)
class Follower:
    """One event stream: whose feed it follows, how far it has read, and whether it should read on or end."""

    credential: Credential
    together: "WeakSet[Follower]"
    """All of the same user."""
    revision: int = -1
    sent_at: float = field(default_factory=time.monotonic)
    changed: bool = True
    ended: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def something(self) -> bool:
        """Wait until there may be something to read, or, with False, until it is time for a sign of life."""
        await self.wake.wait()
        self.wake.clear()
        changed, self.changed = self.changed, False
        return changed or self.ended

    def read_on(self) -> None:
        """Have the stream look for changes."""
        self.changed = True
        self.wake.set()

    def end(self) -> None:
        """Have the stream end."""
        self.ended = True
        self.wake.set()


class Followers:
    """Wakes each follower when its owner's revision has moved, and when it must end.

    Nobody may know whose data another process has changed (on SQLite nobody ever does). Then, and every five seconds, the
    revisions of all followed owners are read together, so that of 1,000 followers only those wake who missed something.
    """

    def __init__(self, database: Database, check: Callable[[Credential], None]) -> None:
        self._database = database
        self._check = check
        self._followers: dict[str, set[Follower]] = {}
        # Each follower holds the set that it is in, so that this forgets users whose followers have all gone.
        self._open: WeakValueDictionary[str, WeakSet[Follower]] = WeakValueDictionary()
        self._watching = ExitStack()
        self._ticking = Repeating("followers", TICK_SECONDS, self._tick)
        self._looking = Repeating("followed owners", LOOK_SECONDS, self._look)
        self._ticked_at = clock.now()

    async def __aenter__(self) -> Self:
        await self._ticking.__aenter__()
        await self._looking.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._looking.__aexit__(*error)
        await self._ticking.__aexit__(*error)

    def open(self) -> int:
        """How many streams are open."""
        return sum(map(len, self._followers.values()))

    def admit(self, credential: Credential) -> Follower:
        """A new follower, who counts until it ends. Raises TooManyStreams for a user who has the maximum already."""
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
        """Wake this follower whenever something changes until the block ends, and once now: something may have changed already."""
        if not self._followers:
            self._watching.enter_context(self._database.watch(self._changed))
        owner_id = follower.credential.user_id
        self._followers.setdefault(owner_id, set()).add(follower)
        follower.read_on()
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
        if owner_id is None:
            self._looking.wake()
        else:
            for follower in self._followers.get(owner_id, ()):
                follower.read_on()

    def _all(self) -> list[Follower]:
        return [follower for together in self._followers.values() for follower in together]

    async def _look(self) -> None:
        owner_ids = list(self._followers)
        for first in range(0, len(owner_ids), TOGETHER):
            together = owner_ids[first : first + TOGETHER]
            together += together[-1:] * (TOGETHER - len(together))
            parameters = {f"owner_{number}": owner_id for number, owner_id in enumerate(together)}
            try:
                rows = await self._database.all(REVISIONS, **parameters)
            except DoableError:
                # Each stream finds out for itself, and ends.
                for follower in self._all():
                    follower.read_on()
                raise
            revisions = {row["owner_id"]: row["revision"] for row in rows}
            for owner_id in set(together):
                for follower in self._followers.get(owner_id, ()):
                    if follower.revision != revisions.get(owner_id):
                        follower.read_on()
            await asyncio.sleep(0)  # SQLite has not given the event loop back

    async def _tick(self) -> None:
        before, now = self._ticked_at, clock.now()
        self._ticked_at = now
        stood_still = not before <= now < before + STOOD_STILL
        silent_since = time.monotonic() - KEEP_ALIVE_SECONDS
        for follower in self._all():
            credential = follower.credential
            try:
                self._check(credential)
            except DoableError:
                follower.end()
            # The revocation of an API token is kept for a short while only, and may have been missed.
            if credential.has_expired(now) or (stood_still and credential.scopes is not None):
                follower.end()
            elif follower.sent_at <= silent_since:
                follower.wake.set()
