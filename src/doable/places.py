"""Places: how many requests one process works on at once.

Who finds no place waits in a short line; who finds the line full is refused at once. Without that, a server that is asked for more
than it can do spends its time on answers that nobody waits for any longer.

A place is taken when the request is complete, and given back when the answer is written. A wait that has a bound of its own (for the
hash of a password, for the pause before a refusal) is spent `aside`: it holds no place meanwhile.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from doable.errors import Overloaded

PLACES: Final = 128
"""Two batches of SQLite's writer. More would make nothing faster, and every turn of the event loop longer."""
MAX_WAITING = 256
"""So that a page that opens with a hundred requests is no overload. Working off all of them takes a tenth of a second."""
PATIENCE_SECONDS = 0.5
"""Who has waited for so long is refused: on a slow machine, or while a lock is held, the line hardly moves."""
USER_PATIENCE_SECONDS = 5.0
"""A user's own requests may wait for each other for as long as writes do in the database: they are in nobody else's way."""
REPORT_SECONDS: Final = 1.0
NO_BOUND: Final = 1_000_000

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class User:
    """One user's share: half of the places at most."""

    held: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Places:
    """The places of one process."""

    def __init__(self, count: int = PLACES) -> None:
        self.count = count
        self.free = count
        self.refused = 0
        """Since the start."""
        self._line: deque[Place] = deque()
        self._users: dict[str, User] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._reported: int | None = None
        """What `refused` was when it was last reported; None while nobody is refused."""

    @property
    def is_full(self) -> bool:
        """Whether whoever asks now is refused."""
        return self.free <= 0 and len(self._line) >= MAX_WAITING

    @property
    def waiting(self) -> int:
        """How many wait in the line."""
        return len(self._line)

    def ask(self, place: "Place") -> None:
        """Have this one start, now or when it is its turn; or refuse it."""
        if self.free > 0:
            self._give(place)
        elif len(self._line) < MAX_WAITING:
            place.since = time.monotonic()
            self._line.append(place)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._refuse_the_oldest)
        else:
            self._refuse(place)

    def give_back(self) -> None:
        """One is free again: for the first in the line."""
        self.free += 1
        while self.free > 0 and self._line:
            self._give(self._line.popleft())

    def leave(self, place: "Place") -> None:
        """It does not wait any longer."""
        self._line.remove(place)

    def user(self, user_id: str) -> User:
        """The share of this user."""
        return self._users.setdefault(user_id, User())

    def release(self, user_id: str) -> None:
        """The user holds one less, unless another request of theirs has waited for it."""
        user = self._users[user_id]
        while user.waiting:
            turn = user.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        user.held -= 1
        if not user.held:
            del self._users[user_id]

    def let_all_in(self) -> None:
        """The process ends, and nothing more comes: what is here need not wait for a place, and is not refused one."""
        self.count += NO_BOUND
        self.free += NO_BOUND
        while self._line:
            self._give(self._line.popleft())
        for user in self._users.values():
            for turn in [turn for turn in user.waiting if not turn.done()]:
                user.waiting.remove(turn)
                user.held += 1
                turn.set_result(None)

    def count_refusal(self) -> None:
        """Every refusal is counted, and one line a second tells of them."""
        self.refused += 1
        if self._reported is None:
            self._reported = self.refused - 1
            asyncio.get_running_loop().call_later(REPORT_SECONDS, self._report)

    def _give(self, place: "Place") -> None:
        self.free -= 1
        place.is_held, place.since = True, 0.0
        place.go_on()

    def _refuse(self, place: "Place") -> None:
        self.count_refusal()
        place.since = 0.0
        place.turn_away()

    def _refuse_the_oldest(self) -> None:
        now = time.monotonic()
        while self._line and now >= self._line[0].since + PATIENCE_SECONDS:
            self._refuse(self._line.popleft())
        self._timer = None
        if self._line:
            seconds = max(0.01, self._line[0].since + PATIENCE_SECONDS - now)
            self._timer = asyncio.get_running_loop().call_later(seconds, self._refuse_the_oldest)

    def _report(self) -> None:
        logger.warning("Overloaded: %d requests were refused within a second", self.refused - (self._reported or 0))
        self._reported = None


class Place:
    """A request that asks for a place, holds it, and leaves it."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.user_id: str | None = None
        """Whose it is, once that is known."""
        self.is_counted = False
        """Whether it is among those that the user holds."""
        self.is_held = False
        self.since = 0.0
        """When it came into the line; 0 if it is not there."""

    def go_on(self) -> None:
        """Called when it has its place."""
        raise NotImplementedError

    def turn_away(self) -> None:
        """Called in place of that."""
        raise NotImplementedError

    def ask(self) -> None:
        """Ask for a place, now that the request is complete."""
        self._places.ask(self)

    async def join(self, user_id: str) -> None:
        """Count it as this user's. Where the user holds half of the places, it waits until there is one less.

        Raises Overloaded if that takes too long, or too many wait already.
        """
        user = self._places.user(user_id)
        if user.held < max(1, self._places.count // 2):
            user.held += 1
            self.user_id, self.is_counted = user_id, True
            return
        if len(user.waiting) >= MAX_WAITING // 2:
            self._places.count_refusal()
            raise Overloaded
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        user.waiting.append(turn)
        try:
            with self.given_back():
                async with asyncio.timeout(USER_PATIENCE_SECONDS):
                    await turn
        except TimeoutError:
            self._places.count_refusal()
            raise Overloaded from None
        finally:
            if turn.done() and not turn.cancelled():
                self.user_id, self.is_counted = user_id, True
            elif turn in user.waiting:  # whoever gave theirs back just now has passed it over
                user.waiting.remove(turn)

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Hold no place while the block lasts. Afterwards it has one at once, whoever else has: it has waited already."""
        if not self.is_held:
            yield
            return
        self.is_held = False
        self._places.give_back()
        try:
            yield
        finally:
            self._places.free -= 1
            self.is_held = True

    def leave(self) -> None:
        """The answer is written, or lasts, or nobody waits for it. It may be called again."""
        if self.is_counted and self.user_id is not None:
            self._places.release(self.user_id)
            self.is_counted = False
        if self.is_held:
            self.is_held = False
            self._places.give_back()
        elif self.since:
            self.since = 0.0
            self._places.leave(self)


OF_PROCESS: Final = Places()
"""The places of this process."""

current: Final[ContextVar[Place | None]] = ContextVar("doable.place", default=None)
"""The place of the request that is being answered; None where nobody counts."""


def leave() -> None:
    """The answer lasts: from now on it holds no place, and is none of those that its user holds."""
    place = current.get()
    if place is not None:
        place.leave()


def user_id() -> str | None:
    """Whose request is being answered, as far as that is known."""
    place = current.get()
    return None if place is None else place.user_id


def lasts() -> bool:
    """Whether the answer has begun and lasts, so that nothing can be refused any longer."""
    place = current.get()
    return place is not None and place.user_id is not None and not place.is_counted


@contextmanager
def aside() -> Iterator[None]:
    """Around a wait that has a bound of its own, so that others get the place meanwhile."""
    place = current.get()
    if place is None:
        yield
        return
    with place.given_back():
        yield
