"""What the tests run with Node.js: packages as a lock file has them."""

import shutil
import subprocess
from pathlib import Path

import pytest

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
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')
