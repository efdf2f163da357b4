"""Gathers the figures of this process, once a second, and adds them to those of its fellow workers."""

import logging
import os
import resource
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from doable import clock
from doable.background import Repeating, in_thread
from doable.database import Database, Transaction
from doable.database.last_backup import last_backup_at
from doable.errors import DoableError
from doable.metrics.exposition import exposition
from doable.metrics.requests import Requests
from doable.metrics.sums import Figures, Sums
from doable.notifications import deliveries
from doable.outbox import repository as outbox
from doable.places import OF_PROCESS
from doable.settings import Settings

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0
PROCESS: Final = Path("/proc/self")
WAITING_EVERY: Final = 15
"""Intervals. These figures alone cost queries."""


class Metrics(Repeating):
    """The figures. What a scrape is told is at most a second old.

    Counts only grow, and are sent to the sums as what was added since the last time; the rest is how things are now.
    """

    def __init__(self, requests: Requests, database: Database, streams: Callable[[], int], settings: Settings) -> None:
        super().__init__("metrics", INTERVAL_SECONDS, self._gather)
        self._requests = requests
        self._database = database
        self._streams = streams
        self._settings = settings
        self._sums = Sums() if settings.workers > 1 else None
        self._sent: dict[str, float] = {}
        self._turn = 0
        self._waiting: dict[str, float] = {}
        self._told: tuple[Figures, list[Figures]] = {}, []
        self.listens = False
        """Whether this worker has METRICS_PORT."""

    async def __aenter__(self) -> Self:
        await self._gather()
        return await super().__aenter__()

    async def __aexit__(self, *error: object) -> None:
        await super().__aexit__(*error)
        if self._sums is not None:
            try:
                self._sums.leave()
            except OSError as failure:
                logger.warning("The figures of the workers could not be summed: %s", failure.strerror)

    def exposition(self, accept: str | None) -> tuple[bytes, str]:
        """The figures as Prometheus reads them, and their content type."""
        return exposition(*self._told, accept)

    @property
    def somebody_listens(self) -> bool:
        """Whether one of the workers has METRICS_PORT."""
        return any(worker.get("listens") for worker in self._told[1])

    async def _gather(self) -> None:
        if self._turn % WAITING_EVERY == 0:
            self._waiting = await self._what_waits()
        self._turn += 1
        counts, now = self._counts(), self._now()
        if self._sums is None:
            self._told = counts, [now]
            return
        sums, added = self._sums, {name: count - self._sent.get(name, 0) for name, count in counts.items()}
        try:
            self._told = await in_thread("metrics", lambda: sums.add(added, now))
        except (OSError, ValueError) as error:
            logger.warning("The figures of the workers could not be summed: %s", type(error).__name__)
            self._told = counts, [now]
        else:
            self._sent = counts

    def _counts(self) -> dict[str, float]:
        counts: dict[str, float] = {}
        for (method, route, status), row in self._requests.found.items():
            for bucket, number in enumerate(row):
                if number:
                    counts[f"request|{method}|{route}|{status}|{bucket}"] = number
        for works, number in self._database.load().commits.items():
            counts[f"commit|{works}"] = number
        used = resource.getrusage(resource.RUSAGE_SELF)
        counts["refused"] = OF_PROCESS.refused
        counts["cpu"] = used.ru_utime + used.ru_stime
        counts["lines_dropped"] = sum(getattr(handler, "dropped", 0) for handler in logging.getLogger().handlers)
        return counts

    def _now(self) -> dict[str, float]:
        load = self._database.load()
        now: dict[str, float] = {
            "places_taken": OF_PROCESS.count - OF_PROCESS.free,
            "requests_waiting": OF_PROCESS.waiting,
            "writes_waiting": load.waiting,
            "disk_full": load.disk_is_full,
            "streams": self._streams(),
            "workers": 1,
            "listens": self.listens,
            **self._waiting,
            **_process(),
        }
        if load.connections is not None:
            now["connections_used"], now["connections_free"] = load.connections
        made_at = last_backup_at(self._settings)
        if made_at is not None:
            now["backup_age"] = max(0.0, (clock.now() - made_at).total_seconds())
        return now

    async def _what_waits(self) -> dict[str, float]:
        async def read(tx: Transaction) -> tuple[Any, Any]:
            return await tx.one(outbox.WAITING), await tx.one(deliveries.WAITING)

        try:
            mails, sent = await self._database.read(read, long=True)
        except DoableError:
            return {}  # the database is away, which is told elsewhere
        return {
            "outbox_mails": mails["number"],
            "outbox_age": _age_of(mails["oldest"]),
            "deliveries": sent["number"],
            "deliveries_age": _age_of(sent["oldest"]),
        }


def _age_of(oldest: datetime | None) -> float:
    return 0.0 if oldest is None else max(0.0, (clock.now() - oldest).total_seconds())


def _process() -> dict[str, float]:
    """Memory, descriptors and threads; on systems without /proc nothing."""
    try:
        resident = int((PROCESS / "statm").read_text().split()[1])
        return {
            "memory": resident * os.sysconf("SC_PAGE_SIZE"),
            "descriptors": len([*os.scandir(PROCESS / "fd")]),
            "threads": len([*os.scandir(PROCESS / "task")]),
        }
    except OSError:
        return {}
