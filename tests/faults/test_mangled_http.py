"""Requests that are cut, mangled and sent after each other at random: none of them surprises the server."""

import random
import socket
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx

from faults.conftest import measured
from support.raw import connect, head, read, send
from support.server import Server

CONNECTIONS: Final = 4000
JSON: Final = "Content-Type: application/json"
CHUNKED: Final = "Transfer-Encoding: chunked"
REQUESTS: Final = [
    head("GET", "/livez"),
    head("HEAD", "/nothing", "Connection: close"),
    head("OPTIONS", "*"),
    head("CONNECT", "a:443"),
    head("GET", "http://a/livez"),
    head("GET", "/%ff%00?%zz"),
    head("GET", "/livez", f"X: {'a' * 17_000}"),
    b"GET /livez HTTP/1.0\r\n\r\n",
    b"\r\n\r\n",
    head("POST", "/api/auth/login", JSON, "Content-Length: 2") + b"{}",
    head("POST", "/api/auth/login", JSON, "Content-Length: 2", "Expect: 100-continue") + b"{}",
    head("POST", "/api/auth/login", JSON, "Content-Length: 2", "Connection: Upgrade", "Upgrade: h2c") + b"{}",
    head("POST", "/api/auth/login", JSON, CHUNKED) + b"2;a=b\r\n{}\r\n0\r\nX: y\r\nZ: u\r\n\r\n",
    head("POST", "/api/auth/login", JSON, "Content-Length: 70000") + b" " * 70_000,
    head("POST", "/api/me/tasks", JSON, "Content-Length: 2") + b"{}",
]


def mangled(data: bytes, chance: random.Random) -> bytes:
    """With a few bytes changed, left out or added, mostly near the beginning."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        where = chance.randrange(min(len(result), 400))
        match chance.randrange(3):
            case 0:
                result[where] = chance.randrange(256)
            case 1:
                del result[where]
            case _:
                result.insert(where, chance.choice(b"\r\n :\0x5"))
    return bytes(result)


def cut(data: bytes, chance: random.Random) -> list[bytes]:
    """In up to eight pieces."""
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randint(0, 7)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def test_no_bytes_surprise_the_server(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    chance = random.Random(seed)  # noqa: S311 - it guards nothing
    statuses: Counter[bytes] = Counter()
    with Server(tmp_path) as server:
        for _ in range(CONNECTIONS):
            data = b"".join(chance.choices(REQUESTS, k=chance.randint(1, 6)))
            if chance.random() < 0.5:
                data = mangled(data, chance)
            with connect(server) as connection:
                if send(connection, *cut(data, chance)):
                    with suppress(OSError):  # which the server has closed by then
                        connection.shutdown(socket.SHUT_WR)
                received = read(connection)
            assert received == b"" or received.startswith(b"HTTP/1.1 "), f"seed {seed}: {data[:400]!r}"
            statuses.update(part[:3] for part in received.split(b"HTTP/1.1 ")[1:])
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        log = server.log
    measured(f"{CONNECTIONS} connections with mangled requests, seed {seed}", str(dict(statuses)))
    assert "Traceback" not in log
    assert '"level":"error"' not in log
    assert b"500" not in statuses
