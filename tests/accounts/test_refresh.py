"""POST /api/auth/refresh."""

import base64
import json
import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from conftest import NewServer
from support.clocks import ClockServer
from support.events import follow
from support.schema import rows_of, settings_of
from support.server import Server, doable
from support.sessions import (
    Tokens,
    assert_in,
    assert_out,
    bearer,
    claims_of,
    log_in,
    refresh,
    refreshed,
    session_id_of,
)
from support.users import TLS, User, assert_error
from support.workers import workers

INVALID = 401, "refresh_token_invalid"
DAY = 24 * 60 * 60.0


def sessions_of(user: User, tokens: Tokens) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = user.get("/api/auth/sessions", headers=bearer(tokens)).json()["sessions"]
    return found


def test_answers_the_next_two_tokens(guest: httpx.Client, alice: User) -> None:
    first = log_in(alice)
    tokens = refreshed(guest, first["refresh_token"])
    assert tokens == {
        "access_token": tokens["access_token"],
        "token_type": "bearer",
        "expires_in": 1800,
        "refresh_token": tokens["refresh_token"],
    }
    claims = claims_of(tokens)
    assert (claims["sub"], claims["email"]) == (alice.id, alice.email)
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["sid"] == session_id_of(first)
    assert claims["jti"] != claims_of(first)["jti"]
    for each in (first, tokens):
        assert re.fullmatch(r"[\w-]{116}", each["refresh_token"], re.ASCII)
    # The first access token stays good.
    assert_in(guest, tokens, first)


def test_each_is_followed_by_another_one(guest: httpx.Client, alice: User) -> None:
    chain = [{"access_token": alice.token, "refresh_token": alice.refresh_token}]
    for _ in range(5):
        chain.append(refreshed(guest, chain[-1]["refresh_token"]))
    assert len({tokens["refresh_token"] for tokens in chain}) == 6
    assert len({tokens["access_token"] for tokens in chain}) == 6
    assert {session_id_of(tokens) for tokens in chain} == {session_id_of(chain[0])}
    assert_in(guest, *chain)
    assert len(sessions_of(alice, chain[-1])) == 1


def test_every_session_has_its_own(guest: httpx.Client, alice: User, bob: User) -> None:
    some = [log_in(alice), log_in(alice), log_in(bob)]
    next_ones = [refreshed(guest, tokens["refresh_token"]) for tokens in some]
    assert len({tokens["refresh_token"] for tokens in some + next_ones}) == 6
    assert [session_id_of(tokens) for tokens in next_ones] == [session_id_of(tokens) for tokens in some]
    assert [claims_of(tokens)["sub"] for tokens in next_ones] == [alice.id, alice.id, bob.id]


def test_the_token_alone_says_whose_session_it_is(alice: User, bob: User) -> None:
    """Another user's access token beside it changes nothing, and neither does one that is none."""
    tokens = refreshed(bob, alice.refresh_token)
    assert claims_of(tokens)["sub"] == alice.id
    tokens = refreshed(bob, tokens["refresh_token"], Authorization="Bearer nonsense")
    assert claims_of(tokens)["sub"] == alice.id


def refresh_together(url: str, refresh_token: str, count: int) -> list[httpx.Response]:
    """The answers to so many requests that are sent at the same moment, each on a connection of its own."""
    together = Barrier(count)

    def ask(_: int) -> httpx.Response:
        with httpx.Client(base_url=url, timeout=60, verify=TLS) as client:
            together.wait(timeout=60)
            return refresh(client, refresh_token)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(ask, range(count)))


def test_fifty_at_once_get_the_same_successor(server: Server, guest: httpx.Client, alice: User) -> None:
    answers = refresh_together(server.url, alice.refresh_token, 50)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert_in(guest, *(answer.json() for answer in answers))
    # And it works.
    refreshed(guest, answers[0].json()["refresh_token"])


def test_fifty_at_once_over_two_workers_get_the_same_successor(new_server: NewServer) -> None:
    with new_server("--workers", "2") as server, closing(User(server.url)) as alice:
        assert len(workers(server)) == 2
        answers = refresh_together(server.url, alice.refresh_token, 50)
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1
        refreshed(alice, answers[0].json()["refresh_token"])


