"""Mixed load for a long time, with every kind of request: memory, descriptors and threads stay as they are.

`make soak` takes 30 minutes, or SOAK_MINUTES, on both databases side by side. The first sixth is for warming up: memories with a bound
fill, and the allocator finds its size. Of the rest the first third is compared with the last.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import pytest

from soak.people import Person
from support.postgresql import PostgreSQL
from support.server import Server
from support.workers import workers

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
PEOPLE = 4
"""On each server."""
WORKERS = 2
MEGABYTE = 1024 * 1024
# Of all workers of a server together.
MORE_MEMORY, MORE_DESCRIPTORS, MORE_THREADS = 16 * MEGABYTE, 8, 2


@dataclass
class Process:
    """What a server's workers take, once a second."""

    pids: list[int]
    memory: list[float] = field(default_factory=list)
    descriptors: list[float] = field(default_factory=list)
    threads: list[float] = field(default_factory=list)

    def look(self) -> None:
        folders = [Path("/proc", str(pid)) for pid in self.pids]
        pages = sum(int((folder / "statm").read_text().split()[1]) for folder in folders)
        self.memory.append(pages * os.sysconf("SC_PAGE_SIZE"))
        self.descriptors.append(sum(len([*(folder / "fd").iterdir()]) for folder in folders))
        self.threads.append(sum(len([*(folder / "task").iterdir()]) for folder in folders))


def thirds(figures: list[float]) -> tuple[float, float]:
    """The mean of the first and of the last third, after the warming up."""
    warm = figures[len(figures) // 6 :]
    third = max(1, len(warm) // 3)
    return mean(warm[:third]), mean(warm[-third:])


@pytest.fixture
def servers(tmp_path: Path, postgresql_18: PostgreSQL) -> Iterator[dict[str, Server]]:
    databases = {"SQLite": {}, "PostgreSQL": {"DATABASE_URL": postgresql_18.new_database()}}
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                Server(tmp_path / name, "--workers", str(WORKERS), ACCESS_TOKEN_EXPIRE_MINUTES="600", **settings)
            )
            for name, settings in databases.items()
        }


def test_nothing_grows(servers: dict[str, Server]) -> None:
    stopped = threading.Event()
    people = {name: [Person(server, seed) for seed in range(PEOPLE)] for name, server in servers.items()}
    processes = {name: Process(workers(server)) for name, server in servers.items()}
    everybody = [person for some in people.values() for person in some]
    with ExitStack() as stack, ThreadPoolExecutor(len(everybody)) as pool:
        for person in everybody:
            stack.enter_context(closing(person))
        lives = [pool.submit(person.live, stopped) for person in everybody]
        try:
            ends_at = time.monotonic() + MINUTES * 60
            while time.monotonic() < ends_at and not any(life.done() for life in lives):
                for process in processes.values():
                    process.look()
                time.sleep(1)
        finally:
            stopped.set()
        for life in lives:
            life.result()
        for person in everybody:
            person.check()
    flat = [told(name, people[name], process) for name, process in processes.items()]
    for server in servers.values():
        assert '"level":"error"' not in server.log
        assert '"exception"' not in server.log
    assert all(flat)


def told(name: str, people: list[Person], process: Process) -> bool:
    """Print what was done and taken. Whether it is flat."""
    statuses, done = Counter[int](), Counter[str]()
    for person in people:
        statuses += person.statuses
        done += person.done
    print(f"\n{name}, {MINUTES:g} minutes: {sum(statuses.values())} requests, {dict(sorted(statuses.items()))}")
    print(", ".join(f"{deed} {number}" for deed, number in sorted(done.items())))
    memory, descriptors, threads = map(thirds, (process.memory, process.descriptors, process.threads))
    print(
        f"memory {memory[0] / MEGABYTE:.1f} to {memory[1] / MEGABYTE:.1f} MB, descriptors {descriptors[0]:.1f} to "
        f"{descriptors[1]:.1f}, threads {threads[0]:.1f} to {threads[1]:.1f} (mean of the first and the last third)",
        flush=True,
    )
    assert set(statuses) >= {200, 201, 202, 204, 304, 401, 403, 404, 405, 412, 413, 415, 422}
    return (
        memory[1] - memory[0] <= MORE_MEMORY
        and descriptors[1] - descriptors[0] <= MORE_DESCRIPTORS
        and threads[1] - threads[0] <= MORE_THREADS
    )
