"""POST /api/auth/email/verify, and what waits for it with REQUIRE_EMAIL_VERIFICATION."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from conftest import NewServer
from support.clocks import ClockServer
from support.mail import about, link_of, reset_token, texts, verification_token
from support.schema import rows_of, settings_of
from support.server import Server, doable
from support.users import PASSWORD, User, assert_error

PATH = "/api/auth/email/verify"
INVALID = 422, "mail_token_invalid"


def verify(client: httpx.Client, token: str) -> httpx.Response:
    return client.post(PATH, json={"token": token})


def verified_at(server: Server, email: str) -> object:
    users = rows_of(settings_of(server), "users")
    return next(row["email_verified_at"] for row in users if row["email"] == email)


def test_sign_up_sends_a_link_that_verifies(server: Server, guest: httpx.Client, alice: User, bob: User) -> None:
    (mail,) = about(server, alice.email, "Verify your address for Doable")
    assert link_of(mail).startswith(f"{server.url}/account/verify-email#token=")
    for text in texts(mail):
        assert "24 hours" in text
    token = verification_token(server, alice.email)
    assert verified_at(server, alice.email) is None
    answer = verify(guest, token)
    assert (answer.status_code, answer.content) == (204, b"")
    assert verified_at(server, alice.email) is not None
    assert verified_at(server, bob.email) is None
    # Nothing else has changed, and it is good once.
    me = alice.get("/api/auth/me").json()
    assert (me["email"], me["email_verified_at"] is None) == (alice.email, False)
    assert_error(verify(guest, token), *INVALID)


def test_what_a_name_says_is_in_no_mail(server: Server, guest: httpx.Client, email: str) -> None:
    body = {"email": email, "password": PASSWORD, "name": "Cheap pills at https://evil.example"}
    assert guest.post("/api/auth/signup", json=body).status_code == 201
    (mail,) = about(server, email, "Verify your address")
    assert "evil" not in str(texts(mail))


def test_refuses_what_is_no_token(server: Server, guest: httpx.Client, alice: User) -> None:
    guest.post("/api/auth/password/forgot", json={"email": alice.email})
    to_reset = reset_token(server, alice.email)
    for wrong in ("", "x", "A" * 43, "\x00", to_reset, verification_token(server, alice.email)[:-1]):
        error = assert_error(verify(guest, wrong), *INVALID)
        assert [problem["loc"] for problem in error["detail"]] == [["body", "token"]]
    assert verified_at(server, alice.email) is None
    for body, kind in (
        ({}, "missing"),
        ({"token": None}, "string_type"),
        ({"token": "t" * 257}, "string_too_long"),
        ({"token": "t", "email": alice.email}, "extra_forbidden"),
    ):
        error = assert_error(guest.post(PATH, json=body), 422, "validation_error")
        assert [problem["type"] for problem in error["detail"]][-1] == kind
    assert_error(guest.get(PATH), 405, "method_not_allowed")
    assert_error(guest.post(PATH, content=b"{", headers={"Content-Type": "application/json"}), 422, "invalid_json")


def test_a_token_is_good_for_24_hours(tmp_path: Path, migrated_database_settings: Callable[[], dict[str, str]]) -> None:
    with (
        ClockServer(tmp_path, **migrated_database_settings()) as server,
        closing(User(server.url)) as alice,
        closing(User(server.url)) as bob,
    ):
        tokens = [verification_token(server, user.email) for user in (alice, bob)]
        server.move(24 * 3600 - 60)
        assert verify(alice, tokens[0]).status_code == 204
        server.move(61)
        assert_error(verify(bob, tokens[1]), *INVALID)


@pytest.mark.parametrize("way", ["verify", "reset"])
def test_where_it_is_required_nobody_is_logged_in_before(new_server: NewServer, email: str, way: str) -> None:
    with new_server(REQUIRE_EMAIL_VERIFICATION="true") as server, httpx.Client(base_url=server.url) as guest:
        credentials = {"email": email, "password": PASSWORD}
        signed_up = guest.post("/api/auth/signup", json=credentials)
        assert signed_up.status_code == 201
        body = signed_up.json()
        user = {
            **{name: body[name] for name in ("id", "name", "created_at")},
            "email": email,
            "email_verified_at": None,
        }
        assert body == {**user, "user": user}
        assert rows_of(settings_of(server), "sessions") == []
        assert_error(guest.post("/api/auth/login", json=credentials), 403, "email_not_verified")
        # Only somebody who knows the password is told so.
        wrong = guest.post("/api/auth/login", json={**credentials, "password": "a wrong password"})
        assert_error(wrong, 401, "wrong_credentials")
        assert_error(guest.post("/api/auth/signup", json=credentials), 409, "email_taken")

        token = verification_token(server, email)
        if way == "verify":
            assert verify(guest, token).status_code == 204
        else:
            guest.post("/api/auth/password/forgot", json={"email": email})
            reset = {"token": reset_token(server, email), "new_password": PASSWORD}
            assert guest.post("/api/auth/password/reset", json=reset).status_code == 204
        logged_in = guest.post("/api/auth/login", json=credentials)
        assert logged_in.status_code == 200
        verified = logged_in.json()["user"]["email_verified_at"]
        assert verified is not None
        assert logged_in.json()["user"] == {**user, "email_verified_at": verified}
        refreshed = guest.post("/api/auth/refresh", json={"refresh_token": logged_in.json()["refresh_token"]})
        assert refreshed.status_code == 200


def test_a_user_added_at_the_command_line_gets_a_link_too(tmp_path: Path, email: str) -> None:
    with Server(tmp_path, REQUIRE_EMAIL_VERIFICATION="true") as server, httpx.Client(base_url=server.url) as guest:
        added = doable("users", "add", email, cwd=tmp_path, stdin=f"{PASSWORD}\n", **server.settings)
        assert added.returncode == 0, added.stderr
        assert verify(guest, verification_token(server, email)).status_code == 204
        assert guest.post("/api/auth/login", json={"email": email, "password": PASSWORD}).status_code == 200
