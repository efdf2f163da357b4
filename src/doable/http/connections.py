"""What the connections of one process share: who is late, who is being drained, how many there may be."""

import asyncio
import resource
import sys
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from enum import IntEnum
from typing import Any, ClassVar, Final, Protocol
from weakref import WeakKeyDictionary

from uvicorn.server import ServerState

SWEEP_SECONDS: Final = 0.5
ENDED_AT_ONCE: Final = 25
"""How many late connections are answered before it is the turn of others; a hundred take 10 ms."""
PAUSE_SECONDS: Final = 0.01
HEAD_SECONDS: Final = 5
BODY_SECONDS: Final = 15
BODY_BYTES_A_SECOND: Final = 1024
MAX_BODY_SECONDS: Final = 120
DRAIN_SECONDS: Final = 2
MAX_DRAINED_BYTES: Final = 16 * 1024 * 1024
MAX_DRAINING: Final = 256


class Phase(IntEnum):
    """What a connection is waiting for. Up to IDLE, nothing of a request has come."""

    NEW = 0
    """For the first byte."""
    IDLE = 1
    """For the next request."""
    HEAD = 2
    """For the rest of a head."""
    BODY = 3
    """For the rest of a body."""
    ANSWER = 4
    """For the application."""
    DRAIN = 5
    """For the client to have read the answer, and to close."""
    CLOSE = 6
    """For the client to take what has not been sent yet."""


def seconds_allowed(phase: Phase, received: int, keep_alive: float) -> float:
    """How long a connection may be in this phase. Of a body so many bytes have been received."""
    if phase is Phase.BODY:
        return min(MAX_BODY_SECONDS, max(BODY_SECONDS, received / BODY_BYTES_A_SECOND))
    return _SECONDS.get(phase, keep_alive)


_SECONDS: Final = {
    Phase.NEW: HEAD_SECONDS,
    Phase.HEAD: HEAD_SECONDS,
    Phase.ANSWER: float("inf"),
    Phase.DRAIN: DRAIN_SECONDS,
}


class Connection(Protocol):
    """A connection as the sweep sees it."""

    phase: Phase
    since: float
    """When the phase began, on the loop's clock."""
    received: int
    """Bytes of the body."""

    def end_late(self) -> None:
        """Called when it has been longer in its phase than it may."""

    def abort(self) -> None:
        """Close it and drop everything that has not been sent."""


def most_connections(descriptors: int) -> int:
    """How many connections there may be, so that files and the database find descriptors too."""
    return max(descriptors // 2, descriptors - max(128, descriptors // 10))


def raise_limit() -> int:
    """How many descriptors this process may have, once its limit is as high as it may set it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # a system may know a limit below its hard one
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


class Connections:
    """The connections of one server process. Twice a second it ends those that are late."""

    _of: ClassVar[WeakKeyDictionary[ServerState, "Connections"]] = WeakKeyDictionary()

    @classmethod
    def of(cls, server: ServerState, loop: asyncio.AbstractEventLoop, keep_alive: float) -> "Connections":
        """Those of this server, which keeps the set of them."""
        found = cls._of.get(server)
        if found is None:
            connected: AbstractSet[Any] = server.connections
            found = cls._of[server] = cls(loop, connected, keep_alive)
        return found

    def __init__(self, loop: asyncio.AbstractEventLoop, connected: AbstractSet[Connection], keep_alive: float) -> None:
        self._loop = loop
        self._connected = connected
        self._keep_alive = keep_alive
        self._most = most_connections(raise_limit())
        self._timed: set[Connection] = set()
        """All of them but those on which a stream goes on, which may be thousands and are never late."""
        self._draining: dict[Connection, None] = {}
        self._giving_way: set[Connection] = set()
        """Those that are closed to make room, until they are."""
        self._late: list[Connection] = []
        self._least = [seconds_allowed(phase, 0, keep_alive) for phase in Phase]
        self._timer: asyncio.TimerHandle | None = None
        self.on_lost: Callable[[], None] | None = None
        """Called when there is one less."""

    def __len__(self) -> int:
        return len(self._connected)

    def made(self, connection: Connection) -> None:
        """There is one more. Near the limit of descriptors others give way."""
        self._timed.add(connection)
        if self._timer is None:
            self._timer = self._loop.call_later(SWEEP_SECONDS, self._sweep)
        too_many = len(self._connected) - len(self._giving_way) - self._most
        if too_many > 0:
            self._make_room(too_many)

    def lost(self, connection: Connection) -> None:
        """Forget one that is closed."""
        self._timed.discard(connection)
        self._draining.pop(connection, None)
        self._giving_way.discard(connection)
        if self.on_lost is not None:
            self.on_lost()

    def stream_begins(self, connection: Connection) -> None:
        """It lasts as long as its stream."""
        self._timed.discard(connection)

    def stream_ends(self, connection: Connection) -> None:
        """It may be late again."""
        self._timed.add(connection)

    def drain(self, connection: Connection) -> None:
        """Wait until its client has read the answer. Where too many wait, the one that has waited longest is closed."""
        self._draining[connection] = None
        if len(self._draining) > MAX_DRAINING:
            oldest = next(iter(self._draining))
            del self._draining[oldest]
            oldest.abort()

    def _make_room(self, too_many: int) -> None:
        """Close some on which no request is under way: first those that are idle, then those that are slowest to ask.

        So many, and as many more as make the search cheap.
        """
        waiting = (each for each in self._connected if each.phase <= Phase.HEAD and each not in self._giving_way)
        for each in sorted(waiting, key=_gives_way)[: too_many + self._most // 16]:
            self._giving_way.add(each)
            each.abort()

    def _sweep(self) -> None:
        if not self._late:
            now = self._loop.time()
            self._late = [each for each in self._timed if now - each.since > self._least[each.phase]]
        # A few at a time: others have a request under way meanwhile.
        for each in self._late[:ENDED_AT_ONCE]:
            if self._loop.time() - each.since > seconds_allowed(each.phase, each.received, self._keep_alive):
                each.end_late()
        del self._late[:ENDED_AT_ONCE]
        self._timer = None
        if self._connected:
            self._timer = self._loop.call_later(PAUSE_SECONDS if self._late else SWEEP_SECONDS, self._sweep)


def _gives_way(connection: Connection) -> tuple[bool, float]:
    return connection.phase is not Phase.IDLE, connection.since
