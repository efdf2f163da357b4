"""Servers that are forked from a process which has imported everything: most of the time that a start takes is Python's.

What they run is what `doable` runs, but that their workers are forked too. `--reload` is not for this.
"""

import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import current_process, get_context
from pathlib import Path

from doable.server import supervisor

_context = get_context("forkserver")
_context.set_forkserver_preload(
    [
        "doable.cli",
        "doable.app",
        "doable.server.run",
        "doable.server.worker",
        "doable.http.protocol",
        "uvicorn.lifespan.on",
        "uvloop",
    ]
)


class Fork:
    """A running process, as `subprocess.Popen` has them."""

    def __init__(
        self, script: Path, arguments: Sequence[str], environ: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        self._process = _context.Process(target=_run, args=(script, arguments, environ, cwd, log), daemon=True)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """The exit code, once it has ended. Raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("doable", timeout)
        return self._process.exitcode

    def send_signal(self, sent: signal.Signals) -> None:
        os.kill(self.pid, sent)


def _run(script: Path, arguments: Sequence[str], environ: Mapping[str, str], cwd: Path, log: Path) -> None:
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
    os.dup2(1, 2)
    sys.argv = ["doable", *arguments]
    _fork_workers()
    # Python would have left out the folder of the script and of the tests.
    sys.path = [folder for folder in sys.path if Path(folder).name not in {"tests", "support", ""}]
    runpy.run_path(str(script), run_name="__main__")


def _fork_workers() -> None:
    """The supervisor would start Python for each. A process of this module's is one that may have no others."""
    vars(supervisor)["context"] = get_context("fork")
    vars(current_process())["_config"]["daemon"] = False
