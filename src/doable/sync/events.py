"""The feed as a stream of events."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Self

from pydantic_core import to_json

from doable.database import Row
from doable.errors import DoableError
from doable.sync.followers import Follower, Followers
from doable.sync.repository import ChangeRepository, Changes

# The changes that are read at a time; a stream never holds more.
TOGETHER: Final = 50
# A thing that changes often is sent at most 20 times a second, in its newest state.
PAUSE_SECONDS: Final = 0.05
KEEP_ALIVE: Final = b": keep-alive\n\n"
RECONNECT: Final = b"retry: 1000\n\n"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a follower has read: the `id` of an event.

    As text it is the revision, followed by the `start` of a reading from 0 if that is needed.
    """

    revision: int
    start: int = 0

    def __str__(self) -> str:
        return f"{self.revision}-{self.start}" if self.start else str(self.revision)

    @classmethod
    def of(cls, text: str) -> Self:
        """The position in an event's id."""
        return cls(*map(int, text.split("-")))


async def read(repository: ChangeRepository, position: Position) -> Changes:
    """The changes since then. Raises as `ChangeRepository.since` does."""
    return await repository.since(position.revision, limit=TOGETHER, start=position.start)


async def follow(
    repository: ChangeRepository, followers: Followers, follower: Follower, changes: Changes
) -> AsyncGenerator[bytes]:
    """These changes, and then every other as it comes, until the follower is to end."""
    yield RECONNECT
    with followers.following(follower):
        while not follower.ended:
            if changes.rows:
                yield b"".join(_event(row, changes) for row in changes.rows)
                follower.sent_at = time.monotonic()
            position = _position(changes, changes.revision)
            if not changes.has_more:
                follower.revision = changes.revision
                await asyncio.sleep(PAUSE_SECONDS)
                while not await follower.something():
                    yield KEEP_ALIVE
                    follower.sent_at = time.monotonic()
            try:
                changes = await read(repository, position)
            except DoableError:
                # The user is gone or the database away; the next request is told which.
                return


def _position(changes: Changes, revision: int) -> Position:
    return Position(revision, changes.start_after(revision))


def _event(row: Row, changes: Changes) -> bytes:
    position = str(_position(changes, row["revision"])).encode()
    return b"id: %s\nevent: change\ndata: %s\n\n" % (position, to_json(row))
