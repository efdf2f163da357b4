"""Server-sent events (HTML standard, section 9.2): a response that lasts until somebody ends it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Final, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from doable.places import leave

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


class Streams:
    """The streams that are open. A server that is told to stop waits for requests under way, and a stream would never end."""

    def __init__(self) -> None:
        self._ends: set[Callable[[], None]] = set()
        self._ended = False

    @contextmanager
    def open(self, end: Callable[[], None]) -> Iterator[None]:
        """While it lasts, `end` is called when all streams are to end; at once if they are to end already."""
        self._ends.add(end)
        try:
            if self._ended:
                end()
            yield
        finally:
            self._ends.discard(end)

    def end(self) -> None:
        """End all of them, and each that is opened from now on."""
        self._ended = True
        for end in list(self._ends):
            end()


class EventStream(Response):
    """Sends events as they come. `end` is called when the client has gone or the server stops.

    A reader that takes nothing for ten seconds is cut off: no events are kept for it. FastAPI's own stream
    would wait for ever, and needs three tasks more for each. A proxy that compresses what has no coding would keep
    events back (Caddy 2.6, until the stream ends), so the answer says that it has been given the one that changes nothing.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes], end: Callable[[], None]) -> None:
        super().__init__(
            headers={"Cache-Control": "no-store", "Content-Encoding": "identity", "X-Accel-Buffering": "no"}
        )
        del self.headers["Content-Length"]
        self._events = events
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streams: Streams = scope["app"].streams
        connection: Connection | None = scope.get("extensions", {}).get(CONNECTION)
        leave()
        gone = asyncio.create_task(self._until_gone(receive))
        try:
            with streams.open(self._end):
                await self._send_all(send)
        except TimeoutError:
            if connection is None:
                raise
            connection.abort()
            await gone
        finally:
            self._end()
            gone.cancel()

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._events):
            async for event in self._events:
                async with asyncio.timeout(STALLED_SECONDS):
                    await send({"type": "http.response.body", "body": event, "more_body": True})
        async with asyncio.timeout(STALLED_SECONDS):
            await send({"type": "http.response.body", "body": b""})

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._end()
