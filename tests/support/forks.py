"""Servers and commands that are forked from a process which has imported everything: most of the time that a start takes is Python's.

What they run is what `doable` runs. `--reload` is not for this, nor what is about the start of Python itself.
"""

import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import current_process, get_context
from pathlib import Path

_context = get_context("forkserver")
_context.set_forkserver_preload(
    [
        "doable.cli",
        "doable.app",
        "doable.backups.archive",
        "doable.backups.postgresql",
        "doable.backups.restoring",
        "doable.backups.sqlite",
        "doable.database.migrate",
        "doable.database.postgresql.database",
        "doable.database.sqlite.database",
        "doable.doctor",
        "doable.remote.tail",
        "doable.remote.tasks",
        "doable.remote.text",
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
        self,
        script: Path,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path,
        output: Path,
        errors: Path | None = None,
        stdin: Path = Path(os.devnull),
    ) -> None:
        """Run the script. Its `output` and `errors`, which are the same file if there is one alone, are added to."""
        streams = (stdin, output, errors or output)
        self._process = _context.Process(target=_run, args=(script, arguments, environ, cwd, streams), daemon=True)
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


def run(
    script: Path, arguments: Sequence[str], environ: Mapping[str, str], cwd: Path, stdin: str
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    with tempfile.TemporaryDirectory() as folder:
        given, output, errors = (Path(folder, name) for name in ("stdin", "stdout", "stderr"))
        given.write_text(stdin)
        forked = Fork(script, arguments, environ, cwd, output, errors, given)
        try:
            code = forked.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(forked.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(["doable", *arguments], code, output.read_text(), errors.read_text())


def _run(
    script: Path, arguments: Sequence[str], environ: Mapping[str, str], cwd: Path, streams: tuple[Path, Path, Path]
) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environ)
    _open_streams(*streams)
    os.chdir(cwd)
    sys.argv = ["doable", *arguments]
    # A process of this module's is one that may have no others, and a server has workers.
    vars(current_process())["_config"]["daemon"] = False
    # Python would have left out the folder of the script and of the tests.
    sys.path = [folder for folder in sys.path if Path(folder).name not in {"tests", "support", ""}]
    runpy.run_path(str(script), run_name="__main__")


def _open_streams(stdin: Path, output: Path, errors: Path) -> None:
    """As Python opens them when it starts."""
    os.dup2(os.open(stdin, os.O_RDONLY), 0)
    for descriptor, path in ((1, output), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it is a descriptor, and stays open
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above
    sys.stderr = open(2, "w", 1, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115 - as above
