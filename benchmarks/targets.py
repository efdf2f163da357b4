"""What Doable is to reach, beside what it reached."""

from typing import Final

from benchmarks.report import LABELS, Report, markdown
from benchmarks.workload import COMPLETE, CREATE, DELETE, GET, LIST, LOG_IN, MIX, UPDATE

RATES: Final = {GET: (1.5, 4), LIST: (2.5, 5), **dict.fromkeys((CREATE, UPDATE, COMPLETE, DELETE), (1.8, 6))}
"""How many times as fast as PocketBase, and as the usual FastAPI backend."""
ON_POSTGRESQL: Final = 3
P99: Final = (1, 1 / 3)
"""How many times as long, at most."""
OF_BARE_HASH: Final = 0.9
RIVALS: Final = ("pocketbase", "usual")
CONNECTIONS: Final = (16, 100)

Cells = list[str]


def targets(report: Report) -> str:
    """A row for each target. Bold is what was missed."""
    head = ["target"]
    for rival in ("PocketBase", "usual FastAPI"):
        head += [f"{rival}: asked", *(f"reached at {count}" for count in CONNECTIONS)]
    rows = [_rate(report, operation) for operation in RATES]
    rows += [_p99(report, operation) for operation in (*RATES, MIX)]
    rows += [_on_postgresql(report, operation) for operation in (GET, LIST, CREATE)]
    return f"{markdown(head, rows, words=1)}\n\n{_log_in(report)}"


def _rate(report: Report, operation: str) -> Cells:
    cells = [f"{LABELS.get(operation, operation)}, requests/s"]
    for rival, asked in zip(RIVALS, RATES[operation], strict=True):
        cells.append(f"≥ {asked:g}")
        for count in CONNECTIONS:
            ours, theirs = report.rate("doable", operation, count), report.rate(rival, operation, count)
            cells.append(_reached(ours, theirs, least=asked))
    return cells


def _p99(report: Report, operation: str) -> Cells:
    cells = [f"{LABELS.get(operation, operation)}, p99"]
    for rival, asked in zip(RIVALS, P99, strict=True):
        cells.append(f"≤ {asked:.2g}")
        for count in CONNECTIONS:
            ours, theirs = report.p99("doable", operation, count), report.p99(rival, operation, count)
            cells.append(_reached(ours, theirs, most=asked))
    return cells


def _on_postgresql(report: Report, operation: str) -> Cells:
    ours, theirs = (report.rate(f"{key}-postgresql", operation, 16) for key in ("doable", "usual"))
    reached = _reached(ours, theirs, least=ON_POSTGRESQL)
    return [
        f"PostgreSQL: {LABELS.get(operation, operation)}, requests/s",
        "",
        "",
        "",
        f"≥ {ON_POSTGRESQL}",
        reached,
        "",
    ]


def _log_in(report: Report) -> str:
    hashes = report.hashes()
    reached = [
        f"{_reached(report.rate('doable', LOG_IN, count), hashes, least=OF_BARE_HASH)} at {count}" for count in (1, 16)
    ]
    return f"Log-ins/s, of what the bare hash verifies on that core: asked {OF_BARE_HASH}, reached {' and '.join(reached)}."


def _reached(ours: float | None, theirs: float | None, *, least: float = 0, most: float = float("inf")) -> str:
    if ours is None or theirs is None:
        return ""
    text = f"{ours / theirs:.2f}"
    return text if least <= ours / theirs <= most else f"**{text}**"
