"""CORS_ORIGINS: which browser frontends on other origins may call the API."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from support.server import Server
from support.users import User, assert_error

ORIGIN = "https://app.example"
OTHERS = [
    "https://evil.example",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://sub.app.example",
    "https://app.example/",
    "HTTPS://APP.EXAMPLE",
    "https://app.example, https://evil.example",
    "null",
    "*",
    "",
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    """A user of a server that lets two origins in. Which database it is on makes no difference here."""
    folder = tmp_path_factory.mktemp("cors")
    with Server(folder, CORS_ORIGINS=f"{ORIGIN}/, http://localhost:3000") as server, closing(User(server.url)) as user:
        yield user


def cors_headers(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


def preflight(client: httpx.Client, origin: str, method: str = "POST", headers: str | None = None) -> httpx.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers is not None:
        asked["Access-Control-Request-Headers"] = headers
    # A browser sends no credential with it.
    return httpx.options(f"{client.base_url}/api/me/tasks", headers=asked)


def assert_lets_in(answer: httpx.Response, origin: str = ORIGIN) -> None:
    names = (
        "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Undo-Token, X-Request-ID"
    )
    exposed = {"access-control-expose-headers": names}
    assert cors_headers(answer) == {"access-control-allow-origin": origin, **exposed}
    assert "Origin" in answer.headers["vary"]
    assert answer.headers["x-request-id"]


def test_lets_the_named_origins_in(client: httpx.Client) -> None:
    for origin in (ORIGIN, "http://localhost:3000"):
        for answer in (
            client.get("/api/me/tasks", headers={"Origin": origin}),
            client.post("/api/me/tasks", json={"title": "a"}, headers={"Origin": origin}),
            client.get("/health", headers={"Origin": origin}),
        ):
            assert answer.is_success
            assert_lets_in(answer, origin)


def test_errors_can_be_read_as_well(client: httpx.Client) -> None:
    origin = {"Origin": ORIGIN}
    for answer, status, code in (
        (client.get("/api/auth/me", headers={**origin, "Authorization": "Bearer a"}), 401, "unauthenticated"),
        (client.get("/api/somebody/tasks", headers=origin), 403, "forbidden"),
        (client.get("/nothing", headers=origin), 404, "route_not_found"),
        (client.put("/api/me/tasks", headers=origin), 405, "method_not_allowed"),
        (client.post("/api/me/tasks", content=b" " * 70_000, headers=origin), 413, "body_too_large"),
        (client.post("/api/me/tasks", json={}, headers=origin), 422, "validation_error"),
        (
            client.post("/api/me/tasks", content=b"{", headers={**origin, "Content-Type": "application/json"}),
            422,
            "invalid_json",
        ),
        (client.post("/api/me/tasks", content=b"{", headers=origin), 415, "unsupported_media_type"),
    ):
        assert_error(answer, status, code)
        assert_lets_in(answer)


def test_options_that_is_no_preflight_is_answered_as_without_cors(client: httpx.Client) -> None:
    answer = client.options("/api/me/tasks", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert_lets_in(answer)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_a_preflight_lets_them_use_the_api(client: httpx.Client, method: str) -> None:
    wanted = "authorization, content-type, if-match, if-none-match, idempotency-key, x-request-id"
    answer = preflight(client, ORIGIN, method, wanted)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert set(wanted.split(", ")) <= set(allowed)
    assert int(answer.headers["access-control-max-age"]) > 0
    assert "Origin" in answer.headers["vary"]
    assert answer.headers["x-request-id"]
    # A token is a header of its own, so cookies are nobody's business.
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", OTHERS)
def test_lets_no_other_origin_in(client: httpx.Client, origin: str) -> None:
    for answer in (
        client.get("/api/me/tasks", headers={"Origin": origin}),
        client.get("/nothing", headers={"Origin": origin}),
    ):
        assert "access-control-allow-origin" not in answer.headers
    refused = preflight(client, origin)
    assert_error(refused, 400, "cors_refused")
    assert "access-control-allow-origin" not in refused.headers


def test_refuses_other_methods_and_headers(client: httpx.Client) -> None:
    assert_error(preflight(client, ORIGIN, "TRACE"), 400, "cors_refused")
    assert_error(preflight(client, ORIGIN, "POST", "X-Unknown"), 400, "cors_refused")
    assert_error(preflight(client, ORIGIN, "POST", "Authorization, Cookie"), 400, "cors_refused")


def test_needs_no_origin(client: httpx.Client) -> None:
    answer = client.get("/api/me/tasks")
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("setting", [{}, {"CORS_ORIGINS": "  "}])
def test_without_the_setting_there_is_none(tmp_path: Path, setting: dict[str, str]) -> None:
    with Server(tmp_path, **setting) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        for answer in (
            client.get("/health", headers={"Origin": ORIGIN}),
            client.get("/api/me/tasks", headers={"Origin": ORIGIN}),
        ):
            assert cors_headers(answer) == {}
        # An answer that allows nothing, so the browser asks no further.
        unanswered = preflight(client, ORIGIN)
        assert unanswered.status_code == 204
        assert cors_headers(unanswered) == {}


def test_a_star_lets_every_origin_in(tmp_path: Path) -> None:
    with Server(tmp_path, CORS_ORIGINS="*") as server, httpx.Client(base_url=server.url, timeout=30) as client:
        for origin in (ORIGIN, "https://another.example", "null"):
            answer = client.get("/health", headers={"Origin": origin})
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers
            assert preflight(client, origin).status_code == 200
