"""Doable behind nginx, HAProxy, Caddy and Apache, with the configurations of `examples/proxies/`."""

import json
import re
import socket
import time
import uuid
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from support.api_tokens import create
from support.events import follow
from support.logs import lines
from support.reverse_proxies import ReverseProxy, needs
from support.server import Server
from support.users import PASSWORD, User, assert_error

pytestmark = pytest.mark.xdist_group("proxies")

TOO_LARGE = b'"%s"' % (b"x" * 6 * 1024 * 1024)


def test_events_come_at_once(someone: User) -> None:
    """Also to a client that takes compressed ones, and after a first answer that is worth compressing."""
    someone.new_task("long ago", description="x" * 2000)
    waited: list[float] = []
    with follow(someone, headers={"Accept-Encoding": "gzip"}) as stream:
        assert stream.next().change["task"]["title"] == "long ago"
        # One that is held back waits for 200 ms (HAProxy) or for the next one; a busy machine makes some of them late, not all.
        while not waited or (min(waited) >= 0.2 and len(waited) < 40):
            started = time.monotonic()
            someone.new_task(str(started))
            assert stream.next().change["task"]["title"] == str(started)
            waited.append(time.monotonic() - started)
    assert min(waited) < 0.2


def test_http_2_and_a_compressed_answer(behind: ReverseProxy, someone: User) -> None:
    someone.new_task(description="x" * 2000)
    told = behind.curl(
        *("--http2", "--compressed", "--output", str(behind.folder / "tasks"), "--dump-header", "-"),
        *("--write-out", "HTTP/%{http_version} %{http_code}", "--header", f"Authorization: Bearer {someone.token}"),
        f"{behind.url}/api/me/tasks",
    )
    assert told.endswith("HTTP/2 200")
    assert "content-encoding: gzip" in told.lower()
    assert b"xxx" in (behind.folder / "tasks").read_bytes()


def test_connections_to_the_server_are_kept(upstream: Server, someone: User) -> None:
    before = connections_to(upstream.port)
    for _ in range(100):
        assert someone.get("/api/me/tasks").status_code == 200
    # Checks of the health may open some of their own.
    assert len(connections_to(upstream.port) - before) < 100


