"""Measure the event streams of Doable, on both databases: `python -m benchmarks.events`. It needs Linux.

What 1,000 idle streams cost the server in memory and threads, what 200 quiet ones cost in CPU while others write, and
how long after the answer to a write its event is at each follower. PostgreSQL is the one that the tests start.
"""

import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import uvloop

from benchmarks.client import percentile
from benchmarks.instances import Backend, serving
from benchmarks.messages import http_request, parse
from benchmarks.postgresql import postgresql
from benchmarks.processes import cpu_seconds, status
from benchmarks.workload import PASSWORD, email

STREAMS: Final = 1000
FOLLOWED: Final = 50
"""So many users share the idle streams."""
FOLLOWERS: Final = 8
WRITES: Final = 200
LOOK_SECONDS: Final = 7
"""Longer than a stream waits until it looks again: each has done so at least once."""
QUIET: Final = 200
WRITES_A_SECOND: Final = 16
QUIET_SECONDS: Final = 10
GRACE_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Idle:
    """What idle streams cost: KiB and threads, of all processes of the server."""

    memory_before: int
    memory_after: int
    threads_before: int
    threads_after: int


def main() -> None:
    """Measure and print."""
    # A stream is a file here and one there.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * STREAMS), hard))
    idle, delays, quiet = {}, {}, {}
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, postgresql() as server:
        for database, url in (("SQLite", lambda: None), ("PostgreSQL", server.new_database)):
            for workers in (1, 2):
                backend = Backend(database, Path(name, f"{database} {workers}"), url(), ())
                backend.folder.mkdir()
                backend.migrate()
                with serving(backend, workers) as running:
                    delays[database, workers] = uvloop.run(delays_of_writes(running.port, running.workers))
                    quiet[database, workers] = uvloop.run(cpu_of_quiet_streams(running.port, running.workers))
                    if workers == 1:
                        idle[database] = uvloop.run(idle_streams(running.port, running.workers))
                print(f"{database} with {workers} is done", file=sys.stderr, flush=True)
    print(f"\n| {STREAMS:,} idle streams | memory before | after | each | threads before | after |")
    print("|---|---:|---:|---:|---:|---:|")
    for database, cost in idle.items():
        more = cost.memory_after - cost.memory_before
        print(
            f"| {database} | {cost.memory_before / 1024:.1f} MiB | {cost.memory_after / 1024:.1f} MiB "
            f"| {more / STREAMS:.1f} KiB | {cost.threads_before} | {cost.threads_after} |"
        )
    print(f"\n| of a core, {WRITES_A_SECOND} writes a second of one user | nobody follows | {QUIET} follow others |")
    print("|---|---:|---:|")
    for (database, workers), (alone, followed) in quiet.items():
        print(f"| {database}, {workers} worker{'s' if workers > 1 else ''} | {alone:.1%} | {followed:.1%} |")
    print(f"\n| from a write's answer to its event, {WRITES} writes, {FOLLOWERS} followers | median | p99 | max |")
    print("|---|---:|---:|---:|")
    for (database, workers), found in delays.items():
        figures = " | ".join(f"{1000 * percentile(found, percent):.1f} ms" for percent in (50, 99, 100))
        print(f"| {database}, {workers} worker{'s' if workers > 1 else ''} | {figures} |")


