"""What one request may cost, whatever is in it, and what it costs the others; and a log that nobody reads under load."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, Final, Self

import httpx
import pytest

from benchmarks.processes import cpu_seconds
from faults.conftest import measured
from support.ports import free_port
from support.server import DOABLE, Server, environment
from support.users import User

MAX: Final = 5 * 1024 * 1024
SMALL: Final = 64 * 1024
JSON: Final = {"Content-Type": "application/json"}
OF_OTHERS_SECONDS: Final = 0.5
"""What somebody else may wait: far above what is measured on a quiet machine, far below the 12.6 s that one body once took."""

ENOUGH: Final = 100
"""Beats, to say something about one in a hundred."""

FLOOD: Final = """
import socket, sys, time
port, head, body, until = int(sys.argv[1]), sys.argv[2].encode(), open(sys.argv[3], "rb").read(), time.monotonic() + float(sys.argv[4])
sent = 0
with socket.create_connection(("127.0.0.1", port)) as connection:
    answers = connection.makefile("rb")
    while time.monotonic() < until:
        connection.sendall(head + body)
        length = 0
        while (line := answers.readline()) not in (b"\\r\\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        answers.read(length)
        sent += 1
print(sent)
"""


def operations(inside: bytes) -> bytes:
    return b'{"operations":[' + inside + b"]}"


def create(task: bytes) -> bytes:
    return b'{"op":"create","task":' + task + b"}"


def bodies() -> dict[str, bytes]:
    """The worst that was found of each kind, as large as it may be."""
    found = {
        "500 new tasks": operations(b",".join([create(b'{"title":"a","description":"%s"}' % (b"d" * 2000))] * 500)),
        "45,000 unknown fields": operations(
            create(b"{" + b",".join(b'"%x":1' % each for each in range(45_000)) + b"}")
        ),
        "24,000 operations": operations(b",".join([b"{}"] * 24_000)),
        "500 wrong operations": operations(b",".join([create(b'{"title":"","color":1}')] * 500)),
        "2,000,000 values": operations(b",".join([b"{}"] * (MAX // 3 - 10))),
        "numbers of 4,300 digits": operations(b",".join([b"7" * 4300] * (MAX // 4301 - 1))),
        "escapes": operations(b'"' + b"\\u0001" * (MAX // 6 - 10) + b'"'),
        "backslashes and commas": operations(b'"' + b"\\\\," * (MAX // 3 - 10) + b'"'),
        "white space": operations(b" " * (MAX - 20)),
        "nesting": b"[" * MAX,
        "quotes": b'"' * MAX,
        "one key again and again": operations(b"{" + b",".join([b'"":1'] * 45_000) + b"}"),
    }
    assert all(len(body) <= MAX for body in found.values())
    return found


class Heartbeat:
    """Asks `/livez` all the while, in this process."""

    def __init__(self, url: str) -> None:
        self.seconds: list[float] = []
        self._url = f"{url}/livez"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat)

    def _beat(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._over.wait(0.005):
                began = time.monotonic()
                assert client.get(self._url).status_code == 200
                self.seconds.append(time.monotonic() - began)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        while len(self.seconds) < ENOUGH:
            time.sleep(0.01)
        self._over.set()
        self._thread.join()

    @property
    def p99(self) -> float:
        """In seconds."""
        return statistics.quantiles(self.seconds, n=100)[98]

    def __str__(self) -> str:
        return f"p99 {self.p99 * 1000:.0f} ms, longest {max(self.seconds) * 1000:.0f} ms of {len(self.seconds)}"


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[tuple[Server, User]]:
    """A server and its only user."""
    with Server(tmp_path) as server, closing(User(server.url)) as user:
        yield server, user


@pytest.fixture
def bound(alice: tuple[Server, User]) -> float:
    """What somebody else may wait here and now, in seconds: a machine that is busy itself adds to it."""
    with Heartbeat(alice[0].url) as heartbeat:
        time.sleep(3)
    measured("/livez with nothing else to do", str(heartbeat))
    return OF_OTHERS_SECONDS + 10 * heartbeat.p99


def test_one_request_costs_little_whatever_is_in_it(alice: tuple[Server, User], bound: float) -> None:
    server, user = alice
    for name, body in bodies().items():
        before = cpu_seconds([server.process.pid])
        with Heartbeat(server.url) as heartbeat:
            while len(heartbeat.seconds) < ENOUGH // 10:
                time.sleep(0.01)
            for _ in range(5):
                answer = user.post(f"{user.tasks}/batch", content=body, headers=JSON)
                assert answer.status_code in {200, 422}
                assert len(answer.content) < max(8192, len(body)) or answer.status_code == 200
        taken = cpu_seconds([server.process.pid]) - before
        measured(
            f"{name}, {len(body) / 1024:.0f} KiB, five times",
            f"{taken / 5 * 1000:.0f} ms of CPU each, /livez {heartbeat}",
        )
        assert heartbeat.p99 < bound


def test_a_flood_of_large_batches_holds_up_nobody(alice: tuple[Server, User], tmp_path: Path, bound: float) -> None:
    server, user = alice
    for name in ("500 new tasks", "45,000 unknown fields", "numbers of 4,300 digits", "backslashes and commas"):
        body = tmp_path / "body"
        body.write_bytes(bodies()[name])
        head = (
            f"POST {user.tasks}/batch HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {user.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {body.stat().st_size}\r\n\r\n"
        )
        command = [sys.executable, "-c", FLOOD, str(server.port), head, str(body), "5"]
        with Heartbeat(server.url) as heartbeat:
            floods = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(8)]
            sent = sum(int(flood.communicate(timeout=60)[0]) for flood in floods)
        measured(f"/livez beside 8 clients that send {name}, {sent} in 5 s", str(heartbeat))
        assert heartbeat.p99 < bound


@contextmanager
def unread(data: Path, folder: Path) -> Iterator[tuple[str, int]]:
    """A server whose log is a pipe, and the end of it that is to be read."""
    port = free_port()
    reads, writes = os.pipe()
    settings = environment(DATA_DIR=str(data), PORT=str(port))
    with (
        FileIO(reads),
        FileIO(writes, "w") as log,
        subprocess.Popen([DOABLE, "serve"], env=settings, cwd=folder, stdout=subprocess.DEVNULL, stderr=log) as process,
    ):
        log.close()
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=30) as client:
            assert client.get(f"{url}/livez").status_code == 200
        yield url, reads
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_a_log_that_nobody_reads_stops_nothing(data: Path, tmp_path: Path) -> None:
    count = 5000
    with unread(data, tmp_path) as (url, reads), httpx.Client(base_url=url, timeout=30) as client:
        for _ in range(count):
            assert client.get("/livez").status_code == 200
        lines: list[dict[str, Any]] = []
        with open(reads, closefd=False) as log:
            while not lines or "dropped" not in lines[-1]["event"]:
                line = log.readline()
                lines += [json.loads(line)] if line.startswith("{") else []
    logged = sum(line["event"] == "request" for line in lines)
    dropped = int(lines[-1]["event"].split()[0])
    measured(f"{count} requests with a log that nobody reads", f"all answered, {dropped} lines dropped, {logged} kept")
    assert logged + dropped == count + 1


@pytest.mark.skipif(os.geteuid() != 0, reason="ONLY ROOT can start a process as a user that does not exist")
def test_a_user_who_is_only_a_number_is_served(tmp_path: Path) -> None:
    """As in a container. It may read everything here, since the interpreter may be in somebody's home."""
    port = free_port()
    number = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"]
    number += ["--inh-caps=+dac_override,+dac_read_search", "--ambient-caps=+dac_override,+dac_read_search"]
    bare = {"PATH": os.environ["PATH"]}
    refused = subprocess.run(
        [*number, DOABLE, "serve", f"--port={port}"],
        env=bare,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "DATA_DIR" in refused.stderr
    command = [*number, DOABLE, "serve", f"--port={port}"]
    settings = {**bare, "DATA_DIR": str(tmp_path / "data")}
    with subprocess.Popen(command, env=settings, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        with httpx.Client(transport=httpx.HTTPTransport(retries=10), timeout=30) as client:
            assert client.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
        process.terminate()
        assert process.wait(timeout=30) == 0
