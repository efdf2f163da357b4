"""The event streams of this process, and when each should look again. Of ten thousand nearly all wait, and none has a task for that."""

import asyncio
import logging
import math
import random
import time
from collections import defaultdict
from contextlib import ExitStack
from typing import Final, Protocol, Self

from sqlalchemy import bindparam, select

from doable import clock
from doable.accounts.api_tokens.repository import STOOD_STILL
from doable.accounts.gate.credentials import Credential
from doable.background import Repeating
from doable.database import Database, Statement
from doable.database.types import Id
from doable.errors import DoableError, TooManyStreams
from doable.http.streams import Connection, Stream, Streams
from doable.owned.tables import owners
from doable.sync import events
from doable.sync.events import KEEP_ALIVE, Page, Position
from doable.sync.repository import ChangeRepository

TICK_SECONDS: Final = 1.0
# In case nobody could tell: a process died after its commit, or the connection that tells was lost.
LOOK_SECONDS: Final = 5.0
# A thing that changes often is sent at most 20 times a second, in its newest state.
PAUSE_SECONDS: Final = 0.05
MAX_STREAMS: Final = 20
"""Of one user in one process. Each is a connection, and every change is sent to it."""
KEEP_ALIVE_SECONDS: Final = 15.0
TOGETHER: Final = 500
BEHIND: Final = -1

# A list of any length would be a statement for each length, so this has a fixed one; spare places repeat the last id.
REVISIONS = Statement(
    select(owners.c.owner_id, owners.c.revision).where(
        owners.c.owner_id.in_([bindparam(f"owner_{number}", type_=Id()) for number in range(TOGETHER)])
    )
)

logger = logging.getLogger(__name__)


class Checks(Protocol):
    """Who may still follow: the gate, as far as it is needed here."""

    def check(self, credential: Credential) -> None:
        """Raise Unauthenticated or Unavailable if its bearer may not be told anything any longer."""

    def findings(self) -> object:
        """As long as this is equal, `check` finds the same as before."""


class Follower(Stream):
    """One event stream: whose feed it follows, and how far it has read."""

    __slots__ = ("_repository", "credential", "expires_at", "feed", "heard", "position", "sent_at")

    def __init__(self, credential: Credential, feed: "Feed", repository: ChangeRepository, position: Position) -> None:
        super().__init__()
        self.credential = credential
        self.expires_at = math.inf if credential.expires_at is None else credential.expires_at.timestamp()
        self.feed = feed
        self._repository = repository
        self.position = position
        # As if it had been a while ago: of thousands that begin at once each has its own moment for signs of life.
        self.sent_at = time.monotonic() - random.uniform(0, KEEP_ALIVE_SECONDS)  # noqa: S311 - no secret
        self.heard = BEHIND
        """What the feed had been told when this read to the end last; BEHIND if it has not come to the end."""

    def begin(self, connection: Connection, all_of_them: Streams) -> None:
        super().begin(connection, all_of_them)
        self.feed.wake()

    def resumed(self) -> None:
        super().resumed()
        self.feed.wake()

    def left(self) -> None:
        self.feed.leave(self)

    async def first(self) -> bytes:
        """The first of the events. Raises as `ChangeRepository.since` does."""
        told = self.feed.told
        page = await events.read(self._repository, self.position)
        self._passed(page, told)
        return page.events

    async def read_on(self, pages: "Pages") -> None:
        """Send what comes next. Others read the same `pages`."""
        key = self._repository.kinds, self.position
        if key not in pages:
            told = self.feed.told
            pages[key] = await events.read(self._repository, self.position), told
        page, told = pages[key]
        if self.is_open:
            if page.events:
                self.send(page.events)
                self.sent_at = time.monotonic()
            self._passed(page, told)

    def _passed(self, page: Page, told: int) -> None:
        self.position = page.position
        self.heard = BEHIND if page.has_more else told


Pages = dict[tuple[frozenset[str], Position], tuple[Page, int]]
"""What has been read, by kinds and position, and what the feed had been told before."""


class Feed:
    """What one user's streams share: they are told together, and one task reads for all, while there is something to read."""

    __slots__ = ("_feeds", "_owner_id", "followers", "reading", "told")

    def __init__(self, owner_id: str, feeds: "Followers") -> None:
        self._owner_id = owner_id
        self._feeds = feeds
        self.followers: set[Follower] = set()
        self.told = 0
        """How often it was told that something may have changed."""
        self.reading: asyncio.Task[None] | None = None

    def leave(self, follower: Follower) -> None:
        """Forget one that has ended."""
        self.followers.discard(follower)
        if not self.followers:
            self._feeds.forget(self._owner_id)

    def tell(self) -> None:
        """Something may have changed."""
        self.told += 1
        self.wake()

    def wake(self) -> None:
        """Have somebody read for those who have not heard of everything."""
        if self.reading is None and self._behind():
            self.reading = asyncio.create_task(self._read(), name="doable-feed")

    def _behind(self) -> list[Follower]:
        return [each for each in self.followers if each.is_open and each.heard != self.told]

    async def _read(self) -> None:
        try:
            while behind := self._behind():
                until = time.monotonic() - PAUSE_SECONDS
                pages: Pages = {}
                for follower in behind:
                    if follower.is_open and (follower.heard == BEHIND or follower.sent_at <= until):
                        await _read_for(follower, pages)
                catches_up = any(each.is_open and each.heard == BEHIND for each in behind)
                await asyncio.sleep(0 if catches_up else PAUSE_SECONDS)
        finally:
            self.reading = None


