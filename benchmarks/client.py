"""The load: some connections in one process, each of which sends its next request when it has the answer to the last.

It is small on purpose: whatever the client does between an answer and the next request, the server waits for.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

import uvloop

from benchmarks.messages import parse
from benchmarks.processes import cpu_seconds

CHECK_EVERY = 50
"""Of the answers that are measured, one in so many is compared in content; while warming up, each."""
GRACE_SECONDS = 30


class WrongAnswerError(Exception):
    """A server did not answer as it must, so there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, and the answer that it must get."""

    request: bytes
    status: int
    check: Callable[[bytes], object]
    """Looks at the body. Raises AssertionError, or any other error, where it is not the right one."""
    keep: Callable[[bytes], object] | None = None
    """Is given each right answer's body, at once."""
    keep_head: Callable[[bytes], object] | None = None
    """The same of its head."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one run came to. Latencies are in milliseconds."""

    answers: int
    """All of them, those while warming up too; only those after it count in the figures."""
    checked: int
    rate: float
    p50: float
    p99: float
    server_cpu: float
    """The CPU seconds of all of the server's processes for 10,000 requests."""
    client_busy: float
    """The share of the time in which the client used its core. Near 1, it measures itself."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much one run is, beside what is asked."""

    connections: int
    warm_up_seconds: float
    seconds: float


def measure(port: int, processes: Sequence[int], exchanges: Iterator[Exchange], load: Load) -> Measurement:
    """Warm up, then measure: until the time is up or there is nothing more to ask.

    `processes` are the server's, whose children count too. Raises WrongAnswerError for any answer that is not right.
    """
    return uvloop.run(_measure(port, processes, exchanges, load))


async def _measure(port: int, processes: Sequence[int], exchanges: Iterator[Exchange], load: Load) -> Measurement:
    warm_up = Run(exchanges, check_every=1)
    async with connected(port, load.connections) as connections:
        await warm_up.over(connections, load.warm_up_seconds)
    run = Run(exchanges, check_every=CHECK_EVERY)
    # Others than those of the warm-up: what a slow server has left idle for seconds, it may have closed.
    async with connected(port, load.connections) as connections:
        busy, server_cpu = time.process_time(), cpu_seconds(processes)
        duration = await run.over(connections, load.seconds)
        busy, server_cpu = time.process_time() - busy, cpu_seconds(processes) - server_cpu
    latencies = sorted(run.latencies)
    if not latencies:
        message = "Nothing was left to measure after the warm-up: try longer runs."
        raise WrongAnswerError(message)
    return Measurement(
        answers=len(warm_up.latencies) + len(latencies),
        checked=warm_up.checked + run.checked,
        rate=len(latencies) / duration,
        p50=1000 * percentile(latencies, 50),
        p99=1000 * percentile(latencies, 99),
        server_cpu=10_000 * server_cpu / len(latencies),
        client_busy=busy / duration,
    )


@asynccontextmanager
async def connected(port: int, count: int) -> "AsyncIterator[list[Connection]]":
    """So many connections, closed at the end whatever is under way."""
    connections = [await Connection.open(port) for _ in range(count)]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


def percentile(ordered: list[float], percent: int) -> float:
    """The smallest of the values that so many percent of them do not exceed."""
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]


class Run:
    """A stretch of time in which every connection is kept busy. No answer is left out, not even the last ones.

    It ends before its time where there is nothing more to ask.
    """

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
            self._go_on(connection, began)
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
        if exchange.keep is not None:
            exchange.keep(body)
        self._go_on(connection, now)

    def _go_on(self, connection: "Connection", now: float) -> None:
        exchange = next(self._exchanges, None) if now < self._deadline else None
        if exchange is not None:
            connection.send(self, exchange)
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
            if exchange.keep_head is not None and answer[0] == exchange.status:
                exchange.keep_head(self._received.partition(b"\r\n\r\n")[0])
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
