"""DELETE /api/auth/me."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import NewServer
from support import schema
from support.events import follow
from support.everything import fill, rows_of
from support.mail import until
from support.server import Server
from support.users import PASSWORD, User, assert_error
from support.workers import standing_still, workers

SECONDS = 5
"""How long a test waits for what should take one second; the machine may be busy."""


def remove(user: httpx.Client, password: str = PASSWORD) -> httpx.Response:
    return user.request("DELETE", "/api/auth/me", json={"password": password})


def log_in(guest: httpx.Client, user: User, password: str = PASSWORD) -> httpx.Response:
    return guest.post("/api/auth/login", json={"email": user.email, "password": password})


def everything_of(user: User) -> Any:
    return user.get("/api/auth/me").json(), user.get(user.tasks).json()


def mentions(server: Server, user: User) -> set[str]:
    """The tables in which anything of the user is left."""
    return {
        table
        for table, rows in schema.contents(schema.settings_of(server)).items()
        for row in rows
        if any(text in str(value) for value in row.values() for text in (user.id, user.email))
    }


def wait_until_nothing_is_left(server: Server, user: User) -> None:
    """But that the tokens are refused."""
    until(lambda: mentions(server, user) == {"revocations"}, "the end of what a removed user left")


def test_everything_is_gone(server: Server, guest: httpx.Client, alice: User, bob: User) -> None:
    other = log_in(guest, alice).json()
    task, deleted = alice.new_task("private"), alice.new_task("deleted")
    alice.delete(f"{alice.tasks}/{deleted['id']}")
    alice.post(alice.tasks, json={"title": "kept"}, headers={"Idempotency-Key": "a-key"})
    his = bob.new_task(), everything_of(bob)
    assert mentions(server, alice) >= {"owners", "users", "sessions", "tasks", "tombstones", "answers"}

    answer = remove(alice)
    assert (answer.status_code, answer.content) == (204, b"")

    assert not mentions(server, alice) & {"users", "sessions", "emails"}
    wait_until_nothing_is_left(server, alice)
    # At once, in the process that removed it; whichever token it is.
    assert_error(alice.get("/api/auth/me"), 401, "unauthenticated")
    assert_error(alice.get(f"{alice.tasks}/{task['id']}"), 401, "unauthenticated")
    assert_error(alice.post(alice.tasks, json={"title": "late"}), 401, "unauthenticated")
    assert_error(remove(alice), 401, "unauthenticated")
    headers = {"Authorization": f"Bearer {other['access_token']}"}
    assert_error(guest.get("/api/auth/me", headers=headers), 401, "unauthenticated")
    refreshed = guest.post("/api/auth/refresh", json={"refresh_token": other["refresh_token"]})
    assert_error(refreshed, 401, "refresh_token_invalid")
    assert_error(log_in(guest, alice), 401, "wrong_credentials")
    # Were the task somebody's, this would be 403.
    assert_error(bob.get(f"{bob.tasks}/{task['id']}"), 404, "task_not_found")
    assert (his[0], everything_of(bob)) == (bob.get(f"{bob.tasks}/{his[0]['id']}").json(), everything_of(bob))
    assert bob.get(bob.tasks).json()["tasks"] == [his[0]]


def test_nothing_is_left_in_any_table(new_server: NewServer) -> None:
    """Whatever tables there will be: `fill` writes to each that has rows of a user."""
    # Of its own: what is put into its outbox is no mail that could ever be sent.
    with new_server() as server, closing(User(server.url)) as alice, closing(User(server.url)) as bob:
        fill(server, alice, 3)
        fill(server, bob, 3)
        assert all(rows_of(server, alice).values())
        assert remove(alice).status_code == 204
        wait_until_nothing_is_left(server, alice)
        assert not any(rows_of(server, alice).values())
        assert all(rows_of(server, bob).values())


def test_the_email_may_sign_up_again_as_somebody_new(server: Server, alice: User) -> None:
    alice.new_task()
    assert remove(alice).status_code == 204
    with closing(User(server.url, alice.email)) as again:
        assert again.id != alice.id
        assert again.get(again.tasks).json()["tasks"] == []
        assert again.new_task()["revision"] == 1
        assert_error(alice.get(again.tasks), 401, "unauthenticated")


def test_event_streams_end(alice: User) -> None:
    task = alice.new_task()
    with follow(alice) as stream:
        assert stream.next().change["task"] == task
        assert remove(alice).status_code == 204
        assert stream.rest() == []


@pytest.mark.parametrize("wrong", ["a wrong password", "", PASSWORD.upper(), f"{PASSWORD} "])
def test_a_wrong_password_removes_nothing(alice: User, wrong: str) -> None:
    alice.new_task()
    before = everything_of(alice)
    assert_error(remove(alice, wrong), 403, "wrong_password")
    assert everything_of(alice) == before


def test_who_has_no_password_cannot_say_it(server: Server, alice: User) -> None:
    settings = schema.settings_of(server)
    schema.execute(settings, f"UPDATE users SET password_hash = NULL WHERE id = '{alice.id}'")  # noqa: S608 - our own
    assert_error(remove(alice), 403, "wrong_password")
    assert alice.get("/api/auth/me").status_code == 200


def test_removed_while_writing(server: Server, alice: User) -> None:
    """What is written at the same time is stored before and gone with the rest, or refused."""

    def write(number: int) -> int:
        with httpx.Client(base_url=alice.base_url, headers=alice.headers, timeout=30) as client:
            return client.post(alice.tasks, json={"title": f"number {number}"}).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = threads.map(write, range(40))
        assert remove(alice).status_code == 204
        assert set(statuses) <= {201, 401}
    wait_until_nothing_is_left(server, alice)


def test_of_two_at_the_same_instant_none_fails(server: Server, alice: User) -> None:
    def race(_: int) -> int:
        with httpx.Client(base_url=alice.base_url, headers=alice.headers, timeout=30) as client:
            return remove(client).status_code

    with ThreadPoolExecutor(4) as threads:
        statuses = set(threads.map(race, range(4)))
    # Callers who proved it in time have removed a user who was gone by then; later ones are nobody.
    assert 204 in statuses
    assert statuses <= {204, 401}
    wait_until_nothing_is_left(server, alice)


def test_other_workers_know_it_within_a_second(tmp_path: Path) -> None:
    """Of a change of password too: the other sessions end there as well."""

    def ask(method: str, path: str, token: str, body: Any = None) -> int:
        """On a new connection, which only a worker that does not stand still accepts."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.request(method, f"{server.url}/api/auth{path}", json=body, headers=headers, timeout=30).status_code

    with (
        Server(tmp_path, "--workers", "2") as server,
        closing(User(server.url)) as alice,
        closing(User(server.url)) as bob,
    ):
        one, other = workers(server)
        bobs_second = log_in(bob, bob).json()["access_token"]
        with standing_still(server, other):
            assert ask("DELETE", "/me", alice.token, {"password": PASSWORD}) == 204
            change = {"current_password": PASSWORD, "new_password": "another horse"}
            assert ask("POST", "/password", bobs_second, change) == 204
        with standing_still(server, one):
            deadline = time.monotonic() + SECONDS
            while (ask("GET", "/me", alice.token), ask("GET", "/me", bob.token)) != (401, 401):
                assert time.monotonic() < deadline
            assert ask("GET", "/me", bobs_second) == 200


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({}, ["body", "password"], "missing"),
        ({"password": None}, ["body", "password"], "string_type"),
        ({"password": 7}, ["body", "password"], "string_type"),
        ({"password": "p" * 257}, ["body", "password"], "string_too_long"),
        ({"password": PASSWORD, "user_id": "7"}, ["body", "user_id"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
        (None, ["body"], "missing"),
    ],
)
def test_refuses_what_is_no_confirmation(alice: User, body: Any, loc: list[str], kind: str) -> None:
    answer = alice.request("DELETE", "/api/auth/me", json=body)
    error = assert_error(answer, 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]
    assert alice.get("/api/auth/me").status_code == 200


def test_without_a_body_nothing_is_removed(alice: User) -> None:
    assert_error(alice.delete("/api/auth/me"), 422, "validation_error")
    assert_error(alice.delete("/api/auth/me", params={"password": PASSWORD}), 422, "validation_error")
    assert_error(
        alice.request("DELETE", "/api/auth/me", content=b"{", headers={"Content-Type": "application/json"}),
        422,
        "invalid_json",
    )
    assert alice.get("/api/auth/me").status_code == 200


def test_refuses_nobody_before_the_body_is_read(guest: httpx.Client) -> None:
    assert_error(guest.request("DELETE", "/api/auth/me", content=b"{"), 401, "unauthenticated")
