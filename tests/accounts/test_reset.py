"""POST /api/auth/password/reset."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import httpx
import pytest

from support.clocks import ClockServer
from support.kinds import A_BROWSER
from support.mail import reset_token, until, verification_token, wait_until_all_is_sent
from support.schema import contents, execute, rows_of, settings_of
from support.server import Server
from support.users import PASSWORD, User, assert_error

PATH = "/api/auth/password/reset"
NEW = "a new password of hers"
INVALID = 422, "mail_token_invalid"


def reset(client: httpx.Client, token: str, new_password: str = NEW) -> httpx.Response:
    return client.post(PATH, json={"token": token, "new_password": new_password})


def log_in(client: httpx.Client, email: str, password: str) -> httpx.Response:
    return client.post("/api/auth/login", json={"email": email, "password": password})


@pytest.fixture
def token(server: Server, guest: httpx.Client, alice: User) -> str:
    """A token to reset alice's password."""
    assert guest.post("/api/auth/password/forgot", json={"email": alice.email}).status_code == 202
    return reset_token(server, alice.email)


def test_sets_the_password(guest: httpx.Client, alice: User, bob: User, token: str) -> None:
    answer = reset(guest, token)
    assert (answer.status_code, answer.content) == (204, b"")
    assert_error(log_in(guest, alice.email, PASSWORD), 401, "wrong_credentials")
    assert log_in(guest, alice.email, NEW).json()["user"]["id"] == alice.id
    assert log_in(guest, bob.email, PASSWORD).status_code == 200


def test_ends_all_sessions_api_tokens_push_subscriptions_and_the_calendar(
    server: Server, guest: httpx.Client, alice: User, bob: User, token: str
) -> None:
    second = log_in(guest, alice.email, PASSWORD).json()
    calendars = [urlsplit(user.post("/api/me/calendar-token").json()["url"]).path for user in (alice, bob)]
    rows = {user.id: str(uuid.uuid4()) for user in (alice, bob)}
    execute(
        settings_of(server),
        *(
            "INSERT INTO api_tokens (id, user_id, name, scopes, digest, created_at) "  # noqa: S608 - ids of our own
            f"VALUES ('{row_id}', '{user_id}', 'a', 'tasks:read', '{row_id}', '2026-01-01T00:00:00.000000Z')"
            for user_id, row_id in rows.items()
        ),
    )
    for user in (alice, bob):
        assert user.post("/api/me/push/subscriptions", json=A_BROWSER).status_code == 201
    assert reset(guest, token).status_code == 204
    for access_token in (alice.token, second["access_token"]):
        headers = {"Authorization": f"Bearer {access_token}"}
        assert_error(guest.get("/api/auth/me", headers=headers), 401, "unauthenticated")
    refused = guest.post("/api/auth/refresh", json={"refresh_token": second["refresh_token"]})
    assert_error(refused, 401, "refresh_token_invalid")
    assert bob.get("/api/auth/me").status_code == 200
    assert [guest.get(calendar).status_code for calendar in calendars] == [404, 200]
    found = contents(settings_of(server))
    assert [str(row["user_id"]) for row in found["api_tokens"] if str(row["user_id"]) in rows] == [bob.id]
    assert [str(row["owner_id"]) for row in found["push_subscriptions"] if str(row["owner_id"]) in rows] == [bob.id]
    revoked = {str(row["id"]) for row in found["revocations"]}
    assert rows[alice.id] in revoked
    assert rows[bob.id] not in revoked


def test_a_token_is_good_once(guest: httpx.Client, alice: User, token: str) -> None:
    assert reset(guest, token).status_code == 204
    assert_error(reset(guest, token, "yet another password"), *INVALID)
    assert log_in(guest, alice.email, NEW).status_code == 200


def test_of_many_uses_at_the_same_instant_one_succeeds(guest: httpx.Client, alice: User, token: str) -> None:
    together = Barrier(8)

    def race(number: int) -> httpx.Response:
        together.wait(timeout=30)
        return reset(guest, token, f"the password of {number}")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(race, range(8)))
    winners = [number for number, answer in enumerate(answers) if answer.status_code == 204]
    assert len(winners) == 1
    for answer in answers:
        if answer.status_code != 204:
            assert_error(answer, *INVALID)
    assert log_in(guest, alice.email, f"the password of {winners[0]}").status_code == 200


