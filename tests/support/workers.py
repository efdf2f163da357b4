"""The worker processes of a server, and how to have one of them do the work."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from support.server import Server


def children(server: Server) -> list[int]:
    """The worker processes, as they are now."""
    listed = ["ps", "-axww", "-o", "pid=,ppid=,command="]
    lines = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    found = [line.split(maxsplit=2) for line in lines]
    parent = str(server.process.pid)
    others = ("resource_tracker", "doable migrate")
    return [
        int(pid) for pid, ppid, command in found if ppid == parent and not any(other in command for other in others)
    ]


def workers(server: Server) -> list[int]:
    """The worker processes, once each of them answers."""
    pids = children(server)
    for pid in pids:
        deadline = time.monotonic() + 30
        while not _answers(server, [other for other in pids if other != pid]):
            assert time.monotonic() < deadline, server.log
            time.sleep(0.1)
    return pids


@contextmanager
def standing_still(server: Server, *pids: int) -> Iterator[None]:
    """These processes of the server do nothing, so that others get every new connection. Longer than 5 s and they are replaced."""
    with ExitStack() as stack:
        with _nobody_writing(server):
            stack.enter_context(stopped(*pids))
            # Who waits for the turn would still get it otherwise, and stop then.
            while any(_runs(pid) for pid in pids):
                time.sleep(0.001)
        yield


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """These processes stand still wherever they are."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _runs(pid: int) -> bool:
    """Whether a thread of it has not stopped yet. Without /proc, nobody knows."""
    for path in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            state = path.read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread has ended
        if state != "T":
            return True
    return False


@contextmanager
def _nobody_writing(server: Server) -> Iterator[None]:
    """One that stood still amid a write to SQLite, such as that of a letter after a sign-up, would keep the others waiting until it is replaced."""
    database = Path(server.settings["DATA_DIR"], "doable.db")
    if "DATABASE_URL" in server.settings or not database.exists():
        yield
        return
    with (
        database.with_name("doable.db.next").open("rb") as after,
        database.with_name("doable.db.writing").open("rb") as now,
    ):
        # Nobody waits for the turn either: whoever stood still amid that would be the next for ever.
        for file in (after, now):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _answers(server: Server, others: list[int]) -> bool:
    with standing_still(server, *others):
        try:
            return httpx.get(f"{server.url}/readyz", timeout=1).status_code == 200
        except httpx.TransportError:
            return False
