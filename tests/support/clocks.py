"""Servers whose clock is moved, not waited for."""

import sys
from pathlib import Path
from typing import Self

import pytest

from support import server as support
from support.server import Server


class ClockServer(Server):
    """A server whose clock can be put forward, in all of its processes, also before it starts and after it ended."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self._clock = folder / "clock"
        self._ahead = 0.0
        super().__init__(folder, *arguments, **settings, CLOCK_FILE=str(self._clock))
        self.move(0)

    def move(self, seconds: float) -> None:
        """Put the clock forward."""
        self._ahead += seconds
        new = self._clock.with_suffix(".new")
        new.write_text(str(self._ahead))
        new.replace(self._clock)  # nobody reads half of it

    def start(self) -> Self:
        launcher = self.folder / "doable"
        script = Path(support.__file__).with_name("moved_clock.py")
        # -P: the folder of the script has modules with the names of others.
        launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P "{script}" "$@"\n')
        launcher.chmod(0o700)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(support, "DOABLE", str(launcher))
            return super().start()
