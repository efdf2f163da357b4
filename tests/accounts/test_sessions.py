"""GET and DELETE /api/auth/sessions, DELETE /api/auth/sessions/{session_id}."""

import http.client
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import httpx
import pytest

from support.events import follow
from support.server import Server
from support.sessions import Tokens, assert_in, assert_out, bearer, log_in, refreshed, session_id_of
from support.users import PASSWORD, TLS, User, assert_error

SESSIONS = "/api/auth/sessions"
NOT_FOUND = 404, "session_not_found"


def sessions_of(client: httpx.Client, tokens: Tokens | None = None) -> list[dict[str, Any]]:
    answer = client.get(SESSIONS, headers=bearer(tokens) if tokens else {})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"sessions"}
    found: list[dict[str, Any]] = body["sessions"]
    return found


def ids(sessions: list[dict[str, Any]]) -> list[str]:
    return [session["id"] for session in sessions]


def end(client: httpx.Client, session_id: object, tokens: Tokens | None = None) -> httpx.Response:
    return client.delete(f"{SESSIONS}/{session_id}", headers=bearer(tokens) if tokens else {})


def test_every_log_in_is_listed(guest: httpx.Client, alice: User, bob: User) -> None:
    before = datetime.now(UTC)
    tokens = log_in(alice, **{"User-Agent": "the test's own"})
    log_in(bob)
    listed, signed_up = sessions_of(guest, tokens)
    created, last_used, expires = (
        datetime.fromisoformat(listed[name]) for name in ("created_at", "last_used_at", "expires_at")
    )
    assert listed == {
        "id": session_id_of(tokens),
        "created_at": listed["created_at"],
        "last_used_at": listed["created_at"],
        "expires_at": listed["expires_at"],
        "user_agent": "the test's own",
        "address": "127.0.0.1",
        "current": True,
    }
    assert before - timedelta(seconds=1) <= created == last_used <= datetime.now(UTC) + timedelta(seconds=1)
    assert expires - created == timedelta(days=14)
    assert signed_up["id"] == session_id_of({"access_token": alice.token})
    assert signed_up["user_agent"].startswith("python-httpx/")
    assert not signed_up["current"]
    # The caller is told which one is its own.
    assert [session["current"] for session in sessions_of(alice)] == [False, True]


def test_a_refresh_moves_it(guest: httpx.Client, alice: User) -> None:
    tokens = log_in(alice, **{"User-Agent": "old"})
    (first, _), newer = sessions_of(guest, tokens), log_in(alice)
    assert ids(sessions_of(guest, tokens))[0] == session_id_of(newer)
    refreshed(guest, tokens["refresh_token"], **{"User-Agent": "new"})
    # The last used is the first.
    session, *_ = sessions_of(guest, tokens)
    assert (session["id"], session["created_at"]) == (first["id"], first["created_at"])
    assert session["last_used_at"] > first["last_used_at"]
    assert session["expires_at"] > first["expires_at"]
    assert (first["user_agent"], session["user_agent"]) == ("old", "new")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"", None),
        (b"  \t ", None),
        (b"a" * 301, "a" * 300),
        (b"b" * 15_000, "b" * 300),
        (b"tab\there", "tabhere"),
        ("Zoë's Telefon".encode(), "ZoÃ«'s Telefon"),
        ("Zoë's Telefon".encode("latin-1"), "Zoë's Telefon"),
        (b"\x80\x85\x9b31m\xad\xff", "31mÿ"),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"'; DROP TABLE sessions; --", "'; DROP TABLE sessions; --"),
    ],
)
def test_the_user_agent_is_kept_as_it_can_be_shown(server: Server, alice: User, sent: bytes, shown: str) -> None:
    status, answer = log_in_as(server, alice, sent)
    assert status == 200
    session, *_ = sessions_of(alice)
    assert session["id"] == session_id_of(answer)
    assert session["user_agent"] == shown


@pytest.mark.parametrize("sent", [b"a\x00b", b"a\x1b[31mb", b"a\x7fb", b"a\x01b"])
def test_a_user_agent_with_control_characters_is_no_http(server: Server, alice: User, sent: bytes) -> None:
    status, answer = log_in_as(server, alice, sent)
    assert (status, answer["code"]) == (400, "bad_request")
    assert len(sessions_of(alice)) == 1


