"""What was measured, beside what it should be."""

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