def sign_up(port: int, number: int) -> str:
    """The token of a new user."""
    credentials = {"email": email(number), "password": PASSWORD}
    answer = httpx.post(f"http://127.0.0.1:{port}/api/auth/signup", json=credentials, timeout=GRACE_SECONDS)
    token: str = answer.raise_for_status().json()["access_token"]
    return token


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def following(port: int, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """A stream of the user's events, which has begun."""
    async with connected(port) as (reader, writer):
        writer.write(http_request("GET", "/api/me/events", token))
        async with asyncio.timeout(GRACE_SECONDS):
            head = await reader.readuntil(b"retry: 1000\n\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        yield reader


async def idle_streams(port: int, pids: list[int]) -> Idle:
    """What they cost. Before, a few have come and gone, so that whatever is only needed once is there."""
    tokens = [sign_up(port, 1000 + number) for number in range(FOLLOWED)]
    async with AsyncExitStack() as some:
        for token in tokens:
            await some.enter_async_context(following(port, token))
        await asyncio.sleep(1)
    before = [sum(status(pid, name) for pid in pids) for name in ("VmRSS", "Threads")]
    async with AsyncExitStack() as all_of_them:
        for number in range(STREAMS):
            await all_of_them.enter_async_context(following(port, tokens[number % FOLLOWED]))
        await asyncio.sleep(LOOK_SECONDS)
        after = [sum(status(pid, name) for pid in pids) for name in ("VmRSS", "Threads")]
    return Idle(before[0], after[0], before[1], after[1])


async def cpu_of_quiet_streams(port: int, pids: list[int]) -> tuple[float, float]:
    """The CPU, as a part of a core, that one user's writes cost: while nobody follows, and while many follow others."""
    writer, *followed = (sign_up(port, 2000 + number) for number in range(1 + FOLLOWED))
    alone = await cpu_of_writes(port, pids, writer, 0)
    async with AsyncExitStack() as all_of_them:
        for number in range(QUIET):
            await all_of_them.enter_async_context(following(port, followed[number % FOLLOWED]))
        return alone, await cpu_of_writes(port, pids, writer, QUIET_SECONDS * WRITES_A_SECOND)


async def cpu_of_writes(port: int, pids: list[int], token: str, revision: int) -> float:
    """The same, for some seconds of writes after this revision."""
    began, before = time.monotonic(), cpu_seconds(pids)
    for number in range(1, QUIET_SECONDS * WRITES_A_SECOND + 1):
        await asyncio.sleep(max(0.0, began + number / WRITES_A_SECOND - time.monotonic()))
        await write(port, token, revision + number)
    return (cpu_seconds(pids) - before) / (time.monotonic() - began)


async def delays_of_writes(port: int, pids: list[int]) -> list[float]:
    """For each write and each follower, the seconds from the answer to the event; less than 0 where it came before."""
    from support.workers import stopped

    token = sign_up(port, 0)
    delays = []
    async with AsyncExitStack() as stack:
        readers = []
        for pid in pids:
            # As many followers at each worker.
            with stopped(*[other for other in pids if other != pid]):
                for _ in range(FOLLOWERS // len(pids)):
                    readers.append(await stack.enter_async_context(following(port, token)))  # noqa: PERF401 - it awaits
        for revision in range(1, WRITES + 1):
            # Without a pause each write would fall into the same moment of the followers' own pauses.
            await asyncio.sleep(random.uniform(0.05, 0.15))  # noqa: S311 - a pause, not a secret
            arrivals = [asyncio.create_task(arrival(reader, revision)) for reader in readers]
            answered_at = await write(port, token, revision)
            delays += [arrived_at - answered_at for arrived_at in await asyncio.gather(*arrivals)]
    return sorted(delays)


async def write(port: int, token: str, revision: int) -> float:
    """Create a task over a new connection, which any worker may get; when it was answered."""
    async with connected(port) as (reader, writer):
        body = json.dumps({"title": f"Task {revision}"}).encode()
        writer.write(http_request("POST", "/api/me/tasks", token, body))
        received = b""
        while (answer := parse(received)) is None:
            some = await reader.read(65_536)
            assert some, received
            received += some
        answered_at = time.perf_counter()
    assert answer[0] == 201, answer
    assert json.loads(answer[1])["revision"] == revision
    return answered_at


async def arrival(reader: asyncio.StreamReader, revision: int) -> float:
    """When the event of this revision has come."""
    async with asyncio.timeout(GRACE_SECONDS):
        await reader.readuntil(b"id: %d\n" % revision)
        arrived_at = time.perf_counter()
        await reader.readuntil(b"\n\n")
    return arrived_at


if __name__ == "__main__":
    main()
