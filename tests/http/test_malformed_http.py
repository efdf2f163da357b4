"""What is no HTTP at all is refused like anything else, and harms nobody."""

import json

import pytest

from support.raw import exchange
from support.server import Server
from support.users import User


@pytest.mark.parametrize(
    "request_line",
    [b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nbad header\r\n\r\n"],
)
def test_is_refused_in_the_one_shape(server: Server, request_line: bytes) -> None:
    head, _, body = exchange(server, request_line).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/json" in head
    assert b"x-request-id: " in head
    error = json.loads(body)
    assert set(error) == {"detail", "status_code", "code", "message"}
    assert error["code"] == "bad_request"


def test_an_address_that_is_not_encoded_is_told_so(server: Server) -> None:
    received = exchange(server, "GET /api/me/tasks?q=café HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"must be percent-encoded" in received


def test_a_head_that_never_ends_is_refused(server: Server, alice: User) -> None:
    received = exchange(server, b"GET / HTTP/1.1\r\nX-Endless: ", *[b"a" * 65_536] * 20)
    assert received.startswith(b"HTTP/1.1 431 ")
    assert alice.get("/livez").status_code == 200


def test_a_large_body_after_a_head_is_no_head(server: Server, alice: User) -> None:
    body = b'{"title": "a"}' + b" " * 60_000
    head = f"POST {alice.tasks} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {alice.token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    first = f"{head}\r\n".encode() + body
    last = f"{head}Connection: close\r\n\r\n".encode() + body
    received = exchange(server, *[first] * 3, last)
    assert received.count(b"HTTP/1.1 201 Created") == 4
