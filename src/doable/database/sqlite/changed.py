"""Processes on one file tell each other whose data they have committed. SQLite itself says only that somebody has."""

import errno
import fcntl
import mmap
import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

SLOTS: Final = 1024
SLOT_BYTES: Final = 36
HEAD_BYTES: Final = 8
SIZE: Final = HEAD_BYTES + SLOTS * SLOT_BYTES


class Changed:
    """The owners of the last commits: a ring in `<database>.changed`, memory that all processes on the database share.

    Its head says how many were ever put in. Raises OSError if there is no room for the file.
    """

    def __init__(self, path: Path) -> None:
        file = os.open(f"{path}.changed", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)  # two may make it at once
            # All of it now: the system kills who writes into such memory where the disk is full.
            if os.fstat(file).st_size < SIZE and os.pwrite(file, bytes(SIZE), 0) < SIZE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            fcntl.flock(file, fcntl.LOCK_UN)
            self._memory = mmap.mmap(file, SIZE)
        finally:
            os.close(file)
        self._head = memoryview(self._memory)[:HEAD_BYTES].cast("q")
        self._read = self._head[0]
        self._heard: set[str | None] = set()

    def put(self, owner_ids: Collection[str]) -> None:
        """Whoever has the turn to write has committed something of these."""
        self._hear()  # what others have put in since; what comes now is known here
        first = self._head[0]
        for number, owner_id in enumerate(owner_ids, first):
            self._memory[_slot(number)] = owner_id.encode()
        self._head[0] = self._read = first + len(owner_ids)

    def by_others(self) -> set[str | None]:
        """Whose data other processes have committed since this was last asked; None if that were too many."""
        self._hear()
        heard, self._heard = self._heard, set()
        return heard

    def _hear(self) -> None:
        first, self._read = self._read, self._head[0]
        if first == self._read:
            return
        found = [self._memory[_slot(number)] for number in range(max(first, self._read - SLOTS), self._read)]
        if self._head[0] - first > SLOTS or len(self._heard) > SLOTS:  # nobody may ask for long
            self._heard = {None}
        else:
            self._heard.update(each.decode() for each in found)

    def close(self) -> None:
        """Let go of the memory."""
        self._head.release()
        self._memory.close()


def _slot(number: int) -> slice:
    at = HEAD_BYTES + number % SLOTS * SLOT_BYTES
    return slice(at, at + SLOT_BYTES)
