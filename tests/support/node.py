"""What the tests run with Node.js: packages as a lock file has them."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NODE = ROOT / ".venv" / "bin" / "node"
"""That of the wheel, which builds the web client."""

OFFLINE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH")


def install(folder: Path, what: str) -> None:
    """Install what the folder's package-lock.json names. Skips, and is loud about it, where that cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"{what}: NOT TESTED, there is no Node.js here, which runs it")
    options = ["--ignore-scripts", "--omit=optional", "--omit=peer", "--no-audit", "--no-fund"]
    result = subprocess.run(
        ["npm", "ci", *options], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    if result.returncode:
        # Only the want of a network is no fault of ours.
        assert any(code in result.stderr for code in OFFLINE), result.stderr
        pytest.skip(f"{what}: NOT TESTED, npm cannot reach its registry")


def assert_lock_names_no_registry(folder: Path) -> None:
    """Hashes say what is installed; from where is each machine's own affair."""
    lock = (folder / "package-lock.json").read_text()
    assert "://" not in lock
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')


def in_the_client(script: str, question: Any, *options: str) -> Any:
    """What a script of the client's tests answers to this, both as JSON."""
    run = subprocess.run(
        [NODE, *options, script],
        cwd=ROOT / "web",
        input=json.dumps(question),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
