"""Two workers beside one, on two cores that the client and the database need too.

So nobody can have twice as much, and the figure that is measured comes with who used the cores. The other one says what
two workers would do with a core each: twice what a worker's second of a processor answers, while both are at work, against
what one worker answers that has a core to itself. It leaves out the client and the database, not what workers do to each
other; and it says nothing where the workers wait for something, which shows as cores that idle.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.client import Exchange
from benchmarks.figures import Figure
from benchmarks.instances import Backend, Instance, serving
from benchmarks.owner import Owner
from benchmarks.processes import cpu_seconds

ASKED: Final = 1.7
CONNECTIONS: Final = 64
WARM_UP_SECONDS: Final = 0.3
WORKERS: Final = (1, 2)


@dataclass(frozen=True, slots=True)
class Run:
    """Requests a second, and how much of a core each took."""

    rate: float
    rate_of_core: float
    """Requests for each second that the workers had a processor."""
    server: float
    busiest: float
    """Of the workers: the connections are not always shared out evenly."""
    client: float
    database: float
    idle: float


def workers(backend: Backend, number: int, ids: list[str], seconds: float, rounds: int) -> list[Figure]:
    """Measure one and two in turn, on one database, from which user `number` reads the tasks with these ids."""
    kinds: dict[str, Callable[[Owner], Iterator[Exchange]]] = {"get one": Owner.get, "list 20": Owner.page}
    with ExitStack() as stack:
        servers = {count: stack.enter_context(serving(backend, count)) for count in WORKERS}
        owner = Owner(servers[1].port, servers[1].log_in(number), ids)
        return [
            figure
            for what, exchanges in kinds.items()
            for figure in compare(
                f"{backend.name}, {what}", backend, servers, exchanges(owner), seconds=seconds, rounds=rounds
            )
        ]


def compare(
    what: str,
    backend: Backend,
    servers: dict[int, Instance],
    exchanges: Iterator[Exchange],
    *,
    seconds: float,
    rounds: int,
) -> list[Figure]:
    """Round by round, A B A B."""
    runs: dict[int, list[Run]] = {count: [] for count in servers}
    for _ in range(rounds):
        for count, server in servers.items():
            runs[count].append(load(backend, server, exchanges, seconds))
    one, two = (middle(runs[count]) for count in WORKERS)
    ratio = two.rate / one.rate
    return [
        Figure(
            f"two workers : one, {what}, all on two cores",
            f"{ratio:.2f}: {two.rate:,.0f} : {one.rate:,.0f} requests/s; cores in use: "
            f"{shares(two, backend)} : {shares(one, backend)}",
            f"{ASKED}",
            ratio >= ASKED,
        ),
        Figure(
            f"two workers : one, {what}, by the workers' own time",
            f"{2 * two.rate_of_core / one.rate_of_core:.2f}: 2 * {two.rate_of_core:,.0f} : {one.rate_of_core:,.0f} "
            "requests for a second of a processor",
            f"{ASKED}",
            2 * two.rate_of_core >= ASKED * one.rate_of_core,
        ),
    ]


def load(backend: Backend, server: Instance, exchanges: Iterator[Exchange], seconds: float) -> Run:
    """One run. The processors' time is that of the warm-up too, and so is divided by the time of both."""
    groups = [(server.pid,), backend.processes, *((worker,) for worker in server.workers)]
    before, idle, began = [cpu_seconds(pids) for pids in groups], idle_seconds(), time.perf_counter()
    run = server.measure(exchanges, connections=CONNECTIONS, warm_up_seconds=WARM_UP_SECONDS, seconds=seconds)
    took = time.perf_counter() - began
    used = [cpu_seconds(pids) - start for pids, start in zip(groups, before, strict=True)]
    of_server, of_database, *of_workers = (each / took for each in used)
    return Run(
        rate=run.rate,
        rate_of_core=run.answers / used[0],
        server=of_server,
        busiest=max(of_workers),
        client=run.client_busy,
        database=of_database,
        idle=(idle_seconds() - idle) / took,
    )


def idle_seconds() -> float:
    """How long the processors of this machine have had nothing to do, waiting for a disk included."""
    fields = Path("/proc/stat").read_text().split(maxsplit=6)
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def middle(runs: list[Run]) -> Run:
    """The median of each figure."""
    return Run(*(median(values) for values in zip(*map(astuple, runs), strict=True)))


def shares(run: Run, backend: Backend) -> str:
    """Who used how much of the cores."""
    database = f", {backend.name} {run.database:.2f}" if backend.url else ""
    return f"workers {run.server:.2f} (the busiest {run.busiest:.2f}), client {run.client:.2f}{database}, idle {run.idle:.2f}"
