"""The figures as Markdown tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.client import Measurement
from benchmarks.contenders import BASELINES
from benchmarks.machine import Machine
from benchmarks.rounds import LOG_INS_LAST, Results, Rounds, all_runs
from benchmarks.server import Contender
from benchmarks.workload import GET, LIST, OPERATIONS, TASKS_EACH, USERS

LABELS: Final = {GET: "get one", LIST: "list 20, with total"}
HEAD: Final = (
    "operation",
    "server",
    "requests/s",
    "its rounds",
    "p50",
    "p99",
    "CPU s for 10,000",
    "requests/s, Doable : it",
    "p99, Doable : it",
    "CPU, it : Doable",
)


@dataclass(frozen=True, slots=True)
class Report:
    """The measurements: of which contender, how, and where."""

    results: Results
    contenders: dict[str, Contender]
    rounds: Rounds
    machine: Machine
    seconds: float

    def tables(self) -> str:
        """Everything that was measured."""
        counts = sorted({count for _, _, count in self.results.figures}, key=lambda count: (count != 16, count))
        parts = [f"### {_connections(count)}\n\n{self._table(count)}" for count in counts]
        return "\n\n".join([*parts, f"### Servers\n\n{self._servers()}", f"### How it went\n\n{self._notes()}"])

    def rate(self, key: str, operation: str, connections: int) -> float | None:
        """The median of the rounds; None where it was not measured."""
        return _median(run.rate for run in self._runs(key, operation, connections))

    def p99(self, key: str, operation: str, connections: int) -> float | None:
        """As above."""
        return _median(run.p99 for run in self._runs(key, operation, connections))

    def cpu(self, key: str, operation: str, connections: int) -> float | None:
        """As above: the CPU seconds of 10,000 requests."""
        return _median(run.server_cpu for run in self._runs(key, operation, connections))

    def hashes(self) -> float | None:
        """The median of the bare hash's rounds."""
        return _median(self.results.hashes)

    def _runs(self, key: str, operation: str, connections: int) -> Sequence[Measurement]:
        return self.results.figures.get((key, operation, connections), [])

    def _table(self, connections: int) -> str:
        rows = [
            (LABELS.get(operation, operation), self.contenders[key].name, *self._cells(key, operation, connections))
            for operation in OPERATIONS
            for key in self.contenders
            if self._runs(key, operation, connections)
        ]
        return markdown(HEAD, rows, words=2)

    def _cells(self, key: str, operation: str, connections: int) -> list[str]:
        runs = self._runs(key, operation, connections)
        rates = [run.rate for run in runs]
        baseline = BASELINES.get(key, "doable")
        return [
            number(median(rates)),
            f"{number(min(rates))} to {number(max(rates))}",
            f"{median(run.p50 for run in runs):.1f} ms",
            f"{median(run.p99 for run in runs):.1f} ms",
            f"{median(run.server_cpu for run in runs):.1f}",
            ratio(self.rate(baseline, operation, connections), self.rate(key, operation, connections)),
            ratio(self.p99(baseline, operation, connections), self.p99(key, operation, connections)),
            ratio(self.cpu(key, operation, connections), self.cpu(baseline, operation, connections)),
        ]

    def _servers(self) -> str:
        rows = [
            (contender.name, contender.conditions, f"{self.results.memory[key]:.0f} MiB")
            for key, contender in self.contenders.items()
        ]
        return markdown(("server", "what it is", "resident memory at the end"), rows, words=2)

    def _notes(self) -> str:
        runs = list(all_runs(self.results.figures))
        busiest = max(runs, key=lambda run: run.client_busy)
        log_in_seconds = self.rounds.seconds * LOG_INS_LAST
        answers, checked = sum(run.answers for run in runs), sum(run.checked for run in runs)
        notes = [
            f"{self.machine.name}: all servers on one core, the client on another",
            f"A write and its fdatasync take {self.machine.sync_milliseconds:.2f} ms here",
            f"{self.rounds.rounds} rounds of {self.rounds.seconds:g} s (log-in: {log_in_seconds:g} s), servers in turn",
            f"An account of {TASKS_EACH:,} tasks among {USERS * TASKS_EACH:,}",
            f"{answers:,} answers, each with the right status, {checked:,} of them compared in content",
            "Every task that was created is there, and none that was deleted",
            f"The client was busy for {median(run.client_busy for run in runs):.0%} of its core as the median of all runs",
            f"Its busiest run: {busiest.client_busy:.0%} of its core, at {busiest.rate:,.0f} requests/s",
        ]
        if hashes := self.hashes():
            notes.append(
                f"The bare hash with Doable's parameters verifies {hashes:.1f} passwords/s on the servers' core"
            )
        return "\n".join(f"- {note}" for note in [*notes, f"{self.seconds:.0f} s in all"])


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int) -> str:
    """A table, of which so many columns are words and the others figures."""
    rule = ["---"] * words + ["---:"] * (len(head) - words)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def ratio(ours: float | None, theirs: float | None) -> str:
    """How many times as much it is."""
    return "" if ours is None or theirs is None else f"{ours / theirs:.2f}"


def number(rate: float) -> str:
    """A rate: log-ins are so few that their tenths matter."""
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return median(found) if found else None


def _connections(count: int) -> str:
    return "At 1 connection" if count == 1 else f"At {count} connections"
