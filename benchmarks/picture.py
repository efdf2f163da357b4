"""The figures as a picture, with one bar a rival.

Its greys and its blue are read as well on GitHub's light page as on its dark one, and it has no background of its own.
"""

from collections.abc import Iterable
from html import escape
from typing import Final

from benchmarks.report import LABELS, Report, number
from benchmarks.workload import CREATE, GET, LIST, MIX

CONNECTIONS: Final = 16
PANELS: Final = (GET, LIST, CREATE, MIX)
WIDTH: Final = 760
BARS_FROM: Final = 200
LONGEST: Final = 470
BAR: Final = 16
STEP: Final = 22
TITLE: Final = 34
TEXT: Final = "#7a828e"
OURS: Final = "#3b82f6"
THEIRS: Final = "#9aa2ad"


def picture(report: Report) -> str:
    """A panel for each operation, from the fastest server to the slowest."""
    parts, y = [], 0
    for operation in PANELS:
        rates = {key: rate for key in report.contenders if (rate := report.rate(key, operation, CONNECTIONS))}
        ordered = sorted(rates.items(), key=lambda each: -each[1])
        title = f"{LABELS.get(operation, operation)}: requests/s over {CONNECTIONS} connections, one core"
        parts += [_text(0, y + 22, title, "font-weight='600'"), *_bars(report, ordered, y + TITLE)]
        y += TITLE + STEP * len(ordered) + 8
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {y}' width='{WIDTH}' height='{y}' role='img' "
        f"aria-label='Requests a second of each server' font-family='system-ui, sans-serif' font-size='13' fill='{TEXT}'>"
    )
    return "\n".join([head, *parts, "</svg>", ""])


def _bars(report: Report, ordered: list[tuple[str, float]], y: int) -> Iterable[str]:
    for key, rate in ordered:
        width = max(1, round(LONGEST * rate / ordered[0][1]))
        colour = OURS if key.startswith("doable") else THEIRS
        # The ceiling is nobody's product.
        opacity = 0.4 if key.startswith("bare") else 1
        yield _text(BARS_FROM - 8, y + 13, report.contenders[key].name, "text-anchor='end'")
        yield f"<rect x='{BARS_FROM}' y='{y}' width='{width}' height='{BAR}' rx='2' fill='{colour}' fill-opacity='{opacity}'/>"
        yield _text(BARS_FROM + width + 6, y + 13, number(rate), "")
        y += STEP


def _text(x: int, y: int, text: str, more: str) -> str:
    return f"<text x='{x}' y='{y}' {more}>{escape(text)}</text>"
