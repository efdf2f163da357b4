"""PostgreSQL with a network in between, of 1 ms each way: `python -m benchmarks.network`. It needs Linux.

Between Doable and PostgreSQL, which the tests start, stands a relay that holds back whatever it receives for so long and no
longer: what was sent together arrives together, however much it is. It counts how often Doable waits for an answer before it
sends more, which is what a network costs. Then 32 connections, of as many users, ask as fast as they can.
"""

import argparse
import asyncio
import ctypes
import os
import platform
import selectors
import socket
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from benchmarks.client import Exchange
from benchmarks.command import run, some_of
from benchmarks.figures import Figure, end, table
from benchmarks.filling import FILED, TAG, fill
from benchmarks.instances import Backend, Instance, serving
from benchmarks.owner import Owner
from benchmarks.postgresql import postgresql
from benchmarks.rounds import say

DELAY_SECONDS: Final = 0.001
PARTS: Final = ("trips", "rates")
USERS: Final = 32
"""As many connections ask, and each user has some to read and change; as many others make tasks and delete them."""
TASKS: Final = 1_000
WORKERS: Final = (1, 4)
WARM_UP_SECONDS: Final = 0.5
TIMES: Final = 6
"""A statement that is new to a connection takes another round trip, so everything is done so often, and the least counts."""
MOST_LINES: Final = 1_000
"""Connections to PostgreSQL, each of which is counted by itself."""

READ: Final = 1
CREATE: Final = 3
PATCH: Final = 4
WITH_A_KEY: Final = 2
"""Round trips, before the COMMIT of a write."""

RATES: Final[dict[str, Callable[[Owner], Iterator[Exchange]]]] = {
    "get one": Owner.get,
    "list 20, with total": Owner.page,
    "update": Owner.update,
    "complete": Owner.complete,
    "create": Owner.create,
    "delete": Owner.delete,
}

Counts = ctypes.Array[ctypes.c_longlong]


class Line:
    """A connection through the relay, and the round trips that were made on it."""

    def __init__(self, number: int, counts: Counts) -> None:
        self._number = number
        self._counts = counts
        self._is_answered = True

    def asked(self, data: bytes) -> None:
        """Note what the client has sent."""
        if self._is_answered and not data.startswith(b"Q\0\0\0\x0bCOMMIT"):
            self._counts[self._number] += 1
        self._is_answered = False

    def answered(self, _: bytes) -> None:
        """Note what the server has sent."""
        self._is_answered = True


class End(asyncio.Protocol):
    """One end of a connection: what it receives is at the other end after the delay."""

    transport: asyncio.Transport
    other: "End"

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard
        self._later = asyncio.get_running_loop().call_later

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard(data)
        self._later(DELAY_SECONDS, self.other.transport.write, data)

    def connection_lost(self, _: Exception | None) -> None:
        self._later(DELAY_SECONDS, self.other.transport.close)


async def relay(listener: socket.socket, port: int, counts: Counts) -> None:
    """Relay each connection that comes to the listener to this port, until the process ends."""
    loop = asyncio.get_running_loop()
    for number in range(MOST_LINES):
        client, _ = await loop.sock_accept(listener)
        line = Line(number, counts)
        near, far = End(line.asked), End(line.answered)
        near.other, far.other = far, near
        await loop.create_connection(partial(_same, far), "127.0.0.1", port)
        await loop.connect_accepted_socket(partial(_same, near), client)


def _same(end: End) -> End:
    return end


def relay_all(listener: socket.socket, port: int, counts: Counts) -> None:
    """The relay's process. Its loop waits by `select`, which counts in microseconds; that of uvloop or `epoll` in milliseconds."""
    listener.settimeout(0)
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    loop.run_until_complete(relay(listener, port, counts))


@dataclass(frozen=True, slots=True)
class Network:
    """A relay that runs."""

    port: int
    pid: int
    counts: Counts

    def trips(self, act: Callable[[], Any]) -> int:
        """How many round trips an act takes, on the connection that has most: others are told of a change on one of their own."""
        before = self.counts[:]
        act()
        return max(after - once for after, once in zip(self.counts[:], before, strict=True))


@contextmanager
def network(port: int) -> Iterator[Network]:
    """A network before this port."""
    spawning = get_context("spawn")
    counts = spawning.RawArray(ctypes.c_longlong, MOST_LINES)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        process = spawning.Process(target=relay_all, args=(listener, port, counts), daemon=True)
        process.start()
        assert process.pid is not None
        try:
            yield Network(listener.getsockname()[1], process.pid, counts)
        finally:
            process.terminate()
            process.join()


def behind(backend: Backend, between: Network) -> Backend:
    """The same database, with the network before it."""
    assert backend.url is not None
    url = urlsplit(backend.url)
    return replace(backend, url=url._replace(netloc=f"{url.username}@127.0.0.1:{between.port}").geturl())


