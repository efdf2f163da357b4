"""Takes new connections, many in one turn of the event loop."""

import asyncio
import resource
from collections.abc import Callable, Sequence
from contextlib import suppress
from socket import socket
from typing import Final

TOGETHER: Final = 1024
"""In one turn; but no more than a sixteenth of the descriptors, since those that give way are closed a turn later."""


class Accepting:
    """Accepts on these sockets, beside the server that listens there.

    uvloop accepts one connection a turn. Where 500 come at once, the others would wait in the kernel for as many turns,
    seen by no limit, and whoever asks for `/livez` behind them.
    """

    def __init__(self, sockets: Sequence[socket], make: Callable[[], asyncio.Protocol]) -> None:
        self._loop = asyncio.get_running_loop()
        self._make = make
        self._sockets = [each.dup() for each in sockets]  # a descriptor can be watched once
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        no_limit = descriptors == resource.RLIM_INFINITY
        self._together = TOGETHER if no_limit else max(1, min(TOGETHER, descriptors // 16))
        self._tasks: set[asyncio.Task[None]] = set()
        for each in self._sockets:
            each.settimeout(0)
            self._loop.add_reader(each, self._accept, each)

    def end(self) -> None:
        """Accept no more. It may be called again."""
        for each in self._sockets:
            self._loop.remove_reader(each)
            each.close()
        self._sockets = []

    def _accept(self, listening: socket) -> None:
        for _ in range(self._together):
            try:
                accepted, _ = listening.accept()
            except OSError:  # mostly since nobody waits; what else there is, the server finds too
                return
            accepted.settimeout(0)
            task = self._loop.create_task(self._connect(accepted))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, accepted: socket) -> None:
        with suppress(OSError):  # the client has gone already
            await self._loop.connect_accepted_socket(self._make, accepted)
