"""Server-sent events (HTML standard, section 9.2) as an answer."""

import asyncio
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from doable.http.scope import LASTING
from doable.http.streams import CONNECTION, STALLED_SECONDS, Connection, Stream
from doable.places import leave

RECONNECT: Final = b"retry: 1000\n\n"


class EventStream(Response):
    """The answer that the stream goes on with, after the first of its events.

    FastAPI's own waits for ever for a reader that takes nothing, and needs three tasks more for each. A proxy that compresses
    what has no coding would keep events back (Caddy 2.6, until the stream ends), so the answer says that it has been given the
    one that changes nothing.
    """

    media_type = "text/event-stream"

    def __init__(self, stream: Stream, first: bytes) -> None:
        super().__init__(
            headers={
                "Cache-Control": "no-store",
                "Connection": "close",
                "Content-Encoding": "identity",
                "X-Accel-Buffering": "no",
            }
        )
        del self.headers["Content-Length"]
        self._stream = stream
        self._first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leave()
        stream = self._stream
        connection: Connection | None = scope.get("extensions", {}).get(CONNECTION)
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": RECONNECT, "more_body": True})
            if stream.has_ended:  # while its first events were read, as when its token was revoked
                await send({"type": "http.response.body"})
            elif connection is None:
                sending = _Sending(stream, send)
                stream.begin(sending, scope["app"].streams)
                stream.send(self._first)
                await sending.until_it_ends(receive)
            else:
                stream.begin(connection, scope["app"].streams)
                stream.send(self._first)
                scope[LASTING] = stream
        except BaseException:
            stream.end()
            raise


class _Sending:
    """The connection of a stream where another server has it: then a call of the application lasts as long as its answer."""

    is_awaited = True

    def __init__(self, stream: Stream, send: Send) -> None:
        self._stream = stream
        self._send = send
        self._written: list[bytes] = []
        self._wake = asyncio.Event()

    def keep(self, stream: Stream) -> None:
        pass

    def let_go(self, count: int) -> None:
        pass

    def write(self, some: bytes) -> None:
        self._written.append(some)
        self._wake.set()

    def end_stream(self) -> None:
        self._wake.set()

    def abort(self) -> None:
        self._wake.set()

    async def until_it_ends(self, receive: Receive) -> None:
        """Send what the stream writes. Raises TimeoutError if the reader has stalled."""
        gone = asyncio.create_task(self._until_gone(receive))
        try:
            while self._written or not self._stream.has_ended:
                await self._wake.wait()
                self._wake.clear()
                body = b"".join(self._written)
                self._written.clear()
                if body:
                    self._stream.paused()
                    async with asyncio.timeout(STALLED_SECONDS):
                        await self._send({"type": "http.response.body", "body": body, "more_body": True})
                    self._stream.resumed()
            await self._send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stream.lost()
        self._wake.set()
