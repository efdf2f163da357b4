"""Answers that last until somebody ends them. One that waits is an object, and no task: of thousands nearly all wait at any time."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

STALLED_SECONDS: Final = 10.0

CONNECTION: Final = "doable.connection"
"""The extension of the scope under which `http.protocol` gives its connection."""


class Connection(Protocol):
    """The connection that an answer is sent on, as far as one that takes long needs it."""

    @property
    def is_awaited(self) -> bool:
        """Whether somebody still waits for the answer that is being made."""

    def abort(self) -> None:
        """Close it and drop everything that has not been sent."""

    def let_go(self, count: int) -> None:
        """So many bytes of the body are in memory no longer."""

    def keep(self, stream: "Stream") -> None:
        """Have the stream go on with the answer that has begun, which is the last one here. Nothing is kept of the request."""

    def write(self, some: bytes) -> None:
        """Send some of the answer that the stream makes."""

    def end_stream(self) -> None:
        """The stream that was kept has ended."""


class Stream:
    """Sends events as they come, until it ends. A reader that takes nothing for ten seconds is cut off: no events are kept for it."""

    __slots__ = ("_all", "_connection", "_stalling", "has_ended", "on_end")

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._all: Streams | None = None
        self._stalling: asyncio.TimerHandle | None = None
        self.has_ended = False
        self.on_end: Callable[[], None] | None = None
        """Called when it has."""

    @property
    def is_open(self) -> bool:
        """Whether it has begun, and its reader takes what is sent."""
        return self._connection is not None and self._stalling is None

    def begin(self, connection: Connection, all_of_them: "Streams") -> None:
        """The answer has begun: this connection is the stream's. It ends with all others at the latest."""
        self._connection = connection
        self._all = all_of_them
        connection.keep(self)
        if not self.has_ended:
            all_of_them.add(self)

    def send(self, some: bytes) -> None:
        """Send some events. Whoever has much to send looks in between whether it `is_open`."""
        if some and self._connection is not None:  # nothing at all would be the end of a body in chunks
            self._connection.write(some)

    def end(self) -> None:
        """End it as an answer ends, or cut it off if its reader has stalled. It may be called again."""
        connection, is_open = self._connection, self.is_open
        self.lost()
        if connection is not None:
            if is_open:
                connection.end_stream()
            else:
                connection.abort()

    def lost(self) -> None:
        """It has ended, or nobody is there any longer. It may be called again."""
        if self.has_ended:
            return
        self.has_ended = True
        self._connection = None
        self.resumed()
        if self._all is not None:
            self._all.discard(self)
        self.left()
        if self.on_end is not None:
            self.on_end()

    def left(self) -> None:
        """Called once, when it has ended: whoever keeps it may forget it."""

    def paused(self) -> None:
        """The reader has not taken what was sent."""
        if self._stalling is None:
            self._stalling = asyncio.get_running_loop().call_later(STALLED_SECONDS, self.end)

    def resumed(self) -> None:
        """It has."""
        if self._stalling is not None:
            self._stalling.cancel()
            self._stalling = None


class Streams:
    """The streams that are open. A server that is told to stop waits for requests under way, and a stream would never end."""

    def __init__(self) -> None:
        self._open: set[Stream] = set()
        self._ended = False

    def add(self, stream: Stream) -> None:
        """Have it end when all of them are to end; at once if they are to end already."""
        self._open.add(stream)
        if self._ended:
            stream.end()

    def discard(self, stream: Stream) -> None:
        """It has ended."""
        self._open.discard(stream)

    def end(self) -> None:
        """End all of them, and each that is added from now on."""
        self._ended = True
        for stream in list(self._open):
            stream.end()
