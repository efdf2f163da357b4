"""What was measured, beside what it should be."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table."""

    what: str
    measured: str
    asked: str = ""
    """Empty where it is only reported."""
    reached: bool | None = None


def table(figures: Sequence[Figure]) -> str:
    """All of them, as Markdown."""
    verdicts = {None: "", True: "yes", False: "no"}
    lines = ["| | measured | asked | reached |", "|---|---|---|---|"]
    lines += [f"| {each.what} | {each.measured} | {each.asked} | {verdicts[each.reached]} |" for each in figures]
    return "\n".join(lines)


def end(figures: Sequence[Figure]) -> None:
    """Exit with 1, and say which ones were not reached, if any were not."""
    if missed := [each.what for each in figures if each.reached is False]:
        sys.exit(f"Not reached: {', '.join(missed)}.")
