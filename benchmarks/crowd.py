"""Thousands of listeners and some who write, in one loop over what the kernel says: with a task for each, the client would be measured."""

import json
import select
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.client import WrongAnswerError
from benchmarks.messages import http_request, parse

EACH: Final = 2
"""So many listeners has each user."""
WRITERS: Final = 16
"""Connections that write, each for another user each time."""
OPENED_TOGETHER: Final = 200
STRIDE: Final = 1009
"""Users write in another order than that in which they have connected."""
GRACE_SECONDS: Final = 30.0
BEGUN: Final = b"retry: 1000\n\n"


@dataclass(slots=True)
class Listener:
    """A connection that follows a user."""

    connection: socket.socket
    user: int
    received: bytes = b""
    """What has come of an event that is not complete."""
    has_begun: bool = False


@dataclass(slots=True)
class Writer:
    """A connection that writes, one task after another."""

    connection: socket.socket
    received: bytes = b""
    revision: int = 0
    """That the next answer must have."""


@dataclass(slots=True)
class Write:
    """A task that was sent, and how many listeners have not heard of it."""

    sent_at: float
    missing: int


class Crowd:
    """The clients of one server. `written` says how many tasks each user has, and is kept."""

    def __init__(self, port: int, tokens: list[str], written: list[int]) -> None:
        self._port = port
        self._tokens = tokens
        self._written = written
        self._poll = select.epoll()
        self._listeners: dict[int, Listener] = {}
        self._writers: dict[int, Writer] = {}
        self._under_way: dict[tuple[int, int], Write] = {}
        """By user and revision."""
        self._delays: list[float] = []
        self._begun = 0
        self._next_user = 0
        for _ in range(WRITERS):
            connection = self._connected()
            self._writers[connection.fileno()] = Writer(connection)
        self._free = deque(self._writers.values())

    @property
    def size(self) -> int:
        """How many listeners there are."""
        return len(self._listeners)

    def close(self) -> None:
        """All of them go."""
        for listener in self._listeners.values():
            listener.connection.close()
        for writer in self._writers.values():
            writer.connection.close()
        self._poll.close()

    def open(self) -> None:
        """Have all of them listen."""
        users = len(self._tokens)
        for first in range(0, EACH * users, OPENED_TOGETHER):
            for number in range(first, min(first + OPENED_TOGETHER, EACH * users)):
                user = number % users
                connection = self._connected()
                self._listeners[connection.fileno()] = Listener(connection, user)
                path = f"/api/me/events?since={self._written[user]}"
                connection.sendall(http_request("GET", path, self._tokens[user]))
            self._until(lambda: self._begun == len(self._listeners))

    def wait(self, seconds: float) -> None:
        """Read what comes for so long."""
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0:
            self._turn(left)

    def write(self, a_second: int, seconds: float) -> list[float]:
        """Write for so long: the seconds from sending each write until it is at each listener.

        The next is sent when it is due, and not when the last was answered.
        """
        self._delays = []
        began = time.monotonic()
        for number in range(int(a_second * seconds)):
            self.wait(began + number / a_second - time.monotonic())
            self._until(lambda: bool(self._free))
            self._send(self._free.popleft())
        self._until(lambda: len(self._free) == WRITERS and not self._under_way)
        return self._delays

    def _connected(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port), GRACE_SECONDS)
        self._poll.register(connection, select.EPOLLIN)
        return connection

    def _send(self, writer: Writer) -> None:
        user = self._next_user
        self._next_user = (user + STRIDE) % len(self._tokens)
        self._written[user] += 1
        writer.revision = self._written[user]
        if self._listeners:
            self._under_way[user, writer.revision] = Write(time.monotonic(), EACH)
        body = json.dumps({"title": f"Task {writer.revision}"}).encode()
        writer.connection.sendall(http_request("POST", "/api/me/tasks", self._tokens[user], body))

    def _until(self, reached: Callable[[], bool]) -> None:
        ends_at = time.monotonic() + GRACE_SECONDS
        while not reached():
            if time.monotonic() > ends_at:
                waiting = len(self._listeners) - self._begun
                message = f"{waiting} listeners wait for their answer, and {len(self._under_way)} writes have not been heard of."
                raise WrongAnswerError(message)
            self._turn(1.0)

    def _turn(self, seconds: float) -> None:
        for descriptor, _ in self._poll.poll(seconds):
            if (listener := self._listeners.get(descriptor)) is not None:
                self._hear(listener)
            else:
                self._answered(self._writers[descriptor])

    def _hear(self, listener: Listener) -> None:
        some = listener.connection.recv(65_536)
        heard_at = time.monotonic()
        if not some:
            message = f"A stream has ended: {listener.received!r}"
            raise WrongAnswerError(message)
        received = listener.received + some
        if not listener.has_begun:
            if BEGUN not in received:
                listener.received = received
                return
            if not received.startswith(b"HTTP/1.1 200 "):
                raise WrongAnswerError(repr(received))
            listener.has_begun = True
            self._begun += 1
            received = received.partition(BEGUN)[2]
        *events, listener.received = received.split(b"\n\n")
        for event in events:
            _, found, text = event.partition(b"id: ")
            if found:
                self._heard(listener.user, int(text[: text.index(b"\n")]), heard_at)

    def _heard(self, user: int, revision: int, heard_at: float) -> None:
        write = self._under_way[user, revision]
        self._delays.append(heard_at - write.sent_at)
        write.missing -= 1
        if not write.missing:
            del self._under_way[user, revision]

    def _answered(self, writer: Writer) -> None:
        some = writer.connection.recv(65_536)
        writer.received += some
        answer = parse(writer.received)
        if answer is not None or not some:
            if answer is None or answer[0] != 201 or json.loads(answer[1])["revision"] != writer.revision:
                message = f"A write was answered with {writer.received!r}"
                raise WrongAnswerError(message)
            writer.received = b""
            self._free.append(writer)