def test_a_refresh_that_meets_a_log_out_leaves_nobody_in(server: Server, guest: httpx.Client, alice: User) -> None:
    together = Barrier(9)

    def go_on(tokens: Tokens) -> list[Tokens]:
        found = []
        with httpx.Client(base_url=server.url, timeout=60, verify=TLS) as client:
            together.wait(timeout=60)
            while (answer := refresh(client, tokens["refresh_token"])).status_code == 200:
                tokens = answer.json()
                found.append(tokens)
            assert_error(answer, *INVALID)
        return found

    def log_out(tokens: Tokens) -> list[Tokens]:
        together.wait(timeout=60)
        assert alice.post("/api/auth/logout", headers=bearer(tokens)).status_code == 204
        return []

    with ThreadPoolExecutor(9) as threads:
        for _ in range(3):
            tokens = log_in(alice)
            running = [threads.submit(go_on, tokens) for _ in range(8)] + [threads.submit(log_out, tokens)]
            found = [each for future in running for each in future.result(timeout=60)]
            assert_out(guest, tokens, *found)
    assert_in(guest, {"access_token": alice.token})


def test_the_predecessor_is_honoured_for_ten_seconds(clock_server: ClockServer, carol: User) -> None:
    first = log_in(carol)
    second = refreshed(carol, first["refresh_token"])
    third = refreshed(carol, second["refresh_token"])
    clock_server.move(5)
    for presented, successor in ((first, second), (second, third), (first, second)):
        again = refreshed(carol, presented["refresh_token"])
        assert again["refresh_token"] == successor["refresh_token"]
        assert again["access_token"] != successor["access_token"]
        assert_in(carol, again)
    refreshed(carol, third["refresh_token"])


def test_it_is_honoured_as_long_as_its_successor_is_unused(clock_server: ClockServer, carol: User) -> None:
    first = log_in(carol)
    second = refreshed(carol, first["refresh_token"])
    for _ in range(2):
        clock_server.move(3 * DAY)
        assert refreshed(carol, first["refresh_token"])["refresh_token"] == second["refresh_token"]
    third = refreshed(carol, second["refresh_token"])
    clock_server.move(11)
    # The same for that one, and with the answer all is as if it had not been lost.
    again = refreshed(carol, second["refresh_token"])
    assert again["refresh_token"] == third["refresh_token"]
    refreshed(carol, again["refresh_token"])


def test_any_other_reuse_ends_the_session(clock_server: ClockServer, carol: User) -> None:
    other, first = log_in(carol), log_in(carol)
    second = refreshed(carol, first["refresh_token"])
    third = refreshed(carol, second["refresh_token"])
    with (
        follow(carol, headers=bearer(first)) as hers,
        follow(carol, headers=bearer(other)) as others,
    ):
        task = carol.new_task()
        assert hers.next().change["task"] == others.next().change["task"] == task
        clock_server.move(11)
        assert_error(refresh(carol, first["refresh_token"]), *INVALID)
        # For the bearer of a copy, and for the first bearer.
        assert_out(carol, first, second, third)
        assert hers.rest() == []
        # It is this session's alone.
        new = carol.new_task()
        assert others.next().change["task"] == new
    assert_in(carol, refreshed(carol, other["refresh_token"]), other)
    assert session_id_of(first) not in [session["id"] for session in sessions_of(carol, other)]


def test_one_that_is_no_longer_known_ends_the_session(server: Server, guest: httpx.Client, alice: User) -> None:
    """The last eight are kept; of an older one the tag says that it was given to somebody."""
    other, chain = log_in(alice), [log_in(alice)]
    for _ in range(9):
        chain.append(refreshed(guest, chain[-1]["refresh_token"]))
    again = refreshed(guest, chain[1]["refresh_token"])
    assert again["refresh_token"] == chain[2]["refresh_token"]
    (row,) = (
        row
        for row in rows_of(settings_of(server), "sessions")
        if str(row["id"]) == session_id_of({"access_token": chain[0]["access_token"]})
    )
    assert (row["generation"], len(json.loads(row["used_tokens"]))) == (10, 8)
    assert_error(refresh(guest, chain[0]["refresh_token"]), *INVALID)
    assert_out(guest, *chain)
    assert_in(guest, refreshed(guest, other["refresh_token"]))


