"""Ten thousand live listeners on one machine: `python -m benchmarks.listeners`. It needs Linux, and 11,000 open files.

What they cost the server in memory, and in processor time while nothing happens; and how long after a write is sent its
event is at each listener of its user, while users write all the time. On both databases, with one worker and with two.
"""

import argparse
import asyncio
import resource
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final

from benchmarks.client import percentile
from benchmarks.command import run, some_of
from benchmarks.crowd import EACH, Crowd
from benchmarks.figures import Figure, end, table
from benchmarks.instances import Backend, Instance, backends, serving
from benchmarks.processes import cpu_seconds, shared_out_mib
from benchmarks.workload import SECRET, email
from doable.accounts.gate.access_tokens import Tokens
from doable.accounts.users.repository import UserRepository
from doable.database import Database

LISTENERS: Final = 10_000
WORKERS: Final = (1, 2)
WRITES_A_SECOND: Final = 100
WRITE_SECONDS: Final = 10.0
QUIET_SECONDS: Final = 20.0
"""Longer than a stream is silent: each sends a sign of life in it."""
SETTLE_SECONDS: Final = 2.0
MIB: Final = 350
OF_A_CORE: Final = 0.02
SECONDS_TO_LISTENER: Final = 0.2


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.listeners", description=__doc__)
    parser.add_argument("--listeners", type=int, default=LISTENERS)
    parser.add_argument("--on", type=some_of(("SQLite", "PostgreSQL")), default=["SQLite", "PostgreSQL"])
    parser.add_argument("--workers", type=int, action="append", help=f"in place of {WORKERS}; may come again")
    options = parser.parse_args()
    # A listener is a file here and one there.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, backends(Path(name)) as found:
        for backend in (each for each in found if each.name in options.on):
            backend.migrate()
            tokens = asyncio.run(_fill(backend, options.listeners // EACH))
            written = [0] * len(tokens)
            for workers in options.workers or WORKERS:
                with serving(backend, workers) as server, closing(Crowd(server.port, tokens, written)) as crowd:
                    figures += measured(f"{backend.name}, {workers} worker{'s' if workers > 1 else ''}", server, crowd)
    print(table(figures))
    end(figures)


async def _fill(backend: Backend, users: int) -> list[str]:
    """A token of each of so many new users."""
    issuer = Tokens([SECRET.encode()], timedelta(hours=1))
    async with backend.open() as database:
        ids: list[str] = []
        for first in range(0, users, 500):
            ids += await asyncio.gather(*(_add(database, number) for number in range(first, min(users, first + 500))))
    return [issuer.issue(user_id, str(uuid.uuid4()), email(number), 3600) for number, user_id in enumerate(ids)]


async def _add(database: Database, number: int) -> str:
    user = UserRepository(database).add(email=email(number), name="", password_hash="-")  # nobody logs in
    user_id: str = (await database.write(user))["id"]
    return user_id


def measured(name: str, server: Instance, crowd: Crowd) -> list[Figure]:
    """One server: before its listeners, with them, and while some write."""
    crowd.write(WRITES_A_SECOND, 2.0)  # so that whatever is only needed once is there
    before = shared_out_mib(server.pid)
    alone = _cost(server, lambda: crowd.wait(QUIET_SECONDS / 2))
    began = time.monotonic()
    crowd.open()
    opened = time.monotonic() - began
    crowd.wait(SETTLE_SECONDS)
    after = shared_out_mib(server.pid)
    quiet = _cost(server, lambda: crowd.wait(QUIET_SECONDS))
    delays: list[float] = []
    busy = _cost(server, lambda: delays.extend(crowd.write(WRITES_A_SECOND, WRITE_SECONDS)))
    delays.sort()
    p50, p99, longest = (percentile(delays, percent) for percent in (50, 99, 100))
    each = 1024 * (after - before) / crowd.size
    at_the_end = shared_out_mib(server.pid)
    return [
        Figure(
            f"{name}: memory with {crowd.size:,} listeners",
            f"{after:.0f} MiB ({before:.0f} before, {each:.1f} KiB each; {at_the_end:.0f} after the writes)",
            f"< {MIB} MiB",
            max(after, at_the_end) < MIB,
        ),
        Figure(f"{name}: until all of them listen", f"{opened:.1f} s"),
        Figure(
            f"{name}: of a core, while nothing happens",
            f"{quiet:.1%} ({alone:.1%} without them)",
            f"< {OF_A_CORE:.0%}",
            quiet < OF_A_CORE,
        ),
        Figure(f"{name}: of a core, {WRITES_A_SECOND} writes a second", f"{busy:.0%}"),
        Figure(
            f"{name}: from sending a write to each of its events",
            f"median {1000 * p50:.1f}, p99 {1000 * p99:.1f}, longest {1000 * longest:.1f} ms",
            f"< {1000 * SECONDS_TO_LISTENER:.0f} ms",
            longest < SECONDS_TO_LISTENER,
        ),
    ]


def _cost(server: Instance, do: Callable[[], object]) -> float:
    """The part of a core that the server takes meanwhile."""
    began, before = time.monotonic(), cpu_seconds([server.pid])
    do()
    return (cpu_seconds([server.pid]) - before) / (time.monotonic() - began)


if __name__ == "__main__":
    run(main)
