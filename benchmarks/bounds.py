"""Measure what everybody else notices of what is large: `python -m benchmarks.bounds`. It needs Linux.

A heartbeat asks `/livez` beside each of these, on both databases: a purge and a reading of 1,500,000 revocations, a purge
of 3,000,000 attempts, and the removal of a user with 500,000 tasks. It must never wait 200 ms more than its quiet p99, or it exits with 1.
Somebody else writes a task now and then, which is only reported. PostgreSQL is the one that the tests start.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import Final

import httpx

from benchmarks.client import percentile
from benchmarks.command import run
from benchmarks.events import sign_up
from benchmarks.figures import Figure, end, table
from benchmarks.filling import fill
from benchmarks.instances import Backend, Instance, backends, serving
from benchmarks.processes import memory_mib
from benchmarks.rounds import say
from benchmarks.workload import PASSWORD
from doable import clock
from doable.database.sqlite.driver import connect
from doable.database.types import instant_to_text

QUIET_SECONDS: Final = 10
PAUSE_SECONDS: Final = 0.01
ALLOWED_MS: Final = 200
TOGETHER: Final = 5_000
GRACE_SECONDS: Final = 1_800

EXPIRED, LIVE = "-1 hour", "+1 hour"
SQLITE: Final = {
    "revocations": "INSERT INTO revocations (id, expires_at) SELECT printf('%08x-0000-4000-8000-%012x', i, abs(random() % 1e12)), "
    "strftime('%Y-%m-%dT%H:%M:%S.', 'now', '{when}') || printf('%06dZ', i % 1000000) FROM n",
    "attempts": "INSERT INTO attempts (key, count, ends_at) SELECT 'reset ' || lower(hex(randomblob(32))), 1, "
    "strftime('%Y-%m-%dT%H:%M:%S.', 'now', '{when}') || printf('%06dZ', i % 1000000) FROM n",
}
POSTGRESQL: Final = {
    "revocations": "INSERT INTO revocations (id, expires_at, number) SELECT gen_random_uuid(), "
    "now() + interval '{when}' + i * interval '1 microsecond', pg_current_xact_id()::text::bigint FROM n",
    "attempts": "INSERT INTO attempts (key, count, ends_at) SELECT 'reset ' || sha256(i::text::bytea)::text, 1, "
    "now() + interval '{when}' + i * interval '1 microsecond' FROM n",
}


EXPIRED_ROWS: Final = {
    "revocations": "revocations WHERE expires_at < '{now}'",
    "attempts": "attempts WHERE ends_at < '{now}'",
}


@dataclass(slots=True)
class Heartbeat:
    """How long each answer took, in milliseconds, and each write of somebody else."""

    answers: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    refused: int = 0


@contextmanager
def heartbeat(port: int, token: str) -> Iterator[Heartbeat]:
    """Ask again and again while the block lasts."""
    found, stop = Heartbeat(), Event()

    def ask(into: list[float], method: str, path: str, body: str | None) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        while not stop.is_set():
            began = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            into.append(1000 * (time.perf_counter() - began))
            found.refused += answer.status not in {200, 201}
            time.sleep(PAUSE_SECONDS)
        connection.close()

    threads = [
        Thread(target=ask, args=(found.answers, "GET", "/livez", None)),
        Thread(target=ask, args=(found.writes, "POST", "/api/me/tasks", json.dumps({"title": "Buy oat milk"}))),
    ]
    for each in threads:
        each.start()
    try:
        yield found
    finally:
        stop.set()
        for each in threads:
            each.join()


def insert(backend: Backend, name: str, count: int, when: str) -> None:
    """So many rows, past the repositories: on SQLite in many transactions, since a server may be writing beside it."""
    if backend.url is not None:
        rows = f"WITH n AS (SELECT generate_series(1, {count}) AS i) {POSTGRESQL[name].format(when=when)}"
        asyncio.run(_execute(backend.url, rows))
        return
    connection = connect(backend.folder / "data" / "doable.db", busy_timeout_ms=60_000)
    for first in range(0, count, TOGETHER):
        numbers = f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n LIMIT {min(TOGETHER, count - first)})"  # noqa: S608 - our own
        connection.execute(f"{numbers} {SQLITE[name].format(when=when)}")
    connection.close()


async def _execute(url: str, statement: str) -> list[object]:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


def is_empty(backend: Backend, what: str) -> bool:
    """Whether nothing of this is left."""
    statement = f"SELECT 1 FROM {what} LIMIT 1".format(now=instant_to_text(clock.now()))  # noqa: S608 - our own
    if backend.url is not None:
        return not asyncio.run(_execute(backend.url, statement))
    connection = connect(backend.folder / "data" / "doable.db")
    try:
        return not connection.execute(statement).fetchall()
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool]) -> float:
    """How many seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + GRACE_SECONDS, "It has not come to an end."
        time.sleep(0.25)
    return time.monotonic() - began


