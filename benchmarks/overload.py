"""Measure what is left of the service when it is asked for more than it can do: `python -m benchmarks.overload`. It needs Linux.

Tasks are created in open loop: at fixed times, whatever became of the earlier ones, over many connections, by many users. Only right
answers within a second of that time count. Beside it somebody asks `/livez` on a new connection each time. All of it on both
databases, with one worker and with two; PostgreSQL is the one that the tests start.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any, Final, TypeVar

import uvloop

from benchmarks.client import Exchange, percentile
from benchmarks.command import run
from benchmarks.events import sign_up
from benchmarks.instances import Backend, Instance, backends, serving
from benchmarks.messages import http_request, parse
from benchmarks.processes import cpu_seconds

T = TypeVar("T")

USERS: Final = 32
CONNECTIONS: Final = 1000
TOGETHER: Final = 50
"""So many connections are opened at a time."""
TIMES: Final = (1, 1.5, 2, 3, 4)
SECONDS: Final = 3
CAPACITY_SECONDS: Final = 2
CLOSED_LOOP: Final = 64
PATIENCE_SECONDS: Final = 1.0
"""After so long a client gives up, closes its connection, and comes again with another."""
PAUSE_SECONDS: Final = 0.02
QUIET_SECONDS: Final = 1.5
AFTER_SECONDS: Final = 2
GRACE_SECONDS: Final = 60

CREATED: Final = 201
REFUSED: Final = 503


@dataclass(slots=True)
class Outcome:
    """What became of the requests that were to be sent in so many seconds. Latencies in seconds, from the time each was due."""

    offered: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    in_time: list[float] = field(default_factory=list)
    """Of the right answers that came within a second."""
    late: int = 0
    unsent: int = 0
    """No connection was free: all of them waited for an answer."""
    cut: int = 0


class Flood:
    """Sends each request at its time, over whichever connection is free."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.outcome = Outcome()
        self.free: deque[Client] = deque()
        self._port = port
        self._requests = requests
        self._waiting: deque[tuple[float, Client]] = deque()
        self._has_ended = False
        self._opening: set[asyncio.Task[None]] = set()

    async def run(self, rate: float, seconds: float) -> Outcome:
        """Keep to the rate for so long, and wait for the last answers."""
        for _ in range(CONNECTIONS // TOGETHER):
            await asyncio.gather(*(self._open() for _ in range(TOGETHER)))
        began, sent = time.perf_counter(), 0
        while (now := time.perf_counter()) < began + seconds:
            while sent < (now - began) * rate:
                self._send(began + sent / rate)
                sent += 1
            self._give_up(now)
            await asyncio.sleep(0.001)
        while self._waiting:
            self._give_up(time.perf_counter())
            await asyncio.sleep(0.01)
        self.outcome.offered = sent
        self._has_ended = True
        await asyncio.gather(*self._opening, return_exceptions=True)
        for client in self.free:
            client.abort()
        await asyncio.sleep(0.1)  # for all of them to be closed
        return self.outcome

    def _send(self, due: float) -> None:
        while self.free:
            client = self.free.popleft()
            if client.is_open:
                client.send(next(self._requests), due)
                self._waiting.append((due, client))
                return
        self.outcome.unsent += 1

    def _give_up(self, now: float) -> None:
        while self._waiting and (
            self._waiting[0][1].due != self._waiting[0][0] or now > self._waiting[0][0] + PATIENCE_SECONDS
        ):
            due, client = self._waiting.popleft()
            if client.due == due:
                self.outcome.late += 1
                client.abort()

    def answered(self, client: "Client", status: int, body: bytes) -> None:
        """Count it, and use the connection again."""
        latency = time.perf_counter() - client.due
        client.due = 0.0
        self.outcome.statuses[status] += 1
        if status == CREATED:
            assert body.startswith(b'{"id":"'), body
            if latency <= PATIENCE_SECONDS:
                self.outcome.in_time.append(latency)
            else:
                self.outcome.late += 1
        self.free.append(client)

    def lost(self, client: "Client") -> None:
        """Open another one in its place."""
        if self._has_ended:
            return
        if client.due:
            self.outcome.cut += 1
        task = asyncio.ensure_future(self._open())
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self) -> None:
        with suppress(OSError):
            await asyncio.get_running_loop().create_connection(lambda: Client(self), "127.0.0.1", self._port)


class Client(asyncio.Protocol):
    """A connection with at most one request under way."""

    _transport: asyncio.Transport

    def __init__(self, flood: Flood) -> None:
        self.due = 0.0
        """When the request under way was to be sent; 0 if there is none."""
        self.is_open = False
        self._flood = flood
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # it is one of TCP
        self.is_open = True
        self._flood.free.append(self)

    def send(self, request: bytes, due: float) -> None:
        """Send a request."""
        self.due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        answer = parse(self._received)
        if answer is not None:
            self._received = b""
            self._flood.answered(self, *answer)

    def connection_lost(self, _: Exception | None) -> None:
        self.is_open = False
        self._flood.lost(self)

    def abort(self) -> None:
        """Close it at once."""
        self.due = 0.0
        self._transport.abort()


