"""Ports that are free."""

import socket
import time
from secrets import randbelow


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listened on a moment ago."""
    while True:
        # None of those that the system gives to clients, of which one might have it by the time that a server takes it.
        port = 10_000 + randbelow(20_000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until_free(port: int) -> None:
    """Until nobody listens on it, as a server that is started then will find it."""
    deadline = time.monotonic() + 30
    while True:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                assert time.monotonic() < deadline, port
            else:
                return
        time.sleep(0.01)
