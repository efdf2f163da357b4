"""What a large account costs its owner beside a small one in the same database."""

from collections.abc import Callable, Iterator
from itertools import cycle
from statistics import median
from typing import Final

import uvloop

from benchmarks.client import Connection, Exchange, Run
from benchmarks.figures import Figure
from benchmarks.instances import Backend, Instance, serving
from benchmarks.owner import Owner
from benchmarks.rounds import on_core

ASKED: Final = 1.2
DEEP_OFFSET: Final = 50_000
CONNECTIONS: Final = 16
WARM_UP_SECONDS: Final = 0.3
CHECK_EVERY: Final = 49
"""Odd, so that the answers of both accounts are compared in content, which take turns."""

KINDS: Final[dict[str, Callable[[Owner], Iterator[Exchange]]]] = {
    "get one": Owner.get,
    "first page": Owner.page,
    "inbox by position": Owner.inbox,
    "a list by position": Owner.of_list,
    "completed, newest first": Owner.completed,
    "changes feed": Owner.changes,
    # Last, since it makes both larger.
    "create": Owner.create,
}


def account_size(
    backend: Backend, ids: list[list[str]], cores: tuple[int, int], seconds: float, rounds: int
) -> list[Figure]:
    """Users 0 and 1 ask, who have the tasks with these ids, few and many.

    Server and database share a core, so that it shows whichever of them has more to do.
    """
    server_core, client_core = cores
    figures = []
    with on_core(server_core, backend.processes), serving(backend) as server, on_core(client_core):
        small, large = (Owner(server.log_in(number), each) for number, each in enumerate(ids))
        figures.append(deep_page(backend, server, large, seconds))
        for what, exchanges in KINDS.items():
            both = (exchanges(small), exchanges(large))
            figures.append(
                compare(
                    f"{len(large.ids):,} tasks : {len(small.ids):,}, {backend.name}, {what}",
                    server,
                    both,
                    seconds,
                    rounds,
                )
            )
        for owner in (small, large):
            owner.check_total(server.port)
    return [*figures[1:], figures[0]]


def compare(
    what: str, server: Instance, both: tuple[Iterator[Exchange], Iterator[Exchange]], seconds: float, rounds: int
) -> Figure:
    """How many times as much time the second takes: by itself, and with many connections."""
    small, large = uvloop.run(latencies(server, both, 2 * seconds))
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for exchanges, found in zip(both, rates, strict=True):
            run = server.measure(exchanges, connections=CONNECTIONS, warm_up_seconds=WARM_UP_SECONDS, seconds=seconds)
            found.append(run.rate)
    few, many = map(median, rates)
    ratios = (large / small, few / many)
    return Figure(
        what,
        f"{ratios[0]:.2f} at 1 connection ({large:.2f} : {small:.2f} ms), {ratios[1]:.2f} at {CONNECTIONS} "
        f"({many:,.0f} : {few:,.0f} requests/s)",
        f"≤ {ASKED}",
        max(ratios) <= ASKED,
    )


def deep_page(backend: Backend, server: Instance, owner: Owner, seconds: float) -> Figure:
    """A page far from the front beside the first one."""
    offset = min(DEEP_OFFSET, len(owner.ids) // 2)
    first, deep = uvloop.run(latencies(server, (owner.page(), owner.page(offset)), seconds))
    return Figure(
        f"page at offset {offset:,} : first page, {backend.name}",
        f"{deep / first:.1f} ({deep:.2f} : {first:.2f} ms)",
    )


async def latencies(
    server: Instance, both: tuple[Iterator[Exchange], Iterator[Exchange]], seconds: float
) -> tuple[float, float]:
    """The median milliseconds of each, asked in turn over one connection."""
    connection = await Connection.open(server.port)
    try:
        # Each run begins with the first of the two.
        await Run(in_turn(both), check_every=1).over([connection], WARM_UP_SECONDS)
        run = Run(in_turn(both), check_every=CHECK_EVERY)
        await run.over([connection], seconds)
    finally:
        connection.close()
    first, second = (1000 * median(run.latencies[start::2]) for start in (0, 1))
    return first, second


def in_turn(both: tuple[Iterator[Exchange], Iterator[Exchange]]) -> Iterator[Exchange]:
    """One of each, again and again."""
    for exchanges in cycle(both):
        yield next(exchanges)
