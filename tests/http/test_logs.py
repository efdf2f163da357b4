"""The log: one line of JSON a request, and nothing in it that is not ours to keep."""

import json
import logging
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import NewServer
from doable.http.logs import JSONFormatter
from support.logs import line_of, lines
from support.server import SECRET, Server
from support.users import User

TASKS = "/api/{user_id}/tasks"


def test_each_request_has_one_line(server: Server, guest: httpx.Client, alice: User) -> None:
    task = alice.new_task()
    path = f"{alice.tasks}/{task['id']}"
    nobody = {"Authorization": ""}
    for client, method, url, options, status, route, user_id in (
        (guest, "GET", "/health", {}, 200, "/health", None),
        (guest, "GET", "/docs", {}, 200, "/docs", None),
        (guest, "POST", "/api/auth/signup", {"json": {}}, 422, "/api/auth/signup", None),
        (guest, "GET", "/api/auth/me", {}, 401, "/api/auth/me", None),
        (alice, "GET", "/api/auth/me", {}, 200, "/api/auth/me", alice.id),
        (alice, "GET", alice.tasks, {"params": {"limit": 1}}, 200, TASKS, alice.id),
        (alice, "POST", "/api/me/tasks", {"json": {"title": "a"}}, 201, TASKS, alice.id),
        (alice, "POST", alice.tasks, {"json": {}}, 422, TASKS, alice.id),
        (alice, "GET", "/api/somebody/tasks", {}, 403, TASKS, alice.id),
        (alice, "GET", path, {"headers": nobody}, 401, f"{TASKS}/{{task_id}}", None),
        (alice, "PUT", path, {"json": {"title": "b"}}, 200, f"{TASKS}/{{task_id}}", alice.id),
        (alice, "PATCH", f"{path}/complete", {}, 200, f"{TASKS}/{{task_id}}/complete", alice.id),
        (alice, "DELETE", path, {}, 204, f"{TASKS}/{{task_id}}", alice.id),
        (alice, "DELETE", path, {}, 404, f"{TASKS}/{{task_id}}", alice.id),
        (guest, "GET", "/nothing", {}, 404, None, None),
    ):
        answer = client.request(method, url, **options)
        assert answer.status_code == status
        line = line_of(server, answer.headers["x-request-id"])
        assert isinstance(line["duration_ms"], float)
        assert line["duration_ms"] > 0
        expected = {
            "time": line["time"],
            "level": "info",
            "event": "request",
            "request_id": answer.headers["x-request-id"],
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": line["duration_ms"],
            "user_id": user_id,
        }
        assert line == {name: value for name, value in expected.items() if value is not None}


def secrets_of(user: User) -> list[str]:
    """The token, and each part of it that is not the same for everybody."""
    return [user.token, *user.token.split(".")[1:]]


def provoke(user: User, marker: str) -> list[int]:
    """Requests that succeed and fail with the marker in everything that a client chooses; their statuses."""
    task = user.new_task(marker, description=marker)
    as_json = {"Content-Type": "application/json"}
    credentials = {"email": f"{marker}@example.com", "password": f"{marker} password", "name": marker}
    answers = [
        user.post("/api/auth/signup", json=credentials),
        user.post("/api/auth/signup", json=credentials),
        user.post("/api/auth/signup", json={**credentials, marker: marker}),
        user.post("/api/auth/login", json={"email": credentials["email"], "password": credentials["password"]}),
        user.post("/api/auth/login", json={"email": credentials["email"], "password": f"wrong {marker}"}),
        user.post(user.tasks, json={"title": [marker]}),
        user.post(user.tasks, content=f'{{"title": "{marker}'.encode(), headers=as_json),
        user.post(user.tasks, content=marker.encode() * 9000, headers=as_json),
        user.get(f"{user.tasks}/{task['id']}"),
        user.get(f"{user.tasks}/{marker}", params={marker: marker}),
        user.get(user.tasks, params={"limit": marker}),
        user.get(f"/{marker}/{marker}", headers={"Cookie": marker, "User-Agent": marker, "Referer": marker}),
        user.get(f"/docs/assets/{marker}"),
        user.get(f"/api/{marker}/tasks"),
        user.get(user.tasks, headers={"Authorization": f"Bearer {marker}"}),
        user.get(user.tasks, headers={"Authorization": f"Basic {marker}"}),
        user.get("/health", headers={"X-Request-ID": f"{marker} {marker}"}),
    ]
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("debug", ["false", "true"])
def test_nothing_that_a_client_sent_is_in_it(
    new_server: NewServer, execute: Callable[[Server, str], None], debug: str
) -> None:
    # As a host name, an e-mail, a path and a header it means the same.
    marker = f"marker{uuid.uuid4().hex}"
    # And what is in the e-mail may be in the password.
    with new_server(DEBUG=debug, REFUSE_COMMON_PASSWORDS="false") as server:
        with closing(User(server.url)) as user:
            statuses = provoke(user, marker)
            assert statuses == [201, 409, 422, 200, 401, 422, 422, 413, 200, 422, 422, 404, 404, 403, 401, 401, 200]
            # The database's own words would quote the row.
            execute(server, f"DELETE FROM tasks WHERE owner_id = '{user.id}'")  # noqa: S608 - a UUID of ours
            execute(server, "ALTER TABLE tasks ADD COLUMN extra TEXT CHECK (title = '')")
            failed = user.post(user.tasks, json={"title": marker, "description": marker})
            assert failed.status_code == 500
        assert server.stop() == 0
        for secret in (marker, *secrets_of(user), user.email, SECRET):
            assert secret not in server.log
        # What is there is what it should be: the log was not just empty.
        assert server.log.count(failed.headers["x-request-id"]) == 2


def test_on_no_terminal_every_line_is_json(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        with closing(User(server.url)) as user:
            user.new_task()
            user.get("/nothing")
        assert server.stop() == 0
        # Before the first of them `serve` says where it listens and which database it is.
        logged = server.log[server.log.index("{") :].splitlines()
        parsed: list[dict[str, Any]] = [json.loads(line) for line in logged]
        assert {"time", "level", "event"} <= set.intersection(*(set(line) for line in parsed))
        assert [line["status"] for line in parsed if line["event"] == "request"][-3:] == [201, 201, 404]


@pytest.mark.parametrize("name", ["Zwölf 🛒", "no UTF-8: \udcff"])
def test_whatever_a_line_says_it_is_one_line_of_ascii(name: str) -> None:
    line = JSONFormatter().format(logging.LogRecord("doable", logging.INFO, "", 0, "%s\n", (name,), None))
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["event"] == f"{name}\n"


def test_debug_makes_them_readable(tmp_path: Path) -> None:
    with Server(tmp_path, DEBUG="true") as server:
        answer = httpx.get(f"{server.url}/health")
        assert server.stop() == 0
        (line,) = [line for line in server.log.splitlines() if answer.headers["x-request-id"] in line]
        assert "GET /health 200" in line
        assert lines(server) == []