def test_a_token_that_was_made_up_ends_nothing(guest: httpx.Client, alice: User) -> None:
    """Not even one that has the ids of a session in it, which are no secret."""
    used = base64.urlsafe_b64decode(alice.refresh_token)
    tokens = refreshed(guest, refreshed(guest, alice.refresh_token)["refresh_token"])
    newest = base64.urlsafe_b64decode(tokens["refresh_token"])
    ids, random, tag = slice(32), slice(39, 71), slice(71, 87)
    for content in (
        used[:71] + bytes(16),
        used[:71] + newest[tag],
        used[:39] + newest[random] + used[tag],
        used[:39] + bytes(32) + used[tag],
        newest[:71] + used[tag],
        newest[ids] + b"\xff" * 7 + newest[39:],
        newest[ids] + bytes(7) + newest[39:],
        newest[16:32] + newest[:16] + newest[32:],
        bytes(87),
        b"\xff" * 87,
    ):
        assert_error(refresh(guest, base64.urlsafe_b64encode(content).decode()), *INVALID)
    assert_in(guest, refreshed(guest, tokens["refresh_token"]))


def test_a_session_ends_when_it_is_not_used_for_fourteen_days(clock_server: ClockServer, carol: User) -> None:
    tokens, other = log_in(carol), log_in(carol)
    for _ in range(2):
        clock_server.move(14 * DAY - 60)
        tokens = refreshed(carol, tokens["refresh_token"])
    # The other one was last used 28 days ago, and is no longer shown either.
    assert_out(carol, other)
    assert [session["id"] for session in sessions_of(carol, tokens)] == [session_id_of(tokens)]
    clock_server.move(14 * DAY + 1)
    assert_out(carol, tokens)


def test_a_session_ends_after_sixty_days(clock_server: ClockServer, carol: User) -> None:
    tokens = log_in(carol)
    for _ in range(5):
        clock_server.move(11.5 * DAY)
        tokens = refreshed(carol, tokens["refresh_token"])
    (session,) = sessions_of(carol, tokens)
    created, expires = (datetime.fromisoformat(session[name]) for name in ("created_at", "expires_at"))
    assert (expires - created).total_seconds() == 60 * DAY
    clock_server.move(2.5 * DAY - 600)
    # Its last access token does not outlive it.
    last = refreshed(carol, tokens["refresh_token"])
    assert 0 < last["expires_in"] <= 600
    claims = claims_of(last)
    assert claims["exp"] - claims["iat"] == last["expires_in"]
    assert claims["exp"] <= expires.timestamp()
    clock_server.move(600 + 11)
    assert_out(carol, last, tokens)


def test_how_long_a_session_lasts_is_a_setting(tmp_path: Path) -> None:
    settings = {"SESSION_IDLE_DAYS": "1", "SESSION_MAX_DAYS": "2", "ACCESS_TOKEN_EXPIRE_MINUTES": "4000"}
    with ClockServer(tmp_path, **settings) as server, closing(User(server.url)) as alice:
        idle = log_in(alice)
        tokens = log_in(alice)
        assert DAY - 60 <= tokens["expires_in"] <= DAY
        for _ in range(2):
            server.move(0.8 * DAY)
            tokens = refreshed(alice, tokens["refresh_token"])
        assert_out(alice, idle)
        server.move(0.4 * DAY + 11)
        assert_out(alice, tokens)


def test_a_removed_user_has_no_session(server: Server, guest: httpx.Client, alice: User, bob: User) -> None:
    removed = doable("users", "remove", alice.email, "--yes", cwd=server.folder, **server.settings)
    assert removed.returncode == 0, removed.stderr
    assert_error(refresh(guest, alice.refresh_token), *INVALID)
    refreshed(guest, bob.refresh_token)


MISSPELT: list[Callable[[str], str]] = [
    lambda token: f"{token}=",
    lambda token: f" {token}",
    lambda token: f"{token}\n",
    lambda token: token[:-1],
    lambda token: token.swapcase(),
    lambda token: f"Bearer {token}",
    lambda token: f"{token}\x00",
]


