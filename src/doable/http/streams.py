"""Server-sent events (HTML standard, section 9.2): a response that lasts until somebody ends it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

STALLED_SECONDS: Final = 10.0

CONNECTION: Final = "doable.connection"
"""The extension of the scope under which `http.protocol` gives its connection."""


class Connection(Protocol):
    """The connection that a stream is sent on, as far as the stream needs it."""

    on_shutdown: Callable[[], None] | None
    """Called when the server is told to stop. It waits for requests under way, and a stream would never end."""

    is_stopping: bool
    """Whether it has been told so already; then nobody will be called."""

    def abort(self) -> None:
        """Close it and drop everything that has not been sent."""


class EventStream(Response):
    """Sends events as they come. `end` is called when the client has gone or the server stops.

    A reader that takes nothing for ten seconds is cut off: no events are kept for it. FastAPI's own stream
    would wait for ever, and needs three tasks more for each.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes], end: Callable[[], None]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["Content-Length"]
        self._events = events
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection | None = scope.get("extensions", {}).get(CONNECTION)
        if connection is not None:
            connection.on_shutdown = self._end
            if connection.is_stopping:
                self._end()
        gone = asyncio.create_task(self._until_gone(receive))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with aclosing(self._events):
                async for event in self._events:
                    async with asyncio.timeout(STALLED_SECONDS):
                        await send({"type": "http.response.body", "body": event, "more_body": True})
            async with asyncio.timeout(STALLED_SECONDS):
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            if connection is None:
                raise
            connection.abort()
            await gone
        finally:
            self._end()
            gone.cancel()
            if connection is not None:
                connection.on_shutdown = None

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._end()
