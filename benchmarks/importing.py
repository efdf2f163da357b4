"""Measure what others notice of large imports: `python -m benchmarks.importing`. It needs Linux.

Many users import a file each, at once: 1,000,000 tasks in all. Meanwhile other users read a task every 30 ms, and change one every 100 ms,
from a process of their own. Their p99 must stay under three times the quiet one, before and afterwards, on both databases, or it exits
with 1. PostgreSQL is the one that the tests start.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import uvloop

from benchmarks.beside import at_intervals
from benchmarks.client import percentile
from benchmarks.command import run, some_of
from benchmarks.figures import Figure, end, table
from benchmarks.filling import fill
from benchmarks.instances import Backend, Instance, backends, serving
from benchmarks.messages import http_request
from benchmarks.overload import in_process, result_of
from benchmarks.owner import PATH
from benchmarks.processes import cpu_seconds
from benchmarks.rounds import say
from benchmarks.workload import description, title

OTHERS: Final = 4
SMALL: Final = 1_000
READ_PAUSE_SECONDS: Final = 0.03
WRITE_PAUSE_SECONDS: Final = 0.1
QUIET_SECONDS: Final = 15
"""Before, and afterwards."""
LOOK_SECONDS: Final = 1
MOST: Final = 3
DATABASES: Final = ("sqlite", "postgresql")


@dataclass(slots=True)
class Waits:
    """How long each answer took, in milliseconds."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)

    def add(self, others: "Waits") -> None:
        """These as well."""
        self.reads += others.reads
        self.writes += others.writes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=__doc__)
    parser.add_argument(
        "--databases", type=some_of(DATABASES), default=DATABASES, help=f"some of {','.join(DATABASES)}"
    )
    parser.add_argument("--accounts", type=int, default=20, help="how many import at once")
    parser.add_argument("--tasks", type=int, default=50_000, help="how many each imports")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, backends(Path(name)) as both:
        for backend in both:
            if backend.name.lower() in options.databases:
                figures += measure(backend, options)
    print(table(figures))
    end(figures)


def measure(backend: Backend, options: argparse.Namespace) -> Iterator[Figure]:
    """Others alone, and beside the imports."""
    backend.migrate()
    accounts, tasks = options.accounts, options.tasks
    ids = fill(backend, [SMALL] * OTHERS + [1] * accounts)[:OTHERS]
    with serving(backend, options.workers) as server:
        tokens = [server.log_in(number) for number in range(OTHERS + accounts)]
        others = [*zip(tokens, ids, strict=False)]
        now_and_then(server, others, QUIET_SECONDS / 3)  # the first of each kind take longer
        quiet = now_and_then(server, others, QUIET_SECONDS)
        say(f"{backend.name}: quiet before: {in_words(quiet)}")
        importing = in_process(import_all, server.port, tokens[OTHERS:], tasks)
        began, cpu = time.monotonic(), cpu_seconds((server.pid, *backend.processes))
        beside = Waits()
        while importing[0].is_alive():
            beside.add(now_and_then(server, others, LOOK_SECONDS))
        result_of(importing)
        seconds = time.monotonic() - began
        cpu = cpu_seconds((server.pid, *backend.processes)) - cpu
        quiet.add(now_and_then(server, others, QUIET_SECONDS))
    yield Figure(f"{backend.name}: quiet", in_words(quiet))
    number = accounts * tasks
    what = f"{backend.name}: beside {accounts} imports of {tasks:,} tasks"
    took = f"{seconds:.0f} s, {number / seconds:,.0f} tasks/s, {1e6 * cpu / number:.0f} µs of a processor each"
    words = f"{in_words(beside)}; {took}"
    ratios = [
        p99(during) / p99(alone) for during, alone in ((beside.reads, quiet.reads), (beside.writes, quiet.writes))
    ]
    words = f"{ratios[0]:.1f} and {ratios[1]:.1f} times: {words}"
    say(f"{what}: {words}")
    yield Figure(what, words, f"p99 ≤ {MOST} times", max(ratios) <= MOST)


def p99(times: list[float]) -> float:
    """The time that one in a hundred takes."""
    return percentile(sorted(times), 99)


def in_words(waits: Waits) -> str:
    """The figures of reads and of writes."""
    return "; ".join(
        f"{name} p50 {percentile(sorted(times), 50):.1f}, p99 {p99(times):.1f}, at most {max(times):.1f} ms of {len(times)}"
        for name, times in (("reads", waits.reads), ("writes", waits.writes))
    )


def now_and_then(server: Instance, others: Sequence[tuple[str, Sequence[str]]], seconds: float) -> Waits:
    """What users notice who are no load."""
    return uvloop.run(_now_and_then(server.port, others, seconds))


async def _now_and_then(port: int, others: Sequence[tuple[str, Sequence[str]]], seconds: float) -> Waits:
    waits = Waits()
    ends_at = time.perf_counter() + seconds

    reading = [
        at_intervals(
            port, [http_request("GET", f"{PATH}/{id_}", token) for id_ in ids], READ_PAUSE_SECONDS, ends_at, waits.reads
        )
        for token, ids in others
    ]
    writing = [
        at_intervals(port, [_change(token, id_) for id_ in ids[:100]], WRITE_PAUSE_SECONDS, ends_at, waits.writes)
        for token, ids in others
    ]
    await asyncio.gather(*reading, *writing)
    return waits


def _change(token: str, id_: str) -> bytes:
    return http_request("PATCH", f"{PATH}/{id_}/complete", token)


def import_all(port: int, tokens: Sequence[str], tasks: int) -> None:
    """A file for each of these users, all at once; until all is there."""
    lines = (f"{title(number)} {description(number)}" for number in range(tasks))
    file = "\n".join(lines).encode()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/me", timeout=600) as client:
        for token in tokens:
            headers = {"Authorization": f"Bearer {token}"}
            files = {"file": ("todo.txt", file)}
            client.post("/import", headers=headers, files=files).raise_for_status()
        left = [*tokens]
        while left:
            time.sleep(LOOK_SECONDS)
            headers = {"Authorization": f"Bearer {left[0]}"}
            found = client.get("/imports", headers=headers).raise_for_status().json()["imports"][0]
            assert found["state"] in {"running", "done"}, json.dumps(found)
            if found["state"] == "done":
                assert found["kinds"]["task"]["made"] == tasks, json.dumps(found)
                left.pop(0)


if __name__ == "__main__":
    run(main)