@dataclass(slots=True)
class Bounds:
    """One database, and what was measured on it so far."""

    backend: Backend
    figures: list[Figure]
    quiet_p99: float = 0.0

    def note(self, what: str, beat: Heartbeat, seconds: float, more: str = "") -> None:
        """A line of the table."""
        slowest = max(beat.answers)
        text = f"p99 {percentile(sorted(beat.answers), 99):.0f} ms, at most {slowest:.0f} ms; in {seconds:.0f} s{more}"
        text += f"; others' writes at most {max(beat.writes):.0f} ms, {beat.refused} refused"
        allowed = self.quiet_p99 + ALLOWED_MS
        asked = f"at most {allowed:.0f} ms" if self.quiet_p99 else ""
        reached = slowest <= allowed if self.quiet_p99 else None
        self.figures.append(Figure(f"{self.backend.name}: {what}", text, asked, reached))
        say(f"{self.figures[-1].what}: {text}")


def measure(bounds: Bounds, options: argparse.Namespace) -> None:
    """All of it on one database."""
    backend = bounds.backend
    backend.migrate()
    fill(backend, [10, options.tasks])
    with serving(backend) as server:
        token = sign_up(server.port, 1_000)
        with heartbeat(server.port, token) as quiet:
            time.sleep(QUIET_SECONDS)
        bounds.note("quiet", quiet, QUIET_SECONDS)
        bounds.quiet_p99 = percentile(sorted(quiet.answers), 99)
        _removal(bounds, server, token, options.tasks)
    for name, count in (("revocations", options.revocations), ("attempts", options.attempts)):
        say(f"{backend.name}: {count:,} {name}")
        insert(backend, name, count, EXPIRED)
        # What has expired is purged when a server starts.
        with serving(backend) as server, heartbeat(server.port, token) as beat:
            seconds = wait_until(partial(is_empty, backend, EXPIRED_ROWS[name]))
            time.sleep(1)
        bounds.note(f"purge of {count:,} {name}", beat, seconds)
    with serving(backend) as server:
        _reading(bounds, server, token, options.revocations)
    began = time.monotonic()
    with serving(backend):
        seconds = time.monotonic() - began
    bounds.figures.append(
        Figure(f"{backend.name}: start with {options.revocations:,} live revocations", f"{seconds:.1f} s")
    )


def _removal(bounds: Bounds, server: Instance, token: str, tasks: int) -> None:
    """A user leaves, whose tasks are many."""
    leaving = server.log_in(1)
    url, headers = f"http://127.0.0.1:{server.port}/api/auth/me", {"Authorization": f"Bearer {leaving}"}
    with heartbeat(server.port, token) as beat:
        began = time.monotonic()
        answer = httpx.request("DELETE", url, headers=headers, json={"password": PASSWORD}, timeout=60)
        assert answer.status_code == httpx.codes.NO_CONTENT, answer.text
        answered = time.monotonic() - began
        seconds = wait_until(lambda: is_empty(bounds.backend, "owners WHERE removed_at IS NOT NULL"))
    bounds.note(f"removal of a user of {tasks:,} tasks", beat, seconds, f", answered after {1000 * answered:.0f} ms")


def _reading(bounds: Bounds, server: Instance, token: str, count: int) -> None:
    """As many are revoked while the server runs, and one more user, which it knows once it has read all of them."""
    other = sign_up(server.port, 2_000)
    url, headers = f"http://127.0.0.1:{server.port}/api/auth/me", {"Authorization": f"Bearer {other}"}
    user_id = httpx.get(url, headers=headers, timeout=60).json()["id"]
    with heartbeat(server.port, token) as beat:
        began = time.monotonic()
        insert(bounds.backend, "revocations", count, LIVE)
        inserted = time.monotonic() - began
        _revoke(bounds.backend, user_id)
        seconds = wait_until(
            lambda: httpx.get(url, headers=headers, timeout=60).status_code == httpx.codes.UNAUTHORIZED
        )
    bounds.note(
        f"reading of {count:,} revocations", beat, inserted + seconds, f", of which {inserted:.0f} s to insert them"
    )
    memory = f"{memory_mib(server.pid):.0f} MiB"
    bounds.figures.append(Figure(f"{bounds.backend.name}: memory with {count:,} live revocations", memory))


def _revoke(backend: Backend, user_id: str) -> None:
    from doable.accounts.gate.repository import revoke
    from doable.database import Transaction

    async def work(tx: Transaction) -> None:
        await revoke(tx, user_id, clock.now().replace(year=clock.now().year + 1))

    async def write() -> None:
        async with backend.open() as database:
            await database.write(work)

    asyncio.run(write())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bounds", description=__doc__)
    parser.add_argument("--revocations", type=int, default=1_500_000)
    parser.add_argument("--attempts", type=int, default=3_000_000)
    parser.add_argument("--tasks", type=int, default=500_000, help="how many the user has who leaves")
    options = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, backends(Path(name)) as both:
        for backend in both:
            measure(Bounds(backend, figures), options)
    print(f"\n{table(figures)}")
    end(figures)


if __name__ == "__main__":
    run(main)
