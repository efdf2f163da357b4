"""How long it takes until there is a first answer."""

import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Final

import httpx

from benchmarks.figures import Figure
from benchmarks.instances import GRACE_SECONDS, Backend
from benchmarks.processes import cpu_seconds
from benchmarks.server import STOP_SECONDS, environment, free_port, program

SERVE_SECONDS: Final = 0.7
HELP_SECONDS: Final = 0.15
LOOK_SECONDS: Final = 0.002

Start = tuple[float, float]
"""Seconds by the clock, and of the processors."""


def starting(sqlite: Backend, starts: int) -> list[Figure]:
    """Start `doable serve` on a migrated database, and `doable --help`, so often."""
    return [
        _figure("`doable serve`, until `/livez` answers (SQLite)", lambda: serve(sqlite), starts, SERVE_SECONDS),
        _figure("`doable --help`", lambda: show_help(sqlite), starts, HELP_SECONDS),
    ]


def serve(backend: Backend) -> Start:
    """From the start of the process to the first answer."""
    port = free_port()
    command = [program("doable"), "serve", "--port", str(port)]
    with (backend.folder / "log").open("ab") as log, httpx.Client() as client:
        began = time.perf_counter()
        started = subprocess.Popen(
            command, cwd=backend.folder, env=environment(**backend.settings), stdout=log, stderr=log
        )
        try:
            while not _answers(client, port):
                assert started.poll() is None, "The server ended at its start."
                assert time.perf_counter() - began < GRACE_SECONDS, "The server does not answer."
                time.sleep(LOOK_SECONDS)
            return time.perf_counter() - began, cpu_seconds((started.pid,))
        finally:
            started.terminate()
            try:
                started.wait(STOP_SECONDS)
            finally:
                started.kill()


def show_help(backend: Backend) -> Start:
    """From the start of the process to its end."""
    used, began = _used_by_children(), time.perf_counter()
    shown = subprocess.run(
        [program("doable"), "--help"], cwd=backend.folder, env=environment(), check=True, capture_output=True, text=True
    )
    took = time.perf_counter() - began
    assert "serve" in shown.stdout
    return took, _used_by_children() - used


def _answers(client: httpx.Client, port: int) -> bool:
    try:
        return client.get(f"http://127.0.0.1:{port}/livez").status_code == 200
    except httpx.TransportError:
        return False


def _used_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _figure(what: str, start: Callable[[], Start], starts: int, asked: float) -> Figure:
    seconds, cpu = zip(*(start() for _ in range(starts)), strict=True)
    return Figure(
        f"{what}, median of {starts}",
        f"{median(seconds):.2f} s ({_range(seconds)}), {median(cpu):.2f} s of a processor",
        f"{asked} s",
        median(seconds) <= asked,
    )


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"
