"""Measure what others wait for while somebody asks for what is heaviest: `python -m benchmarks.beside`. It needs Linux.

Accounts of 100,000 tasks are searched and filtered without a pause, by one client, by four, and by four users, from a process of their
own. Meanwhile users of small accounts get a task now and then, and one of them searches. The p99 of a get must stay under 20 ms
beside one user, on both databases, or it exits with 1; beside four users it is only reported. PostgreSQL is the one that the tests start.
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import uvloop

from benchmarks.client import WrongAnswerError, percentile
from benchmarks.command import run
from benchmarks.events import connected
from benchmarks.figures import Figure, end, table
from benchmarks.filling import FILED, TAG, fill
from benchmarks.hammering import ask
from benchmarks.instances import Backend, backends, serving
from benchmarks.messages import http_request
from benchmarks.overload import in_process, result_of
from benchmarks.owner import PATH
from benchmarks.rounds import say

HEAVY: Final = 4
SMALL: Final = 1_000
OTHERS: Final = 4
PAUSE_SECONDS: Final = 0.03
"""Between two gets of one user: users, not a load."""
SEARCH_PAUSE_SECONDS: Final = 0.2
SETTLE_SECONDS: Final = 1
ASKED_MS: Final = 20
OK: Final = 200

Query = Mapping[str, str | int]

SEARCH: Final[Query] = {"q": "tea"}
"""Which finds nothing."""
SEARCHES: Final[Sequence[Query]] = (
    SEARCH,
    {"q": "buy oat tea"},
    {"q": "tea", "sort": "-updated_at"},
    {"q": "buy", "sort": "due"},
    {"q": "buy", "limit": 100},
    {"filter": "search:oat | search:tea | search:milk | search:beer"},
)
FILTERS: Final[Sequence[Query]] = (
    {"created_before": "2020-01-01", "sort": "due"},
    {"sort": "due", "limit": 100},
    {"sort": "priority", "limit": 100},
    {"filter": f"@{TAG} | no tags", "limit": 100},
    {"filter": f"!today & !@{TAG} & !p1", "sort": "-updated_at", "total": "true"},
    {"sort": "due", "offset": 50_000, "limit": 100},
)
LEAVES: Final = ("p1", "p2", "no date", "today", "overdue", f"@{TAG}", "available", "subtask", "no tags", "inbox")
LARGE: Final = 500


@dataclass(slots=True)
class Waits:
    """How long each answer took, in milliseconds."""

    gets: list[float] = field(default_factory=list)
    searches: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=__doc__)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--tasks", type=int, default=100_000, help="how many a large account has")
    parser.add_argument("--seconds", type=float, default=8, help="how long each load lasts")
    options = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, backends(Path(name)) as both:
        for backend in both:
            if options.only in {None, backend.name.lower()}:
                say(f"{backend.name}: filling")
                backend.migrate()
                ids = fill(backend, [options.tasks] * HEAVY + [SMALL] * OTHERS, FILED)
                figures += measure(backend, ids[HEAVY:], options.seconds)
    print(table(figures))
    end(figures)


def measure(backend: Backend, ids: Sequence[Sequence[str]], seconds: float) -> Iterator[Figure]:
    """Each load in turn, on one server."""
    loads: dict[str, Sequence[Query]] = {
        "searches": SEARCHES,
        "filters": FILTERS,
        "large filters, each another": large_filters(),
    }
    with serving(backend) as server:
        tokens = [server.log_in(number) for number in range(HEAVY + OTHERS)]
        # The words of an account are made by its first search.
        for_once = [listing(token, query) for token in tokens for query in (*SEARCHES, *FILTERS)]
        result_of(in_process(heavily, server.port, [for_once], 0))
        heavy = tokens[:HEAVY]
        others = [[get(token, id_) for id_ in of] for token, of in zip(tokens[HEAVY:], ids, strict=True)]
        searching = [listing(tokens[HEAVY], SEARCH)]

        def beside(what: str, clients: Sequence[Sequence[bytes]], asked_ms: int | None) -> Figure:
            loading = in_process(heavily, server.port, clients, seconds + 2 * SETTLE_SECONDS)
            time.sleep(SETTLE_SECONDS)
            waits = uvloop.run(now_and_then(server.port, others, searching, seconds))
            return figure(f"{backend.name}, {what}", waits, result_of(loading), asked_ms)

        yield beside("quiet", [], ASKED_MS)
        for what, queries in loads.items():
            of_users = [[listing(token, query) for query in queries] for token in heavy]
            yield beside(f"one client: {what}", of_users[:1], ASKED_MS)
            yield beside(f"{HEAVY} clients of one user: {what}", of_users[:1] * HEAVY, ASKED_MS)
            yield beside(f"{HEAVY} users: {what}", of_users, None)


def figure(what: str, waits: Waits, taken: list[float], asked_ms: int | None) -> Figure:
    """A line of the table."""
    found = {"get": waits.gets, "others' search": waits.searches, "the load's own": taken}
    words = "; ".join(f"{name} {_words(times)}" for name, times in found.items() if times)
    say(f"{what}: {words}")
    if asked_ms is None:
        return Figure(what, words)
    return Figure(what, words, f"p99 of a get ≤ {asked_ms} ms", percentile(sorted(waits.gets), 99) <= asked_ms)


def _words(times: list[float]) -> str:
    p50, p99, most = (percentile(sorted(times), percent) for percent in (50, 99, 100))
    return f"p50 {p50:.1f}, p99 {p99:.1f}, at most {most:.1f} ms of {len(times)}"


def get(token: str, task_id: str) -> bytes:
    """The request for one task."""
    return http_request("GET", f"{PATH}/{task_id}", token)


def listing(token: str, query: Query) -> bytes:
    """The request for a page."""
    return http_request("GET", f"{PATH}?{urlencode(query)}", token)


def large_filters() -> list[Query]:
    """None has been asked for before: each becomes a statement of its own."""
    orders = itertools.islice(itertools.permutations(LEAVES), LARGE)
    pairs = ([f"({one} & !{other})" for one, other in itertools.pairwise(order)] for order in orders)
    return [{"filter": " | ".join(each), "sort": "due"} for each in pairs]


def heavily(port: int, clients: Sequence[Sequence[bytes]], seconds: float) -> list[float]:
    """What each client asks again and again, or once if it has no seconds. How long each answer took, in milliseconds."""
    return uvloop.run(_heavily(port, clients, seconds))


async def _heavily(port: int, clients: Sequence[Sequence[bytes]], seconds: float) -> list[float]:
    found: list[float] = []
    ends_at = time.perf_counter() + seconds

    async def client(requests: Sequence[bytes], start: int) -> None:
        async with connected(port) as (reader, writer):
            # Clients that ask for the same begin at different places.
            endless = itertools.islice(itertools.cycle(requests), start, None)
            for each in endless if seconds else requests:
                if seconds and time.perf_counter() > ends_at:
                    break
                found.append(await milliseconds(reader, writer, each, time.perf_counter()))

    await asyncio.gather(*(client(requests, number) for number, requests in enumerate(clients)))
    return found


async def now_and_then(
    port: int, others: Sequence[Sequence[bytes]], searching: Sequence[bytes], seconds: float
) -> Waits:
    """What users notice who are no load."""
    waits = Waits()
    ends_at = time.perf_counter() + seconds

    gets = [at_intervals(port, each, PAUSE_SECONDS, ends_at, waits.gets) for each in others]
    await asyncio.gather(*gets, at_intervals(port, searching, SEARCH_PAUSE_SECONDS, ends_at, waits.searches))
    return waits


async def at_intervals(port: int, requests: Sequence[bytes], pause: float, ends_at: float, found: list[float]) -> None:
    """Ask again and again with a pause of so many seconds, as somebody does who is no load. How long each answer took is found."""
    async with connected(port) as (reader, writer):
        due = time.perf_counter()
        for each in itertools.cycle(requests):
            # Whoever waits for an answer would have sent the next request already: its time counts from when it was due.
            is_late = time.perf_counter() > due
            await asyncio.sleep(due - time.perf_counter())
            found.append(await milliseconds(reader, writer, each, due if is_late else time.perf_counter()))
            due += pause
            if due > ends_at:
                break


async def milliseconds(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, began: float
) -> float:
    """How long after that moment the answer is there. Raises WrongAnswerError."""
    status, body = await ask(reader, writer, request)
    if status != OK:
        message = f"{request.partition(b' HTTP/1.1')[0].decode()} was answered with {status}: {body[:500]!r}"
        raise WrongAnswerError(message)
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    run(main)
