"""Thousands of connections that are slow, silent, idle or too large, with good requests beside them."""

import asyncio
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import uvloop
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from doable.http.connections import MAX_DRAINING
from doable.http.headers import ALWAYS
from doable.http.protocol import Protocol
from faults.conftest import measured
from support.ports import free_port
from support.raw import Answer, connect, exchange, head, read, receive_answer, send
from support.server import Server
from support.users import User

EACH: Final = 1000
KINDS: Final = {
    "silent": b"",
    "heads": b"GET /livez HTTP/1.1\r\nX: ",
    "bodies": head("POST", "/api/auth/login", "Content-Type: application/json", "Content-Length: 60000"),
}
ENDS: Final = {"silent": 5.0, "heads": 5.0, "bodies": 15.0}
MARGIN: Final = 3.0
"""What a busy machine may add."""


class FewDescriptors(Server):
    script = Path(__file__).parents[1] / "support" / "has_few_descriptors.py"


@pytest.fixture
def quiet_server(tmp_path: Path) -> Iterator[Server]:
    """A server of which nobody else asks anything."""
    with Server(tmp_path) as running:
        yield running


async def trickle(port: int, kind: str, connecting: asyncio.Semaphore) -> tuple[float, bytes]:
    """Send a byte a second until the server closes: after how many seconds, and what it said."""
    async with connecting:
        began = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(KINDS[kind])
    said = asyncio.ensure_future(reader.read())
    while not said.done():
        if kind != "silent":
            writer.write(b"a")
        await asyncio.wait([said], timeout=1)
    took = time.monotonic() - began
    writer.close()
    return took, b"" if said.exception() else said.result()[:12]


def trickle_all(port: int) -> dict[str, list[tuple[float, bytes]]]:
    """All of them at once, in a process of their own."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def gathered() -> list[list[tuple[float, bytes]]]:
        connecting = asyncio.Semaphore(50)
        kinds = [[trickle(port, kind, connecting) for _ in range(EACH)] for kind in KINDS]
        return await asyncio.gather(*(asyncio.gather(*each) for each in kinds))

    return dict(zip(KINDS, asyncio.run(gathered()), strict=True))


def p99(user: User, until: Future[Any] | None = None) -> float:
    """Of small reads, one after another: 500, or as many as come until that is done; in milliseconds."""
    took: list[float] = []
    while len(took) < 500 if until is None else not until.done():
        began = time.perf_counter()
        assert user.get(user.tasks).status_code == 200
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(0.005)
    return statistics.quantiles(took, n=100)[98]


def test_3000_trickling_connections_are_closed_in_time(quiet_server: Server) -> None:
    with closing(User(quiet_server.url)) as user, ProcessPoolExecutor(1, get_context("spawn")) as pool:
        before = p99(user)
        running = pool.submit(trickle_all, quiet_server.port)
        beside = p99(user, running)
        for kind, connections in running.result().items():
            took = [each for each, _ in connections]
            said = Counter(answer for _, answer in connections)
            measured(
                f"{EACH} trickling {kind} beside {2 * EACH} others",
                f"closed after {min(took):.1f} to {max(took):.1f} s: {dict(said)}",
            )
            assert min(took) >= ENDS[kind]
            assert max(took) < ENDS[kind] + MARGIN
            assert said == {b"" if kind == "silent" else b"HTTP/1.1 408": EACH}
        measured("p99 of small reads", f"{before:.1f} ms quiet, {beside:.1f} ms beside 3,000 trickling connections")
        assert beside < max(3 * before, 50)


def test_a_slow_body_that_comes_steadily_is_read(quiet_server: Server) -> None:
    with closing(User(quiet_server.url)) as user, connect(quiet_server) as connection:
        lines = [f"Authorization: Bearer {user.token}", "Content-Type: application/json", "Content-Length: 40000"]
        send(connection, head("POST", user.tasks, *lines, "Connection: close"))
        for _ in range(18):
            assert send(connection, b" " * 2000)
            time.sleep(1)
        assert send(connection, b'{"title": "a"}'.ljust(4000))
        assert Answer.first(read(connection))[0].status == 201


def resident_mb(server: Server) -> float:
    """The memory of the serving process."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


@pytest.mark.parametrize("piece", [b"X-Name: value\r\n" * 4096, b"a" * 65_536], ids=["short ones", "a single one"])
def test_50_mb_of_trailers_cost_nothing(quiet_server: Server, piece: bytes) -> None:
    start = head("POST", "/api/auth/login", "Content-Type: application/json", "Transfer-Encoding: chunked")
    exchange(quiet_server, head("GET", "/livez", "Connection: close"))
    before = resident_mb(quiet_server)
    began = time.monotonic()
    answer = Answer.first(exchange(quiet_server, start + b"2\r\n{}\r\n0\r\nX: ", *[piece] * (50_000_000 // len(piece))))
    grown = resident_mb(quiet_server) - before
    measured(
        "50 MB of trailers", f"{answer[0].status} after {time.monotonic() - began:.2f} s, {grown:.1f} MB more memory"
    )
    assert answer[0].status == 431
    assert grown < 10


def sockets_of(server: Server) -> int:
    """How many sockets the server's process has open."""
    return sum(
        each.is_symlink() and str(each.readlink()).startswith("socket:")
        for each in Path(f"/proc/{server.process.pid}/fd").iterdir()
    )


def test_256_connections_drain_at_once_and_all_have_their_answer(quiet_server: Server) -> None:
    others = sockets_of(quiet_server)
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(quiet_server)) for _ in range(400)]
        for each in connections:
            send(each, head("POST", "/nothing", "Content-Length: 10"))
        assert {Answer.first(read(each))[0].status for each in connections} == {404}
        draining = sockets_of(quiet_server) - others
    measured("400 connections that were answered early", f"{draining} drained at once")
    assert draining <= MAX_DRAINING


def test_idle_connections_give_way_near_the_limit_of_descriptors(tmp_path: Path) -> None:
    asks = head("GET", "/livez")
    with FewDescriptors(tmp_path) as server, ExitStack() as stack:
        limits = Path(f"/proc/{server.process.pid}/limits").read_text()
        assert re.search(r"Max open files\s+256\s+256", limits)
        connections = []
        for _ in range(600):
            connection = stack.enter_context(connect(server))
            send(connection, asks)
            assert receive_answer(connection).status == 200
            connections.append(connection)
        for each in connections:
            each.settimeout(0)
        kept = [is_open(each) for each in connections]
        measured("600 idle connections, 256 descriptors", f"all were answered, {sum(kept)} are kept")
        assert 100 <= sum(kept) <= 128
        assert not any(kept[:400]), "the oldest give way"
        assert all(kept[-80:]), "and not the newest"
        # Those that only connect give way to each other, and a request still has its answer.
        silent = [stack.enter_context(connect(server)) for _ in range(300)]
        assert exchange(server, head("GET", "/livez", "Connection: close")).startswith(b"HTTP/1.1 200")
        assert len(silent) == 300


def is_open(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(1))
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


NGINX: Final = shutil.which("nginx") or "/usr/sbin/nginx"


@pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed, so nothing was sent through it")
@pytest.mark.parametrize(
    "options", ["", "proxy_http_version 1.1; proxy_request_buffering off;"], ids=["stock", "unbuffered"]
)
def test_413_comes_through_nginx(quiet_server: Server, tmp_path: Path, options: str) -> None:
    port = free_port()
    places = "".join(
        f"{each}_temp_path {tmp_path / each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log; events {{}}"
        f"http {{ access_log off; client_max_body_size 10m; {places} server {{ listen 127.0.0.1:{port};"
        f"location / {{ proxy_pass {quiet_server.url}; {options} }} }} }}"
    )
    nginx = subprocess.Popen([NGINX, "-e", tmp_path / "error.log", "-c", config])
    try:
        wait_for(port)
        # nginx closes many of them, and a client must not take one of those for the next.
        limits = httpx.Limits(max_keepalive_connections=0)
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, timeout=30, limits=limits) as client, ThreadPoolExecutor(8) as pool:
            headers = {"Content-Type": "application/json"}
            posts = [
                pool.submit(client.post, "/api/auth/login", content=b"a" * 2_000_000, headers=headers)
                for _ in range(400)
            ]
            statuses = Counter(each.result().status_code for each in posts)
    finally:
        nginx.terminate()
        nginx.wait(timeout=30)
    measured("400 bodies of 2 MB through nginx", str(dict(statuses)))
    assert statuses == {413: 400}


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


class Nowhere(asyncio.Transport):
    """A transport that takes everything."""

    def write(self, data: Any) -> None:
        pass

    def close(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 1) if name in {"peername", "sockname"} else default


HEADERS: Final = [(b"content-length", b"2"), (b"content-type", b"application/json"), (b"etag", b'"7.1"'), *ALWAYS]


async def answer(scope: Any, receive: Any, send: Any) -> None:
    if scope["method"] == "POST":
        await receive()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2"), (b"etag", b'"7.1"')]}
    )
    await send({"type": "http.response.body", "body": b"{}"})


async def microseconds(protocol: type[HttpToolsProtocol], request: bytes) -> float:
    """Processor time for each request, the best of ten rounds."""
    config = Config(answer, lifespan="off", log_config=None, access_log=False, server_header=False)
    config.load()
    state = ServerState()
    connection = protocol(config, state, {}, asyncio.get_running_loop())
    connection.connection_made(Nowhere())
    best = float("inf")
    for _ in range(10):
        began = time.process_time()
        for _ in range(2000):
            connection.data_received(request)
            await asyncio.sleep(0)
        await asyncio.gather(*state.tasks)
        best = min(best, time.process_time() - began)
    connection.connection_lost(None)
    return best / 2000 * 1e6


def test_what_the_protocol_costs_a_request() -> None:
    lines = ["Accept: */*", "Accept-Encoding: gzip", "User-Agent: a", f"Authorization: Bearer {'a' * 300}"]
    get = head("GET", "/api/me/tasks/0f8fad5b-d9cb-469f-a165-70867728950e", *lines)
    post = head("POST", "/api/me/tasks", *lines, "Content-Length: 14") + b'{"title": "a"}'
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for name, request in (("GET", get), ("POST", post)):
            ours, uvicorns = (runner.run(microseconds(each, request)) for each in (Protocol, HttpToolsProtocol))
            measured(f"the protocol alone, {name}", f"{ours:.1f} µs; uvicorn's own {uvicorns:.1f} µs")
            assert ours < 2 * uvicorns