def trips(server: Instance, between: Network, owner: Owner) -> list[Figure]:
    """The round trips of each operation, of a server that nobody else asks."""
    found: dict[str, list[int]] = {}
    headers = {"Authorization": f"Bearer {owner.token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}/api/me", headers=headers) as client:
        a_list = client.post("/lists", json={"name": "Errands"}).raise_for_status().json()["id"]

        def ask(what: str, method: str, path: str, body: Any = None, *, key: bool = False) -> Any:
            sent = {"Idempotency-Key": str(uuid.uuid4())} if key else {}
            answers: list[httpx.Response] = []
            took = between.trips(lambda: answers.append(client.request(method, path, json=body, headers=sent)))
            found.setdefault(what, []).append(took)
            return answers[0].raise_for_status()

        for number in range(TIMES):
            made = [
                ask("create", "POST", "/tasks", {"title": "Buy oat milk"}),
                ask("create, with a key", "POST", "/tasks", {"title": "Buy oat milk"}, key=True),
                ask(
                    "create, in a list, with a tag and a reminder",
                    "POST",
                    "/tasks",
                    {
                        "title": "Buy oat milk",
                        "list_id": a_list,
                        "tags": [TAG],
                        "due": {"date": "2199-01-01", "time": "18:00:00", "timezone": "Europe/Berlin"},
                        "reminders": [{"offset": "-PT30M"}],
                    },
                ),
            ]
            one, two, three = (f"/tasks/{each.json()['id']}" for each in made)
            ask("get one", "GET", one)
            ask("list 20, with total", "GET", "/tasks?limit=20")
            ask("changes", "GET", "/changes?limit=20")
            # Longer each time, so that the account's bytes move too.
            ask("PATCH", "PATCH", one, {"title": "Buy milk and bread" + number * "!"})
            ask("PATCH, with a key", "PATCH", one, {"title": "Buy oat milk and bread" + number * "!"}, key=True)
            ask("PATCH, another tag", "PATCH", three, {"tags": ["work"]})
            ask("complete", "PATCH", f"{one}/complete", {"is_completed": True})
            ask("reopen", "PATCH", f"{one}/complete", {"is_completed": False})
            ask("move to a list", "POST", f"{two}/move", {"list_id": a_list})
            ask("delete", "DELETE", one)
            ask("delete, with a tag and a reminder", "DELETE", three)
            operations = [{"op": "create", "task": {"title": f"Buy {each} litres"}} for each in range(10)]
            ask("batch: create 10", "POST", "/tasks/batch", {"operations": operations})
    asked = {
        **dict.fromkeys(("get one", "list 20, with total"), READ),
        "create": CREATE,
        "create, with a key": CREATE + WITH_A_KEY,
        "PATCH": PATCH,
        "PATCH, with a key": PATCH + WITH_A_KEY,
        "complete": PATCH,
    }
    return [_figure(f"round trips, {what}", min(counts), asked.get(what)) for what, counts in found.items()]


def _figure(what: str, number: int, most: int | None) -> Figure:
    return Figure(what, f"{number}") if most is None else Figure(what, f"{number}", f"≤ {most}", number <= most)


def in_turn(owners: list[Owner], what: str) -> Iterator[Exchange]:
    """What each of the users asks, one after another."""
    of_each = cycle([RATES[what](owner) for owner in owners])
    return (next(each) for each in of_each)


def rates(
    backend: Backend,
    server: Instance,
    workers: int,
    asked: Mapping[str, Iterator[Exchange]],
    options: argparse.Namespace,
) -> Iterator[Figure]:
    """Requests a second, p99 and what they cost."""
    for what, exchanges in asked.items():
        runs = [
            server.measure(
                exchanges,
                connections=USERS,
                warm_up_seconds=WARM_UP_SECONDS,
                seconds=options.seconds,
                processes=backend.processes,
            )
            for _ in range(options.rounds)
        ]
        rate, p99, cost = (median(getattr(each, name) for each in runs) for name in ("rate", "p99", "server_cpu"))
        say(f"{what}, {workers}: {rate:,.0f}")
        yield Figure(
            f"{what}, {workers} {'worker' if workers == 1 else 'workers'}",
            f"{rate:,.0f} requests/s, p99 {p99:.0f} ms, {100 * cost:.0f} µs of a processor each",
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.network", description=__doc__)
    parser.add_argument("--part", type=some_of(PARTS), default=list(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--only", type=some_of(RATES), default=list(RATES), help=f"some of {','.join(RATES)}")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each run takes")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    options = parser.parse_args()
    began = time.monotonic()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, ExitStack() as stack:
        running = stack.enter_context(postgresql())
        backend = Backend("PostgreSQL", Path(name), running.new_database(), (running.main_process(),))
        backend.migrate()
        ids = fill(backend, [TASKS] * (2 * USERS + 1), FILED)
        between = stack.enter_context(network(running.port))
        far = behind(backend, between)
        asked: dict[str, Iterator[Exchange]] = {}
        for workers in WORKERS:
            with serving(far, workers) as server:
                if "trips" in options.part and workers == 1:
                    figures += trips(server, between, Owner(server.port, server.log_in(2 * USERS), ids[-1]))
                if "rates" in options.part:
                    owners = (
                        []
                        if asked
                        else [Owner(server.port, server.log_in(each), ids[each]) for each in range(2 * USERS)]
                    )
                    # What is deleted once is not there for the next server.
                    asked = asked or {
                        what: in_turn(owners[USERS:] if what in {"create", "delete"} else owners[:USERS], what)
                        for what in options.only
                    }
                    figures += rates(far, server, workers, asked, options)
    print(
        f"""
{table(figures)}

- {datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}
- {time.monotonic() - began:.0f} s in all"""
    )
    end(figures)


if __name__ == "__main__":
    run(main)
