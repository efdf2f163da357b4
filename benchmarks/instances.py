"""One database, and the `doable serve` that run on it; what they use of memory and of the processors. It needs Linux."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from benchmarks.events import TESTS, children, status
from benchmarks.server import free_port, process, program, run
from benchmarks.workload import PASSWORD, email
from doable.database import Database

GRACE_SECONDS: Final = 30
GONE: Final = (FileNotFoundError, ProcessLookupError)
"""What it is to ask about a process that has ended."""


@dataclass(frozen=True, slots=True)
class Backend:
    """SQLite, or a database of a PostgreSQL server."""

    name: str
    folder: Path
    url: str | None
    """Of the database; None is SQLite, in the folder."""
    pids: Callable[[], list[int]]
    """The processes of the database itself, of which SQLite has none."""

    @property
    def settings(self) -> dict[str, str]:
        """What `doable` reads from the environment."""
        settings = {"DATA_DIR": str(self.folder / "data"), "SECRET_KEY": "a secret of the benchmark, of 32 bytes"}
        return settings if self.url is None else {**settings, "DATABASE_URL": self.url}

    def migrate(self) -> None:
        """Make the tables."""
        run([program("doable"), "migrate"], self.folder, **self.settings)

    def open(self) -> Database:
        """The database, without a server."""
        if self.url is None:
            from doable.database.sqlite import SQLiteDatabase

            return SQLiteDatabase(self.folder / "data" / "doable.db")
        from doable.database.postgresql import PostgreSQLDatabase

        return PostgreSQLDatabase(self.url)


@contextmanager
def backends(folder: Path) -> Iterator[list[Backend]]:
    """Both databases, with no tables yet. PostgreSQL is the one that the tests start."""
    sys.path.append(str(TESTS))
    from support.postgresql import PostgreSQL, wheel_binaries

    sqlite, postgresql = folder / "sqlite", folder / "postgresql"
    for each in (sqlite, postgresql):
        each.mkdir()
    with PostgreSQL(wheel_binaries()) as running:
        yield [
            Backend("SQLite", sqlite, None, list),
            Backend("PostgreSQL", postgresql, running.new_database(), lambda: with_descendants(running.main_process())),
        ]


@dataclass(frozen=True, slots=True)
class Instance:
    """A `doable serve` that answers."""

    port: int
    pid: int
    """The only process of a server with one worker. With several, the one that watches over them."""

    def pids(self) -> list[int]:
        """Its processes."""
        return with_descendants(self.pid)

    def log_in(self, number: int) -> str:
        """The user's token."""
        credentials = {"email": email(number), "password": PASSWORD}
        answer = httpx.post(f"http://127.0.0.1:{self.port}/api/auth/login", json=credentials, timeout=GRACE_SECONDS)
        token: str = answer.raise_for_status().json()["access_token"]
        return token


@contextmanager
def serving(backend: Backend, workers: int = 1) -> Iterator[Instance]:
    """One `doable serve`, all workers of which have started."""
    port, others = free_port(), set(children(os.getpid()))
    command = [program("doable"), "serve", "--port", str(port), "--workers", str(workers)]
    with process(command, backend.folder, f"http://127.0.0.1:{port}/readyz", **backend.settings):
        (pid,) = set(children(os.getpid())) - others
        deadline = time.monotonic() + GRACE_SECONDS
        # Besides the workers there is a process of one thread, which only watches over what they share.
        while workers > 1 and sum(status(each, "Threads") > 1 for each in children(pid)) < workers:
            assert time.monotonic() < deadline, "The workers have not started."
            time.sleep(0.1)
        yield Instance(port, pid)


def with_descendants(pid: int) -> list[int]:
    """The process, and those that it and they have started."""
    found = [pid]
    for each in found:
        # PostgreSQL starts processes that soon end.
        with suppress(*GONE):
            found += children(each)
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """What these processes have used until now, with the children of theirs that have ended."""
    ticks = 0
    for pid in pids:
        with suppress(*GONE):
            # The name, in parentheses, may have spaces in it.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            ticks += sum(int(each) for each in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def on_core(core: int, pids: Iterable[int] = (0,)) -> Iterator[None]:
    """Keep these processes on this core, and those that they start. 0 is this process."""
    before = {}
    for pid in pids:
        with suppress(*GONE):
            before[pid] = os.sched_getaffinity(pid)
            os.sched_setaffinity(pid, {core})
    try:
        yield
    finally:
        for pid, cores in before.items():
            with suppress(*GONE):
                os.sched_setaffinity(pid, cores)
