"""A real `doable serve`, as its users start it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar, Self

import httpx
import pytest

from support.forks import Fork, run
from support.ports import free_port, wait_until_free

DOABLE = str(Path(sys.executable).with_name("doable"))
SECRET = "a secret of the tests, of more than 32 bytes"


def environment(**settings: str) -> dict[str, str]:
    """An environment with nothing of the developer's own settings in it."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    # One worker, which takes half the time to start; tests of several say so.
    return {**kept, "WEB_CONCURRENCY": "1", **settings}


def doable(*arguments: str, cwd: Path, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. It is forked, since otherwise most of its time would be the start of Python."""
    return run(Path(DOABLE), arguments, environment(**settings), cwd, stdin)


def spawned(*arguments: str, cwd: Path, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, started as its users start it."""
    return subprocess.run(
        [DOABLE, *arguments],
        env=environment(**settings),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Server:
    """One `doable serve` on a free port, with these settings. It is started by `with`, or by `start`.

    Unless `migrated_data` is None, one that would make its database gets a copy of that folder, which takes half the time.
    `script` stands for `doable`, `awaits` is the path that is 200 once it has started, and `spawns` says that it is started as its users start it, and not forked.
    """

    migrated_data: ClassVar[Path | None] = None
    script: ClassVar[Path] = Path(DOABLE)
    awaits: ClassVar[str] = "/readyz"
    spawns: ClassVar[bool] = False
    running: ClassVar[dict[str, "Server"]] = {}
    """Those that were started, by their URLs."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {"DATA_DIR": str(folder / "data"), "SECRET_KEY": SECRET, **settings}
        self.log_path = folder / "log"
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | Fork | None = None

    @property
    def process(self) -> subprocess.Popen[bytes] | Fork:
        """The running process."""
        assert self._process is not None
        return self._process

    @property
    def log(self) -> str:
        """Everything that was logged and printed so far."""
        return self.log_path.read_text()

    def start(self) -> Self:
        """Start, and wait until it answers."""
        data = Path(self.settings["DATA_DIR"])
        if self.migrated_data is not None and "DATABASE_URL" not in self.settings and not (data / "doable.db").exists():
            shutil.copytree(self.migrated_data, data, dirs_exist_ok=True)
        arguments = ("serve", "--port", str(self.port), *self._arguments)
        environ = environment(**self.settings)
        if self.spawns:
            with self.log_path.open("ab") as log:
                self._process = subprocess.Popen(
                    # -P: the folder of the script has modules with the names of others.
                    [sys.executable, "-P", self.script, *arguments],
                    env=environ,
                    cwd=self.folder,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
        else:
            self._process = Fork(self.script, arguments, environ, self.folder, self.log_path)
        deadline = time.monotonic() + 30
        while True:
            assert self._process.poll() is None, f"doable serve ended:\n{self.log}"
            if time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"doable serve does not answer:\n{self.log}")
            try:
                if httpx.get(f"{self.url}{self.awaits}", timeout=5).status_code == 200:
                    self.running[self.url] = self
                    return self
            except httpx.TransportError:
                pass
            time.sleep(0.02)

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, wait for the end; the exit code."""
        self.process.send_signal(sent)
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        """Kill the whole group of processes, without a chance to finish anything."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)
        # A worker may have the port for a moment longer.
        wait_until_free(self.port)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()


class QuickServer(Server):
    """A server for tests that have nothing to do with passwords, which are hashed in no time there."""

    script = Path(__file__).with_name("hashes_quickly.py")


class PlainServer(QuickServer):
    """A server as it is where the web client was not built."""

    script = Path(__file__).with_name("without_client.py")
