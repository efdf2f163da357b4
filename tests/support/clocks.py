"""A server whose clock is moved, so that nobody has to wait for days."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.server import Server


class ClockServer(Server):
    """A server whose clock, in every process of it, is ahead by as much as it was moved."""

    script = Path(__file__).with_name("moved_clock.py")

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        super().__init__(folder, *arguments, **settings)
        self._clock = folder / "clock"
        self._ahead = 0.0
        self.settings["CLOCK_FILE"] = str(self._clock)
        self.move(0)

    def now(self) -> datetime:
        """What its clock shows."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def move(self, seconds: float) -> None:
        """Have it be so many seconds later than before, at once."""
        self._ahead += seconds
        draft = self._clock.with_suffix(".draft")
        draft.write_text(str(self._ahead))
        # A reader finds the old file or the new one, and never half of one.
        draft.replace(self._clock)


class QuickClockServer(ClockServer):
    """The same for tests that have nothing to do with passwords."""

    script = Path(__file__).with_name("moved_clock_quickly.py")
