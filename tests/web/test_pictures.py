"""The script that makes the README's pictures of the client."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.browser import needs_chromium
from support.web import BUILT, ROOT

pytestmark = [
    needs_chromium("no picture of the client was"),
    pytest.mark.skipif(not BUILT.exists(), reason="NO CLIENT: no picture was made, since it is not built."),
]


def test_the_readmes_pictures_can_be_made(tmp_path: Path) -> None:
    command = [sys.executable, "scripts/pictures.py", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert result.returncode == 0, result.stderr
    for look in ("light", "dark"):
        made, shown = ((folder / f"client-{look}.png").read_bytes() for folder in (tmp_path, ROOT / "docs"))
        # The size of the picture, and who made it. What is in it differs from browser to browser.
        assert made[:33] == shown[:33]
        assert b"scripts/pictures.py" in made[:200]
