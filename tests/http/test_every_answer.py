"""The headers that every answer has, also those that no route gives."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from support.server import Server
from support.users import PASSWORD, User

JSON_POLICY = "default-src 'none'; frame-ancestors 'none'"
FOR_A_YEAR = "max-age=31536000"
ORIGIN = "https://app.example"


@pytest.fixture(scope="module")
def on_https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is reached by https. The headers are the same on every database."""
    settings = {"PUBLIC_URL": "https://tasks.example.com", "CORS_ORIGINS": ORIGIN}
    with Server(tmp_path_factory.mktemp("every"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def alice(on_https: Server) -> Iterator[User]:
    with closing(User(on_https.url)) as user:
        yield user


def answers(alice: User) -> Iterator[tuple[str, httpx.Response]]:
    """An answer of each kind, and the `Cache-Control` that it should have."""
    task = alice.new_task()
    path = f"{alice.tasks}/{task['id']}"
    etag = alice.get(path).headers["etag"]
    credentials = {"email": alice.email, "password": PASSWORD}
    logged_in = alice.post("/api/auth/login", json=credentials)
    yield "no-store", alice.post("/api/auth/signup", json={**credentials, "email": f"new.{alice.email}"})
    yield "no-store", logged_in
    yield "no-store", alice.post("/api/auth/refresh", json={"refresh_token": logged_in.json()["refresh_token"]})
    yield "no-store", alice.post("/api/auth/tokens", json={"name": "a", "scopes": ["tasks:read"]})
    yield "private, no-cache", alice.get("/api/auth/me")
    yield "private, no-cache", alice.get(alice.tasks)
    yield "private, no-cache", alice.head(alice.tasks)
    yield "private, no-cache", alice.get(path, headers={"If-None-Match": etag})
    yield "private, no-cache", alice.post(alice.tasks, json={"title": "a"}, headers={"Idempotency-Key": "a"})
    yield "private, no-cache", alice.delete(path)
    yield "private, no-cache", alice.options(alice.tasks)
    yield (
        "private, no-cache",
        alice.options(alice.tasks, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}),
    )
    yield "private, no-cache", alice.get("/livez")
    yield (
        "no-store",
        alice.options(alice.tasks, headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}),
    )
    yield "no-store", alice.get("/nothing")
    yield "no-store", alice.put(alice.tasks)
    yield "no-store", alice.get(alice.tasks, headers={"Authorization": "Bearer nonsense"})
    yield "no-store", alice.post(alice.tasks, content=b"{")
    yield "no-store", alice.get("/api/auth/me/export")
    yield "no-store", alice.head("/api/me/events")
    yield "no-cache", alice.get("/openapi.json")
    yield "public, max-age=86400", alice.get("/docs/assets/swagger-ui.css")


def test_every_answer_says_how_it_may_be_used(alice: User) -> None:
    seen = []
    for kept, answer in answers(alice):
        what = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
        seen.append(answer.status_code)
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"], what
        assert answer.headers.get_list("referrer-policy") == ["no-referrer"], what
        assert answer.headers.get_list("content-security-policy") == [JSON_POLICY], what
        assert answer.headers.get_list("strict-transport-security") == [FOR_A_YEAR], what
        assert answer.headers.get_list("cache-control") == [kept], what
    assert {200, 201, 204, 304, 400, 401, 404, 405, 415} <= set(seen)


def test_pages_have_a_policy_of_their_own(alice: User) -> None:
    for path in ("/docs", "/redoc"):
        answer = alice.get(path)
        headers = answer.headers
        (policy,) = headers.get_list("content-security-policy")
        assert policy.startswith("default-src 'none'; ")
        assert policy.endswith("; frame-ancestors 'none'")
        assert "unsafe" not in policy
        # Nothing that would be lost under another path, or on another host.
        assert not re.search(r'(src|href|spec-url)="(/|http)', answer.text)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["strict-transport-security"] == FOR_A_YEAR


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * 9000), 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n" % (b"a" * 17_000), 431),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ],
)
def test_what_the_protocol_answers_by_itself_has_them_too(on_https: Server, request_head: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", on_https.port), timeout=30) as connection:
        connection.sendall(request_head)
        connection.shutdown(socket.SHUT_WR)
        first, *rest = connection.makefile("rb").read().partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert first.split()[1] == str(status)
    lines = dict(line.split(": ", 1) for line in rest)
    assert lines["x-content-type-options"] == "nosniff"
    assert lines["referrer-policy"] == "no-referrer"
    assert lines["content-security-policy"] == JSON_POLICY
    assert lines["strict-transport-security"] == FOR_A_YEAR
    assert lines["cache-control"] == "no-store"


def test_without_https_no_browser_is_told_to_insist_on_it(one_server: Server) -> None:
    assert "strict-transport-security" not in httpx.get(f"{one_server.url}/livez").headers
