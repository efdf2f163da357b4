"""What a large account costs its owner beside a small one in the same database."""

from collections.abc import Callable, Iterator
from itertools import cycle
from statistics import median
from typing import Final

import uvloop

from benchmarks.client import Connection, Exchange, Measurement, Run
from benchmarks.figures import Figure
from benchmarks.filling import LIST_ID, TAG
from benchmarks.instances import Backend, Instance, serving
from benchmarks.owner import Owner
from benchmarks.rounds import on_core, say

DEEP_OFFSET: Final = 50_000
CONNECTIONS: Final = 16
WARM_UP_SECONDS: Final = 0.3
CHECK_EVERY: Final = 49
"""Odd, so that the answers of both accounts are compared in content, which take turns."""

KINDS: Final[dict[str, tuple[Callable[[Owner], Iterator[Exchange]], float | None]]] = {
    "get one": (Owner.get, 1.2),
    "first page": (Owner.page, 1.2),
    "inbox by position": (Owner.inbox, 2),
    "a list by position": (Owner.of_list, 2),
    "completed, newest first": (Owner.completed, 2),
    "today": (Owner.today, 2),
    "overdue": (Owner.overdue, 2),
    "a priority": (Owner.important, 2),
    "a tag": (Owner.tagged, 2),
    "changes feed": (Owner.changes, 1.2),
    # They look at every open task.
    "counts": (Owner.counts, None),
    # Last, since it makes both larger.
    "create": (Owner.create, 1.2),
}
"""What is asked, and how many times as much it may cost the large account; None is only reported."""

OTHERS: Final = {
    "nothing matches": "created_before=2020-01-01",
    "nothing matches, by due date": "created_before=2020-01-01&sort=due",
    "all by due date": "sort=due",
    "all by priority": "sort=priority",
    "a list, a tag and a priority": f"list={LIST_ID}&tag={TAG}&priority=high",
    "one of two tags": f"any_tag={TAG}&any_tag=none",
}
"""Pages that no index has: what they may cost of a processor is bounded, whatever a small account's cost."""
MOST_MS: Final = 50


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
        for what, (exchanges, most) in KINDS.items():
            both = (exchanges(small), exchanges(large))
            name = f"{len(large.ids):,} tasks : {len(small.ids):,}, {backend.name}, {what}"
            say(name)
            ratios, words = zip(*compare(backend, server, both, seconds, rounds), strict=True)
            reached = None if most is None else max(ratios) <= most
            figures.append(Figure(name, "; ".join(words), "" if most is None else f"≤ {most}", reached))
            if what == "counts":  # before it grows
                figures += [other(backend, server, large, each, seconds) for each in OTHERS]
        for owner in (small, large):
            owner.check_total(server.port)
    return [*figures[1:], figures[0]]


def other(backend: Backend, server: Instance, owner: Owner, what: str, seconds: float) -> Figure:
    """The processor time of a page that walks over the account."""
    run = server.measure(
        owner.other(OTHERS[what]),
        connections=1,
        warm_up_seconds=WARM_UP_SECONDS,
        seconds=seconds,
        processes=backend.processes,
    )
    milliseconds = run.server_cpu / 10
    name = f"{len(owner.ids):,} tasks, {backend.name}, {what}"
    return Figure(name, f"{milliseconds:.1f} ms of a processor", f"≤ {MOST_MS}", milliseconds <= MOST_MS)


def compare(
    backend: Backend, server: Instance, both: tuple[Iterator[Exchange], Iterator[Exchange]], seconds: float, rounds: int
) -> Iterator[tuple[float, str]]:
    """How many times as much of a processor the second takes, by itself and with many connections; and in words."""
    for connections in (1, CONNECTIONS):
        runs: tuple[list[Measurement], list[Measurement]] = ([], [])
        for _ in range(rounds):
            for exchanges, found in zip(both, runs, strict=True):
                run = server.measure(
                    exchanges,
                    connections=connections,
                    warm_up_seconds=WARM_UP_SECONDS,
                    seconds=seconds,
                    processes=backend.processes,
                )
                found.append(run)
        small, large = (100 * median(run.server_cpu for run in found) for found in runs)
        small_p50, large_p50 = (median(run.p50 for run in found) for found in runs)
        words = f"{large:,.0f} : {small:,.0f} µs of a processor, p50 {large_p50:.2f} : {small_p50:.2f} ms"
        yield large / small, f"{large / small:.2f} at {connections} ({words})"


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