def test_another_spelling_of_a_token_is_none(guest: httpx.Client, alice: User) -> None:
    used = alice.refresh_token
    newest = refreshed(guest, used)["refresh_token"]
    for misspell in MISSPELT:
        assert_error(refresh(guest, misspell(newest)), *INVALID)
        assert_error(refresh(guest, misspell(used)), *INVALID)
    # And nobody is out for that.
    assert_in(guest, refreshed(guest, newest))


@pytest.mark.parametrize("token", ["", "a", "null", "\x00", "' OR 1=1 --", "🔑" * 256, "a" * 256])
def test_refuses_what_was_never_one(guest: httpx.Client, token: str) -> None:
    assert_error(refresh(guest, token), *INVALID)


def test_every_token_that_is_none_gets_the_same_answer(guest: httpx.Client, alice: User) -> None:
    ended = log_in(alice)
    assert alice.post("/api/auth/logout", headers=bearer(ended)).status_code == 204
    answers = [refresh(guest, token) for token in (ended["refresh_token"], secrets.token_urlsafe(32), "")]
    assert len({answer.content for answer in answers}) == 1
    for answer in answers:
        assert_error(answer, *INVALID)


def test_one_kind_of_token_is_not_the_other(guest: httpx.Client, alice: User) -> None:
    for url in ("/api/auth/me", "/api/auth/sessions", alice.tasks):
        answer = guest.get(url, headers={"Authorization": f"Bearer {alice.refresh_token}"})
        assert_error(answer, 401, "unauthenticated")
    # It is longer than any refresh token.
    assert_error(refresh(guest, alice.token), 422, "validation_error")
    for part in (alice.token[:256], *alice.token.split(".")[1:]):
        assert refresh(guest, part).status_code in {401, 422}
    assert_in(guest, refreshed(guest, alice.refresh_token))


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({}, ["body", "refresh_token"], "missing"),
        ({"refresh_token": None}, ["body", "refresh_token"], "string_type"),
        ({"refresh_token": 7}, ["body", "refresh_token"], "string_type"),
        ({"refresh_token": ["a"]}, ["body", "refresh_token"], "string_type"),
        ({"refresh_token": "a" * 257}, ["body", "refresh_token"], "string_too_long"),
        ({"refresh_token": "a", "scope": "all"}, ["body", "scope"], "extra_forbidden"),
        ({"token": "a", "refresh_token": "a"}, ["body", "token"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
        ("a", ["body"], "model_attributes_type"),
        (None, ["body"], "missing"),
    ],
)
def test_refuses_what_has_no_token(guest: httpx.Client, body: Any, loc: list[str], kind: str) -> None:
    error = assert_error(guest.post("/api/auth/refresh", json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]


@pytest.mark.parametrize("content", [b"{", b"refresh_token=a", b'{"refresh_token": "\\udc00"}', b"\xff", b"[" * 60_000])
def test_refuses_what_cannot_be_read(guest: httpx.Client, content: bytes) -> None:
    for content_type, status, code in (
        ("application/json", 422, "invalid_json"),
        ("application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ):
        answer = guest.post("/api/auth/refresh", content=content, headers={"Content-Type": content_type})
        assert_error(answer, status, code)


def test_refuses_a_body_of_a_megabyte(guest: httpx.Client) -> None:
    assert_error(refresh(guest, "a" * 1_000_000), 413, "body_too_large")


def test_a_token_elsewhere_is_none(guest: httpx.Client, alice: User) -> None:
    token = alice.refresh_token
    for answer in (
        guest.post("/api/auth/refresh", params={"refresh_token": token}),
        guest.post("/api/auth/refresh", headers={"Authorization": f"Bearer {token}"}),
        guest.post("/api/auth/refresh", headers={"Cookie": f"refresh_token={token}"}),
    ):
        assert_error(answer, 422, "validation_error")
    # It was not used by that.
    assert (
        sessions_of(alice, {"access_token": alice.token})[0]["last_used_at"]
        == (sessions_of(alice, {"access_token": alice.token})[0]["created_at"])
    )


def test_refuses_another_method(guest: httpx.Client) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "TRACE"):
        answer = guest.request(method, "/api/auth/refresh")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "OPTIONS, POST"
