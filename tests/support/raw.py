"""Bytes on a socket, for what no client library would send."""

import json
import socket
from dataclasses import dataclass
from typing import Any, Self

from support.server import Server


def connect(server: Server) -> socket.socket:
    """A connection on which nothing has been sent."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def send(connection: socket.socket, *chunks: bytes) -> bool:
    """Send all of it; whether the server took it to the end."""
    try:
        for chunk in chunks:
            connection.sendall(chunk)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def read(connection: socket.socket) -> bytes:
    """Everything until the server closes, however it does."""
    received = b""
    try:
        while chunk := connection.recv(65_536):
            received += chunk
    except ConnectionResetError:
        pass  # closed with bytes of ours unread
    return received


def exchange(server: Server, *chunks: bytes) -> bytes:
    """Send these bytes and read until the server closes the connection."""
    with connect(server) as connection:
        send(connection, *chunks)
        return read(connection)


def head(method: str, target: str, *lines: str) -> bytes:
    """The head of a request to the host `a`."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: a", *lines, "", ""]).encode()


@dataclass(frozen=True)
class Answer:
    """One answer that ends with its connection, or with its Content-Length."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def first(cls, received: bytes) -> tuple[Self, bytes]:
        """The first answer in these bytes, and the rest of them."""
        start, separator, rest = received.partition(b"\r\n\r\n")
        assert separator, received
        status, *lines = start.decode("latin-1").split("\r\n")
        headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", len(rest)))
        assert len(rest) >= length, "the answer is cut off"
        return cls(int(status.split()[1]), headers, rest[:length]), rest[length:]

    @classmethod
    def all(cls, received: bytes) -> list[Self]:
        """All of them."""
        answers = []
        while received:
            answer, received = cls.first(received)
            answers.append(answer)
        return answers

    @property
    def error(self) -> dict[str, Any]:
        """The body of an error, in the one shape."""
        content: dict[str, Any] = json.loads(self.body)
        assert set(content) == {"detail", "status_code", "code", "message"}
        assert content["status_code"] == self.status
        return content


def receive_answer(connection: socket.socket) -> Answer:
    """The next answer on a connection that stays open, and has a Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    start, _, body = received.partition(b"\r\n\r\n")
    length = int(start.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return Answer.first(start + b"\r\n\r\n" + body)[0]
