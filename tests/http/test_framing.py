"""How bodies come: with trailers, beside an upgrade, and after they have been answered."""

import socket
import struct
import time

import pytest

from support.raw import Answer, connect, exchange, head, read, send
from support.server import Server
from support.users import User

JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"
CLOSE = "Connection: close"
MIB = 1024 * 1024


def posting(user: User, *lines: str) -> bytes:
    """The head of a request that makes a task."""
    return head("POST", user.tasks, f"Authorization: Bearer {user.token}", JSON, *lines)


def last(received: bytes) -> Answer:
    """The last of the answers; after it the connection was closed, and it says so."""
    answer = Answer.all(received)[-1]
    assert answer.headers["connection"] == "close"
    return answer


def test_trailers_are_no_headers(one_server: Server, one_user: User) -> None:
    body = b'e\r\n{"title": "a"}\r\n0\r\nX-Request-ID: of-the-trailer\r\nContent-Type: text/plain\r\nHost: b\r\n\r\n'
    answers = Answer.all(exchange(one_server, posting(one_user, CHUNKED) + body, head("GET", "/livez", CLOSE)))
    assert [each.status for each in answers] == [201, 200]
    assert answers[0].headers["x-request-id"] != "of-the-trailer"


@pytest.mark.parametrize(
    "framing",
    [
        [b"e\r\n{}            \r\n0\r\n", *[b"X: " + b"a" * 1000 + b"\r\n"] * 40],
        [b"e\r\n{}            \r\n0\r\n", *[b"X: a\r\n" * 500] * 40],
        [b"e\r\n{}            \r\n0\r\nX: ", *[b"a" * 1000] * 40],
        [b"e\r\n{}            \r\n0\r\n" + b"X: a\r\n" * 4000],
        [b"e;name=", *[b"a" * 1000] * 40],
        [b"e;name=" + b"a" * 65_536 + b"\r\n{}            \r\n0\r\n\r\n"],
        [b"1;name=" + b"a" * 1000 + b"\r\n \r\n"] * 40,
    ],
    ids=["trailers", "short trailers", "a trailer", "one piece", "an extension", "in one piece", "extensions"],
)
def test_trailers_and_extensions_over_16_kib_are_431(one_server: Server, one_user: User, framing: list[bytes]) -> None:
    answer = last(exchange(one_server, posting(one_user, CHUNKED), *framing))
    assert (answer.status, answer.error["code"]) == (431, "head_too_large")
    assert one_user.get(one_user.tasks).json()["total"] == 0


def test_a_body_in_chunks_of_one_byte_is_a_body(one_server: Server, one_user: User) -> None:
    body = b'{"title": "a", "description": "' + b"b" * 1500 + b'"' + b" " * 20_000 + b"}"
    chunks = b"".join(b"1\r\n%c\r\n" % each for each in body) + b"0\r\n\r\n"
    assert last(exchange(one_server, posting(one_user, CHUNKED, CLOSE), chunks)).status == 201


@pytest.mark.parametrize(
    "upgrade",
    [
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"],
        ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAA"],
    ],
    ids=["h2c", "websocket"],
)
@pytest.mark.parametrize("apart", [True, False])
def test_a_body_beside_an_upgrade_is_read(
    one_server: Server, one_user: User, upgrade: list[str], *, apart: bool
) -> None:
    task = one_user.post(one_user.tasks, json={"title": "a"}).json()
    body = b'{"is_completed": false}'
    target = f"{one_user.tasks}/{task['id']}/complete"
    lines = [f"Authorization: Bearer {one_user.token}", JSON, f"Content-Length: {len(body)}", *upgrade]
    sent = [head("PATCH", target, *lines), body, head("GET", "/livez", CLOSE)]
    answers = Answer.all(exchange(one_server, *(sent if apart else [b"".join(sent)])))
    assert [each.status for each in answers] == [200, 200]
    assert one_user.get(f"{one_user.tasks}/{task['id']}").json()["is_completed"] is False


