"""The line of works that wait for the writer: owners take turns in it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from doable.database.protocol import Work


@dataclass(slots=True)
class Waiting:
    """A work in the line and the future that its caller awaits."""

    work: Work[Any]
    long: bool
    outcome: asyncio.Future[Any]
    since: float
    owner_id: str | None


@dataclass(slots=True)
class Line:
    """Works of one owner come in their order, and after each of them every other owner gets a turn.

    In one line for all, a single write would wait for everything that another owner has sent before it.
    """

    _turns: dict[object, deque[Waiting]] = field(default_factory=dict)
    """The next to have a turn is the first. A work of no owner has a turn of its own."""
    _length: int = 0

    def __len__(self) -> int:
        return self._length

    def waiting_of(self, owner_id: str) -> int:
        """How many works of this owner wait."""
        return len(self._turns.get(owner_id, ()))

    def append(self, waiting: Waiting) -> None:
        """Add a work at the end of its owner's."""
        turn = waiting.outcome if waiting.owner_id is None else waiting.owner_id
        self._turns.setdefault(turn, deque()).append(waiting)
        self._length += 1

    def next(self) -> Waiting:
        """Take the work whose turn it is."""
        turn = next(iter(self._turns))
        works = self._turns.pop(turn)
        waiting = works.popleft()
        self._length -= 1
        if works:
            self._turns[turn] = works
        return waiting

    def take_since(self, instant: float) -> list[Waiting]:
        """Take the works that have waited since before this instant of the loop's."""
        taken = []
        for turn, works in list(self._turns.items()):
            while works and works[0].since < instant:
                taken.append(works.popleft())
            if not works:
                del self._turns[turn]
        self._length -= len(taken)
        return taken
