"""The figures as Prometheus's library writes them."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from doable import __version__
from doable.metrics.requests import SECONDS

Figures = Mapping[str, float]

WORKS: Final = (1, 2, 4, 8, 16, 32, 64)
"""The bounds of the buckets: how many writes had one COMMIT."""

COUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "cpu": ("cpu_seconds", "Processor time of the workers."),
    "refused": ("requests_refused", "Requests that were refused because too many were under way."),
    "lines_dropped": ("log_lines_dropped", "Lines of the log that nobody read in time."),
}
GAUGES: Final[Mapping[str, tuple[str, str]]] = {
    "workers": ("workers", "Worker processes that serve."),
    "places_taken": ("places_taken", "Requests that are worked on."),
    "requests_waiting": ("requests_waiting", "Requests that wait for a place."),
    "writes_waiting": ("writes_waiting", "Writes that wait for their turn."),
    "streams": ("event_streams", "Event streams that are open."),
    "memory": ("memory_bytes", "Resident memory of the workers."),
    "descriptors": ("open_descriptors", "Open file descriptors of the workers."),
    "threads": ("threads", "Threads of the workers."),
}
"""What is summed over the workers: name and description."""

SHARED: Final[Mapping[str, tuple[str, str]]] = {
    "disk_full": ("disk_full", "1 while writes are refused because the disk of the database is full."),
    "outbox_mails": ("outbox_mails", "Mails that wait to be sent."),
    "outbox_age": ("outbox_oldest_age_seconds", "Age of the oldest mail that waits to be sent."),
    "deliveries": ("deliveries", "Pushes and mails of reminders that wait to be sent."),
    "deliveries_age": ("deliveries_oldest_age_seconds", "Age of the oldest of them that was tried."),
    "backup_age": ("backup_age_seconds", "Age of the newest backup that `doable backup` has made."),
}
"""What every worker sees alike."""


def exposition(counts: Figures, workers: Sequence[Figures], accept: str | None) -> tuple[bytes, str]:
    """The text and its content type, in the form that the scraper accepts."""
    registry = CollectorRegistry()
    registry.register(_Figures(counts, workers))
    encode, content_type = choose_encoder(accept or "")
    return encode(registry), content_type


class _Figures(Collector):
    def __init__(self, counts: Figures, workers: Sequence[Figures]) -> None:
        self._found = counts, workers

    def collect(self) -> Iterator[Metric]:
        return _families(*self._found)


def _families(counts: Figures, workers: Sequence[Figures]) -> Iterator[Metric]:
    yield InfoMetricFamily("doable", "The version that serves.", value={"version": __version__})
    yield from _requests(counts)
    yield from _commits(counts)
    for key, (name, description) in COUNTS.items():
        if key in counts:
            yield CounterMetricFamily(f"doable_{name}", description, value=counts[key])
    for key, (name, description) in {**GAUGES, **SHARED}.items():
        found = [worker[key] for worker in workers if key in worker]
        if found:
            value = max(found) if key in SHARED else sum(found)
            yield GaugeMetricFamily(f"doable_{name}", description, value=value)
    used = [worker for worker in workers if "connections_used" in worker]
    if used:
        connections = GaugeMetricFamily(
            "doable_database_connections", "Connections to PostgreSQL in the pools.", labels=["state"]
        )
        for state in ("used", "free"):
            connections.add_metric([state], sum(worker[f"connections_{state}"] for worker in used))
        yield connections


def _requests(counts: Figures) -> Iterator[Metric]:
    number = CounterMetricFamily(
        "doable_requests", "Requests that were answered.", labels=["method", "route", "status"]
    )
    seconds = HistogramMetricFamily(
        "doable_request_seconds", "Seconds until the answer began.", labels=["method", "route"]
    )
    by_status: dict[tuple[str, str, str], float] = defaultdict(float)
    rows: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * (len(SECONDS) + 2))
    for name, count in counts.items():
        kind, *labels = name.split("|")
        if kind == "request":
            method, route, status, bucket = labels
            rows[method, route][int(bucket)] += count
            if int(bucket) <= len(SECONDS):
                by_status[method, route, f"{status}xx"] += count
    for key, count in by_status.items():
        number.add_metric(key, count)
    for (method, route), row in rows.items():
        seconds.add_metric([method, route], _buckets(SECONDS, row[:-1]), row[-1])
    yield number
    yield seconds


def _commits(counts: Figures) -> Iterator[Metric]:
    sizes = {int(name.partition("|")[2]): count for name, count in counts.items() if name.startswith("commit|")}
    if sizes:
        row = [0.0] * (len(WORKS) + 1)
        for works, count in sizes.items():
            row[bisect_left(WORKS, works)] += count
        together = sum(works * count for works, count in sizes.items())
        family = HistogramMetricFamily("doable_commit_writes", "Writes that one COMMIT of SQLite made durable.")
        family.add_metric([], _buckets(WORKS, row), together)
        yield family


def _buckets(bounds: Iterable[float], row: Sequence[float]) -> list[tuple[str, float]]:
    names = [*(str(float(bound)) for bound in bounds), "+Inf"]
    return list(zip(names, accumulate(row), strict=True))