def connections_to(port: int) -> set[int]:
    """The ports of clients that are connected to this one, or were a moment ago."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ends = [[int(end.rpartition(":")[2], 16) for end in row[1:3]] for row in rows]
    return {one for end in ends for one, other in (end, end[::-1]) if other == port}


# Caddy 2.6 knows GET alone, and nginx asks nothing.
METHODS = {"haproxy.cfg": "HEAD", "Caddyfile": "GET", "apache.conf": "HEAD"}


@pytest.mark.parametrize("behind", [pytest.param(each, marks=needs(each)) for each in METHODS], indirect=True)
def test_the_health_is_asked_for(behind: ReverseProxy, upstream: Server) -> None:
    method = METHODS[behind.path.name]
    begun = len(lines(upstream))
    deadline = time.monotonic() + 30
    while not any(
        (each.get("route"), each.get("method"), each.get("status")) == ("/readyz", method, 200)
        for each in lines(upstream)[begun:]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_page_logs_in_by_cookie(behind: ReverseProxy) -> None:
    """Also in a browser that says nothing of the site of its requests: the proxy must pass `Host` on."""
    with behind.client() as page:
        page.headers["Origin"] = behind.url
        credentials = {"email": f"{uuid.uuid4()}@example.com", "password": PASSWORD}
        assert page.post("/account/session/signup", json=credentials).status_code == 201
        (cookie,) = page.cookies.jar
        assert (cookie.name, cookie.secure) == ("__Secure-doable-session", True)
        assert page.post("/account/session/refresh").status_code == 200
        elsewhere = page.post("/account/session/refresh", headers={"Origin": "https://evil.example"})
        assert_error(elsewhere, 403, "cross_origin")
        assert page.delete("/account/session").status_code == 204
        assert not page.cookies


@pytest.mark.parametrize(
    "method", ["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "MKCALENDAR", "MKCOL", "PUT", "MOVE", "COPY", "DELETE"]
)
def test_calendar_apps_come_through(behind: ReverseProxy, someone: User, method: str) -> None:
    """With each method, their credentials, and a body that is longer than proxies take by themselves."""
    token = create(someone, "tasks:read", "tasks:write")["token"]
    with behind.client() as app:
        found = app.request(method, "/.well-known/caldav")
        assert (found.status_code, found.headers["location"].removeprefix(behind.url)) == (301, "/dav/")
        asked = app.request(method, "/dav/")
        assert (asked.status_code, asked.headers["www-authenticate"].partition(" ")[0]) == (401, "Basic")
        body = b"<!--" + b"x" * 3 * 1024 * 1024
        answer = app.request(method, "/dav/nothing/", content=body, auth=(someone.email, token))
        assert "calendar-access" in answer.headers["dav"]
        assert answer.status_code == 404


def test_the_client_comes_compressed_and_once(behind: ReverseProxy) -> None:
    with behind.client() as page:
        answer = page.get("/", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        for loaded in re.findall(r'="(/assets/[^"]+)"', answer.text):
            first = page.get(loaded, headers={"Accept-Encoding": "br"})
            assert first.headers["content-encoding"] == "br"
            known = {"Accept-Encoding": "br", "If-None-Match": first.headers["etag"]}
            assert page.get(loaded, headers=known).status_code == 304


def test_a_clients_address_arrives_and_not_what_it_says_itself(behind: ReverseProxy) -> None:
    with (
        closing(User(behind.url, tls=behind.tls)) as user,
        httpx.Client(transport=httpx.HTTPTransport(verify=behind.tls, local_address="127.0.0.7")) as elsewhere,
    ):
        logged_in = elsewhere.post(
            f"{behind.url}/api/auth/login",
            json={"email": user.email, "password": PASSWORD},
            headers={"X-Forwarded-For": "203.0.113.9"},
        )
        assert logged_in.status_code == 200
        sessions = user.get("/api/auth/sessions").json()["sessions"]
        assert {each["address"] for each in sessions} == {"127.0.0.1", "127.0.0.7"}


def test_a_trailer_is_not_taken_for_the_address(behind: ReverseProxy) -> None:
    """HAProxy passes trailers on."""
    with closing(User(behind.url, tls=behind.tls)) as user:
        body = json.dumps({"email": user.email, "password": PASSWORD}).encode()
        with (
            socket.create_connection(("127.0.0.1", behind.port), timeout=30) as raw,
            behind.tls.wrap_socket(raw, server_hostname="127.0.0.1") as connection,
        ):
            connection.sendall(
                b"POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Forwarded-For\r\n\r\n"
                b"%x\r\n%b\r\n0\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n" % (len(body), body)
            )
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        sessions = user.get("/api/auth/sessions").json()["sessions"]
        assert [each["address"] for each in sessions] == ["127.0.0.1", "127.0.0.1"]


def test_an_answer_before_the_body_was_read_arrives(behind: ReverseProxy, someone: User) -> None:
    for token, status, code in [(someone.token, 413, "body_too_large"), ("nonsense", 401, "unauthenticated")] * 2:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        assert_error(someone.post("/api/me/tasks", content=TOO_LARGE, headers=headers), status, code)
        told = behind.curl(
            *("--http2", "--write-out", " HTTP/%{http_version} %{http_code}", "--data-binary", "@-"),
            *(each for header in headers.items() for each in ("--header", ": ".join(header))),
            f"{behind.url}/api/me/tasks",
            stdin=TOO_LARGE,
            # Debian's curl drops what it has not read yet when it is told to send no more (RFC 9113, section 8.1), or
            # ends its body before its length, which HAProxy takes for an error (section 8.1.1). The status has arrived.
            ends=(0, 18, 92),
        )
        assert told.endswith(f" HTTP/2 {status}"), told
        # And the server is not taken for dead.
        assert someone.get("/api/me/tasks").status_code == 200


def test_an_etag_that_the_proxy_has_changed_is_known(someone: User) -> None:
    path = f"{someone.tasks}/{someone.new_task(description='x' * 2000)['id']}"
    plain = someone.get(path, headers={"Accept-Encoding": "identity"})
    compressed = someone.get(path, headers={"Accept-Encoding": "gzip"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert plain.json() == compressed.json()
    for etag in (plain.headers["etag"], compressed.headers["etag"]):
        for coding in ("gzip", "identity"):
            same = someone.get(path, headers={"Accept-Encoding": coding, "If-None-Match": etag})
            assert same.status_code == 304, etag
    changed = someone.patch(path, json={"title": "new"}, headers={"If-Match": compressed.headers["etag"]})
    assert changed.status_code == 200
    late = someone.patch(path, json={"title": "newer"}, headers={"If-Match": compressed.headers["etag"]})
    assert late.status_code == 412
