"""What becomes of requests when there are more than can be worked on at once. It is the same on every database.

The server has four places, and its line has room for two. Its database is locked meanwhile, so that every write stays where it is.
"""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from doable import places
from doable.database.sqlite.driver import connect as connect_to_database
from doable.errors import Overloaded
from doable.http.incoming import FROM_ANYWHERE_BYTES
from doable.http.protocol import Protocol
from doable.places import OF_PROCESS, Place, Places, aside, current
from support.few_places import INCOMING_BYTES, PLACES, WAITING
from support.raw import Answer, connect, head
from support.server import Server
from support.users import TLS, User, assert_error

OVERLOADED = 503, "overloaded"
ORIGIN = "https://tasks.example.com"


class FewPlaces(Server):
    script = Path(__file__).parents[1] / "support" / "few_places.py"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with FewPlaces(tmp_path_factory.mktemp("few-places"), CORS_ORIGINS=ORIGIN, TRUSTED_PROXIES="127.0.0.1") as running:
        yield running


@pytest.fixture
def users(server: Server) -> Iterator[list[User]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(User(server.url))) for _ in range(3)]


@contextmanager
def locked(server: Server) -> Iterator[None]:
    """Nobody else can write."""
    with closing(connect_to_database(Path(server.settings["DATA_DIR"]) / "doable.db")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def creates(user: User, *lines: str) -> bytes:
    body = json.dumps({"title": "Buy oat milk"}).encode()
    own = [f"Authorization: Bearer {user.token}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return head("POST", "/api/me/tasks", *own, *lines) + body


def sent(server: Server, request: bytes) -> socket.socket:
    """The connection on which it has been sent, and which the server has read."""
    connection = connect(server)
    connection.sendall(request)
    # What was sent before is read before. The second answer comes when the application has begun with it as well.
    for _ in range(2):
        assert httpx.get(f"{server.url}/livez", verify=TLS).status_code == 200
    return connection


def answer_on(connection: socket.socket) -> Answer:
    received = b""
    while True:
        chunk = connection.recv(65_536)
        assert chunk, received
        received += chunk
        start, separator, rest = received.partition(b"\r\n\r\n")
        if separator and len(rest) == int(start.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]):
            return Answer.first(received)[0]


def status_on(connection: socket.socket) -> int:
    return answer_on(connection).status


@contextmanager
def full(server: Server, users: list[User]) -> Iterator[list[socket.socket]]:
    """Every place is taken, and the line is full. Whoever has waited so long is answered afterwards."""
    with ExitStack() as stack:
        with locked(server):
            # Of two users, since one may have half of them.
            whose = [users[number % 2] for number in range(PLACES + WAITING)]
            waiting = [stack.enter_context(sent(server, creates(user))) for user in whose]
            yield waiting
        assert [status_on(each) for each in waiting] == [201] * len(waiting)


def test_what_finds_no_place_is_refused_at_once_and_all_is_well_afterwards(server: Server, users: list[User]) -> None:
    with full(server, users):
        for user in users:
            assert_error(user.get(user.tasks), *OVERLOADED)
        # Its body comes after its head: of the two others, who have their half, it would wait for one less.
        assert_error(users[2].post(users[2].tasks, json={"title": "a"}), *OVERLOADED)
        assert_error(httpx.get(f"{server.url}/api/me/tasks", verify=TLS), *OVERLOADED)
        # Whether it lives and is ready is asked by machines that would restart it.
        for path in ("/livez", "/health", "/readyz"):
            assert httpx.get(server.url + path, verify=TLS).status_code == 200
    for user in users:
        assert user.get(user.tasks).json()["total"] == (0 if user is users[2] else (PLACES + WAITING) // 2)
        user.new_task()


def test_a_refusal_is_as_any_other_answer(server: Server, users: list[User]) -> None:
    with full(server, users):
        alice = users[0]
        same = alice.get(alice.tasks, headers={"X-Request-ID": "mine", "Origin": ORIGIN})
        assert same.headers["x-request-id"] == "mine"
        assert same.headers["access-control-allow-origin"] == ORIGIN
        assert "Retry-After" in same.headers["access-control-expose-headers"]
        other = alice.get(alice.tasks, headers={"X-Request-ID": "a b", "Origin": "https://other.example.com"})
        assert other.headers["x-request-id"] not in {"mine", "a b", same.headers["x-request-id"]}
        assert "access-control-allow-origin" not in other.headers
        assert same.headers["x-content-type-options"] == other.headers["x-content-type-options"] == "nosniff"
        empty = alice.head(alice.tasks)
        assert (empty.status_code, empty.content) == (503, b"")


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([head("GET", "/api/me/tasks")], id="plain"),
        pytest.param([head("GET", "/api/me/tasks", "X-Request-ID:  it")], id="two-spaces"),
        pytest.param([head("GET", "/api/me/tasks?limit=1", "Expect: 100-continue")], id="expects"),
        pytest.param([head("POST", "/api/auth/login", "Content-Length:2"), b"{}"], id="without-a-space"),
        pytest.param([head("POST", "/api/auth/login", "Content-Length: 2") + b"{}"], id="body"),
        pytest.param([head("POST", "/api/auth/login", "Content-Length: 2"), b"{", b"}"], id="body-in-pieces"),
        pytest.param(
            [head("POST", "/api/auth/login", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"], id="chunked"
        ),
        pytest.param([b"GET /api", b"/me/tasks HTTP/1.1\r\nHost", b": a\r\n\r\n"], id="head-in-pieces"),
    ],
)
def test_it_makes_no_difference_how_it_comes(server: Server, users: list[User], pieces: list[bytes]) -> None:
    """And the connection is good for the next request."""
    with full(server, users), connect(server) as connection:
        for _ in range(2):
            for piece in pieces:
                connection.sendall(piece)
                if len(pieces) > 1:
                    httpx.get(f"{server.url}/livez", verify=TLS)  # so that it is read by itself
            answer = answer_on(connection)
            assert (answer.status, answer.error["code"]) == OVERLOADED


def test_two_requests_at_once_on_one_connection(server: Server, users: list[User]) -> None:
    with full(server, users), connect(server) as connection:
        connection.sendall(2 * head("GET", "/api/me/tasks"))
        received = b""
        while received.count(b'"overloaded"') < 2:
            chunk = connection.recv(65_536)
            assert chunk, received
            received += chunk
        assert [each.status for each in Answer.all(received)] == [503, 503]


def test_one_user_has_half_of_the_places(server: Server, users: list[User]) -> None:
    alice, bob, _ = users
    with ExitStack() as stack:
        with locked(server):
            # The last of these waits until she has one less. Any more are refused, and nobody else is.
            hers = [stack.enter_context(sent(server, creates(alice))) for _ in range(PLACES // 2 + WAITING // 2)]
            assert_error(alice.get(alice.tasks), *OVERLOADED)
            his = [stack.enter_context(sent(server, creates(bob))) for _ in range(PLACES // 2 - 1)]
            assert bob.get(bob.tasks).status_code == 200
        assert [status_on(each) for each in (*hers, *his)] == [201] * (len(hers) + len(his))
    assert alice.get(alice.tasks).status_code == 200


def test_who_has_gone_takes_no_place(server: Server, users: list[User]) -> None:
    with full(server, users) as waiting:
        waiting.pop().close()
        # The line has room again, for one that will be answered.
        while httpx.get(f"{server.url}/livez", verify=TLS).status_code == 200:
            with connect(server) as connection:
                connection.sendall(head("GET", "/api/me/tasks"))
                connection.settimeout(1)
                try:
                    assert answer_on(connection).status == 503
                except TimeoutError:
                    break


def test_streams_take_none(users: list[User]) -> None:
    alice = users[0]
    with ExitStack() as stack:
        for _ in range(PLACES + WAITING + 1):
            stream = stack.enter_context(alice.stream("GET", "/api/me/events"))
            assert stream.status_code == 200
        assert alice.get(alice.tasks).status_code == 200


def test_the_log_tells_of_it_once_a_second(server: Server, users: list[User]) -> None:
    with full(server, users):
        for _ in range(3):
            users[2].get(users[2].tasks)
    deadline = time.monotonic() + 30
    while "Overloaded: " not in server.log:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def begun(server: Server, user: User, address: str, count: int) -> socket.socket:
    """A connection on which so many bytes of a batch were sent, and not its end."""
    own = [f"Authorization: Bearer {user.token}", "Content-Type: application/json", f"Content-Length: {count + 1}"]
    connection = sent(server, head("POST", "/api/me/tasks/batch", *own, f"X-Forwarded-For: {address}"))
    connection.sendall(b" " * count)
    assert httpx.get(f"{server.url}/livez", verify=TLS).status_code == 200
    return connection


def test_bodies_that_are_being_received_have_a_bound_and_a_network_has_half_of_it(
    server: Server, users: list[User]
) -> None:
    alice, bob, carol = users  # one of them may have two at once
    third, half = INCOMING_BYTES * 3 // 8, INCOMING_BYTES // 2
    for _ in range(3):  # what was received is forgotten
        with begun(server, alice, "192.0.2.1", third) as first, begun(server, bob, "192.0.2.1", third) as refused:
            assert answer_on(refused).error["code"] == "overloaded"
            with (
                begun(server, bob, "192.0.2.2", third) as second,
                begun(server, carol, "192.0.2.3", third) as third_one,
            ):
                assert answer_on(third_one).error["code"] == "overloaded"
                # Those that have room end as they would have, with no JSON in them.
                for each in (first, second):
                    each.sendall(b" ")
                    assert answer_on(each).error["code"] == "invalid_json"
        # Of this machine nobody knows whose it is.
        with begun(server, alice, "127.0.0.1", half + 1) as own:
            own.sendall(b" ")
            assert answer_on(own).error["code"] == "invalid_json"


def test_a_refusal_at_the_end_of_a_body_is_the_last_answer_on_its_connection(server: Server, users: list[User]) -> None:
    alice, bob, _ = users
    with begun(server, alice, "192.0.2.1", INCOMING_BYTES * 3 // 8):
        own = [
            f"Authorization: Bearer {bob.token}",
            "Content-Type: application/json",
            f"Content-Length: {FROM_ANYWHERE_BYTES + 1}",
        ]
        with sent(server, head("POST", "/api/me/tasks/batch", *own, "X-Forwarded-For: 192.0.2.1")) as last:
            last.sendall(b" " * (FROM_ANYWHERE_BYTES + 1))
            answer = answer_on(last)
            assert answer.error["code"] == "overloaded"
            assert answer.headers["connection"] == "close"


def test_who_does_not_read_the_answers_takes_no_place(server: Server, users: list[User]) -> None:
    request = head("GET", "/docs/assets/swagger-ui-bundle.js")  # 16 of them are more than any buffer holds
    with ExitStack() as stack:
        connections = [stack.enter_context(socket.socket()) for _ in range(2 * PLACES)]
        for each in connections:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            each.settimeout(30)
            each.connect(("127.0.0.1", server.port))
            each.sendall(16 * request)
        for each in connections:
            assert each.recv(1) == b"H"
        # All of them have a place for a moment, and a slow machine takes long over that.
        deadline = time.monotonic() + 30
        for user in users:
            while user.get(user.tasks).status_code != 200:
                assert time.monotonic() < deadline


class Waiting(Place):
    """A request in a test of `Places` alone."""

    def __init__(self, of: Places) -> None:
        super().__init__(of)
        self.said: list[str] = []
        self.turned_away = asyncio.Event()

    def go_on(self) -> None:
        self.said.append("go on")

    def turn_away(self) -> None:
        self.said.append("turned away")
        self.turned_away.set()


def test_who_has_waited_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for patience in ("PATIENCE_SECONDS", "USER_PATIENCE_SECONDS"):
        monkeypatch.setattr(places, patience, 0.01)

    async def run() -> None:
        of = Places(2)
        requests = [Waiting(of) for _ in range(3)]
        for each in requests:
            each.ask()
        first, second, third = requests
        await asyncio.wait_for(third.turned_away.wait(), 30)
        assert [each.said for each in requests] == [["go on"], ["go on"], ["turned away"]]
        await first.join("alice")
        with pytest.raises(Overloaded):
            await second.join("alice")
        first.leave()
        await second.join("alice")
        second.leave()
        second.leave()
        assert (of.free, of.waiting, of.refused) == (2, 0, 2)

    asyncio.run(run())


def test_nobody_holds_a_place_while_waiting_for_something_else() -> None:
    async def run() -> None:
        of = Places(1)
        first, second = Waiting(of), Waiting(of)
        first.ask()
        second.ask()
        assert second.said == []
        current.set(first)
        with aside():
            assert second.said == ["go on"]
        # It has its place again, whoever has one now, and both are given back.
        second.leave()
        assert of.free == 0
        first.leave()
        assert of.free == 1

    asyncio.run(run())


def test_whose_turn_comes_while_another_waits_aside_has_a_place_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OF_PROCESS, "free", 1)
    is_own: list[bool] = []

    async def app(scope: Any, _: Any, send: Any) -> None:
        own = current.get()
        if scope["path"] == "/first":
            while not OF_PROCESS.waiting:  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(0)
            with aside():  # the second one gets the place here
                pass
        is_own.append(current.get() is own and own is not None)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async def run() -> None:
        config = Config(app, lifespan="off", log_config=None)
        config.load()
        state = ServerState()
        made = partial(Protocol, config=config, server_state=state, app_state={})
        listening = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        writers = []
        for path in ("/first", "/second"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(head("GET", path, "Connection: close"))
            writers.append((reader, writer))
        for reader, writer in writers:
            assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"HTTP/1.1 200")
            writer.close()
        listening.close()

    asyncio.run(run())
    assert is_own == [True, True]
    assert OF_PROCESS.free == 1


def test_a_user_who_gives_up_while_waiting_leaves_nothing_behind() -> None:
    async def run() -> None:
        of = Places(2)
        first, second, third = (Waiting(of) for _ in range(3))
        await first.join("alice")
        for each in (second, third):
            waiting = asyncio.create_task(each.join("alice"))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        first.leave()
        await second.join("alice")
        second.leave()
        assert of.user("alice").held == 0

    asyncio.run(run())


def test_a_place_that_comes_while_a_user_gives_up_goes_to_nobody() -> None:
    async def run() -> None:
        of = Places(2)
        first, second = Waiting(of), Waiting(of)
        await first.join("alice")
        waiting = asyncio.create_task(second.join("alice"))
        await asyncio.sleep(0)
        waiting.cancel()
        first.leave()  # before the other has noticed
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await second.join("alice")
        second.leave()
        assert of.user("alice").held == 0

    asyncio.run(run())


def test_a_crowd_of_new_connections_is_seen_at_once(server: Server) -> None:
    request = head("GET", "/api/me/tasks")
    with ExitStack() as stack:
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            crowd = [stack.enter_context(connect(server)) for _ in range(100)]
            for each in crowd:
                each.sendall(request)
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        statuses = [status_on(each) for each in crowd]
    # Accepted one by one, in turns of the event loop, they would all be served, and others would wait behind them.
    assert statuses.count(503) > len(crowd) // 2
    assert set(statuses) == {401, 503}
