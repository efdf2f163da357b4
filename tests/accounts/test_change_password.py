"""POST /api/auth/password."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from support import schema
from support.events import follow
from support.server import Server
from support.users import PASSWORD, User, assert_error

NEW = "another horse, another staple"


def log_in(guest: httpx.Client, user: User, password: str = PASSWORD) -> httpx.Response:
    return guest.post("/api/auth/login", json={"email": user.email, "password": password})


def change(user: httpx.Client, new: str = NEW, current: str = PASSWORD) -> httpx.Response:
    return user.post("/api/auth/password", json={"current_password": current, "new_password": new})


def ask(guest: httpx.Client, access_token: str) -> httpx.Response:
    return guest.get("/api/auth/me", headers={"Authorization": f"Bearer {access_token}"})


def refresh(guest: httpx.Client, refresh_token: str) -> httpx.Response:
    return guest.post("/api/auth/refresh", json={"refresh_token": refresh_token})


def test_the_new_one_is_good_and_the_old_one_is_not(guest: httpx.Client, server: Server, alice: User) -> None:
    answer = change(alice)
    assert (answer.status_code, answer.content) == (204, b"")
    assert_error(log_in(guest, alice), 401, "wrong_credentials")
    assert log_in(guest, alice, NEW).status_code == 200
    assert NEW not in server.log
    assert NEW not in str(schema.rows_of(schema.settings_of(server), "users"))


def test_all_other_sessions_end_and_this_one_goes_on(guest: httpx.Client, alice: User, bob: User) -> None:
    mine = log_in(guest, alice).json()
    others = [log_in(guest, alice).json() for _ in range(3)]
    headers = {"Authorization": f"Bearer {mine['access_token']}"}
    assert guest.post("/api/auth/password", json=body(), headers=headers).status_code == 204
    # At once, in the process that changed it.
    for token in (alice.token, *(each["access_token"] for each in others)):
        assert_error(ask(guest, token), 401, "unauthenticated")
    for each in others:
        assert_error(refresh(guest, each["refresh_token"]), 401, "refresh_token_invalid")
    assert ask(guest, mine["access_token"]).json()["id"] == alice.id
    assert len(guest.get("/api/auth/sessions", headers=headers).json()["sessions"]) == 1
    assert refresh(guest, mine["refresh_token"]).status_code == 200
    assert bob.get("/api/auth/me").status_code == 200
    assert log_in(guest, bob).status_code == 200


def test_their_event_streams_end(guest: httpx.Client, alice: User) -> None:
    mine = log_in(guest, alice).json()
    headers = {"Authorization": f"Bearer {mine['access_token']}"}
    with follow(alice) as others, follow(alice, headers=headers) as own:
        assert guest.post("/api/auth/password", json=body(), headers=headers).status_code == 204
        assert others.rest() == []
        task = guest.post(f"/api/{alice.id}/tasks", json={"title": "after"}, headers=headers).json()
        assert own.next().change["task"] == task


def body(**fields: Any) -> dict[str, Any]:
    return {"current_password": PASSWORD, "new_password": NEW, **fields}


@pytest.mark.parametrize("wrong", ["a wrong password", "", PASSWORD.upper(), f"{PASSWORD} ", NEW])
def test_a_wrong_current_one_changes_nothing(guest: httpx.Client, alice: User, wrong: str) -> None:
    other = log_in(guest, alice).json()
    assert_error(change(alice, current=wrong), 403, "wrong_password")
    assert_error(log_in(guest, alice, NEW), 401, "wrong_credentials")
    assert log_in(guest, alice).status_code == 200
    assert refresh(guest, other["refresh_token"]).status_code == 200


def test_another_users_password_is_wrong(guest: httpx.Client, alice: User, bob: User) -> None:
    assert change(bob).status_code == 204
    assert_error(change(alice, "yet another horse", current=NEW), 403, "wrong_password")
    assert log_in(guest, alice).status_code == 200


def test_who_has_no_password_cannot_change_it(server: Server, guest: httpx.Client, alice: User) -> None:
    """A user of another issuer."""
    settings = schema.settings_of(server)
    schema.execute(settings, f"UPDATE users SET password_hash = NULL WHERE id = '{alice.id}'")  # noqa: S608 - our own
    for current in (PASSWORD, "", "None", "nobody has this password"):
        assert_error(change(alice, current=current), 403, "wrong_password")
    assert_error(log_in(guest, alice, NEW), 401, "wrong_credentials")
    assert alice.get("/api/auth/me").status_code == 200


def test_of_changes_at_the_same_instant_one_succeeds(guest: httpx.Client, alice: User) -> None:
    together = Barrier(8)
    passwords = [f"horse number {number} of eight" for number in range(8)]

    def race(new: str) -> int:
        with httpx.Client(base_url=alice.base_url, headers=alice.headers, timeout=30) as client:
            together.wait(timeout=30)
            answer = change(client, new)
        if answer.status_code != 204:
            assert_error(answer, 403, "wrong_password")
        return answer.status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(race, passwords))
    assert sorted(statuses) == [204] + [403] * 7
    good = [password for password in (PASSWORD, *passwords) if log_in(guest, alice, password).status_code == 200]
    assert good == [passwords[statuses.index(204)]]


def test_no_log_in_with_the_old_one_outlives_it(guest: httpx.Client, alice: User) -> None:
    """Also one that was checked before the change and opens its session after."""
    together = Barrier(9)

    def log_in_meanwhile(_: int) -> httpx.Response:
        with httpx.Client(base_url=alice.base_url, timeout=30) as client:
            together.wait(timeout=30)
            return log_in(client, alice)

    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(log_in_meanwhile, range(8))
        together.wait(timeout=30)
        assert change(alice).status_code == 204
        for answer in answers:
            if answer.status_code == 200:
                assert_error(ask(guest, answer.json()["access_token"]), 401, "unauthenticated")
                assert_error(refresh(guest, answer.json()["refresh_token"]), 401, "refresh_token_invalid")
            else:
                assert_error(answer, 401, "wrong_credentials")
    assert len(alice.get("/api/auth/sessions").json()["sessions"]) == 1


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({"current_password": PASSWORD}, ["body", "new_password"], "missing"),
        ({"new_password": NEW}, ["body", "current_password"], "missing"),
        (body(new_password=None), ["body", "new_password"], "string_type"),
        (body(current_password=7), ["body", "current_password"], "string_type"),
        (body(new_password="seven77"), ["body", "new_password"], "string_too_short"),
        (body(new_password="p" * 257), ["body", "new_password"], "string_too_long"),
        (body(current_password="p" * 257), ["body", "current_password"], "string_too_long"),
        (body(user_id="7"), ["body", "user_id"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
        (None, ["body"], "missing"),
    ],
)
def test_refuses_what_is_no_change(guest: httpx.Client, alice: User, body: Any, loc: list[str], kind: str) -> None:
    answer = alice.post("/api/auth/password", json=body)
    error = assert_error(answer, 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]
    assert PASSWORD not in answer.text
    assert log_in(guest, alice).status_code == 200


def test_refuses_what_cannot_be_read(alice: User) -> None:
    for content in (b"{", b"current_password=a", b'{"current_password": "\\udc00"}', b"\xff"):
        assert_error(
            alice.post("/api/auth/password", content=content, headers={"Content-Type": "application/json"}),
            422,
            "invalid_json",
        )


def test_refuses_nobody_before_the_body_is_read(guest: httpx.Client) -> None:
    assert_error(guest.post("/api/auth/password", content=b"{"), 401, "unauthenticated")
    assert_error(change(guest), 401, "unauthenticated")


def test_refuses_another_method(alice: User) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "TRACE"):
        answer = alice.request(method, "/api/auth/password")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "OPTIONS, POST"
