"""Measure Doable beside its rivals, on this machine: `make bench`. docs/performance.md says what the figures mean."""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks import document, report
from benchmarks.command import run, some_of
from benchmarks.contenders import CONTENDERS
from benchmarks.machine import machine
from benchmarks.postgresql import postgresql
from benchmarks.rounds import Rounds, on_core, say, two_cores
from benchmarks.server import Contender
from benchmarks.workload import OPERATIONS, Account

SECONDS: Final = 0.6
ROUNDS: Final = 5


def main() -> None:
    """Measure, print, and write where that is asked for."""
    options = arguments()
    server_core, client_core = two_cores()
    began = time.monotonic()
    wanted = {key: CONTENDERS[key].wanted(options.only, options.connections) for key in options.contenders}
    wanted = {key: cells for key, cells in wanted.items() if cells}
    rounds = Rounds(options.seconds, options.rounds, server_core)
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name, on_core(server_core):
        this_machine = machine(Path(name))
        with contenders(Path(name), list(wanted)) as (names, accounts), on_core(client_core):
            results = rounds.measure(accounts, wanted)
    found = report.Report(results, names, rounds, this_machine, time.monotonic() - began)
    print(found.tables())
    if options.write:
        document.write(found)


def arguments() -> argparse.Namespace:
    """What a caller may want otherwise, for a quick look or a long one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=some_of(OPERATIONS), help=f"some of {','.join(OPERATIONS)}")
    parser.add_argument(
        "--contenders", type=some_of(CONTENDERS), default=list(CONTENDERS), help=f"some of {','.join(CONTENDERS)}"
    )
    parser.add_argument("--connections", type=counts, help="such as 1,16: everything that is measured, over so many")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each run takes")
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="how often each operation is measured on each server"
    )
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and its picture")
    return parser.parse_args()


def counts(text: str) -> list[int]:
    """Numbers separated by commas."""
    return [int(number) for number in text.split(",")]


@contextmanager
def contenders(folder: Path, keys: list[str]) -> Iterator[tuple[dict[str, Contender], dict[str, Account]]]:
    """All of them made, filled and serving. While one is measured, the others idle."""
    with ExitStack() as stack:
        database = stack.enter_context(postgresql())
        made = {key: CONTENDERS[key].make(folder / key, database) for key in keys}
        accounts = {}
        for key, contender in made.items():
            began = time.monotonic()
            accounts[key] = stack.enter_context(contender.running())
            say(f"{contender.name} was filled and started in {time.monotonic() - began:.1f} s")
        yield made, accounts


if __name__ == "__main__":
    run(main)
