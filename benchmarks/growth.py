"""Starting, memory, workers and large accounts, on both databases: `python -m benchmarks.growth`. It needs Linux and two cores.

PostgreSQL is the one that the tests start, so the packages of the tests must be installed.
"""

import argparse
import os
import platform
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.account_size import account_size
from benchmarks.command import run, some_of
from benchmarks.figures import Figure, table
from benchmarks.filling import FILED, fill
from benchmarks.instances import backends
from benchmarks.memory import memory
from benchmarks.rounds import say, two_cores
from benchmarks.starting import starting
from benchmarks.workers import workers

DATABASES: Final = ("sqlite", "postgresql")
PARTS: Final = ("starting", "accounts", "workers", "memory")
SMALL: Final = 1_000
OTHERS: Final = 30
"""So many more users share the rest of the database."""


def main() -> None:
    """Measure and print."""
    options = arguments()
    cores = two_cores()
    began = time.monotonic()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, ExitStack() as stack:
        folders = [Path(name) / each for each in ("small", "large")]
        for folder in folders:
            folder.mkdir()
        pairs = zip(*(stack.enter_context(backends(folder)) for folder in folders), strict=True)
        for small, backend in pairs:
            if backend.name.lower() not in options.databases:
                continue
            backend.migrate()
            if "starting" in options.only and backend.url is None:
                say("starting")
                figures += starting(backend, options.starts)
            if options.only == ["starting"]:
                continue
            say(f"{backend.name}: filling")
            # One request in 20 deletes a task of the third account's older half, in two times so many requests.
            sizes = [SMALL, options.tasks, SMALL + options.requests // 4]
            each = max(SMALL, (options.database - sum(sizes)) // OTHERS)
            ids = fill(backend, [*sizes, *[each] * OTHERS], FILED)
            if "accounts" in options.only:
                small.migrate()
                say(f"{backend.name}: large accounts")
                alone = fill(small, [SMALL], FILED)
                both = [(small, 0, alone[0]), (backend, 1, ids[1])]
                figures += account_size(both, cores, options.seconds, options.rounds)
            if "workers" in options.only:
                say(f"{backend.name}: workers")
                figures += workers(backend, 3, ids[3], options.seconds, options.rounds)
            if "memory" in options.only:
                say(f"{backend.name}: memory")
                figures += memory(backend, 2, ids[2], range(3, 3 + OTHERS), options.requests)
    print(
        f"""
{table(figures)}

- {datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}
- Rounds of {options.seconds:g} s, {options.rounds} of each, in turn; medians
- {time.monotonic() - began:.0f} s in all"""
    )


def arguments() -> argparse.Namespace:
    """What a caller may want otherwise, for a quick look or a long one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--only", type=some_of(PARTS), default=PARTS, help=f"some of {','.join(PARTS)}")
    parser.add_argument(
        "--databases", type=some_of(DATABASES), default=DATABASES, help=f"some of {','.join(DATABASES)}"
    )
    parser.add_argument("--starts", type=int, default=11, help="how often each command is started")
    parser.add_argument("--tasks", type=int, default=100_000, help="how many a large account has")
    parser.add_argument("--database", type=int, default=1_000_000, help="how many all accounts have together")
    parser.add_argument("--requests", type=int, default=100_000, help="after how many the memory is looked at, twice")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each run takes")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