def raise_descriptors() -> None:
    """A connection is a file here and one there."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * CONNECTIONS), hard))


def in_process(work: Callable[..., T], *arguments: Any) -> "tuple[multiprocessing.process.BaseProcess, Pipe]":
    """Start it in a process of its own, so that what is measured does not wait for the one that measures."""
    ours, theirs = multiprocessing.Pipe()

    def answer() -> None:
        theirs.send(work(*arguments))

    # Forked while nothing runs here: neither an event loop nor a connection is there to be inherited.
    process = multiprocessing.get_context("fork").Process(target=answer)
    process.start()
    return process, ours


def result_of(running: "tuple[multiprocessing.process.BaseProcess, Pipe]") -> Any:
    """What it has come to, once it has ended."""
    process, pipe = running
    try:
        assert pipe.poll(GRACE_SECONDS), "A process of the measurement does not answer."
        return pipe.recv()
    finally:
        process.join(1)  # it has only to end
        process.terminate()
        process.join()


def flood(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> Outcome:
    """See `Flood`."""

    async def _flood() -> Outcome:
        return await Flood(port, cycle(requests)).run(rate, seconds)

    return uvloop.run(_flood())


def health(port: int, seconds: float) -> list[float]:
    """How long each answer of `/livez` took, with its new connection, in seconds."""
    return asyncio.run(_health(port, seconds))


async def _health(port: int, seconds: float) -> list[float]:
    found = []
    ends_at = time.perf_counter() + seconds
    while (began := time.perf_counter()) < ends_at:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(http_request("GET", "/livez", None))
        async with asyncio.timeout(GRACE_SECONDS):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        found.append(time.perf_counter() - began)
        writer.close()
        await asyncio.sleep(PAUSE_SECONDS)
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """One load, and what became of it."""

    times: float
    offered: float
    goodput: float
    for_each_cpu_second: float
    p99: float
    refused: float
    lost: float
    """Answered too late, not at all, or wrongly."""
    livez: list[float]


def creates(tokens: Sequence[str]) -> list[bytes]:
    """One request of each user."""
    body = json.dumps({"title": "Buy oat milk", "description": "Two litres, unsweetened."}).encode()
    return [http_request("POST", "/api/me/tasks", token, body) for token in tokens]


def capacity_of(instance: Instance, requests: Sequence[bytes]) -> float:
    """How many are answered in a second of those that come as fast as few connections, which wait for each answer, could ask."""
    exchanges = cycle([Exchange(each, CREATED, lambda _: None) for each in requests])
    found = instance.measure(exchanges, connections=CLOSED_LOOP, warm_up_seconds=1, seconds=CAPACITY_SECONDS)
    outcome: Outcome = result_of(in_process(flood, instance.port, requests, found.rate, CAPACITY_SECONDS))
    return len(outcome.in_time) / CAPACITY_SECONDS


def overload(instance: Instance, processes: Sequence[int], requests: Sequence[bytes], rate: float, times: float) -> Row:
    """So many times the rate."""
    before = cpu_seconds(processes)
    loading = in_process(flood, instance.port, requests, rate * times, SECONDS)
    livez = in_process(health, instance.port, SECONDS)
    outcome: Outcome = result_of(loading)
    cpu = cpu_seconds(processes) - before
    goodput = len(outcome.in_time)
    refused = outcome.statuses[REFUSED]
    return Row(
        times,
        outcome.offered / SECONDS,
        goodput / SECONDS,
        goodput / max(cpu, 0.01),
        1000 * percentile(sorted(outcome.in_time), 99) if outcome.in_time else 0,
        refused / SECONDS,
        (outcome.offered - goodput - refused) / SECONDS,
        sorted(1000 * each for each in result_of(livez)),
    )


def quiet(instance: Instance, token: str) -> str:
    """What one user notices who asks for one thing after the other."""
    exchanges = cycle([Exchange(each, CREATED, lambda _: None) for each in creates([token])])
    found = instance.measure(exchanges, connections=1, warm_up_seconds=0.2, seconds=QUIET_SECONDS)
    return f"p50 {found.p50:.1f} ms, p99 {found.p99:.1f} ms"


def measure(backend: Backend, workers: int) -> None:
    """Measure one kind of server and print its table."""
    with serving(backend, workers) as instance:
        processes = (instance.pid, *backend.processes)
        tokens = [sign_up(instance.port, 1000 * workers + number) for number in range(USERS)]
        requests = creates(tokens)
        rate = capacity_of(instance, requests)
        before = quiet(instance, tokens[0])
        rows = [overload(instance, processes, requests, rate, times) for times in TIMES]
        time.sleep(AFTER_SECONDS)
        after = quiet(instance, tokens[0])
    peak = max(row.for_each_cpu_second for row in rows)
    name = f"{backend.name}, {workers} worker{'s' if workers > 1 else ''}"
    print(
        f"\n{name}: {rate:,.0f} creates/s are its capacity; one user alone: {before}; {AFTER_SECONDS} s after: {after}\n"
    )
    print(
        "| times | offered/s | goodput/s | for each s of CPU | of its peak | p99 | refused/s | lost/s | `/livez` p99 | max |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        print(
            f"| {row.times:g} | {row.offered:,.0f} | {row.goodput:,.0f} | {row.for_each_cpu_second:,.0f} "
            f"| {row.for_each_cpu_second / peak:.0%} | {row.p99:,.0f} ms | {row.refused:,.0f} | {row.lost:,.0f} "
            f"| {percentile(row.livez, 99):.0f} ms | {row.livez[-1]:.0f} ms |",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overload")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--workers", type=int, nargs="+", default=(1, 2))
    arguments = parser.parse_args()
    raise_descriptors()
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, backends(Path(name)) as databases:
        for backend in databases:
            if arguments.only in {None, backend.name.lower()}:
                backend.migrate()
                for workers in arguments.workers:
                    measure(backend, workers)


if __name__ == "__main__":
    run(main)
