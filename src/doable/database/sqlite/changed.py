"""Processes on one file tell each other whose data they commit: SQLite says only that somebody has."""

import fcntl
import mmap
import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

SLOTS: Final = 1024
SLOT_BYTES: Final = 36
HEAD_BYTES: Final = 16
SIZE: Final = HEAD_BYTES + SLOTS * SLOT_BYTES
NOBODY: Final = bytes(SLOT_BYTES)

# The numbers in the head: how many owners were ever put in, and of how many of them the commit is over.
PUT: Final = 0
OVER: Final = 1


class Changed:
    """The owners of the last commits: a ring in `<database>.changed`, memory that all processes on the database share.

    Whoever has the turn to write puts them in before its COMMIT, so that they are there for everybody who sees it.
    """

    def __init__(self, path: Path) -> None:
        file = os.open(f"{path}.changed", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)  # two may make it at once
            if os.fstat(file).st_size < SIZE:
                # All of it now: the system kills who writes into such memory where the disk is full.
                os.pwrite(file, bytes(SIZE), 0)
            fcntl.flock(file, fcntl.LOCK_UN)
            self._memory = mmap.mmap(file, SIZE)
        finally:
            os.close(file)
        self._head = memoryview(self._memory)[:HEAD_BYTES].cast("q")
        self._read = self._head[OVER]

    def put(self, owner_ids: Collection[str | None]) -> None:
        """Whoever has the turn is about to commit something of these; None is nobody's."""
        first = self._head[PUT]
        for number, owner_id in enumerate(owner_ids, first):
            at = HEAD_BYTES + number % SLOTS * SLOT_BYTES
            self._memory[at : at + SLOT_BYTES] = NOBODY if owner_id is None else owner_id.encode()
        self._head[PUT] = self._read = first + len(owner_ids)  # this process knows them

    def settle(self) -> None:
        """Whoever has the turn has committed what was put in, or it never will be."""
        self._head[OVER] = self._head[PUT]

    def by_others(self) -> set[str | None]:
        """Whose data other processes have committed since this was last asked, now that one of them has; None is anybody's.

        Those of the last commit come again, since it may not be over.
        """
        over, end = self._head[OVER], self._head[PUT]
        first, self._read = self._read, max(self._read, over)
        if first >= end:  # it was none of ours
            return {None}
        found = [self._slot(number) for number in range(max(first, end - SLOTS), end)]
        if self._head[PUT] - first > SLOTS:
            return {None}
        return {each.decode() for each in found if each != NOBODY}

    def close(self) -> None:
        """Let go of the memory."""
        self._head.release()
        self._memory.close()

    def _slot(self, number: int) -> bytes:
        at = HEAD_BYTES + number % SLOTS * SLOT_BYTES
        return self._memory[at : at + SLOT_BYTES]
