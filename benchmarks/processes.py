"""What the kernel knows of the processes of a server."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    found: list[int] = []
    # It may end while it is looked at, as PostgreSQL's own workers do, and so may a thread.
    with suppress(FileNotFoundError, ProcessLookupError):
        for file in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(FileNotFoundError, ProcessLookupError):
                found += map(int, file.read_text().split())
    return found


def tree(pid: int) -> list[int]:
    """The process and all below it."""
    return [pid, *(below for child in children(pid) for below in tree(child))]


def status(pid: int, name: str) -> int:
    """A number that the kernel knows of the process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def memory_mib(pid: int) -> float:
    """What the process and all below it hold in memory."""
    return sum(status(each, "VmRSS") for each in tree(pid)) / 1024


def shared_out_mib(pid: int) -> float:
    """The same, where each page is shared out among the processes that have it (`Pss`)."""
    lines = [line for each in tree(pid) for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def cpu_seconds(roots: Iterable[int]) -> float:
    """The CPU time of these processes and all below them, those too that have ended."""
    ticks = 0
    for pid in (each for root in roots for each in tree(root)):
        with suppress(FileNotFoundError, ProcessLookupError):
            # The second field is the program's name in parentheses, which may hold spaces.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS
