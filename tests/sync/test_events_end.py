"""GET /api/{user_id}/events: how a stream ends, and that nothing is left of it."""

import socket
import struct
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import NewServer
from doable.accounts.gate.access_tokens import Tokens
from support.changes import batch
from support.events import Event, follow
from support.logs import line_of, lines
from support.postgresql import PostgreSQL
from support.server import SECRET, Server, doable
from support.users import User, assert_error
from support.workers import standing_still, workers

ROUTE = "/api/{user_id}/events"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def assert_nothing_went_wrong(server: Server) -> None:
    assert [line for line in lines(server) if line["level"] != "info"] == []


def ended_streams(server: Server) -> int:
    """How many streams the server has let go: each logs its line when it ends."""
    return sum(line.get("route") == ROUTE for line in lines(server))


@contextmanager
def silent_reader(server: Server, user: User, request_id: str) -> Iterator[socket.socket]:
    """A stream that is asked for and never read, over a connection that holds little."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(
            f"GET /api/me/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {user.headers['Authorization']}\r\n"
            f"X-Request-ID: {request_id}\r\n\r\n".encode()
        )
        yield connection


def write_too_much(user: User) -> int:
    """Write more than any socket holds: four times 4 MB. Answers how many bytes its events have at least."""
    description = "\N{GRINNING FACE}" * 2000
    for _ in range(4):
        batch(user, *[{"op": "create", "task": {"title": "large", "description": description}}] * 500)
    return 4 * 500 * len(description.encode())


def read_to_the_end(connection: socket.socket) -> bytes:
    """Everything that can still be had, until it ends or is reset."""
    received = bytearray()
    try:
        while some := connection.recv(1 << 20):
            received += some
    except ConnectionResetError:
        pass
    return bytes(received)


@pytest.mark.parametrize("count", [1, 2])
def test_sigterm_ends_every_stream(new_server: NewServer, stack: ExitStack, count: int) -> None:
    server = stack.enter_context(new_server("--workers", str(count)))
    alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
    pids = workers(server)
    assert len(pids) == (count if count > 1 else 0)
    hers, his = [], []
    # As many at each worker.
    for others in ([pid for pid in pids if pid != one] for one in (pids or [server.process.pid])):
        with standing_still(server, *others):
            hers += [stack.enter_context(follow(alice)) for _ in range(2)]
            his += [stack.enter_context(follow(bob)) for _ in range(2)]
    task = alice.new_task()
    for stream in hers:
        assert stream.next().change["task"] == task
    assert server.stop() == 0
    # Not one of them was cut off: it ends as a body ends.
    for stream in (*hers, *his):
        assert stream.rest() == []
    assert ended_streams(server) == len(hers) + len(his)
    assert_nothing_went_wrong(server)


@contextmanager
def about_to_begin(postgresql: PostgreSQL, url: str, user: User) -> Iterator[Future[list[Event]]]:
    """The events, up to its end, of a stream whose first read waits for a lock meanwhile: three seconds, whatever is done."""
    database = urlsplit(url).path.removeprefix("/")

    def wait_for(locks: str) -> None:
        deadline = time.monotonic() + 20
        query = f"SELECT count(*) FROM pg_locks WHERE relation = 'tombstones'::regclass AND {locks}"  # noqa: S608 - no input
        while postgresql.sql(query, database) == "0":
            assert time.monotonic() < deadline

    def follow_to_the_end() -> list[Event]:
        with follow(user) as stream:
            return stream.rest()

    with ThreadPoolExecutor(2) as threads:
        locked = threads.submit(postgresql.sql, "BEGIN; LOCK TABLE tombstones; SELECT pg_sleep(3); COMMIT", database)
        wait_for("mode = 'AccessExclusiveLock' AND granted")
        followed = threads.submit(follow_to_the_end)
        wait_for("NOT granted")
        yield followed
        locked.result(timeout=30)


def test_sigterm_ends_a_stream_that_is_about_to_begin(
    postgresql_18: PostgreSQL, tmp_path: Path, stack: ExitStack
) -> None:
    url = postgresql_18.new_database()
    server = stack.enter_context(Server(tmp_path, DATABASE_URL=url))
    alice = stack.enter_context(closing(User(server.url)))
    with about_to_begin(postgresql_18, url, alice) as followed:
        assert server.stop() == 0
    # It has ended as a body ends, and was not cut off when nobody wanted to wait any longer.
    assert followed.result(timeout=30) == []
    assert_nothing_went_wrong(server)


def test_a_log_out_ends_a_stream_that_is_about_to_begin(
    postgresql_18: PostgreSQL, tmp_path: Path, stack: ExitStack
) -> None:
    url = postgresql_18.new_database()
    server = stack.enter_context(Server(tmp_path, DATABASE_URL=url))
    alice = stack.enter_context(closing(User(server.url)))
    with about_to_begin(postgresql_18, url, alice) as followed:
        assert alice.post("/api/auth/logout").status_code == 204
    assert followed.result(timeout=30) == []
    assert_nothing_went_wrong(server)


def test_the_tokens_expiry_ends_it(alice: User) -> None:
    tokens = Tokens([SECRET.encode()], timedelta(seconds=4))
    expires_at = int(time.time()) + 4
    brief = {"Authorization": f"Bearer {tokens.issue(alice.id, str(uuid.uuid4()), alice.email, 4)}"}
    with follow(alice) as lasting, follow(alice, headers=brief) as stream:
        task = alice.new_task()
        assert stream.next().change["task"] == lasting.next().change["task"] == task
        assert stream.rest() == []
        assert time.time() >= expires_at
        # The user's other token is as good as before.
        new = alice.new_task()
        assert lasting.next().change["task"] == new


def test_the_users_removal_ends_it(server: Server, alice: User, bob: User) -> None:
    with follow(alice) as hers, follow(bob) as his:
        alice.new_task()
        assert hers.next().id == "1"
        removed = doable("users", "remove", alice.email, "--yes", cwd=server.folder, **server.settings)
        assert removed.returncode == 0, removed.stderr
        assert hers.rest() == []
        task = bob.new_task()
        assert his.next().change["task"] == task
    assert_error(alice.get(f"/api/{alice.id}/events"), 401, "unauthenticated")


def test_a_client_that_goes_away_is_let_go(server: Server, alice: User) -> None:
    request_ids = [uuid.uuid4().hex for _ in range(20)]
    with ExitStack() as stack:
        for request_id in request_ids:
            stream = stack.enter_context(follow(alice, headers={"X-Request-ID": request_id}))
            assert stream.answer.headers["x-request-id"] == request_id
    for request_id in request_ids:
        line = line_of(server, request_id)
        assert (line["route"], line["status"], line["user_id"]) == (ROUTE, 200, alice.id)
    # And it works as if they had never been.
    task = alice.new_task()
    with follow(alice) as stream:
        assert stream.next().change["task"] == task
        alice.delete(f"{alice.tasks}/{task['id']}")
        assert stream.next().change["deleted"]


def test_a_client_that_is_cut_off_is_let_go(server: Server, alice: User) -> None:
    request_id = uuid.uuid4().hex
    with silent_reader(server, alice, request_id) as connection:
        assert connection.recv(1)
        # So that closing it sends a reset, as a client does that is killed.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert line_of(server, request_id)["status"] == 200
    assert alice.new_task()["revision"] == 1


# What follows waits for 10 to 20 seconds by its nature, and is the same code on every database: it runs on SQLite only.


def test_comments_keep_an_idle_stream_alive(tmp_path: Path, stack: ExitStack) -> None:
    server = stack.enter_context(Server(tmp_path))
    alice = stack.enter_context(closing(User(server.url)))
    with follow(alice) as stream:
        assert stream.comment() == "keep-alive"
        task = alice.new_task()
        assert stream.next().change["task"] == task


def test_a_reader_that_stalls_is_dropped(tmp_path: Path, stack: ExitStack) -> None:
    server = stack.enter_context(Server(tmp_path))
    alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
    stalled = stack.enter_context(silent_reader(server, alice, "stalled"))
    keen = stack.enter_context(follow(alice))
    his = stack.enter_context(follow(bob))
    sent = write_too_much(alice)
    # Who reads gets everything meanwhile, and others are served.
    assert len(keen.until(2000)) == 2000
    deadline = time.monotonic() + 60
    while not any(line.get("request_id") == "stalled" for line in lines(server)):
        assert time.monotonic() < deadline, server.log
        task = bob.new_task()
        assert his.next().change["task"] == task
        time.sleep(0.05)
    assert line_of(server, "stalled")["route"] == ROUTE
    # What was not in a socket by then is not kept for it, and the body has no end.
    received = read_to_the_end(stalled)
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(received) < sent
    assert not received.endswith(b"0\r\n\r\n")
    assert_nothing_went_wrong(server)


def test_a_reader_that_stalls_does_not_hold_up_sigterm(tmp_path: Path, stack: ExitStack) -> None:
    server = stack.enter_context(Server(tmp_path))
    alice = stack.enter_context(closing(User(server.url)))
    stalled = stack.enter_context(silent_reader(server, alice, "stalled"))
    keen = stack.enter_context(follow(alice))
    write_too_much(alice)
    assert len(keen.until(2000)) == 2000
    assert server.stop() == 0
    assert keen.rest() == []
    assert not read_to_the_end(stalled).endswith(b"0\r\n\r\n")
    assert ended_streams(server) == 2
    assert_nothing_went_wrong(server)
