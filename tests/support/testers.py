"""Programs of others that test CalDAV servers and synchronize with them: `make compat` installs them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support.ports import free_port
from support.server import environment

FOLDER: Final = Path(sys.prefix) / "testers"
PYTHON: Final = str(FOLDER / "bin" / "python")


@dataclass(frozen=True, slots=True)
class Account:
    """Where a client logs in."""

    url: str
    username: str
    password: str


def start(arguments: Sequence[str], folder: Path, home: Path | None = None) -> subprocess.Popen[str]:
    """A program of theirs, which finds no settings but those in this folder."""
    programs = {"PATH": f"{FOLDER / 'bin'}:{os.environ['PATH']}", "HOME": str(home or folder)}
    return subprocess.Popen(
        arguments,
        cwd=folder,
        env={**environment(), **programs, "TZ": "UTC", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


@contextmanager
def radicale(folder: Path, host: str, username: str) -> Iterator[Account]:
    """A Radicale with one account, which does not wait before it refuses."""
    folder.mkdir()
    port = free_port()
    (folder / "users").write_text(f"{username}:secret\n")
    settings = {
        "server-hosts": f"{host}:{port}",
        "auth-type": "htpasswd",
        "auth-htpasswd-filename": str(folder / "users"),
        "auth-htpasswd-encryption": "plain",
        "auth-delay": "0",
        "storage-filesystem-folder": str(folder / "collections"),
        "logging-level": "error",
    }
    arguments = (argument for name, value in settings.items() for argument in (f"--{name}", value))
    process = start([PYTHON, "-m", "radicale", "--config", "", *arguments], folder)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection((host, port), timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, process.communicate()[0]
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield Account(f"http://{host}:{port}/", username, "secret")
    finally:
        process.terminate()
        process.communicate(timeout=30)
