"""HTTP/1.1 as uvicorn speaks it, made fit for strangers.

What happens where, in the order of a request:

- `connection_made`: the connection is counted, and waits for its first byte (`connections.Phase`).
- `data_received`: bytes go to the parser, which calls the `on_…` methods, or are dropped once nothing more will be read.
- `on_message_begin`, `on_url`, `on_header`: the head. `on_header` is called for trailers too; they are dropped.
- `on_headers_complete`: **the head is complete**; `heads.check_head` has refused what is wrong. Makes the `Exchange`.
- `_start`: **the application is called**, when it is this request's turn.
- `on_body`: **a piece of the body** has come. `on_message_complete`: **the body is complete.**
- `Exchange.receive` and `Exchange.send`: the application reads and answers. `stop_reading`: it answers before the end of the body.
- `keep`: **the answer lasts**. The application's call ends, and a stream goes on with the answer, the last one here.
- `on_response_complete`: **the answer is written.** What waits comes next, or the connection ends, or is idle.
- `end_late`: a deadline has passed. `refuse`: the one way to answer without the application.
- `shutdown`: the server is told to stop; `cut`: it cannot wait any longer. `connection_lost`: the connection is gone, whatever was under way.
"""

import asyncio
import logging
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

import httptools
from starlette.responses import Response
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from doable.errors import Overloaded, Unavailable
from doable.http.connections import MAX_DRAINED_BYTES, Connections, Phase
from doable.http.errors import domain_error_response, http_error_response
from doable.http.exchange import Exchange
from doable.http.headers import ALWAYS, completed
from doable.http.heads import MAX_HEAD_BYTES, MAX_TARGET_BYTES, Refused, check_head, check_size
from doable.http.middleware import request_id
from doable.http.probes import PROBES
from doable.http.refusal import refusal_unparsed
from doable.http.scope import ACCEPTED, EVERY_ANSWER
from doable.http.streams import CONNECTION, Stream
from doable.places import OF_PROCESS

MAX_WAITING: Final = 16
"""Requests that a client has sent before the answer to the first. Each takes some KiB."""

SLICE_BYTES: Final = 16 * 1024
"""So much is read before what was counted is looked at. The loop gives up to 256 KiB."""

WITHOUT_PLACE: Final = (*PROBES, "/metrics")
"""What must be answered above all when there is too much to do."""

FRAMING: Final = 8
"""Bytes of chunk sizes and extensions that come with each byte of a body at most: 5, if each is in a chunk of its own."""

LINGER_SECONDS: Final = 2.0
"""How long an idle connection is kept at least once the server has been told to stop."""
LOOK_SECONDS: Final = 0.25

Data = bytes | memoryview

logger = logging.getLogger("doable.requests")


@cache
def _without_place(prefix: str) -> frozenset[bytes]:
    return frozenset(f"{prefix}{path}".encode() for path in WITHOUT_PLACE)


