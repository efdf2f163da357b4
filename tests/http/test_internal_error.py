"""500: what nobody foresaw says nothing of the inside, and can be found in the log."""

import re
from collections.abc import Callable
from contextlib import closing

import httpx

from conftest import NewServer
from support.logs import line_of
from support.server import Server
from support.users import PASSWORD, User, assert_error

PLACE = re.compile(r".+:\d+ .+")
ORIGIN = "https://app.example"
INSIDE = [
    "Traceback",
    "Error",
    "asyncpg",
    "sqlite",
    "sql",
    "tasks",
    "title",
    "column",
    "constraint",
    ".py",
    "site-packages",
]


def assert_internal_error(server: Server, answer: httpx.Response, *secrets: str) -> None:
    error = assert_error(answer, 500, "internal_error")
    assert error["message"] == "Something went wrong on our side. The X-Request-ID helps to find out what."
    for word in (*INSIDE, *secrets):
        assert word not in answer.text
    request_id = answer.headers["x-request-id"]
    assert line_of(server, request_id)["status"] == 500
    line = line_of(server, request_id, "A request failed")
    assert line["level"] == "error"
    kind, *places = line["exception"]
    assert kind.isidentifier()
    assert places
    assert all(PLACE.fullmatch(place) for place in places)
    for secret in secrets:
        assert secret not in server.log


def test_a_refused_row_is_not_told(new_server: NewServer, execute: Callable[[Server, str], None]) -> None:
    with new_server() as server, closing(User(server.url)) as alice:
        execute(server, "ALTER TABLE tasks ADD COLUMN extra TEXT CHECK (title <> 'secret title')")
        answer = alice.post(alice.tasks, json={"title": "secret title", "description": "secret description"})
        assert_internal_error(server, answer, "secret title", "secret description")
        # Nothing of it is left, and the server still works.
        assert alice.get(alice.tasks).json()["total"] == 0
        assert alice.new_task()["revision"] == 1


def test_a_broken_table_is_not_told(new_server: NewServer, execute: Callable[[Server, str], None]) -> None:
    with new_server(CORS_ORIGINS=ORIGIN) as server, closing(User(server.url)) as alice:
        task = alice.new_task()
        path = f"{alice.tasks}/{task['id']}"
        execute(server, "ALTER TABLE tasks RENAME COLUMN title TO caption")
        for answer in (
            alice.get(alice.tasks),
            alice.get(alice.tasks, params={"q": "secret"}),
            alice.get(path),
            alice.post(alice.tasks, json={"title": "secret"}),
            alice.put(path, json={"title": "secret"}, headers={"Origin": ORIGIN}),
            alice.patch(f"{path}/complete", headers={"X-Request-ID": "an-id-of-the-callers"}),
        ):
            assert_internal_error(server, answer, "secret", "caption")
        # A browser may read that it failed, too.
        failed = alice.get(path, headers={"Origin": ORIGIN})
        assert failed.headers["access-control-allow-origin"] == ORIGIN
        # What does not need the column works, and all works once it is mended.
        assert alice.get("/api/auth/me").status_code == 200
        execute(server, "ALTER TABLE tasks RENAME COLUMN caption TO title")
        assert alice.get(path).json() == task
        assert alice.get(alice.tasks).json()["tasks"] == [task]
        # Nor does a log-in that fails tell the password.
        execute(server, "ALTER TABLE users RENAME COLUMN password_hash TO hash")
        for path, email in (("/api/auth/login", alice.email), ("/api/auth/signup", f"new.{alice.email}")):
            answer = alice.post(path, json={"email": email, "password": PASSWORD})
            assert_internal_error(server, answer, PASSWORD, alice.email, alice.token)
