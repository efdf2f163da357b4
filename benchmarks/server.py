"""What both servers have in common: how they are started and stopped."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

import httpx

from benchmarks.workload import Account

START_SECONDS = 30
STOP_SECONDS = 15
RIVALS = Path(__file__).with_name("rivals")


class Contender(Protocol):
    """A server that is measured."""

    name: str
    conditions: str
    """Its version, and what of its settings matters to the figures."""

    def running(self) -> AbstractContextManager[Account]:
        """Make and fill the database and start the server, which has ended when the `with` has."""


def program(name: str) -> str:
    """A program that was installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


def environment(**settings: str) -> dict[str, str]:
    """An environment with nothing of the caller's own settings in it."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TMPDIR"}}
    return {**kept, **settings}


def run(command: Sequence[str], folder: Path, **settings: str) -> None:
    """Run a command in this folder to its end."""
    subprocess.run(command, env=environment(**settings), cwd=folder, check=True, capture_output=True)


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def process(command: Sequence[str], folder: Path, health: str, **settings: str) -> Iterator[int]:
    """A server that runs in this folder; its process id.

    It answers at `health` when the `with` begins, and has ended when that ends.

    What it prints goes to the file `log`. A terminal, or a pipe that somebody must read, would slow it down.
    """
    log = folder / "log"
    with log.open("ab") as output:
        started = subprocess.Popen(
            command,
            env=environment(**settings),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C is for this process alone, which then stops its servers.
            start_new_session=True,
        )
    try:
        _wait_for(started, health, log)
        yield started.pid
    finally:
        started.terminate()
        try:
            started.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def _wait_for(started: subprocess.Popen[bytes], health: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert started.poll() is None, f"A server ended at its start:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"A server does not answer:\n{log.read_text()}"
        with suppress(httpx.TransportError):
            if not httpx.get(health, timeout=5).is_server_error:
                return
        time.sleep(0.02)