class Flow(FlowControl):
    """Uvicorn's, but its event is made only when somebody waits: it takes as much memory as all else that Python keeps of a quiet connection."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.read_paused = self.write_paused = False
        self._is_writable_event: asyncio.Event | None = None  # type: ignore[assignment] # where there is one always

    async def drain(self) -> None:
        if self.write_paused:
            self._is_writable_event = self._is_writable_event or asyncio.Event()
            await self._is_writable_event.wait()

    def pause_writing(self) -> None:
        self.write_paused = True

    def resume_writing(self) -> None:
        self.write_paused = False
        if self._is_writable_event is not None:
            self._is_writable_event.set()
            self._is_writable_event = None


class Protocol(HttpToolsProtocol):
    """A connection, and what is read from it. It is also the connection that `http.streams` needs.

    There may be ten thousand of them. With slots for what is ours, Python can share the keys of uvicorn's attributes among them: 1.4 KiB less each.
    """

    __slots__ = (
        "_answering",
        "_dropped",
        "_is_early",
        "_is_ending",
        "_overhead",
        "_refused",
        "_shared",
        "_stream",
        "_trailers",
        "_waiting",
        "_without_place",
        "phase",
        "received",
        "since",
    )

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        del self.pipeline  # it is `_waiting` here
        self.phase = Phase.NEW
        self.since = 0.0
        self.received = 0
        self._is_ending = False
        """Whether each further answer is the last one."""
        self.cycle: Exchange = None  # type: ignore[assignment] # as uvicorn has it: the newest, if there is one
        self._without_place = _without_place(self.root_path)
        self._shared = Connections.of(self.server_state, self.loop, self.timeout_keep_alive)
        self._answering: Exchange | None = None
        self._waiting: list[Exchange] = []
        self._stream: Stream | None = None
        """What writes the answer, where it lasts."""
        self._refused: Refused | None = None
        self._overhead = 0
        """Bytes of a head, or of a body's framing and trailers, that have come without anything that counts."""
        self._trailers: int | None = None
        """Bytes of the trailers; None while the head comes."""
        self._is_early = False
        """Whether the head began in the midst of other bytes, so that `_overhead` may be too little."""
        self._dropped: int | None = None
        """Bytes that were dropped since nothing more is read; None before."""

    @property
    def is_awaited(self) -> bool:
        """Whether somebody still waits for the answer that is being made."""
        return self._answering is not None and not self._answering.disconnected

    def let_go(self, count: int) -> None:
        """Whoever reads the body of the request that is being answered has put so many bytes of it elsewhere."""
        if self._answering is not None:
            self._answering.let_go(count)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.flow = Flow(transport)
        self._enter(Phase.NEW)
        self._shared.made(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._shared.lost(self)
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()
            if not self._answering.is_called:
                self._answering.leave()
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.lost()

    def keep(self, stream: Stream) -> None:
        """Have the stream go on with the answer that has begun, which is the last one here. Nothing is kept of the request."""
        exchange = self._answering
        if exchange is None or exchange.disconnected:
            stream.lost()
            return
        exchange.response_complete = True  # as far as the application is concerned
        self.stop_reading()
        self._answering = None
        self._waiting.clear()
        self.cycle = self.scope = self.headers = self.parser = None  # type: ignore[assignment] # as before the first request
        self._stream = stream
        self._shared.stream_begins(self)
        if self.flow.write_paused:
            stream.paused()

    def write(self, some: bytes) -> None:
        """Send some of the answer that the stream makes, which has no length (RFC 9112, section 7.1)."""
        self.transport.write(b"%x\r\n%b\r\n" % (len(some), some))

    def end_stream(self) -> None:
        """The stream that was kept has ended."""
        self.server_state.total_requests += 1
        self._stream = None
        self._shared.stream_ends(self)
        self.transport.write(b"0\r\n\r\n")
        self._close()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stream is not None:
            self._stream.paused()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stream is not None:
            self._stream.resumed()

    def data_received(self, data: bytes) -> None:
        if self._dropped is not None:
            self._dropped += len(data)
            if self._dropped > MAX_DRAINED_BYTES:
                self._close()
            return
        if self.phase <= Phase.IDLE:
            if OF_PROCESS.is_full and self._refuse_unparsed(data):
                return
            self._enter(Phase.HEAD)
            self._is_early = False
        if len(data) > SLICE_BYTES:
            view = memoryview(data)
            for start in range(0, len(data), SLICE_BYTES):
                self._read(view[start : start + SLICE_BYTES])
        else:
            self._read(data)
        self._call_early()

    def _refuse_unparsed(self, data: bytes) -> bool:
        answer = None if self._is_ending else refusal_unparsed(self.app_state, data, self._without_place)
        if answer is None:
            return False
        OF_PROCESS.count_refusal()
        self.server_state.total_requests += 1
        self._enter(Phase.IDLE)
        self.write_refusal(answer)
        return True

    def write_refusal(self, answer: bytes) -> None:
        """Write the answer to a request that found no place. Who asks and never reads is cut off: the answers would pile up."""
        if self.flow.write_paused:
            self.abort()
        else:
            self.transport.write(answer)

    def _read(self, data: Data) -> None:
        if self._dropped is not None:
            return
        self._overhead += len(data)
        self._feed(data)
        if self._overhead > MAX_HEAD_BYTES and self.phase in {Phase.HEAD, Phase.BODY}:
            self.refuse(Refused(431))

    def _feed(self, data: Data) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # The parser takes what follows for another protocol. It is the body of a request that does not upgrade.
            self._feed(self._head_without_upgrade() + bytes(data[upgrade.args[0] :]))
        except httptools.HttpParserInvalidURLError:
            self.refuse(Refused(400, "The address has characters in it that must be percent-encoded, as é by %C3%A9."))
        except httptools.HttpParserError as error:
            self.refuse(error.__context__ if isinstance(error.__context__, Refused) else Refused(400))

    def _head_without_upgrade(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b" % line for line in self.headers if line[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def on_message_begin(self) -> None:
        if len(self._waiting) >= MAX_WAITING:
            raise Refused(400, f"At most {MAX_WAITING} requests may wait for the answer to another.")
        if self.phase is not Phase.HEAD:  # another request comes before the answer
            self._enter(Phase.HEAD)
            self._is_early = True
        self._trailers = None
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment] # uvicorn's type has no place for it
        scope["extensions"] = {CONNECTION: self}

    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > MAX_TARGET_BYTES:
            raise Refused(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._trailers is None:
            self.headers.append((name.lower(), value))
            return
        # A trailer must not be taken for a header (RFC 9110, section 6.5.1).
        self._trailers += len(name) + len(value) + len(": \r\n")
        if self._trailers > MAX_HEAD_BYTES:
            raise Refused(431)

    def on_headers_complete(self) -> None:
        parser = self.parser
        version = parser.get_http_version()
        method = parser.get_method()
        if self._overhead > MAX_HEAD_BYTES or self._is_early:
            check_size(method, self.url, self.headers)
        expects = check_head(method, version, self.headers)
        if parser.should_upgrade():
            return
        self._set_target(method.decode(), version)
        self._overhead = self._trailers = self.received = 0
        self._enter(Phase.BODY)
        self.cycle = exchange = Exchange(
            self,
            expects=expects,
            keeps_alive=version == "1.1" and not self._is_ending and parser.should_keep_alive(),
        )
        if self._answering is None:
            self._start(exchange)
        else:
            self._waiting.append(exchange)

    def _set_target(self, method: str, version: str) -> None:
        target = httptools.parse_url(self.url)
        raw_path = target.path or b"/"
        path = raw_path.decode("ascii")
        self.scope["method"] = method
        self.scope["http_version"] = version
        self.scope["path"] = self.root_path + (unquote(path) if "%" in path else path)
        self.scope["raw_path"] = self.root_path.encode("ascii") + raw_path
        self.scope["query_string"] = target.query or b""

    def _start(self, exchange: Exchange) -> None:
        """It is this request's turn."""
        self._answering = exchange
        if not exchange.more_body:
            self._ask(exchange)

    def _ask(self, exchange: Exchange) -> None:
        if exchange.scope["raw_path"] in self._without_place:
            exchange.go_on()
        else:
            exchange.ask()

    def _call_early(self) -> None:
        """Of a body that has only begun, the application decides whether the rest is to come."""
        exchange = self._answering
        if exchange is not None and exchange.more_body and not exchange.is_called:
            self.call(exchange)

    def call(self, exchange: Exchange) -> None:
        """Have the application answer."""
        exchange.is_called = True
        self._start_asgi_task(exchange, self.app)

    def on_body(self, body: bytes) -> None:
        exchange = self.cycle
        self.received += len(body)
        self._overhead = max(0, self._overhead - (1 + FRAMING) * len(body))
        exchange.body += body
        if len(exchange.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        if exchange.is_called and self._dropped is None and not exchange.has_room(len(body)):
            OF_PROCESS.count_refusal()
            self.stop_reading()
            exchange.keep_alive = False  # even if this was the end of the body
            exchange.refuse(Overloaded())
        exchange.message_event.set()

    def on_message_complete(self) -> None:
        if self.phase is Phase.HEAD:  # the request comes again, without its upgrade
            return
        self._overhead = 0
        self.phase = Phase.ANSWER
        exchange = self.cycle
        if not exchange.is_called:
            exchange.more_body = False  # else when it has its place
        if exchange is self._answering:
            self._ask(exchange)

    def stop_reading(self) -> None:
        """Drop whatever else comes: the answer begins before the end of the body, or the request was refused."""
        self._dropped = 0
        self.phase = Phase.ANSWER
        self.flow.resume_reading()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        exchange = self._answering
        keeps_alive = exchange is not None and exchange.keep_alive
        self._answering = None
        if exchange is not None:
            exchange.leave()
        if self.transport.is_closing():
            return
        if not keeps_alive:
            self._end()
        elif self._waiting:
            self._start(self._waiting.pop(0))
            self._call_early()
        elif self._refused is not None:
            self._write_refusal(self._refused)
        else:
            self.flow.resume_reading()
            if self.phase is Phase.ANSWER:  # and not in the midst of the next head
                self._enter(Phase.IDLE)

    def refuse(self, refused: Refused) -> None:
        """Answer so, after the answers that come before it, and end the connection."""
        reads_body = self.phase is Phase.BODY
        self.stop_reading()
        if reads_body:
            self.cycle.refuse(refused)
        elif self._answering is not None:
            self._refused = refused
        else:
            self._write_refusal(refused)

    def _write_refusal(self, refused: Refused) -> None:
        self._write_last(http_error_response(refused.status_code, message=refused.message))
        self._end()

    def _write_last(self, response: Response) -> None:
        new_id = request_id(None)
        own = [(b"connection", b"close"), (b"x-request-id", new_id)]
        headers = completed([*response.raw_headers, *own], self.app_state.get(EVERY_ANSWER, ALWAYS))
        head = b"".join(b"%b: %b\r\n" % line for line in (*self.server_state.default_headers, *headers))
        # The answer to a HEAD has no body (RFC 9110, section 9.3.2). Until there is an address, no method is known either.
        body = b"" if self.url and self.parser.get_method() == b"HEAD" else bytes(response.body)
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[response.status_code], head, body))
        logger.info("refused", extra={"request_id": new_id.decode(), "status": response.status_code})

    def end_late(self) -> None:
        if self.transport.is_closing():
            self.abort()
        elif self.phase not in {Phase.HEAD, Phase.BODY}:
            self._close()
        elif self.flow.read_paused:  # the server is late, and not the client
            self._enter(self.phase)
        else:
            self.refuse(Refused(408))

    def shutdown(self) -> None:
        """Make the next answer the last one.

        What is idle is kept for a moment longer: a request that is on its way already gets that answer.
        """
        self._is_ending = True
        for exchange in (self._answering, *self._waiting):
            if exchange is not None:
                scope: Any = exchange.scope
                scope[ACCEPTED] = True  # it may not have been its turn yet
        if self.cycle is not None:
            self.cycle.keep_alive = False
        if self._answering is None and self._stream is None:
            self.loop.call_later(LINGER_SECONDS, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self.server_state.tasks:  # it costs nothing while others are waited for
            self.loop.call_later(LOOK_SECONDS, self._close_if_idle)
        elif self._answering is None and self.phase <= Phase.HEAD:
            self._close()

    def cut(self) -> None:
        """End it now, with 503 where an answer is waited for that has not begun."""
        if self._stream is not None:
            self.abort()
            return
        exchange = self._answering
        self.stop_reading()
        if exchange is not None:
            exchange.disconnected = True  # whoever still answers does not reach it
            exchange.message_event.set()
            if exchange.response_started:  # nobody takes a part for the whole
                self.abort()
                return
            self._write_last(domain_error_response(Unavailable()))
        self._end()

    def abort(self) -> None:
        """Close it and drop everything that has not been sent."""
        self.transport.abort()

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.since = self.loop.time()

    def _end(self) -> None:
        """Close, but let the client read the answer first: what it still sends would reset the connection.

        RFC 9112, section 9.6.
        """
        if self._dropped is None:
            self._close()
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._enter(Phase.DRAIN)
        self._shared.drain(self)

    def _close(self) -> None:
        self._enter(Phase.CLOSE)
        self.transport.close()
