"""Measure how soon task apps have everything by CalDAV: `python -m benchmarks.caldav`. It needs Linux and two cores.

Doable, Radicale and Xandikos have a list of the same tasks and are asked in turn; of Doable there is another list, which its API has made.
All servers run on one core, the client on another. Then a change is looked for in small and large lists, on both databases. Ends
with 1 where a figure is not what is asked.
"""

import argparse
import platform
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.caldav.asking import (
    AFTER_A_CHANGE,
    FIRST_SYNC,
    LISTING,
    LISTING_AGAIN,
    OPERATIONS,
    PHONE,
    PUT_CHANGE,
    PUT_NEW,
    VERY_FIRST,
    Operation,
    Times,
    very_first_sync,
)
from benchmarks.caldav.growth import growth
from benchmarks.caldav.servers import CONDITIONS, DOABLE, RADICALE, SERVERS, Store
from benchmarks.caldav.texts import todos
from benchmarks.client import WrongAnswerError
from benchmarks.command import run, some_of
from benchmarks.figures import Figure, end, table
from benchmarks.machine import machine
from benchmarks.rounds import on_core, say, two_cores

ASKED_SECONDS: Final = {LISTING: 2.0, FIRST_SYNC: 2.0, PHONE: 15.0, AFTER_A_CHANGE: 0.15}
ASKED_RATIO: Final = 5
"""So many times as fast as Radicale."""
ROWS: Final = (VERY_FIRST, LISTING, FIRST_SYNC, PHONE, AFTER_A_CHANGE, LISTING_AGAIN, PUT_NEW, PUT_CHANGE)
QUICK_SIZES: Final = (500, 5_000)
SIZES: Final = (500, 5_000, 50_000)

Seconds = Mapping[str, Mapping[str, list[float]]]
"""By operation and server, of each round."""


def main() -> None:
    """Measure and print."""
    options = arguments()
    began = time.monotonic()
    figures: list[Figure] = []
    server_core, client_core = two_cores()
    tasks, rounds = (500, 2) if options.quick else (options.tasks, options.rounds)
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name:
        folder = Path(name)
        if options.only != "growth":
            with ExitStack() as stack:
                stores: dict[str, Store] = {}
                with on_core(server_core):
                    for key in options.servers:
                        started = time.monotonic()
                        stores |= stack.enter_context(SERVERS[key](folder / key, todos(tasks)))
                        say(f"{key} was started and filled in {time.monotonic() - started:.0f} s")
                with on_core(client_core):
                    seconds = measure(stores, rounds)
            print(comparison(seconds, [*stores]), flush=True)
            figures += asked(seconds)
        if options.only != "servers":
            figures += growth(folder / "growth", QUICK_SIZES if options.quick else SIZES, options.changes)
        words = machine(folder)
    print(
        f"""
{table(figures)}

- {datetime.now(UTC):%Y-%m-%d}, {words.name}, Python {platform.python_version()}; 4 KiB are on the disk after {words.sync_milliseconds:.1f} ms
- {tasks:,} tasks, {rounds} rounds, each operation on each server in turn; medians
- {time.monotonic() - began:.0f} s in all""",
        flush=True,
    )
    for server, condition in CONDITIONS.items():
        print(f"- {server}: {condition}")
    if not options.quick:
        end(figures)


def arguments() -> argparse.Namespace:
    """What a caller may want otherwise, for a quick look or a long one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.caldav", description=__doc__)
    parser.add_argument("--only", choices=("servers", "growth"), help="one half of it")
    parser.add_argument("--servers", type=some_of(SERVERS), default=list(SERVERS), help=f"some of {','.join(SERVERS)}")
    parser.add_argument("--tasks", type=int, default=5_000, help="how many are in the list")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument(
        "--changes", type=int, default=30, help="how often a change is looked for in lists of all sizes"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="500 tasks and two rounds, to see that it works: it ends with 0 whatever it measures",
    )
    return parser.parse_args()


def measure(stores: Mapping[str, Store], rounds: int) -> Seconds:
    """All operations on all servers, A B A B. Raises WrongAnswerError."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number, operations in enumerate([[very_first_sync], *[OPERATIONS] * rounds]):
        for ask, (server, store) in product(operations, stores.items()):
            for operation, seconds in _right(server, ask, store):
                found[operation][server].append(seconds)
                say(f"{operation}, round {number}: {server} {seconds:.4f} s")
    return found


def comparison(seconds: Seconds, servers: Sequence[str]) -> str:
    """A line for each operation, with what others take in the time of Doable."""
    lines = [f"| | {' | '.join(servers)} |", f"|---|{'---:|' * len(servers)}"]
    for operation in ROWS:
        medians = {server: median(seconds[operation][server]) for server in servers}
        cells = [f"{_seconds(taken)}{_ratio(taken, medians.get(DOABLE))}" for taken in medians.values()]
        lines.append(f"| {operation} | {' | '.join(cells)} |")
    return "\n".join(lines)


def asked(seconds: Seconds) -> list[Figure]:
    """What is asked of Doable, for tasks that clients have put and for those that its API has made."""
    figures = []
    for operation in ROWS:
        ours = {server: median(each) for server, each in seconds[operation].items() if server.startswith(DOABLE)}
        theirs = seconds[operation].get(RADICALE)
        for server, taken in ours.items():
            if operation in ASKED_SECONDS:
                most = ASKED_SECONDS[operation]
                figures.append(Figure(f"{server}: {operation}", _seconds(taken), f"≤ {most:g} s", taken <= most))
            if theirs:
                ratio = median(theirs) / taken
                what = f"{server}: {operation}, Radicale's time : its own"
                figures.append(Figure(what, f"{ratio:.1f}", f"≥ {ASKED_RATIO}", ratio >= ASKED_RATIO))
    return figures


def _right(server: str, ask: Operation, store: Store) -> Times:
    try:
        yield from ask(store)
    except AssertionError as error:
        message = f"{server}, {ask.__name__}: {error}"
        raise WrongAnswerError(message) from error


def _seconds(taken: float) -> str:
    return f"{taken:.2f} s" if taken >= 1 else f"{1000 * taken:.1f} ms"


def _ratio(taken: float, of: float | None) -> str:
    return "" if of is None or taken == of else f" ({taken / of:.1f})"


if __name__ == "__main__":
    run(main)
