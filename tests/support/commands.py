"""What every refusal of the `doable` command has in common."""

import subprocess


def assert_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """The command said what is wrong in one line, with each of these words in it, and ended with exit code 1."""
    assert result.returncode == 1, result.stderr
    assert not result.stdout
    assert result.stderr.startswith("doable: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr
