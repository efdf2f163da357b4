"""What becomes of requests when there are more than can be worked on at once. It is the same on every database.

The server has four places, and its line has room for two. Its database is locked meanwhile, so that every write stays where it is.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from doable.database.sqlite.driver import connect as connect_to_database
from support.few_places import PLACES, WAITING
from support.raw import Answer, connect, head
from support.server import Server
from support.users import TLS, User, assert_error

OVERLOADED = 503, "overloaded"
ORIGIN = "https://tasks.example.com"


class FewPlaces(Server):
    script = Path(__file__).parents[1] / "support" / "few_places.py"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with FewPlaces(tmp_path_factory.mktemp("few-places"), CORS_ORIGINS=ORIGIN) as running:
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
            assert_error(user.post(user.tasks, json={"title": "a"}), *OVERLOADED)
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
        assert answer_on(connection).status == 503
        assert answer_on(connection).status == 503


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
    assert "Overloaded: " in server.log
