"""Says in the log that the disk is full: at once, then every minute, and when there is room again."""

import logging
import time
from typing import Final

logger = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 60.0
# A disk with little room takes a small write between two large ones.
ROOM_SECONDS: Final = 5.0


class FullDisk:
    """What the log was told of one database's disk."""

    def __init__(self) -> None:
        self._said_at: float | None = None
        self._found_at = 0.0

    @property
    def is_full(self) -> bool:
        """Whether the last that was heard of it is that it is full."""
        return self._said_at is not None

    def found(self) -> None:
        """Note that there was no room for a write."""
        self._found_at = time.monotonic()
        if self._said_at is None or self._said_at + PAUSE_SECONDS <= self._found_at:
            self._said_at = self._found_at
            logger.error("The disk of the database is full: writes are refused until there is room, reads go on")

    def written(self) -> None:
        """Note that a write has succeeded."""
        if self._said_at is not None and self._found_at + ROOM_SECONDS <= time.monotonic():
            self._said_at = None
            logger.warning("There is room on the disk of the database again")
