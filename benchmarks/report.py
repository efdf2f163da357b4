"""The figures as a Markdown table."""

from collections.abc import Sequence
from statistics import median

from benchmarks.client import Measurement

Rounds = dict[str, list[Measurement]]
"""For each operation what each round came to."""


def table(doable: Rounds, pocketbase: Rounds) -> str:
    """Medians of the rounds, side by side, and their ratios."""
    head = (
        "operation",
        "Doable, requests/s",
        "p50",
        "p99",
        "PocketBase, requests/s",
        "p50",
        "p99",
        "requests/s, Doable : PocketBase",
        "p99, Doable : PocketBase",
    )
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for operation, ours in doable.items():
        theirs = pocketbase[operation]
        ratios = (_rate(ours) / _rate(theirs), _p99(ours) / _p99(theirs))
        lines.append(_line([operation, *_cells(ours), *_cells(theirs), *(f"{ratio:.2f}" for ratio in ratios)]))
    return "\n".join(lines)


def spread(name: str, rounds: Rounds) -> str:
    """How far the rounds were apart: a wide spread is a noisy machine."""
    ranges = (
        f"{operation} {min(run.rate for run in runs):,.0f} to {max(run.rate for run in runs):,.0f}"
        for operation, runs in rounds.items()
    )
    return f"{name}, requests/s of the slowest and the fastest round: {'; '.join(ranges)}"


def _rate(runs: Sequence[Measurement]) -> float:
    return median(run.rate for run in runs)


def _p99(runs: Sequence[Measurement]) -> float:
    return median(run.p99 for run in runs)


def _cells(runs: Sequence[Measurement]) -> list[str]:
    return [f"{_rate(runs):,.0f}", f"{median(run.p50 for run in runs):.1f} ms", f"{_p99(runs):.1f} ms"]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
