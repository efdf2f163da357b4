"""Errors of the edge itself, all in the one shape."""

import http.client
import re
import uuid
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from support.server import Server
from support.users import User, assert_error


@pytest.fixture(scope="module")
def alice(server: Server) -> Iterator[User]:
    """One for all: what has no route needs no user of its own."""
    with closing(User(server.url)) as user:
        yield user


def exchange(server: Server, method: str, target: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """What the target gets, sent exactly as it is written here."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, target, headers=headers or {})
        answer = connection.getresponse()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    "target",
    [
        "/nothing",
        "/api",
        "/api/",
        "/api/nothing",
        "/api/auth",
        "/api/auth/nothing",
        "/api/me",
        "/api/me/task",
        "/api/me/tasks/an-id/complete/more",
        "/api/me/tasks/an-id/nothing",
        "/API/auth/me",
        "/health/",
        "/livez/",
        "/docs/",
        "/openapi.json/",
        "/api/auth/me/",
        "/api/auth/login/",
        "/api/me/tasks/",
        f"/api/me/tasks/{uuid.UUID(int=1)}/",
        f"/api/me/tasks/{uuid.UUID(int=1)}/complete/",
        "//",
        "///api///auth///me",
        "//api/auth/me",
        "/api//tasks",
        "/.",
        "/..",
        "/../../etc/passwd",
        "/api/../health",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%00",
        "/health%00",
        "/health%0a",
        "/docs%0A",
        "/%ff",
        "/%ed%a0%80",
        "/%",
        "/%zz",
        "/%E2%82",
        "/*",
        "*",
        "/nothing?",
        "/;",
        "/\\",
        f"/{'a' * 7_000}",
        f"/{'a/' * 3500}",
        "/docs/assets",
        "/docs/assets/",
        "/docs/assets/nothing.js",
        "/docs/assets/../../pyproject.toml",
        "/docs/assets/..%2f..%2f__init__.py",
        "/docs/assets/%2e%2e/__init__.py",
        "/docs/assets//etc/passwd",
        "/docs/assets/%00",
        "/docs/assets/%ff",
        f"/docs/assets/{'a' * 5000}",
    ],
)
def test_where_nothing_is_there_is_a_404(server: Server, alice: User, target: str) -> None:
    headers = {"Authorization": alice.headers["Authorization"]}
    for answer in (exchange(server, "GET", target), exchange(server, "GET", target, headers)):
        assert_error(answer, 404, "route_not_found")
        assert "location" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "HEAD"])
def test_an_unknown_route_is_a_404_by_every_method(guest: httpx.Client, method: str) -> None:
    answer = guest.request(method, "/nothing")
    assert answer.status_code == 404
    if method != "HEAD":
        assert_error(answer, 404, "route_not_found")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/health", "GET, HEAD, OPTIONS"),
        ("/livez", "GET, HEAD, OPTIONS"),
        ("/readyz", "GET, HEAD, OPTIONS"),
        ("/docs", "GET, HEAD, OPTIONS"),
        ("/redoc", "GET, HEAD, OPTIONS"),
        ("/openapi.json", "GET, HEAD, OPTIONS"),
        ("/docs/assets/favicon.png", "GET, HEAD, OPTIONS"),
        ("/api/auth/signup", "OPTIONS, POST"),
        ("/api/auth/login", "OPTIONS, POST"),
        ("/api/auth/me", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/api/me/tasks", "GET, HEAD, OPTIONS, POST"),
        ("/api/me/tasks/an-id", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/api/me/tasks/an-id/complete", "OPTIONS, PATCH"),
        # A constant goes before the id of a task.
        ("/api/me/tasks/batch", "OPTIONS, POST"),
    ],
)
def test_what_an_address_takes_is_said_by_405_and_by_options(guest: httpx.Client, path: str, allowed: str) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - set(allowed.split(", ")):
        answer = guest.request(method, path)
        assert_error(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == allowed
    answer = guest.options(path)
    assert (answer.status_code, answer.content, answer.headers["allow"]) == (204, b"", allowed)
    head = guest.head(path)
    assert head.content == b""
    assert head.status_code == (405 if "HEAD" not in allowed else guest.get(path).status_code)


def test_head_is_get_without_the_body(guest: httpx.Client, alice: User) -> None:
    task = alice.new_task()
    of_task = f"{alice.tasks}/{task['id']}"
    another = {"date", "x-request-id", "transfer-encoding"}
    for client, url, status in (
        (guest, "/livez", 200),
        (guest, "/health", 200),
        (guest, "/readyz", 200),
        (guest, "/docs", 200),
        (guest, "/redoc", 200),
        (guest, "/account/verify-email", 200),
        (guest, "/openapi.json", 200),
        (guest, "/docs/assets/redoc.standalone.js", 200),
        (alice, alice.tasks, 200),
        (alice, of_task, 200),
        (alice, "/api/me/changes?limit=1", 200),
        (alice, "/api/auth/me", 200),
        (alice, "/api/auth/sessions", 200),
        (alice, "/api/auth/tokens", 200),
        (alice, "/api/me/lists", 200),
        (alice, "/api/auth/me/export", 200),
        (guest, of_task, 401),
        (alice, "/api/somebody/tasks", 403),
        (alice, f"{alice.tasks}/{uuid.uuid4()}", 404),
        (alice, f"{alice.tasks}?limit=0", 422),
    ):
        head, get = client.head(url), client.get(url)
        assert (head.status_code, get.status_code) == (status, status)
        assert head.content == b""
        assert {**head.headers, **dict.fromkeys(another)} == {**get.headers, **dict.fromkeys(another)}


def test_head_of_a_stream_ends(server: Server, alice: User) -> None:
    headers = {"Authorization": alice.headers["Authorization"]}
    answer = exchange(server, "HEAD", "/api/me/events", headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert alice.get("/api/me/changes").status_code == 200


@pytest.mark.parametrize(
    "user_id", ["%00", "%ff", "%ed%a0%80", "%2e%2e", "%20me", "me%00", "ME", "*", "auth", "a" * 7999]
)
def test_a_path_of_nobody_is_403(server: Server, alice: User, user_id: str) -> None:
    headers = {"Authorization": alice.headers["Authorization"]}
    for target in (f"/api/{user_id}/tasks", f"/api/{user_id}/tasks?limit=5", f"/api/{user_id}/tasks/{uuid.uuid4()}"):
        assert_error(exchange(server, "GET", target, headers), 403, "forbidden")
        assert_error(exchange(server, "GET", target), 401, "unauthenticated")


@pytest.mark.parametrize("task_id", ["%00", "%ff", "%ed%a0%80", "%2e%2e", "%20", "%0a", "*", "a" * 7999])
def test_a_task_id_that_is_none_is_422(server: Server, alice: User, task_id: str) -> None:
    headers = {"Authorization": alice.headers["Authorization"]}
    for method in ("GET", "DELETE"):
        answer = exchange(server, method, f"{alice.tasks}/{task_id}", headers)
        error = assert_error(answer, 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["path", "task_id"]]


def test_an_encoded_path_is_the_path(server: Server, alice: User) -> None:
    headers = {"Authorization": alice.headers["Authorization"]}
    task = alice.new_task()
    assert exchange(server, "GET", "/%68ealth").status_code == 200
    assert exchange(server, "GET", f"/api/%6De/tasks/{task['id']}", headers).json() == task
    assert exchange(server, "GET", f"{server.url}{alice.tasks}/{task['id']}", headers).json() == task


@pytest.mark.parametrize(
    "query", ["?%00", "?%ff=%ff", "?=&&;", "?limit=%ff", "?limit=1&limit=2", "?limit=1&limt=1", "?" + "a" * 7999]
)
def test_a_weird_query_is_422_and_harms_nobody(server: Server, alice: User, query: str) -> None:
    headers = {"Authorization": alice.headers["Authorization"]}
    assert_error(exchange(server, "GET", f"{alice.tasks}{query}", headers), 422, "validation_error")
    assert exchange(server, "GET", f"/health{query}").status_code == 200


def test_no_route_of_the_api_takes_a_parameter_that_it_does_not_know(alice: User) -> None:
    document = alice.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method in operations:
            if path.startswith("/api/"):
                ids = {name: str(uuid.uuid4()) for name in re.findall(r"{(\w+)}", path)}
                url = path.format(**{**ids, "user_id": "me"})
                answer = alice.request(method, url, params={"unheard_of": "1"})
                error = assert_error(answer, 422, "validation_error")
                assert ["query", "unheard_of"] in [problem["loc"] for problem in error["detail"]], f"{method} {path}"


def test_the_name_of_an_unknown_field_is_said_only_if_it_is_a_name(alice: User) -> None:
    for name, loc in (("due_on", ["body", "due_on"]), ("<script>", ["body"]), ("n" * 41, ["body"]), ("\x00", ["body"])):
        answer = alice.post(alice.tasks, json={"title": "a", name: 1})
        error = assert_error(answer, 422, "validation_error")
        assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, "extra_forbidden")]
        assert "<script>" not in answer.text


def test_the_input_is_never_repeated(alice: User) -> None:
    marker = "repeat-me"
    for answer in (
        alice.get(f"/{marker}"),
        alice.get(f"/api/{marker}/tasks"),
        alice.get(f"{alice.tasks}/{marker}"),
        alice.get(alice.tasks, params={"limit": marker}),
        alice.post(alice.tasks, json={"title": [marker]}),
        alice.post(alice.tasks, json={"title": marker * 100}),
        alice.post(alice.tasks, json=marker),
        alice.post(alice.tasks, content=marker),
        alice.get(alice.tasks, headers={"Authorization": f"Bearer {marker}"}),
    ):
        assert 400 <= answer.status_code < 500
        assert marker not in answer.text
        assert marker not in str(answer.headers)
