"""What Doable is to reach, beside what it reached."""

from collections.abc import Callable
from math import inf
from typing import Final

from benchmarks.report import LABELS, Report, markdown
from benchmarks.workload import COMPLETE, CREATE, DELETE, GET, LIST, LOG_IN, MIX, UPDATE

RATES: Final = {GET: (2.0, 4), LIST: (3.5, 5), **dict.fromkeys((CREATE, UPDATE, COMPLETE, DELETE), (2.5, 6))}
"""How many times as fast as PocketBase, and as the usual FastAPI backend."""
ALL_FIELDS: Final = (GET, LIST, CREATE, UPDATE)
ON_POSTGRESQL: Final = 3
P99: Final = (1, 1 / 3)
"""How many times as long, at most."""
OF_BARE_HASH: Final = 0.9
OF_BARE: Final = {GET: ("bare", 0.4), LIST: ("bare", 0.65), CREATE: ("bare-grouped", 0.55)}
"""Of the requests of the bare application."""
RIVALS: Final = ("pocketbase", "usual")
CONNECTIONS: Final = (16, 100)

Cells = list[str]
Limits = tuple[float, float]
"""Against PocketBase, and against the usual FastAPI backend."""
Figure = Callable[[str, str, int], float | None]


def targets(report: Report) -> str:
    """A row for each target. Bold is what was missed."""
    head = ["target"]
    for rival in ("PocketBase", "usual FastAPI"):
        head += [f"{rival}: asked", *(f"reached at {count}" for count in CONNECTIONS)]
    rows = [_rate(report, operation) for operation in RATES]
    rows += [_p99(report, operation) for operation in (*RATES, MIX)]
    rows += [_all_fields(report, operation) for operation in ALL_FIELDS]
    rows += [_on_postgresql(report, operation) for operation in (GET, LIST, CREATE)]
    return f"{markdown(head, rows, words=1)}\n\n{_of_bare(report)}\n\n{_log_in(report)}"


def _rate(report: Report, operation: str) -> Cells:
    return _beside_rivals(
        f"{LABELS.get(operation, operation)}, requests/s", operation, report.rate, least=RATES[operation]
    )


def _p99(report: Report, operation: str) -> Cells:
    return _beside_rivals(f"{LABELS.get(operation, operation)}, p99", operation, report.p99, most=P99)


def _beside_rivals(
    label: str, operation: str, figure: Figure, *, least: Limits = (0, 0), most: Limits = (inf, inf)
) -> Cells:
    """Asked and reached, of each rival: as much as `least`, or as little as `most`."""
    cells = [label]
    for rival, at_least, at_most in zip(RIVALS, least, most, strict=True):
        cells.append(f"≥ {at_least:g}" if at_least else f"≤ {at_most:.2g}")
        for count in CONNECTIONS:
            ours, theirs = figure("doable", operation, count), figure(rival, operation, count)
            cells.append(_reached(ours, theirs, least=at_least, most=at_most))
    return cells


def _all_fields(report: Report, operation: str) -> Cells:
    least, _ = RATES[operation]
    reached = [
        _reached(*(report.rate(f"{key}-fields", operation, count) for key in ("doable", "pocketbase")), least=least)
        for count in CONNECTIONS
    ]
    return [f"all fields: {LABELS.get(operation, operation)}, requests/s", f"≥ {least:g}", *reached, "", "", ""]


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


def _of_bare(report: Report) -> str:
    reached = [
        f"{LABELS.get(operation, operation)} {_reached(report.rate('doable', operation, 16), report.rate(key, operation, 16), least=least)} (asked {least})"
        for operation, (key, least) in OF_BARE.items()
    ]
    return f"Requests/s, of the bare application's at 16: {', '.join(reached)}."


def _log_in(report: Report) -> str:
    hashes = report.hashes()
    reached = [
        f"{_reached(report.rate('doable', LOG_IN, count), hashes, least=OF_BARE_HASH)} at {count}" for count in (1, 16)
    ]
    return f"Log-ins/s, of what the bare hash verifies on that core: asked {OF_BARE_HASH}, reached {' and '.join(reached)}."


def _reached(ours: float | None, theirs: float | None, *, least: float = 0, most: float = inf) -> str:
    if ours is None or theirs is None:
        return ""
    text = f"{ours / theirs:.2f}"
    return text if least <= ours / theirs <= most else f"**{text}**"
