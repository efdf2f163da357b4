"""What several workers share with each other and with their parent."""

import mmap
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import reduction
from multiprocessing.connection import Connection
from socket import socket
from typing import Any, BinaryIO, Final, Self

SLOTS: Final = 256
NOBODY: Final = -1
BYTES: Final = 4


class Shares:
    """How many connections each worker has: so that none of them takes all.

    A number for each, in memory that all of them see, and which it alone writes while it lives.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._counts = memoryview(mmap.mmap(file.fileno(), SLOTS * BYTES)).cast("i")

    @classmethod
    def empty(cls) -> Self:
        """With no worker in it yet."""
        if sys.platform == "linux":  # where no disk can be full
            file: BinaryIO = os.fdopen(os.memfd_create("doable-shares"), "r+b", buffering=0)
        else:
            file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - as long as the memory is shared
        file.write(NOBODY.to_bytes(BYTES, byteorder="little", signed=True) * SLOTS)
        return cls(file)

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (reduction.DupFd(self._file.fileno()),)

    def put(self, slot: int, count: int) -> None:
        """Note how many the worker of this slot has."""
        self._counts[slot] = count

    def clear(self, slot: int) -> None:
        """The worker of this slot takes no connections, or not yet."""
        self._counts[slot] = NOBODY

    def fewest(self, slot: int) -> int | None:
        """The fewest that another worker has. None if there is no other."""
        others = [count for number, count in enumerate(self._counts) if count != NOBODY and number != slot]
        return min(others, default=None)


@dataclass(frozen=True, slots=True)
class Link:
    """What a worker is given by its parent."""

    sockets: Sequence[socket]
    beats: Connection
    """On which it says that it serves."""
    parent: Connection
    """At its end when the parent has gone."""
    shares: Shares
    slot: int
    """Its place in them."""


def _received(descriptor: Any) -> Shares:
    return Shares(os.fdopen(descriptor.detach(), "r+b", buffering=0))