async def _read_for(follower: Follower, pages: Pages) -> None:
    try:
        await follower.read_on(pages)
    except DoableError:
        # The user is gone or the database away; the next request is told which.
        follower.end()
    except Exception:
        logger.exception("An event stream failed")
        follower.end()


class Followers:
    """Tells the feeds of which something has changed, and ends the streams that must end.

    Nobody may know whose data another process has changed (on SQLite nobody ever does). Then, and every five seconds, the
    revisions of all followed owners are read together, so that of 1,000 feeds only those are read of which something was missed.
    """

    def __init__(self, database: Database, checks: Checks) -> None:
        self._database = database
        self._checks = checks
        self._feeds: dict[str, Feed] = {}
        self._watching = ExitStack()
        self._ticking = Repeating("followers", TICK_SECONDS, self._tick)
        self._looking = Repeating("followed owners", LOOK_SECONDS, self._look)
        self._ticked_at = clock.now()
        self._findings: object = None
        self._version: object = None
        """That of the database when all were looked at last."""
        self._due: defaultdict[int, list[Follower]] = defaultdict(list)
        """By the second when there may be something to do for them, since there may be thousands."""

    async def __aenter__(self) -> Self:
        await self._ticking.__aenter__()
        await self._looking.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._looking.__aexit__(*error)
        await self._ticking.__aexit__(*error)
        reading = [feed.reading for feed in self._feeds.values() if feed.reading is not None]
        for task in reading:
            task.cancel()
        if reading:
            await asyncio.wait(reading)

    def open(self) -> int:
        """How many streams are open."""
        return sum(len(feed.followers) for feed in self._feeds.values())

    def admit(self, credential: Credential, repository: ChangeRepository, position: Position) -> Follower:
        """A new follower, who counts until it ends. Raises TooManyStreams for a user who has the maximum already."""
        if not self._feeds:
            self._watching.enter_context(self._database.watch(self._changed))
        feed = self._feeds.get(credential.user_id)
        if feed is None:
            feed = self._feeds[credential.user_id] = Feed(credential.user_id, self)
        if len(feed.followers) >= MAX_STREAMS:
            raise TooManyStreams
        follower = Follower(credential, feed, repository, position)
        feed.followers.add(follower)
        self._put_off(follower)
        return follower

    def forget(self, owner_id: str) -> None:
        """Nobody follows this one any longer."""
        self._feeds.pop(owner_id, None)
        if not self._feeds:
            self._watching.close()

    def _changed(self, owner_id: str | None) -> None:
        if owner_id is None:
            self._looking.wake()
        elif (feed := self._feeds.get(owner_id)) is not None:
            feed.tell()

    def _all(self) -> list[Follower]:
        return [follower for feed in self._feeds.values() for follower in feed.followers]

    async def _look(self) -> None:
        if not self._feeds:
            return
        try:
            version = await self._database.version()
            if version != self._version:
                await self._look_at(list(self._feeds))
                self._version = version
        except DoableError:
            # Each stream finds out for itself, and ends.
            for feed in list(self._feeds.values()):
                feed.tell()
            raise

    async def _look_at(self, owner_ids: list[str]) -> None:
        for first in range(0, len(owner_ids), TOGETHER):
            together = owner_ids[first : first + TOGETHER]
            together += together[-1:] * (TOGETHER - len(together))
            parameters = {f"owner_{number}": owner_id for number, owner_id in enumerate(together)}
            rows = await self._database.all(REVISIONS, **parameters)
            revisions = {row["owner_id"]: row["revision"] for row in rows}
            for owner_id in set(together):
                looked_at = self._feeds.get(owner_id)
                if looked_at is not None:
                    revision = revisions.get(owner_id)
                    if any(each.position.revision != revision for each in looked_at.followers):
                        looked_at.tell()
            await asyncio.sleep(0)  # SQLite has not given the event loop back

    async def _tick(self) -> None:
        before, now = self._ticked_at, clock.now()
        self._ticked_at = now
        findings, self._findings = self._findings, self._checks.findings()
        if findings != self._findings or not before <= now < before + STOOD_STILL:
            self._end_the_revoked(stood_still=not before <= now < before + STOOD_STILL)
        second = time.monotonic()
        for follower in [each for due in list(self._due) if due <= second for each in self._due.pop(due)]:
            if follower.expires_at <= now.timestamp():
                follower.end()
            elif follower.is_open and follower.sent_at + KEEP_ALIVE_SECONDS <= second:
                follower.send(KEEP_ALIVE)
                follower.sent_at = second
            if not follower.has_ended:
                self._put_off(follower)

    def _put_off(self, follower: Follower) -> None:
        """See to it when it expires, or its reader wants a sign of life; not in this second."""
        now = time.monotonic()
        expires_at = now + follower.expires_at - clock.now().timestamp()
        self._due[max(int(now) + 1, int(min(expires_at, follower.sent_at + KEEP_ALIVE_SECONDS)))].append(follower)

    def _end_the_revoked(self, *, stood_still: bool) -> None:
        for follower in self._all():
            try:
                self._checks.check(follower.credential)
            except DoableError:
                follower.end()
            # It has expired at once if the clock went on without this process.
            if follower.expires_at <= clock.now().timestamp():
                follower.end()
            # The revocation of an API token is kept for a short while only, and may have been missed.
            if stood_still and follower.credential.scopes is not None:
                follower.end()
