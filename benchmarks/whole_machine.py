"""Measure Doable beside its rivals on the whole machine, each with its defaults: `python -m benchmarks.whole_machine`.

Nobody is kept on a core, the client neither: it needs some of the cores too, and is the same for all. The usual FastAPI backend,
which has one worker by default, gets as many as Doable.
"""

import argparse
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.command import run, some_of
from benchmarks.contenders import Entry
from benchmarks.doable_server import DoableServer
from benchmarks.machine import machine
from benchmarks.pocketbase_server import PocketBaseServer
from benchmarks.postgresql import postgresql
from benchmarks.report import LABELS, Report, markdown, number, ratio
from benchmarks.rounds import Rounds
from benchmarks.server import Contender
from benchmarks.usual_fastapi_server import UsualFastAPIServer
from benchmarks.workload import OPERATIONS
from doable.cores import usable_cores
from doable.server.checks import MOST_WORKERS

if TYPE_CHECKING:
    from support.postgresql import PostgreSQL

CONNECTIONS: Final = 32
SECONDS: Final = 1.0
ROUNDS: Final = 5
PAIRS: Final = {"SQLite": ("doable", "pocketbase"), "PostgreSQL": ("doable-postgresql", "usual-postgresql")}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole_machine", description=__doc__)
    parser.add_argument("--only", type=some_of(OPERATIONS), default=list(OPERATIONS), help="some operations")
    parser.add_argument("--on", type=some_of(PAIRS), default=list(PAIRS), help=f"some of {','.join(PAIRS)}")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--workers", type=int, help="of Doable, in place of its default")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each run takes")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each operation is measured")
    options = parser.parse_args()
    rounds = Rounds(options.seconds, options.rounds, server_core=0)
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, ExitStack() as stack:
        folder = Path(name)
        database = stack.enter_context(postgresql())
        workers = options.workers or min(MOST_WORKERS, usable_cores())
        makers: dict[str, Callable[[Path, PostgreSQL], Contender]] = {
            "doable": lambda at, _: DoableServer(at, workers=options.workers),
            "pocketbase": lambda at, _: PocketBaseServer(at),
            "doable-postgresql": lambda at, database: DoableServer(at, database, workers=options.workers),
            "usual-postgresql": lambda at, database: UsualFastAPIServer(at, database, workers=workers),
        }
        entries = {key: Entry(makers[key], frozenset()) for pair in options.on for key in PAIRS[pair]}
        servers = {key: entry.make(folder / key, database) for key, entry in entries.items()}
        wanted = {key: entry.wanted(options.only, [options.connections]) for key, entry in entries.items()}
        this_machine = machine(folder)
        accounts = {key: stack.enter_context(server.running()) for key, server in servers.items()}
        found = rounds.measure(accounts, wanted)
        report = Report(found, servers, rounds, this_machine, 0)
        for pair in options.on:
            print(compared(report, pair, options.connections), end="\n\n")
        print(f"{this_machine.name}. A write and its fdatasync take {this_machine.sync_milliseconds:.2f} ms here.")


def compared(report: Report, pair: str, connections: int) -> str:
    """A row for each operation."""
    ours, theirs = PAIRS[pair]
    head = [
        pair,
        *(report.contenders[key].name for key in (ours, theirs)),
        "requests/s, the one : the other",
        "p99",
    ]
    rows = []
    for operation in OPERATIONS:
        rates = [report.rate(key, operation, connections) for key in (ours, theirs)]
        p99s = [report.p99(key, operation, connections) for key in (ours, theirs)]
        if None not in rates:
            each = [
                f"{number(rate or 0)} a second, p99 {p99 or 0:.1f} ms" for rate, p99 in zip(rates, p99s, strict=True)
            ]
            rows.append([LABELS.get(operation, operation), *each, ratio(*rates), ratio(*p99s)])
    return markdown(head, rows, words=1)


if __name__ == "__main__":
    run(main)
