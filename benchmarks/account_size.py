"""What a large account in a large database costs its owner, beside a small one that is alone in its database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
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
WARM_UP_SECONDS: Final = 0.1
CHECK_EVERY: Final = 49
"""Odd, so that the answers of both accounts are compared in content, which take turns."""

MOST: Final = 1.2
"""So many times as much anything may cost that a client does often."""
READS: Final[dict[str, Callable[[Owner], Iterator[Exchange]]]] = {
    "get one": Owner.get,
    "first page": Owner.page,
    "page behind a cursor in the middle": Owner.behind,
    "what was changed last": Owner.latest,
    "inbox by position": Owner.inbox,
    "a list by position": Owner.of_list,
    "subtasks": Owner.below,
    "completed, newest first": Owner.completed,
    "today": Owner.today,
    "overdue": Owner.overdue,
    "today or overdue, as a filter": Owner.filtered,
    "a priority": Owner.important,
    "a tag": Owner.tagged,
    "search": Owner.search,
    "changes feed": Owner.changes,
}
WRITES: Final[dict[str, Callable[[Owner], Iterator[Exchange]]]] = {
    "CalDAV: ctag": Owner.ctag,
    "CalDAV: sync-collection": Owner.sync,
    "change": Owner.update_any,
    "complete and reopen": Owner.complete_any,
    "move": Owner.move,
    "batch of ten changes": Owner.batch,
    "delete and undo": Owner.undo,
    "create": Owner.create,
}
"""And what follows writes. The last ones make an account smaller and larger."""

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


@dataclass(frozen=True, slots=True)
class Account:
    """One that is asked, on a server of its own."""

    backend: Backend
    server: Instance
    owner: Owner

    def measure(self, exchanges: Iterator[Exchange], connections: int, seconds: float) -> Measurement:
        """One run. PostgreSQL's time is counted with the server's."""
        return self.server.measure(
            exchanges,
            connections=connections,
            warm_up_seconds=WARM_UP_SECONDS,
            seconds=seconds,
            processes=self.backend.processes,
        )


def account_size(
    both: Sequence[tuple[Backend, int, list[str]]], cores: tuple[int, int], seconds: float, rounds: int
) -> Iterator[Figure]:
    """Two users ask, by the databases that they are in, their numbers and the ids of their tasks: few, and many.

    Servers and databases share a core, so that it shows whichever of them has more to do.
    """
    server_core, client_core = cores
    processes = [pid for backend, _, _ in both for pid in backend.processes]
    with on_core(server_core, processes), ExitStack() as stack:
        servers = [stack.enter_context(serving(backend)) for backend, _, _ in both]
        stack.enter_context(on_core(client_core))
        small, large = (
            Account(backend, server, Owner(server.port, server.log_in(number), ids))
            for server, (backend, number, ids) in zip(servers, both, strict=True)
        )
        yield from compare(small, large, READS, seconds, rounds)
        yield reported(small, large, "counts", Owner.counts, seconds)
        yield from (other(large, each, seconds) for each in OTHERS)
        yield deep_page(large, seconds)
        yield from compare(small, large, WRITES, seconds, rounds)
        for account in (small, large):
            account.owner.check_total()


def other(account: Account, what: str, seconds: float) -> Figure:
    """The processor time of a page that walks over the account."""
    milliseconds = account.measure(account.owner.other(OTHERS[what]), 1, seconds).server_cpu / 10
    name = f"{len(account.owner.ids):,} tasks, {account.backend.name}, {what}"
    return Figure(name, f"{milliseconds:.1f} ms of a processor", f"≤ {MOST_MS}", milliseconds <= MOST_MS)


def compare(
    small: Account,
    large: Account,
    kinds: Mapping[str, Callable[[Owner], Iterator[Exchange]]],
    seconds: float,
    rounds: int,
) -> Iterator[Figure]:
    """How many times as much of a processor each takes in the large account."""
    for what, exchanges in kinds.items():
        accounts = [(account, exchanges(account.owner)) for account in (small, large)]
        found: list[list[Measurement]] = [[], []]
        for _ in range(rounds):
            for (account, each), runs in zip(accounts, found, strict=True):
                runs.append(account.measure(each, CONNECTIONS, seconds))
        ratio, words = _ratio(*found)
        name = f"{large.backend.name}, {what}"
        say(f"{name}: {words}")
        yield Figure(name, words, f"≤ {MOST}", ratio <= MOST)


def _ratio(small: Sequence[Measurement], large: Sequence[Measurement]) -> tuple[float, str]:
    few, many = (100 * median(run.server_cpu for run in runs) for runs in (small, large))
    few_p50, many_p50 = (median(run.p50 for run in runs) for runs in (small, large))
    return (
        many / few,
        f"{many / few:.2f} ({many:,.0f} : {few:,.0f} µs of a processor, p50 {many_p50:.2f} : {few_p50:.2f} ms)",
    )


def reported(
    small: Account, large: Account, what: str, exchanges: Callable[[Owner], Iterator[Exchange]], seconds: float
) -> Figure:
    """What looks at all open tasks of an account, and so costs what they are."""
    few, many = ([account.measure(exchanges(account.owner), 1, seconds)] for account in (small, large))
    return Figure(f"{large.backend.name}, {what}", _ratio(few, many)[1])


def deep_page(account: Account, seconds: float) -> Figure:
    """A page far from the front beside the first one."""
    owner = account.owner
    offset = min(DEEP_OFFSET, len(owner.ids) // 2)
    first, deep = uvloop.run(latencies(account.server, (owner.page(), owner.page(offset)), seconds))
    return Figure(
        f"page at offset {offset:,} : first page, {account.backend.name}",
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
