"""A server whose clock a test moves."""

import sys
from pathlib import Path
from typing import Self

import pytest

from support import server as support
from support.server import Server


class ClockServer(Server):
    """A server whose clock is ahead by as much as it was moved."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        super().__init__(folder, *arguments, **settings)
        self._ahead = 0.0
        self._file = folder / "clock"
        self.settings["CLOCK_FILE"] = str(self._file)
        self.move(0)

    def move(self, seconds: float) -> None:
        """Move the clock on, in all of its processes at once."""
        self._ahead += seconds
        draft = self._file.with_suffix(".draft")
        draft.write_text(str(self._ahead))
        draft.replace(self._file)

    def start(self) -> Self:
        launcher = self.folder / "doable"
        script = Path(support.__file__).with_name("moved_clock.py")
        # -P: the folder of the script has modules with the names of others.
        launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P "{script}" "$@"\n')
        launcher.chmod(0o700)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(support, "DOABLE", str(launcher))
            return super().start()
