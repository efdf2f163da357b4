"""The worker processes of a server, and how to have one of them do the work."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
def standing_still(*pids: int) -> Iterator[None]:
    """These processes do nothing, so that others get every new connection. Longer than 5 s and they are replaced."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _answers(server: Server, others: list[int]) -> bool:
    with standing_still(*others):
        try:
            return httpx.get(f"{server.url}/readyz", timeout=1).status_code == 200
        except httpx.TransportError:
            return False
