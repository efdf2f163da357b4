"""X-Request-ID: in every answer, and in the log."""

import re

import httpx
import pytest

from support.logs import line_of
from support.server import Server
from support.users import User

NEW = re.compile(r"[0-9a-f]{32}")


def request_id(answer: httpx.Response) -> str:
    """The one that the answer has."""
    (found,) = answer.headers.get_list("x-request-id")
    return found


def test_every_answer_has_one(guest: httpx.Client, alice: User) -> None:
    task = alice.new_task()
    answers = [
        guest.get("/health"),
        guest.get("/docs"),
        guest.get("/openapi.json"),
        guest.get("/docs/assets/favicon.png"),
        guest.get("/nothing"),
        guest.put("/api/auth/me"),
        guest.get("/api/auth/me"),
        guest.post("/api/auth/login", json={}),
        guest.post("/api/auth/login", content=b" " * 70_000),
        alice.get("/api/somebody/tasks"),
        alice.get(alice.tasks),
        alice.patch(f"{alice.tasks}/{task['id']}/complete"),
        alice.delete(f"{alice.tasks}/{task['id']}"),
    ]
    ids = [request_id(answer) for answer in answers]
    assert {answer.status_code for answer in answers} == {200, 204, 401, 403, 404, 405, 413, 422}
    assert all(NEW.fullmatch(found) for found in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("given", ["a", "A-Z_a.z-09", "x" * 64, "6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11"])
@pytest.mark.parametrize("path", ["/health", "/nothing", "/api/auth/me", "/docs/assets/favicon.png"])
def test_the_callers_own_is_kept(guest: httpx.Client, given: str, path: str) -> None:
    assert request_id(guest.get(path, headers={"X-Request-ID": given})) == given


@pytest.mark.parametrize(
    "given", ["", "x" * 65, "with space", "tab\tbed", "{json}", '"quoted"', "a,b", "é", "%0d%0a", "a/b", "\x80"]
)
def test_what_is_no_id_is_replaced(guest: httpx.Client, given: str) -> None:
    for path in ("/health", "/nothing"):
        assert NEW.fullmatch(request_id(guest.get(path, headers={b"X-Request-ID": given.encode("latin-1")})))


def test_of_two_the_answer_has_one(guest: httpx.Client) -> None:
    headers = httpx.Headers([("X-Request-ID", "first"), ("X-Request-ID", "second")])
    assert request_id(guest.get("/health", headers=headers)) in {"first", "second"}


def test_the_log_has_it_too(server: Server, guest: httpx.Client, alice: User) -> None:
    for answer in (alice.get(alice.tasks), guest.get("/nothing"), guest.get("/api/auth/me")):
        assert line_of(server, request_id(answer))["status"] == answer.status_code
