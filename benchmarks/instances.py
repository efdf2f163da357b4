"""One database, and the `doable serve` that run on it. It needs Linux."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from benchmarks.client import Exchange, Load, Measurement, measure
from benchmarks.postgresql import postgresql
from benchmarks.processes import children, status
from benchmarks.server import free_port, process, program, run
from benchmarks.workload import PASSWORD, SECRET, email
from doable.database import Database

GRACE_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Backend:
    """SQLite, or a database of a PostgreSQL server."""

    name: str
    folder: Path
    url: str | None
    """Of the database; None is SQLite, in the folder."""
    processes: tuple[int, ...]
    """Those of the database itself, whose children count too. SQLite has none."""
    source: Path | None = None
    """The `src` of another version of Doable, which serves in place of this one."""

    @property
    def settings(self) -> dict[str, str]:
        """What `doable` reads from the environment."""
        settings = {"DATA_DIR": str(self.folder / "data"), "SECRET_KEY": SECRET}
        if self.source is not None:
            settings["PYTHONPATH"] = str(self.source)
        return settings if self.url is None else {**settings, "DATABASE_URL": self.url}

    def migrate(self) -> None:
        """Make the tables."""
        run([program("doable"), "migrate"], self.folder, **self.settings)

    def open(self) -> Database:
        """The database, without a server."""
        if self.url is None:
            from doable.database.sqlite.database import SQLiteDatabase

            return SQLiteDatabase(self.folder / "data" / "doable.db")
        from doable.database.postgresql.database import PostgreSQLDatabase

        return PostgreSQLDatabase(self.url)


@contextmanager
def backends(folder: Path, source: Path | None = None) -> Iterator[list[Backend]]:
    """Both databases, with no tables yet. PostgreSQL is the one that the tests start."""
    folders = folder / "sqlite", folder / "postgresql"
    for each in folders:
        each.mkdir()
    with postgresql() as running:
        yield [
            Backend("SQLite", folders[0], None, (), source),
            Backend("PostgreSQL", folders[1], running.new_database(), (running.main_process(),), source),
        ]


@dataclass(frozen=True, slots=True)
class Instance:
    """A `doable serve` that answers."""

    port: int
    pid: int
    """The only process of a server with one worker. With several, the one that watches over them."""
    workers: list[int]
    """The processes that serve."""

    def measure(
        self,
        exchanges: Iterator[Exchange],
        *,
        connections: int,
        warm_up_seconds: float,
        seconds: float,
        processes: tuple[int, ...] = (),
    ) -> Measurement:
        """Ask it all this over so many connections. The time of these other processes is counted with its own."""
        load = Load(connections, warm_up_seconds, seconds)
        return measure(self.port, (self.pid, *processes), exchanges, load)

    def log_in(self, number: int) -> str:
        """The user's token."""
        credentials = {"email": email(number), "password": PASSWORD}
        answer = httpx.post(f"http://127.0.0.1:{self.port}/api/auth/login", json=credentials, timeout=GRACE_SECONDS)
        token: str = answer.raise_for_status().json()["access_token"]
        return token


@contextmanager
def serving(backend: Backend, workers: int = 1) -> Iterator[Instance]:
    """One `doable serve`, all workers of which have started."""
    port = free_port()
    command = [program("doable"), "serve", "--port", str(port), "--workers", str(workers)]
    with process(command, backend.folder, f"http://127.0.0.1:{port}/readyz", **backend.settings) as pid:
        yield Instance(port, pid, [pid] if workers == 1 else _started(pid, workers))


def _started(pid: int, workers: int) -> list[int]:
    deadline = time.monotonic() + GRACE_SECONDS
    # Besides the workers there is a process of one thread, which only watches over what they share.
    while len(found := [each for each in children(pid) if status(each, "Threads") > 1]) < workers:
        assert time.monotonic() < deadline, "The workers have not started."
        time.sleep(0.1)
    return found
