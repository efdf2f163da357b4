"""What every refusal of the `doable` command has in common."""

import resource
import subprocess
from pathlib import Path

from support.server import DOABLE, environment


def assert_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """The command said what is wrong in one line, with each of these words in it, and ended with exit code 1."""
    assert result.returncode == 1, result.stderr
    assert not result.stdout
    assert result.stderr.startswith("doable: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


def on_full_disk(kib: int, *arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command that cannot write more than this into any file."""
    return subprocess.run(
        [DOABLE, *arguments],
        # Otherwise Python may keep a half of a module that it has compiled.
        env=environment(**settings, PYTHONDONTWRITEBYTECODE="1"),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kib * 1024, kib * 1024)),
    )
