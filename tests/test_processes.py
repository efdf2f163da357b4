"""The processes of a server: they end together, answer what is under way, and take each other's place."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from support.events import follow
from support.server import Server, environment
from support.users import User
from support.workers import children

T = TypeVar("T")

pytestmark = pytest.mark.usefixtures("data")


def wait_for(look: Callable[[], T | None]) -> T:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + 90
    while (found := look()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z" if Path("/proc").exists() else False


def is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


def test_workers_end_with_their_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "spawns", True)
    with Server(tmp_path, "--workers", "2") as server:
        workers = children(server)
        assert len(workers) == 2
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(timeout=30)
        assert wait_for(lambda: all(map(has_ended, workers)) or None)
        # The port is free for the next one.
        with socket.create_server(("127.0.0.1", server.port)):
            pass


@contextmanager
def connected(server: Server) -> Iterator[http.client.HTTPConnection]:
    """A connection that was used and is kept."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.request("GET", "/livez")
        answer = connection.getresponse()
        assert (answer.status, answer.read(), answer.will_close) == (200, b'{"status":"ok"}', False)
        yield connection


@pytest.mark.parametrize(("workers", "sent"), [(1, signal.SIGINT), (2, signal.SIGTERM)])
def test_what_is_under_way_is_finished_and_what_comes_is_refused(
    tmp_path: Path, workers: int, sent: signal.Signals
) -> None:
    with Server(tmp_path, "--workers", str(workers)) as server, closing(User(server.url)) as user:
        body = json.dumps({"title": "slow"}).encode()
        with connected(server) as idle, connected(server) as uploading:
            uploading.putrequest("POST", user.tasks)
            uploading.putheader("Authorization", user.headers["Authorization"])
            uploading.putheader("Content-Type", "application/json")
            uploading.putheader("Content-Length", str(len(body)))
            uploading.putheader("Expect", "100-continue")
            uploading.endheaders()
            # It is being answered: the server asks for its body.
            assert uploading.sock.recv(100).startswith(b"HTTP/1.1 100 ")
            server.process.send_signal(sent)
            assert wait_for(lambda: is_refused(server.port) or None)
            idle.request("GET", "/api/me/tasks")
            refusal = idle.getresponse()
            assert (refusal.status, refusal.will_close) == (503, True)
            assert refusal.headers["Retry-After"] == "1"
            assert refusal.headers["X-Request-ID"]
            assert json.loads(refusal.read())["code"] == "unavailable"
            uploading.send(body)
            answer = uploading.getresponse()
            assert (answer.status, answer.will_close) == (201, True)
            assert json.loads(answer.read())["title"] == "slow"
        assert server.process.wait(timeout=30) == 0
        assert "Traceback" not in server.log


def test_sighup_renews_the_workers_and_loses_nothing(tmp_path: Path) -> None:
    with Server(tmp_path, "--workers", "2") as server, closing(User(server.url)) as user:
        before = children(server)
        with connected(server) as kept:
            server.process.send_signal(signal.SIGHUP)
            asked = 0

            def renewed() -> bool | None:
                nonlocal asked
                # One request after the other on a connection that the server may end, but never without an answer.
                user.new_task()
                asked += 1
                now = children(server)
                return True if len(now) == 2 and not set(now) & set(before) else None

            # One that waits for its next request has it answered by whoever has the connection.
            kept.request("GET", "/livez")
            assert kept.getresponse().status == 200
            assert wait_for(renewed)
        wait_for(lambda: "All workers have been replaced" in server.log or None)
        assert user.get(user.tasks).json()["total"] == asked


def test_sighup_ends_a_server_of_one_process(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        assert server.stop(signal.SIGHUP) == 0


@pytest.mark.parametrize("options", [(), ("--http", "doable.http.protocol:Protocol")])
def test_under_uvicorn_alone_streams_end(tmp_path: Path, options: tuple[str, ...]) -> None:
    server = Server(tmp_path)
    command = [str(Path(sys.executable).with_name("uvicorn")), "doable.app:create_app", "--factory", *options]
    with server.log_path.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(server.port)],
            env=environment(**server.settings),
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        )

    def ready() -> bool | None:
        assert process.poll() is None, server.log
        try:
            return httpx.get(f"{server.url}/readyz", timeout=5).status_code == 200 or None
        except httpx.TransportError:
            return None

    try:
        wait_for(ready)
        with closing(User(server.url)) as user, follow(user) as stream:
            task = user.new_task()
            assert stream.next().change["task"] == task
            process.terminate()
            # It ends as a body ends, and the server does not wait for more.
            assert stream.rest() == []
        process.wait(timeout=30)
    finally:
        process.kill()
        process.wait(timeout=30)
    assert "Traceback" not in server.log


IPV6 = ["::1"] if socket.has_ipv6 and Path("/proc/net/if_inet6").exists() else []


@pytest.mark.parametrize(("host", "workers"), [("::", "1"), ("::", "2"), ("", "2")])
def test_every_address_means_both_kinds_of_them(tmp_path: Path, host: str, workers: str) -> None:
    with Server(tmp_path, "--host", host, "--workers", workers) as server:
        for address in ("127.0.0.1", *IPV6):
            with closing(http.client.HTTPConnection(address, server.port, timeout=30)) as connection:
                connection.request("GET", "/readyz")
                assert connection.getresponse().status == 200
