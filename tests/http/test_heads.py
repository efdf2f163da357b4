"""What the head of a request may be: its size, its host, and how its body is framed."""

import pytest

from support.raw import Answer, exchange, head
from support.server import Server
from support.users import User

CLOSE = "Connection: close"
CHUNKED = "Transfer-Encoding: chunked"


def one(server: Server, *chunks: bytes) -> Answer:
    """The only answer to these bytes."""
    (answer,) = Answer.all(exchange(server, *chunks))
    return answer


def refused(server: Server, *chunks: bytes) -> tuple[int, str]:
    """Status and code of the refusal, which is the last answer on its connection and looks like every other."""
    answer = one(server, *chunks)
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]
    return answer.status, answer.error["code"]


def test_a_head_of_16_kib_is_read_and_a_larger_one_is_431(one_server: Server) -> None:
    room = 16 * 1024 - len(head("GET", "/livez", CLOSE, "X: "))
    assert one(one_server, head("GET", "/livez", CLOSE, f"X: {'a' * room}")).status == 200
    assert refused(one_server, head("GET", "/livez", CLOSE, f"X: {'a' * (room + 1)}")) == (431, "head_too_large")
    many = [f"X-{each}: {'a' * 200}" for each in range(90)]
    assert refused(one_server, head("GET", "/livez", CLOSE, *many)) == (431, "head_too_large")


def test_a_large_head_behind_another_request_is_431_after_its_answer(one_server: Server) -> None:
    received = exchange(one_server, head("GET", "/livez") + head("GET", "/livez", f"X: {'a' * 17_000}"))
    assert [each.status for each in Answer.all(received)] == [200, 431]


def test_a_head_of_100_lines_is_read_and_a_longer_one_is_431(one_server: Server) -> None:
    assert one(one_server, head("GET", "/livez", CLOSE, *["X: a"] * 98)).status == 200
    assert refused(one_server, head("GET", "/livez", CLOSE, *["X: a"] * 99)) == (431, "head_too_large")


def test_an_address_of_8_kib_is_read_and_a_longer_one_is_414(one_server: Server) -> None:
    assert one(one_server, head("GET", f"/{'a' * 8191}", CLOSE)).status == 404
    assert refused(one_server, head("GET", f"/{'a' * 8192}", CLOSE)) == (414, "target_too_long")


@pytest.mark.parametrize("host", ["a", "a.example:80", "127.0.0.1", "[::1]:8000", "my_host:"])
def test_a_host_is_a_host(one_server: Server, host: str) -> None:
    assert one(one_server, f"GET /livez HTTP/1.1\r\nHost: {host}\r\n{CLOSE}\r\n\r\n".encode()).status == 200


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Host: a", "Host: a"],
        *([f"Host: {each}"] for each in ["", "a b", "a/b", "a:b", "a@b", "http://a", "[::1", "é"]),
    ],
)
@pytest.mark.parametrize("target", ["/livez", "http://a/livez"])
def test_http_1_1_without_one_host_is_400(one_server: Server, lines: list[str], target: str) -> None:
    request = "\r\n".join([f"GET {target} HTTP/1.1", *lines, "", ""]).encode()
    assert refused(one_server, request) == (400, "bad_request")


def test_http_1_0_needs_no_host(one_server: Server) -> None:
    answer = one(one_server, b"GET /livez HTTP/1.0\r\n\r\n")
    assert (answer.status, answer.headers["connection"]) == (200, "close")


@pytest.mark.parametrize("encoding", ["gzip", "gzip, chunked", "identity", "xchunked"])
def test_a_transfer_encoding_that_is_not_chunked_is_501(one_server: Server, encoding: str) -> None:
    request = head("POST", "/api/auth/login", f"Transfer-Encoding: {encoding}")
    assert refused(one_server, request + b"0\r\n\r\n") == (501, "encoding_not_supported")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_so_is_one_of_two_lines(one_server: Server, encoding: str) -> None:
    request = head("POST", "/api/auth/login", f"Transfer-Encoding: {encoding}", "Transfer-Encoding: chunked")
    assert refused(one_server, request + b"0\r\n\r\n") == (501, "encoding_not_supported")


@pytest.mark.parametrize(
    "lines",
    [
        [CHUNKED, "Content-Length: 3"],
        ["Content-Length: 3", CHUNKED],
        ["Content-Length: 3", "Transfer-Encoding: gzip"],
        ["Content-Length: 3", "Content-Length: 4"],
        ["Content-Length: +3"],
        ["Content-Length: -3"],
        [CHUNKED, CHUNKED],
        ["Transfer-Encoding : chunked"],
        ["Transfer-Encoding: \x0bchunked"],
        ["X: a\r\n b"],
    ],
)
def test_a_body_whose_end_is_not_certain_is_400(one_server: Server, lines: list[str]) -> None:
    smuggled = head("GET", "/readyz")
    assert refused(one_server, head("POST", "/livez", *lines) + b"0\r\n\r\n" + smuggled) == (400, "bad_request")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /livez HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET http://a:b/livez HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /livez HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_request_of_http_1_1_is_400(one_server: Server, request_bytes: bytes) -> None:
    assert refused(one_server, request_bytes) == (400, "bad_request")


def test_a_refusal_waits_for_the_answers_before_it(one_server: Server, one_user: User) -> None:
    slow = head("GET", "/api/me/tasks", f"Authorization: Bearer {one_user.token}")
    received = exchange(one_server, slow + slow + b"nonsense\r\n\r\n")
    assert [each.status for each in Answer.all(received)] == [200, 200, 400]


def test_of_requests_that_wait_for_an_answer_the_seventeenth_is_refused(one_server: Server) -> None:
    last = head("GET", "/livez", CLOSE)
    answers = Answer.all(exchange(one_server, head("GET", "/livez") * 16 + last))
    assert [each.status for each in answers] == [200] * 17
    answers = Answer.all(exchange(one_server, head("GET", "/livez") * 17 + last))
    assert [each.status for each in answers] == [200] * 17 + [400]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("lines", "target", "status"),
    [
        ((f"X: {'a' * 17_000}",), "/livez", 431),
        (("X: a",) * 100, "/livez", 431),
        ((), f"/{'a' * 8192}", 414),
        (("Transfer-Encoding: x",), "/livez", 501),
        (("X: \0",), "/livez", 400),
    ],
)
def test_the_refusal_of_a_head_has_no_body(
    one_server: Server, method: str, lines: tuple[str, ...], target: str, status: int
) -> None:
    status_line, _, rest = exchange(one_server, head(method, target, *lines)).partition(b"\r\n")
    fields, _, body = rest.partition(b"\r\n\r\n")
    assert status_line.startswith(b"HTTP/1.1 %d " % status)
    (length,) = (line for line in fields.lower().split(b"\r\n") if line.startswith(b"content-length: "))
    assert (len(body) == int(length.split(b": ")[1])) is (method == "GET")
    assert bool(body) is (method == "GET")
