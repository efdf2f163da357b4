"""The network between a client and a server, which can be lost in the ways in which networks are."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar

T = TypeVar("T")


class Listening(Protocol):
    """A server on this machine."""

    port: int


@dataclass(eq=False)
class _Connection:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_frozen: bool = False
    loses_answer: bool = False
    answered: bytearray = field(default_factory=bytearray)


class Proxy:
    """Carries what a client sends to the server, and back. To be used by `with`; `url` is for the client."""

    def __init__(self, server: Listening) -> None:
        self._server_port = server.port
        self._is_lost = False
        self._is_swallowing = False
        self._request: bytes | None = None
        self._marker: bytes | None = None
        self._cut = threading.Event()
        self._connections: set[_Connection] = set()
        self._carrying: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")

    def cut(self) -> None:
        """Reset every connection."""
        self._run(self._reset_all)

    @contextmanager
    def lost(self) -> Iterator[None]:
        """Reset every connection, and every new one until the block ends."""
        self._is_lost = True
        self.cut()
        try:
            yield
        finally:
            self._is_lost = False

    def freeze(self) -> None:
        """Open connections stay open and carry nothing from now on, which nobody is told. New connections work."""

        def freeze() -> None:
            for connection in self._connections:
                connection.is_frozen = True

        self._run(freeze)

    @contextmanager
    def swallowing(self) -> Iterator[None]:
        """No connection carries anything, and new ones neither, which nobody is told. Those stay so when the block ends."""
        self._is_swallowing = True
        self.freeze()
        try:
            yield
        finally:
            self._is_swallowing = False

    @contextmanager
    def losing_the_answer_to(self, request: bytes) -> Iterator[None]:
        """Once, and before the block ends, a request that begins so is done, and its answer lost."""
        self._request = request
        with self._having_cut():
            yield

    @contextmanager
    def cutting_after(self, marker: bytes) -> Iterator[None]:
        """Once, and before the block ends, an answer ends with these bytes of it."""
        self._marker = marker
        with self._having_cut():
            yield

    def __enter__(self) -> Self:
        self._thread.start()
        self._listener = self._await(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.port: int = self._listener.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_: object) -> None:
        async def end() -> None:
            self._listener.close()
            self._is_lost = True
            self._reset_all()
            if self._carrying:
                await asyncio.wait(self._carrying)

        try:
            self._await(end())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=10)
            self._loop.close()

    @contextmanager
    def _having_cut(self) -> Iterator[None]:
        self._cut.clear()
        yield
        assert self._cut.wait(timeout=30), "There was nothing to cut off."

    def _await(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    def _run(self, function: Callable[[], None]) -> None:
        async def run() -> None:
            function()

        self._await(run())

    def _reset_all(self) -> None:
        for connection in self._connections:
            _reset(connection.client)
            connection.server.transport.abort()

    async def _carry(self, from_client: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        try:
            from_server, server = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            _reset(client)
            return
        connection = _Connection(client, server, is_frozen=self._is_swallowing)
        if self._is_lost:
            _reset(client)
            server.transport.abort()
            return
        self._connections.add(connection)
        ways = [
            asyncio.create_task(self._carry_requests(from_client, connection)),
            asyncio.create_task(self._carry_answers(from_server, connection)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        # What was written is still sent.
        client.close()
        server.close()
        await asyncio.wait(ways)
        self._connections.remove(connection)

    async def _carry_requests(self, from_client: asyncio.StreamReader, connection: _Connection) -> None:
        while some := await _read(from_client):
            if connection.is_frozen:
                continue
            if self._request is not None and some.startswith(self._request):
                self._request = None
                connection.loses_answer = True
            connection.server.write(some)

    async def _carry_answers(self, from_server: asyncio.StreamReader, connection: _Connection) -> None:
        while some := await _read(from_server):
            if connection.is_frozen:
                continue
            if connection.loses_answer:
                _reset(connection.client)
                self._cut.set()
                return
            before = len(connection.answered)
            connection.answered += some
            if self._marker is not None:
                found = connection.answered.find(self._marker, max(0, before - len(self._marker)))
                end = found + len(self._marker)
                if found >= 0 and end > before:
                    connection.client.write(some[: end - before])
                    self._marker = None
                    self._cut.set()
                    return
            connection.client.write(some)


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(1 << 16)
    except OSError:
        return b""  # one of them has reset it


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    with suppress(OSError):  # it may be closed already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
