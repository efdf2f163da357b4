"""Measure what hammering log-in costs everyone else, on both databases: `python -m benchmarks.hammering`. It needs Linux.

64 clients log in without a pause, in a process of their own, while somebody else reads and writes tasks. PostgreSQL is the
one that the tests start.
"""

import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import uvloop

from benchmarks.client import percentile
from benchmarks.events import connected, sign_up
from benchmarks.instances import Backend, serving
from benchmarks.messages import http_request, parse
from benchmarks.postgresql import postgresql
from benchmarks.workload import email

CLIENTS: Final = 64
SECONDS: Final = 10
SETTLE_SECONDS: Final = 1
PAUSE_SECONDS: Final = 0.01
"""Between two requests of the one who is measured: a user, not a load."""
GRACE_SECONDS: Final = 60

QUIET: Final = "nobody logs in"
ONE: Final = "wrong passwords, one account"
MANY: Final = "wrong passwords, a new account each time"

Figures = dict[str, list[float]]


def main() -> None:
    """Measure and print."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, postgresql() as server:
        for database, url in (("SQLite", lambda: None), ("PostgreSQL", server.new_database)):
            backend = Backend(database, Path(name, database), url(), ())
            backend.folder.mkdir()
            backend.migrate()
            with serving(backend) as running:
                port, token = running.port, sign_up(running.port, 0)
                for what in (QUIET, ONE, MANY):
                    with hammering(port, what) as statuses:
                        figures = uvloop.run(somebody_else(port, token))
                    rows.append((database, what, figures, statuses))
                    print(f"{database}, {what}: done", file=sys.stderr, flush=True)
    print(
        f"\n| {CLIENTS} clients, {SECONDS} s | log-ins/s | get p50 | get p99 | get max | create p50 | create p99 | create max |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for database, what, figures, statuses in rows:
        answered = ", ".join(f"{status}: {number / SECONDS:,.0f}" for status, number in sorted(statuses.items()))
        found = [
            f"{1000 * percentile(sorted(figures[each]), percent):.1f} ms"
            for each in ("get", "create")
            for percent in (50, 99, 100)
        ]
        print(f"| {database}: {what} | {answered or 'none'} | {' | '.join(found)} |")


async def somebody_else(port: int, token: str) -> Figures:
    """How long each of one user's requests takes, reads and writes in turn."""
    figures: Figures = {"get": [], "create": []}
    await asyncio.sleep(SETTLE_SECONDS)
    async with connected(port) as (reader, writer):
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            body = json.dumps({"title": "Buy oat milk"}).encode()
            began = time.perf_counter()
            status, answer = await ask(reader, writer, http_request("POST", "/api/me/tasks", token, body))
            figures["create"].append(time.perf_counter() - began)
            assert status == 201, answer
            path = f"/api/me/tasks/{json.loads(answer)['id']}"
            await asyncio.sleep(PAUSE_SECONDS)
            began = time.perf_counter()
            status, answer = await ask(reader, writer, http_request("GET", path, token))
            figures["get"].append(time.perf_counter() - began)
            assert status == 200, answer
            await asyncio.sleep(PAUSE_SECONDS)
    return figures


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    """One request over a connection that is kept; its status and body."""
    writer.write(request)
    received = b""
    async with asyncio.timeout(GRACE_SECONDS):
        while (answer := parse(received)) is None:
            some = await reader.read(65_536)
            assert some, received
            received += some
    return answer


@contextmanager
def hammering(port: int, what: str) -> Iterator[Counter[int]]:
    """While it lasts, the clients log in. The counts are there when it has ended: of each status, while it was measured."""
    statuses: Counter[int] = Counter()
    if what == QUIET:
        yield statuses
        return
    ours, theirs = multiprocessing.Pipe()
    # Forked while nothing runs here: neither an event loop nor a connection is there to be inherited.
    clients = multiprocessing.get_context("fork").Process(target=hammer, args=(port, what, theirs))
    clients.start()
    assert ours.poll(GRACE_SECONDS), "The clients have not started."
    ours.recv()
    try:
        yield statuses
        ours.send("stop")
        assert ours.poll(GRACE_SECONDS), "The clients have not stopped."
        statuses.update(ours.recv())
    finally:
        clients.terminate()
        clients.join()


def hammer(port: int, what: str, parent: Connection) -> None:
    """Log in until the parent says stop, then tell it what was answered."""
    uvloop.run(_hammer(port, what, parent))


async def _hammer(port: int, what: str, parent: Connection) -> None:
    statuses: Counter[int] = Counter()
    numbers = count(1)

    async def client() -> None:
        async with connected(port) as (reader, writer):
            while True:
                address = email(next(numbers) if what == MANY else 1)
                body = json.dumps({"email": address, "password": "a wrong password"}).encode()
                status, _ = await ask(reader, writer, http_request("POST", "/api/auth/login", None, body))
                statuses[status] += 1

    clients = [asyncio.create_task(client()) for _ in range(CLIENTS)]
    parent.send("started")
    await asyncio.sleep(SETTLE_SECONDS)
    statuses.clear()
    stopping = asyncio.get_running_loop().run_in_executor(None, parent.recv)
    await asyncio.wait([*clients, stopping], return_when=asyncio.FIRST_COMPLETED)
    for each in clients:
        if each.done():
            each.result()  # it never ends but by an error
        each.cancel()
    parent.send(dict(statuses))


if __name__ == "__main__":
    main()