def test_all_other_tokens_are_good_for_nothing_then(
    server: Server, guest: httpx.Client, alice: User, token: str
) -> None:
    guest.post("/api/auth/password/forgot", json={"email": alice.email})
    second = reset_token(server, alice.email, 2)
    assert second != token
    verification = verification_token(server, alice.email)
    assert reset(guest, second).status_code == 204
    assert_error(reset(guest, token), *INVALID)
    assert_error(guest.post("/api/auth/email/verify", json={"token": verification}), *INVALID)


def test_verifies_the_address(server: Server, guest: httpx.Client, alice: User, bob: User, token: str) -> None:
    assert reset(guest, token).status_code == 204
    users = {str(row["id"]): row for row in rows_of(settings_of(server), "users")}
    assert users[alice.id]["email_verified_at"] is not None
    assert users[bob.id]["email_verified_at"] is None


@pytest.fixture
def clock_server(tmp_path: Path, migrated_database_settings: Callable[[], dict[str, str]]) -> Iterator[ClockServer]:
    with ClockServer(tmp_path, **migrated_database_settings()) as running:
        yield running


def test_a_token_is_good_for_an_hour_and_then_purged(clock_server: ClockServer) -> None:
    with closing(User(clock_server.url)) as alice:
        for number in (1, 2):
            alice.post("/api/auth/password/forgot", json={"email": alice.email})
            token = reset_token(clock_server, alice.email, number)
            clock_server.move(3595 if number == 1 else 3601)
            answer = reset(alice, token, NEW)
            if number == 1:
                assert answer.status_code == 204
        assert_error(answer, *INVALID)
        wait_until_all_is_sent(clock_server)
        assert rows_of(settings_of(clock_server), "mail_tokens")
        clock_server.move(24 * 3600)
        assert clock_server.stop() == 0
        clock_server.start()
        until(lambda: not rows_of(settings_of(clock_server), "mail_tokens"), "an empty table")


def test_refuses_what_is_no_token(guest: httpx.Client, alice: User, token: str) -> None:
    close = (token[:-1], token.swapcase(), f"{token} ", hashlib.sha256(token.encode()).hexdigest())
    for wrong in ("", "x", "A" * 43, "\x00", "é" * 43, "' OR 1=1 --", "A" * 256, *close):
        error = assert_error(reset(guest, wrong), *INVALID)
        assert [problem["loc"] for problem in error["detail"]] == [["body", "token"]]
    assert log_in(guest, alice.email, PASSWORD).status_code == 200


def test_a_token_to_verify_an_address_is_none(server: Server, guest: httpx.Client, alice: User) -> None:
    token = verification_token(server, alice.email)
    assert_error(reset(guest, token), *INVALID)
    assert guest.post("/api/auth/email/verify", json={"token": token}).status_code == 204


def test_refuses_what_is_no_reset_and_changes_nothing(guest: httpx.Client, alice: User, token: str) -> None:
    for field, value, kind in (
        ("new_password", "7 chars", "string_too_short"),
        ("new_password", "p" * 257, "string_too_long"),
        ("new_password", None, "string_type"),
        ("token", None, "string_type"),
        ("token", "t" * 257, "string_too_long"),
        ("email", "alice@example.com", "extra_forbidden"),
    ):
        answer = guest.post(PATH, json={"token": token, "new_password": NEW, field: value})
        error = assert_error(answer, 422, "validation_error")
        assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["body", field], kind)]
    assert log_in(guest, alice.email, PASSWORD).status_code == 200
    assert reset(guest, token).status_code == 204


def test_refuses_another_method_and_a_token_elsewhere(guest: httpx.Client, token: str) -> None:
    assert_error(guest.get(PATH, params={"token": token}), 405, "method_not_allowed")
    refused = guest.post(PATH, params={"token": token}, json={"new_password": NEW})
    assert_error(refused, 422, "validation_error")


def test_no_token_is_stored_or_logged_in_plain(server: Server, guest: httpx.Client, token: str) -> None:
    stored = contents(settings_of(server))
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert digest in {row["digest"] for row in stored["mail_tokens"]}
    assert token not in str(stored)
    assert reset(guest, token).status_code == 204
    assert token not in server.log
    assert NEW not in server.log
    if "DATABASE_URL" not in server.settings:
        files = [path for path in Path(server.settings["DATA_DIR"]).iterdir() if path.is_file()]
        assert files
        for path in files:
            assert token.encode() not in path.read_bytes()
            assert NEW.encode() not in path.read_bytes()
