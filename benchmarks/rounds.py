"""The rounds: each operation on each server in turn, A B A B, so that whatever slows the machine slows all."""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from argon2 import PasswordHasher

from benchmarks.client import Load, Measurement, measure
from benchmarks.contenders import Cell
from benchmarks.processes import memory_mib, tree
from benchmarks.workload import DELETE, GROUPS, LOG_IN, PASSWORD, Account

WARM_UP: Final = 0.3
"""Of the time of a run, and before it."""
LOG_INS_LAST: Final = 2
"""So many times as long as the others: there are few in a second."""
TIDY_SECONDS: Final = 60

Figures = dict[tuple[str, str, int], list[Measurement]]
"""For each contender, operation and number of connections what each round came to."""


@dataclass
class Results:
    """All that was measured."""

    figures: Figures = field(default_factory=lambda: defaultdict(list))
    hashes: list[float] = field(default_factory=list)
    """How many passwords a second the bare hash verifies on the servers' core."""
    memory: dict[str, float] = field(default_factory=dict)
    """MiB of each server's processes at the end, PostgreSQL's not among them."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How it is measured."""

    seconds: float
    rounds: int
    server_core: int

    def measure(self, accounts: dict[str, Account], wanted: dict[str, frozenset[Cell]]) -> Results:
        """Measure what is wanted of each."""
        results = Results()
        for account in accounts.values():
            account.check_rules()
        all_of_them = sorted({count for cells in wanted.values() for _, count in cells})
        for group, connections in product(GROUPS, all_of_them):
            measured = {
                key: [operation for operation in group if (operation, connections) in wanted[key]] for key in accounts
            }
            self._measure_group({key: each for key, each in measured.items() if each}, accounts, connections, results)
        for key, account in accounts.items():
            account.check_total()
            results.memory[key] = memory_mib(account.processes[0])
        return results

    def _measure_group(
        self, measured: dict[str, list[str]], accounts: dict[str, Account], connections: int, results: Results
    ) -> None:
        for number in range(1, self.rounds + 1) if measured else ():
            for key, operations in measured.items():
                for operation in operations:
                    run = self._run(accounts[key], operation, connections)
                    results.figures[key, operation, connections].append(run)
                    say(f"{operation} at {connections}, round {number}: {key} {run.rate:,.0f} requests/s")
            if LOG_IN in next(iter(measured.values())):
                results.hashes.append(self._hashes())
        for key, operations in measured.items():
            if DELETE in operations and accounts[key].created:
                # What is left over would make the account larger for what is measured next.
                measure_run(accounts[key], DELETE, Load(connections, 0, TIDY_SECONDS))

    def _run(self, account: Account, operation: str, connections: int) -> Measurement:
        seconds = self.seconds * LOG_INS_LAST if operation == LOG_IN else self.seconds
        return measure_run(account, operation, Load(connections, WARM_UP * seconds, seconds))

    def _hashes(self) -> float:
        hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        with on_core(self.server_core):
            known, number, began = hasher.hash(PASSWORD), 0, time.perf_counter()
            while time.perf_counter() < began + self.seconds:
                hasher.verify(known, PASSWORD)
                number += 1
            return number / (time.perf_counter() - began)


def measure_run(account: Account, operation: str, load: Load) -> Measurement:
    """One run."""
    return measure(account.port, account.processes, account.exchanges(operation), load)


def two_cores() -> tuple[int, int]:
    """A core for the servers and another for the client."""
    if not hasattr(os, "sched_getaffinity"):
        sys.exit("The benchmark pins processes to cores, which needs Linux.")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("The benchmark needs two cores: one for the servers, one for the client.")
    return cores[0], cores[1]


@contextmanager
def on_core(core: int, processes: Iterable[int] = ()) -> Iterator[None]:
    """Keep this process on this core, and these with their children; also those that they start."""
    before = {}
    for pid in [0, *(each for root in processes for each in tree(root))]:
        # PostgreSQL starts some that soon end.
        with suppress(FileNotFoundError, ProcessLookupError):
            before[pid] = os.sched_getaffinity(pid)
            os.sched_setaffinity(pid, {core})
    try:
        yield
    finally:
        for pid, cores in before.items():
            with suppress(FileNotFoundError, ProcessLookupError):
                os.sched_setaffinity(pid, cores)


def all_runs(figures: Figures) -> Iterable[Measurement]:
    """Every round of everything."""
    return (run for runs in figures.values() for run in runs)


def say(what: str) -> None:
    """Show how far it is. The report alone goes to stdout."""
    print(what, file=sys.stderr, flush=True)