def log_in_as(server: Server, user: User, user_agent: bytes) -> tuple[int, Any]:
    """Status and answer of a log-in with this in its header, byte for byte."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    body = json.dumps({"email": user.email, "password": PASSWORD}).encode()
    connection.putrequest("POST", "/api/auth/login")
    connection.putheader("User-Agent", user_agent)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = json.loads(answer.read())
    connection.close()
    return answer.status, content


def test_no_user_agent_is_none(server: Server, alice: User) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(
        "POST",
        "/api/auth/refresh",
        json.dumps({"refresh_token": alice.refresh_token}),
        {"Content-Type": "application/json"},
    )
    assert connection.getresponse().status == 200
    connection.close()
    (session,) = sessions_of(alice)
    assert session["user_agent"] is None


def test_forwarded_addresses_are_not_believed(guest: httpx.Client, alice: User) -> None:
    forwarded = {"X-Forwarded-For": "192.0.2.7", "X-Real-IP": "192.0.2.7", "Forwarded": "for=192.0.2.7"}
    tokens = log_in(alice, **forwarded)
    refreshed(guest, tokens["refresh_token"], **forwarded)
    assert {session["address"] for session in sessions_of(alice)} == {"127.0.0.1"}


def test_one_can_be_ended_from_elsewhere(guest: httpx.Client, alice: User) -> None:
    lost, kept = log_in(alice), log_in(alice)
    newest = refreshed(guest, lost["refresh_token"])
    with follow(alice, headers=bearer(lost)) as stream, follow(alice) as lasting:
        answer = end(alice, session_id_of(lost))
        assert answer.status_code == 204
        assert answer.content == b""
        assert_out(guest, lost, newest)
        assert stream.rest() == []
        task = alice.new_task()
        assert lasting.next().change["task"] == task
    assert_in(guest, kept, refreshed(guest, kept["refresh_token"]))
    assert set(ids(sessions_of(alice))) == {session_id_of(kept), session_id_of({"access_token": alice.token})}
    # It is not there a second time.
    assert_error(end(alice, session_id_of(lost)), *NOT_FOUND)


def test_ending_ones_own_is_logging_out(guest: httpx.Client, alice: User) -> None:
    tokens = log_in(alice)
    assert end(guest, session_id_of(tokens), tokens).status_code == 204
    assert_out(guest, tokens)
    assert len(sessions_of(alice)) == 1


def test_an_id_has_no_case(guest: httpx.Client, alice: User) -> None:
    tokens = log_in(alice)
    assert end(alice, session_id_of(tokens).upper()).status_code == 204
    assert_out(guest, tokens)


def test_all_others_can_be_ended(guest: httpx.Client, alice: User, bob: User) -> None:
    others, his = [log_in(alice) for _ in range(3)], log_in(bob)
    with follow(alice, headers=bearer(others[0])) as stream, follow(alice) as lasting:
        answer = alice.delete(SESSIONS)
        assert answer.status_code == 204
        assert answer.content == b""
        assert_out(guest, *others)
        assert stream.rest() == []
        task = alice.new_task()
        assert lasting.next().change["task"] == task
    (session,) = sessions_of(alice)
    assert session["current"]
    assert_in(guest, refreshed(guest, alice.refresh_token), his, refreshed(guest, his["refresh_token"]))
    # With none it is the same.
    assert alice.delete(SESSIONS).status_code == 204
    assert ids(sessions_of(alice)) == [session["id"]]


def test_of_two_that_end_all_others_one_at_most_is_left(server: Server, guest: httpx.Client, alice: User) -> None:
    together = Barrier(4)

    def end_others(tokens: Tokens) -> int:
        with httpx.Client(base_url=server.url, timeout=60, verify=TLS) as client:
            together.wait(timeout=60)
            return client.delete(SESSIONS, headers=bearer(tokens)).status_code

    some = [log_in(alice) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(end_others, some))
    assert set(statuses) <= {204, 401}
    assert 204 in statuses
    left = [tokens for tokens in some if guest.get(SESSIONS, headers=bearer(tokens)).status_code == 200]
    assert len(left) <= 1
    assert_out(guest, *(tokens for tokens in some if tokens not in left))


def test_another_users_session_is_not_there(guest: httpx.Client, alice: User, bob: User) -> None:
    his = log_in(bob)
    before = sessions_of(bob)
    answers = [end(alice, session_id) for session_id in (session_id_of(his), bob.id, alice.id, uuid.uuid4())]
    for answer in answers:
        assert_error(answer, *NOT_FOUND)
    assert len({answer.content for answer in answers}) == 1
    assert_in(guest, his, refreshed(guest, his["refresh_token"]))
    assert len(sessions_of(bob)) == len(before) == 2
    assert not set(ids(sessions_of(alice))) & set(ids(before))


@pytest.mark.parametrize("session_id", ["1", "nonsense", "me", "%00", "*", "0f8fad5b-d9cb-469f-a165-70867728950"])
def test_a_malformed_id_is_422(alice: User, session_id: str) -> None:
    error = assert_error(end(alice, session_id), 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [["path", "session_id"]]
    assert len(sessions_of(alice)) == 1


def test_refuses_nobody(guest: httpx.Client, alice: User) -> None:
    session_id = session_id_of({"access_token": alice.token})
    for method, url in (("GET", SESSIONS), ("DELETE", SESSIONS), ("DELETE", f"{SESSIONS}/{session_id}")):
        assert_error(guest.request(method, url), 401, "unauthenticated")
        answer = guest.request(method, url, headers={"Authorization": f"Bearer {alice.refresh_token}"})
        assert_error(answer, 401, "unauthenticated")
    # Who is nobody is not told either whether an id could be one.
    assert_error(guest.delete(f"{SESSIONS}/nonsense"), 401, "unauthenticated")
    assert_in(guest, refreshed(guest, alice.refresh_token))


def test_refuses_another_method(alice: User) -> None:
    one = f"{SESSIONS}/{session_id_of({'access_token': alice.token})}"
    for url, allowed in ((SESSIONS, {"GET", "HEAD", "DELETE", "OPTIONS"}), (one, {"DELETE", "OPTIONS"})):
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"} - allowed:
            answer = alice.request(method, url)
            assert answer.status_code == 405
            assert set(answer.headers["allow"].split(", ")) == allowed
    assert len(sessions_of(alice)) == 1
