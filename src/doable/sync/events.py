"""The feed as a stream of events: where a reader is, and what comes next."""

from dataclasses import dataclass
from typing import Final, Self

from pydantic_core import to_json

from doable.database import Row
from doable.sync.repository import ChangeRepository, Changes

# The changes that are read at a time; no more are made into events at once.
TOGETHER: Final = 50
KEEP_ALIVE: Final = b": keep-alive\n\n"


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


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes as events, the position behind them, and whether there are more already."""

    events: bytes
    position: Position
    has_more: bool


async def read(repository: ChangeRepository, position: Position) -> Page:
    """The changes since then. Raises as `ChangeRepository.since` does."""
    changes = await repository.since(position.revision, limit=TOGETHER, start=position.start)
    events = b"".join(_event(row, changes) for row in changes.rows)
    return Page(events, _position(changes, changes.revision), changes.has_more)


def _position(changes: Changes, revision: int) -> Position:
    return Position(revision, changes.start_after(revision))


def _event(row: Row, changes: Changes) -> bytes:
    position = str(_position(changes, row["revision"])).encode()
    return b"id: %s\nevent: change\ndata: %s\n\n" % (position, to_json(row))
