"""Measure Doable beside PocketBase, on this machine: `make bench`. docs/benchmarks.md says what the figures mean."""

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import product, repeat
from pathlib import Path
from statistics import median

from benchmarks import report
from benchmarks.client import Exchange, Measurement, WrongAnswerError, http_request, measure
from benchmarks.doable_server import DoableServer
from benchmarks.pocketbase_server import PocketBaseServer
from benchmarks.server import Contender
from benchmarks.workload import OPERATIONS, TASKS_EACH, USERS, Account

CONNECTIONS = 16
SECONDS = 3.0
ROUNDS = 5
WARM_UP_SECONDS = 0.5


def main() -> None:
    """Measure and print."""
    options = arguments()
    server_core, client_core = two_cores()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="doable-benchmark-") as name:
        folder = Path(name)
        doable, pocketbase = DoableServer(folder / "doable"), PocketBaseServer(folder / "pocketbase")
        sync = sync_milliseconds(folder)
        say("Filling both databases")
        with on_core(server_core), doable.running() as ours, pocketbase.running() as theirs, on_core(client_core):
            figures = side_by_side([(doable, ours), (pocketbase, theirs)], options)
            ceiling = live(doable.port, options)
    runs = [run for rounds in figures.values() for each in rounds.values() for run in each]
    print(
        f"""
{report.table(figures[doable.name], figures[pocketbase.name])}

- {doable.conditions}
- {pocketbase.conditions}
- {datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores: both servers on one, \
the client on another; a write and its fdatasync take {sync:.2f} ms here
- {options.connections} connections, {options.rounds} rounds of {options.seconds:g} s, servers in turn; medians of the \
rounds; an account of {TASKS_EACH:,} tasks among {USERS * TASKS_EACH:,}
- {sum(run.answers for run in runs):,} answers, each with the right status, {sum(run.checked for run in runs):,} of them \
compared in content; every task that was created is there
- The client was busy for at most {max(run.client_busy for run in runs):.0%} of its core; Doable's /livez, which reads \
nothing, answers {ceiling.rate:,.0f} requests/s with the client busy for {ceiling.client_busy:.0%}
- {report.spread(doable.name, figures[doable.name])}
- {report.spread(pocketbase.name, figures[pocketbase.name])}
- {time.monotonic() - began:.0f} s in all"""
    )


def arguments() -> argparse.Namespace:
    """What a caller may want otherwise, for a quick look or a long one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each run takes")
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="how often each operation is measured on each server"
    )
    return parser.parse_args()


def side_by_side(contenders: list[tuple[Contender, Account]], options: argparse.Namespace) -> dict[str, report.Rounds]:
    """Measure each operation on each server in turn, round by round: A B A B. Whatever slows the machine slows both."""
    figures: dict[str, report.Rounds] = {}
    exchanges = {}
    for contender, account in contenders:
        account.check_rules()
        figures[contender.name] = {operation: [] for operation in OPERATIONS}
        exchanges[contender.name] = account.exchanges()
    for operation, number in product(OPERATIONS, range(1, options.rounds + 1)):
        for contender, _ in contenders:
            run = load(contender.port, exchanges[contender.name][operation], options)
            figures[contender.name][operation].append(run)
            say(f"{operation}, round {number}: {contender.name} {run.rate:,.0f} requests/s")
    for _, account in contenders:
        account.check_total()
    return figures


def live(port: int, options: argparse.Namespace) -> Measurement:
    """What client and server manage together when there is nothing to do."""

    def check(body: bytes) -> None:
        assert body == b'{"status":"ok"}'

    return load(port, repeat(Exchange(http_request("GET", "/livez", ""), 200, check)), options)


def load(port: int, exchanges: Iterator[Exchange], options: argparse.Namespace) -> Measurement:
    """One run."""
    return measure(
        port,
        exchanges,
        connections=options.connections,
        warm_up_seconds=WARM_UP_SECONDS,
        seconds=options.seconds,
    )


def two_cores() -> tuple[int, int]:
    """A core for the servers and another for the client."""
    if not hasattr(os, "sched_getaffinity"):
        sys.exit("The benchmark pins processes to cores, which needs Linux.")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("The benchmark needs two cores: one for the servers, one for the client.")
    return cores[0], cores[1]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run on this core alone. A process that is started here stays on it."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def sync_milliseconds(folder: Path) -> float:
    """How long this disk takes to keep 4 KiB: the price of a commit that survives a power cut."""
    times = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(200):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return 1000 * median(times)


def say(what: str) -> None:
    """Show how far it is. The report alone goes to stdout."""
    print(what, file=sys.stderr, flush=True)


def stop(_: int, __: object) -> None:
    """End as Ctrl-C does, which unwinds everything: the servers are stopped and the files removed."""
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped before the end.")
    except WrongAnswerError as error:
        sys.exit(f"There are no figures, because an answer was wrong. {error}")
