"""The load: some connections in one process, each of which sends its next request when it has the answer to the last.

It is small on purpose: whatever the client does between an answer and the next request, the server waits for.
"""

import asyncio
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import uvloop

CHECK_EVERY = 50
"""Of the answers that are measured, one in so many is compared in content; while warming up, each."""
GRACE_SECONDS = 30

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


class WrongAnswerError(Exception):
    """A server did not answer as it must, so there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, and the answer that it must get."""

    request: bytes
    status: int
    check: Callable[[bytes], object]
    """Looks at the body. Raises AssertionError, or any other error, where it is not the right one."""


def http_request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """A whole HTTP/1.1 request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one run came to. Latencies are in milliseconds."""

    answers: int
    """All of them, those while warming up too; only those after it count in the figures."""
    checked: int
    rate: float
    p50: float
    p99: float
    client_busy: float
    """The share of the time in which the client used its core. Near 1, it measures itself."""


def measure(
    port: int, exchanges: Iterator[Exchange], *, connections: int, warm_up_seconds: float, seconds: float
) -> Measurement:
    """Warm up, then measure, over the same connections. Raises WrongAnswerError for any answer that is not right."""
    return uvloop.run(_measure(port, exchanges, connections, warm_up_seconds, seconds))


async def _measure(
    port: int, exchanges: Iterator[Exchange], count: int, warm_up_seconds: float, seconds: float
) -> Measurement:
    connections = [await Connection.open(port) for _ in range(count)]
    try:
        warm_up = Run(exchanges, check_every=1)
        await warm_up.over(connections, warm_up_seconds)
        run = Run(exchanges, check_every=CHECK_EVERY)
        busy = time.process_time()
        duration = await run.over(connections, seconds)
        busy = time.process_time() - busy
    finally:
        for connection in connections:
            connection.close()
    latencies = sorted(run.latencies)
    return Measurement(
        answers=len(warm_up.latencies) + len(latencies),
        checked=warm_up.checked + run.checked,
        rate=len(latencies) / duration,
        p50=1000 * percentile(latencies, 50),
        p99=1000 * percentile(latencies, 99),
        client_busy=busy / duration,
    )


def percentile(ordered: list[float], percent: int) -> float:
    """The smallest of the values that so many percent of them do not exceed."""
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]


class Run:
    """A stretch of time in which every connection is kept busy. No answer is left out, not even the last ones."""

    def __init__(self, exchanges: Iterator[Exchange], *, check_every: int) -> None:
        self.latencies: list[float] = []
        self.checked = 0
        self._exchanges = exchanges
        self._check_every = check_every
        self._deadline = 0.0
        self._running = 0
        self._ended: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def over(self, connections: "list[Connection]", seconds: float) -> float:
        """Run for so long, then wait for the answers that are still to come; how long it took with them."""
        began = time.perf_counter()
        self._deadline = began + seconds
        self._running = len(connections)
        for connection in connections:
            connection.send(self, next(self._exchanges))
        try:
            ended = await asyncio.wait_for(self._ended, seconds + GRACE_SECONDS)
        except TimeoutError:
            message = f"An answer took more than {GRACE_SECONDS} s."
            raise WrongAnswerError(message) from None
        return ended - began

    def answered(self, connection: "Connection", exchange: Exchange, status: int, body: bytes, sent_at: float) -> None:
        """Take the time, look at the answer, send the next request."""
        now = time.perf_counter()
        self.latencies.append(now - sent_at)
        if status != exchange.status:
            self.failed(exchange, f"{status} {body[:500]!r}")
            return
        if len(self.latencies) % self._check_every == 0:
            try:
                exchange.check(body)
            except Exception as error:  # noqa: BLE001 - whatever a check stumbles over, the answer is wrong
                self.failed(exchange, f"{body[:500]!r}: {error!r}")
                return
            self.checked += 1
        if now < self._deadline:
            connection.send(self, next(self._exchanges))
            return
        self._running -= 1
        if self._running == 0 and not self._ended.done():
            self._ended.set_result(now)

    def failed(self, exchange: Exchange, answer: str) -> None:
        """End the run."""
        if not self._ended.done():
            # The request line alone: what follows it holds the token.
            message = f"{exchange.request.partition(b' HTTP/1.1')[0].decode()} was answered with {answer}"
            self._ended.set_exception(WrongAnswerError(message))


class Connection(asyncio.Protocol):
    """A keep-alive connection with at most one request under way."""

    _transport: asyncio.Transport
    _under_way: tuple[Run, Exchange, float] | None = None
    _received = b""

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect."""
        transport, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        connection._transport = transport  # noqa: SLF001 - its own
        return connection

    def send(self, run: Run, exchange: Exchange) -> None:
        """Send a request. The run is told of the answer."""
        self._under_way = (run, exchange, time.perf_counter())
        self._transport.write(exchange.request)

    def data_received(self, data: bytes) -> None:
        if self._under_way is None:
            return
        run, exchange, sent_at = self._under_way
        self._received += data
        try:
            answer = parse(self._received)
        except ValueError as error:
            run.failed(exchange, f"{self._received[:500]!r}: {error!r}")
            return
        if answer is not None:
            self._under_way, self._received = None, b""
            run.answered(self, exchange, *answer, sent_at)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._under_way is not None:
            run, exchange, _ = self._under_way
            run.failed(exchange, f"the end of the connection: {exc!r}")

    def close(self) -> None:
        """Close, whatever is under way."""
        self._under_way = None
        self._transport.close()


def parse(received: bytes) -> tuple[int, bytes] | None:
    """Status and body of the one answer; None while it is not all there. Raises ValueError for what is no answer."""
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return None
    status = int(head[9:12])
    if status == 204:
        return status, body
    length = _LENGTH.search(head)
    if length is not None:
        missing = int(length[1]) - len(body)
        if missing < 0:
            message = "more than one answer to one request"
            raise ValueError(message)
        return None if missing else (status, body)
    if _CHUNKED.search(head) is None:
        message = "neither a length nor chunks"
        raise ValueError(message)
    whole = _without_chunks(body)
    return None if whole is None else (status, whole)


def _without_chunks(body: bytes) -> bytes | None:
    parts: list[bytes] = []
    start = 0
    while (line_end := body.find(b"\r\n", start)) > 0:
        size = int(body[start:line_end], 16)
        start = line_end + 2 + size + 2
        if len(body) < start:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(body[line_end + 2 : start - 2])
    return None