@pytest.mark.parametrize(
    ("status", "target", "lines"),
    [(401, "/api/me/tasks", []), (404, "/nothing", []), (405, "/livez", []), (413, "/api/auth/login", [JSON])],
    ids=["401", "404", "405", "413"],
)
@pytest.mark.parametrize("framed", ["Content-Length: 1048576", CHUNKED])
def test_an_answer_before_the_end_of_a_body_reaches_its_client(
    one_server: Server, status: int, target: str, lines: list[str], framed: str
) -> None:
    body = [b"a" * MIB] if framed != CHUNKED else [b"100000\r\n" + b"a" * MIB, b"\r\n0\r\n\r\n"]
    with connect(one_server) as connection:
        # To the end, as a client does that reads only then: nothing is reset.
        assert send(connection, head("POST", target, *lines, framed), *body)
        assert last(read(connection)).status == status


def test_no_more_than_16_mib_are_dropped(one_server: Server) -> None:
    with connect(one_server) as connection:
        assert not send(connection, head("POST", "/nothing", "Content-Length: 99999999"), *[b"a" * MIB] * 90)


def test_a_client_that_neither_reads_nor_ends_is_left_after_two_seconds(one_server: Server) -> None:
    with connect(one_server) as connection:
        send(connection, head("POST", "/nothing", "Content-Length: 10"))
        assert last(read(connection)).status == 404  # and then the end: the server has closed its half
        while send(connection, b"a"):  # until nobody is there
            time.sleep(0.05)


def test_a_body_that_came_with_its_head_costs_no_connection(one_server: Server) -> None:
    request = head("POST", "/nothing", "Content-Length: 2") + b"{}"
    assert [each.status for each in Answer.all(exchange(one_server, request * 2 + head("GET", "/livez", CLOSE)))] == [
        404,
        404,
        200,
    ]


def test_however_the_bytes_are_cut_they_mean_the_same(one_server: Server, one_user: User) -> None:
    upgrade = ["Content-Length: 14", "Connection: Upgrade", "Upgrade: h2c"]
    sent = posting(one_user, CHUNKED) + b'7;of=a\r\n{"title\r\n7\r\n": "a"}\r\n0\r\nX: a\r\nY: b\r\n\r\n'
    sent += posting(one_user, *upgrade) + b'{"title": "b"}\r\n' + posting(one_user, "Content-Length: 2") + b"{}"
    sent += b"GET /livez HTTP/1.1\r\n\r\n"
    for pieces in ([sent], [bytes([each]) for each in sent]):
        received = Answer.all(exchange(one_server, *pieces))
        assert [each.status for each in received] == [201, 201, 422, 400]


def test_who_waits_for_100_gets_it_only_if_the_body_is_wanted(one_server: Server, one_user: User) -> None:
    expect = "Expect: 100-continue"
    with connect(one_server) as connection:
        send(connection, posting(one_user, expect, "Content-Length: 14", CLOSE))
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        send(connection, b'{"title": "a"}')
        assert last(read(connection)).status == 201
    with connect(one_server) as connection:
        send(connection, head("POST", "/api/me/tasks", expect, "Content-Length: 14"))
        assert last(read(connection)).status == 401


def test_a_body_that_breaks_off_in_nonsense_is_400(one_server: Server, one_user: User) -> None:
    received = exchange(one_server, posting(one_user, CHUNKED), b'e\r\n{"title": "a"}\r\nnonsense')
    assert last(received).error["code"] == "bad_request"
    assert one_user.get(one_user.tasks).json()["total"] == 0


def test_a_stream_ends_with_its_connection_though_another_request_waits(one_server: Server, one_user: User) -> None:
    """So that nobody can hold all of a user's streams without a connection."""
    request = head("GET", "/api/me/events", f"Authorization: Bearer {one_user.token}")
    for _ in range(25):  # of which 20 may be open
        with connect(one_server) as connection:
            send(connection, request)
            assert connection.recv(12) == b"HTTP/1.1 200"
            send(connection, head("GET", "/livez"))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
