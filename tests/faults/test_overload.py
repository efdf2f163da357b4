"""More than one process can do, and what is heavy beside what is small."""

import asyncio
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import uvloop

from benchmarks.client import percentile
from benchmarks.events import connected, following
from benchmarks.hammering import ask
from benchmarks.instances import Instance
from benchmarks.messages import http_request
from benchmarks.overload import USERS, capacity_of, creates, overload, raise_descriptors
from conftest import NewServer
from faults.conftest import measured
from support.postgresql import PostgreSQL
from support.server import Server
from support.users import User

OF_PEAK: Final = 0.6
P99_MS: Final = 1000
LIVEZ_MS: Final = 100
AFTER_SECONDS: Final = 2

LOG_INS, STREAMS, LONG_READS, LARGE_BODIES = 16, 500, 8, 2
TASKS: Final = 5000
READS: Final = 400
TIMES: Final = 3
LEAST_MS: Final = 10
"""What is shorter than three times this is too short for a ratio on a machine with two cores."""


@contextmanager
def signed_up(server: Server, number: int) -> Iterator[list[User]]:
    """So many new users."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(User(server.url))) for _ in range(number)]


def p99(user: User) -> float:
    """Of small reads, one after another, in milliseconds."""
    took = []
    for _ in range(READS):
        began = time.perf_counter()
        assert user.get(f"{user.tasks}?limit=1").status_code == 200
        took.append(1000 * (time.perf_counter() - began))
        time.sleep(0.005)
    return statistics.quantiles(took, n=100)[98]


def test_more_than_it_can_do(new_server: NewServer, backend: str, postgresql: PostgreSQL | None) -> None:
    raise_descriptors()
    with new_server() as server, signed_up(server, USERS) as users:
        pid = server.process.pid
        instance, processes = Instance(server.port, pid, [pid]), [pid]
        if postgresql is not None:
            processes.append(postgresql.main_process())
        requests = creates([user.token for user in users])
        before = p99(users[0])
        capacity = capacity_of(instance, requests)
        rows = [overload(instance, processes, requests, capacity, times) for times in (1, 3, 4)]
        time.sleep(AFTER_SECONDS)
        after = p99(users[0])
    peak = max(row.for_each_cpu_second for row in rows)
    for row in rows:
        measured(
            f"{backend}, creates at {row.times:g} times the capacity ({capacity:,.0f}/s)",
            f"{row.goodput:,.0f}/s, {row.for_each_cpu_second / peak:.0%} of the peak for a second of processor; "
            f"p99 {row.p99:.0f} ms; {row.refused:,.0f}/s refused, {row.lost:,.0f}/s lost; "
            f"/livez p99 {percentile(row.livez, 99):.0f} ms",
        )
        assert row.times == 1 or row.for_each_cpu_second >= OF_PEAK * peak
        assert row.p99 < P99_MS
        assert percentile(row.livez, 99) < LIVEZ_MS
    measured(f"{backend}, p99 of small reads", f"{before:.1f} ms before, {after:.1f} ms {AFTER_SECONDS} s after")
    assert after < TIMES * max(before, LEAST_MS)


Beside = Callable[[int, list[str], Callable[[], None]], Coroutine[None, None, None]]
"""What goes on beside: takes the port, the tokens, and what to call when it is under way."""


async def log_ins(port: int, _: list[str], under_way: Callable[[], None]) -> None:
    numbers = count()

    async def client() -> None:
        async with connected(port) as (reader, writer):
            while True:
                body = json.dumps({"email": f"{next(numbers)}@example.com", "password": "a wrong password"}).encode()
                await ask(reader, writer, http_request("POST", "/api/auth/login", None, body))

    under_way()
    await asyncio.gather(*(client() for _ in range(LOG_INS)))


async def streams(port: int, tokens: list[str], under_way: Callable[[], None]) -> None:
    async with AsyncExitStack() as stack:
        for number in range(STREAMS):
            await stack.enter_async_context(following(port, tokens[number // 20]))
        under_way()
        await repeated(port, http_request("POST", "/api/me/tasks", tokens[0], b'{"title": "a"}'), 0.05)


async def long_reads(port: int, tokens: list[str], under_way: Callable[[], None]) -> None:
    under_way()
    request = http_request("GET", f"/api/me/tasks?offset={TASKS - 200}&limit=100", tokens[0])
    await asyncio.gather(*(repeated(port, request) for _ in range(LONG_READS)))


async def large_bodies(port: int, tokens: list[str], under_way: Callable[[], None]) -> None:
    under_way()
    description = "a" * 2000
    operations = [{"op": "create", "task": {"title": "a", "description": description}}] * 500
    body = json.dumps({"operations": operations}).encode()
    await asyncio.gather(
        *(repeated(port, http_request("POST", "/api/me/tasks/batch", tokens[n], body)) for n in range(LARGE_BODIES))
    )


async def repeated(port: int, request: bytes, pause: float = 0) -> None:
    async with connected(port) as (reader, writer):
        while True:
            status, answer = await ask(reader, writer, request)
            assert status < 300, answer
            await asyncio.sleep(pause)


@contextmanager
def beside(work: Beside, port: int, tokens: list[str]) -> Iterator[None]:
    """While it lasts, this goes on in a process of its own."""

    def run() -> None:
        raise_descriptors()
        uvloop.run(work(port, tokens, started.set))

    context = multiprocessing.get_context("fork")
    started, process = context.Event(), context.Process(target=run)
    process.start()
    try:
        assert started.wait(60), "It does not start."
        time.sleep(1)
        yield
        assert process.is_alive(), "It has ended with an error."
    finally:
        process.terminate()
        process.join()


def test_small_reads_beside_what_is_heavy(tmp_path: Path) -> None:
    with Server(tmp_path) as server, closing(User(server.url)) as reader, signed_up(server, STREAMS // 20) as users:
        tokens = [user.token for user in users]
        for _ in range(TASKS // 500):
            operations = [{"op": "create", "task": {"title": "a"}}] * 500
            assert users[0].post("/api/me/tasks/batch", json={"operations": operations}).is_success
        quiet = p99(reader)
        found: dict[str, float] = {}
        kinds: dict[str, Beside] = {
            f"{LOG_INS} clients that log in": log_ins,
            f"{STREAMS} event streams and a writer": streams,
            f"{LONG_READS} clients that read at an offset of {TASKS - 200}": long_reads,
            f"{LARGE_BODIES} clients with batches of 1 MB": large_bodies,
        }
        for what, work in kinds.items():
            with beside(work, server.port, tokens):
                found[what] = p99(reader)
            measured(f"p99 of small reads beside {what}", f"{found[what]:.1f} ms; {quiet:.1f} ms without")
        assert max(found.values()) < TIMES * max(quiet, LEAST_MS), found
