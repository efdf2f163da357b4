"""Takes new connections: many in one turn of the event loop, and no more than this worker's share of them."""

import asyncio
import errno
import logging
import resource
from collections.abc import Callable, Sequence
from contextlib import suppress
from socket import socket
from typing import Final

from doable.http.connections import Connections
from doable.server.shares import Link

TOGETHER: Final = 1024
"""In one turn; but no more than a sixteenth of the descriptors, since those that give way are closed a turn later."""
PAUSE_SECONDS: Final = 0.001
"""A worker that has many more connections than another looks so often whether that one has taken those that wait."""
PATIENCE_SECONDS: Final = 0.004
"""After so long it takes some of them, whoever has fewer: the other may be busy, or stand still."""
NO_DESCRIPTOR_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


class Accepting:
    """Accepts on these sockets.

    uvloop would accept one connection a turn. Where 500 come at once, the others would wait in the kernel for as many turns,
    seen by no limit, and whoever asks for `/livez` behind them.

    Each new connection wakes every worker, and the one that is awake first would take all that come: a client that opens 32
    then has one of two workers for it. So a worker that has more than another waits for a moment.
    """

    def __init__(
        self,
        sockets: Sequence[socket],
        make: Callable[[], asyncio.Protocol],
        connections: Connections,
        link: Link | None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._make = make
        self._connections = connections
        self._link = link
        self._sockets = list(sockets)
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        no_limit = descriptors == resource.RLIM_INFINITY
        self._together = TOGETHER if no_limit else max(1, min(TOGETHER, descriptors // 16))
        self._tasks: set[asyncio.Task[None]] = set()
        connections.on_lost = self._tell
        self._tell()
        for each in self._sockets:
            each.settimeout(0)
            self._loop.add_reader(each, self._accept, each)

    def end(self) -> None:
        """Accept no more. It may be called again."""
        for each in self._sockets:
            self._loop.remove_reader(each)
        self._sockets = []
        if self._link is not None:
            self._link.shares.clear(self._link.slot)

    @property
    def _mine(self) -> int:
        return len(self._connections) + len(self._tasks)

    def _accept(self, listening: socket, at_least: int = 0, since: float | None = None) -> None:
        """Take what waits: `at_least` so many, and more as long as no other worker has fewer. `since`: when it first left them to others."""
        for number in range(self._together):
            if number >= at_least and self._has_more_than_another():
                self._pause(listening, PAUSE_SECONDS, since or self._loop.time())
                break
            try:
                accepted, _ = listening.accept()
            except OSError as error:
                if error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}:
                    logger.error("A connection could not be accepted: %s", error.strerror)  # noqa: TRY400 - no traceback's
                    self._pause(listening, NO_DESCRIPTOR_SECONDS, self._loop.time())
                break  # mostly since nobody waits
            accepted.settimeout(0)
            task = self._loop.create_task(self._connect(accepted))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._tell()

    def _tell(self) -> None:
        """Tell the other workers how many connections there are here."""
        if self._link is not None and self._sockets:
            self._link.shares.put(self._link.slot, self._mine)

    def _has_more_than_another(self) -> bool:
        if self._link is None:
            return False
        fewest = self._link.shares.fewest(self._link.slot)
        # An eighth more is no reason, or a crowd would wait while the workers give way to each other.
        return fewest is not None and self._mine > fewest + fewest // 8

    def _pause(self, listening: socket, seconds: float, since: float) -> None:
        self._loop.remove_reader(listening)
        self._loop.call_later(seconds, self._go_on, listening, since)

    def _go_on(self, listening: socket, since: float) -> None:
        if listening not in self._sockets:
            return
        self._loop.add_reader(listening, self._accept, listening)
        if self._loop.time() - since < PATIENCE_SECONDS:
            self._accept(listening, since=since)
        else:
            self._accept(listening, at_least=1 + self._mine // 8)

    async def _connect(self, accepted: socket) -> None:
        with suppress(OSError):  # the client has gone already
            await self._loop.connect_accepted_socket(self._make, accepted)
