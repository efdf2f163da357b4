"""One request and its answer on a connection, as ASGI has them."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from doable.errors import DoableError, Overloaded
from doable.http import incoming
from doable.http.heads import Refused
from doable.http.incoming import FROM_ANYWHERE_BYTES
from doable.http.refusal import refusal
from doable.http.scope import NETWORK_OF, header
from doable.places import OF_PROCESS, Place, current

if TYPE_CHECKING:
    from doable.http.protocol import Protocol

_WITHOUT_BODY: Final = frozenset({204, 304})

UNREAD_SECONDS: Final = 60.0
"""How long an answer waits for its client to read the one before."""


class Exchange(RequestResponseCycle, Place):
    """Uvicorn's, but it closes nothing: what becomes of the connection is decided in `Protocol.on_response_complete`.

    An answer that begins before the body has come to its end is the last one on its connection.
    """

    def __init__(self, connection: "Protocol", *, expects: bool, keeps_alive: bool) -> None:
        Place.__init__(self, OF_PROCESS)
        RequestResponseCycle.__init__(
            self,
            scope=connection.scope,
            transport=connection.transport,
            flow=connection.flow,
            logger=connection.logger,
            access_logger=connection.access_logger,
            access_log=False,
            default_headers=connection.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=expects,
            keep_alive=keeps_alive,
            on_response=connection.on_response_complete,
        )
        self._connection = connection
        self._refused: Refused | DoableError | None = None
        self._incoming = 0
        self._network: str | None = None
        self._head = b""
        """The answer's head, which waits for its body: one call and one packet less."""
        self.is_called = False
        """Whether the application has been called."""

    def has_room(self, count: int) -> bool:
        """Count bytes of the body that have come later than the head; False if there are too many of all requests."""
        self._incoming += count
        if self._network is None and self._incoming > FROM_ANYWHERE_BYTES:
            find = self._connection.app_state.get(NETWORK_OF)
            self._network = find(self.scope) if find is not None else None
            if self._network is not None:
                incoming.OF_PROCESS.remove(self._incoming - count, None)
                count = self._incoming
        return incoming.OF_PROCESS.add(count, self._network)

    def let_go(self, count: int) -> None:
        """Count these no longer: whoever reads the body has put them elsewhere."""
        count = min(count, self._incoming)
        incoming.OF_PROCESS.remove(count, self._network)
        self._incoming -= count

    def leave(self) -> None:
        super().leave()
        incoming.OF_PROCESS.remove(self._incoming, self._network)
        self._incoming = 0

    async def run_asgi(self, app: Any) -> None:
        # In the task itself: whoever gave it the place may be in the midst of another request.
        current.set(self)
        try:
            await super().run_asgi(app)
        finally:
            self.leave()  # also if nobody waits for the answer any longer

    def go_on(self) -> None:
        """The body is complete, and there is a place."""
        self.more_body = False
        self.message_event.set()
        if not self.is_called:
            self._connection.call(self)

    def turn_away(self) -> None:
        """There is no place."""
        self.more_body = False
        if self.is_called:
            self.refuse(Overloaded())
            return
        own_id, origin = header(self.scope, b"x-request-id"), header(self.scope, b"origin")
        method = self.scope["method"].encode()
        answer = refusal(self._connection.app_state, method, own_id, origin, keeps_alive=self.keep_alive)
        self._connection.write_refusal(answer)
        self.response_started = self.response_complete = True
        self.on_response()

    def refuse(self, refused: Refused | DoableError) -> None:
        """Have whoever reads the body get this: its rest will not be read."""
        self._refused = refused
        self.message_event.set()

    async def receive(self) -> Any:
        message = None if self._refused else await super().receive()
        if self._refused is not None and not self.response_complete and not self.disconnected:
            raise self._refused
        return message

    async def send(self, message: Any) -> None:
        if self.flow.write_paused and not self.disconnected:
            await self._wait_for_reader()
        if self.disconnected:
            return
        if not self.response_started:
            self._begin(message["status"], message.get("headers", ()))
        elif not self.response_complete:
            self._continue(message.get("body", b""), more_body=message.get("more_body", False))
        else:
            raise RuntimeError("The answer is complete already")

    async def _wait_for_reader(self) -> None:
        """Hold no place meanwhile, and not for ever, or clients that read nothing would have all of them."""
        try:
            with self.given_back():
                async with asyncio.timeout(UNREAD_SECONDS):
                    await self.flow.drain()
        except TimeoutError:
            self._connection.abort()

    def _begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.response_started = True
        self.waiting_for_100_continue = False
        if self.more_body:
            self.keep_alive = False
            self._connection.stop_reading()
        head = [STATUS_LINE[status]]
        for name, value in (*self.default_headers, *headers):
            if name == b"content-length":
                self.chunked_encoding = False
                self.expected_content_length = int(value)
            elif name == b"connection":
                self.keep_alive = self.keep_alive and value.lower() != b"close"
                continue
            head.append(b"%b: %b\r\n" % (name, value))
        if not self.keep_alive:
            head.append(b"connection: close\r\n")
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in _WITHOUT_BODY:
            self.chunked_encoding = True
            head.append(b"transfer-encoding: chunked\r\n")
        written = b"".join(head)
        if not written.count(b"\n") == written.count(b"\r") == len(head) or b"\0" in written:
            raise RuntimeError("A header of the answer has a line's end in it")
        written += b"\r\n"
        if self.chunked_encoding:  # of an answer that may last, which begins now
            self.transport.write(written)
        else:
            self._head = written

    def _continue(self, body: bytes, *, more_body: bool) -> None:
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
            self.transport.write(self._head)
        elif self.chunked_encoding:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            self.transport.write(chunk if more_body else chunk + b"0\r\n\r\n")
        else:
            self.expected_content_length -= len(body)
            self.transport.write(self._head + body)
        self._head = b""
        if self.expected_content_length < 0 or (self.expected_content_length and not more_body):
            raise RuntimeError("The answer is not as long as its Content-Length says")
        if not more_body:
            self.response_complete = True
            self.message_event.set()
            self.on_response()
