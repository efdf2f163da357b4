"""E-mail addresses: found without regard to case, written to as they were typed, and shown in lower case."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import NewServer
from doable.accounts.mail_addresses import deliverable, normalised
from doable.outbox.messages import build
from support.mail import about, link_of, wait_until_all_is_sent, written
from support.server import Server, doable
from support.users import PASSWORD, User, assert_error


@pytest.fixture
def typed() -> str:
    """An address with capital letters before the @."""
    return f"{uuid.uuid4().hex}.Anna.Smith@example.com"


@pytest.fixture
def anna(server: Server, typed: str) -> Iterator[User]:
    with closing(User(server.url, typed)) as user:
        yield user


def log_in(guest: httpx.Client, email: str) -> httpx.Response:
    return guest.post("/api/auth/login", json={"email": email, "password": PASSWORD})


def token_in(mail: Any) -> str:
    return link_of(mail).partition("#token=")[2]


def test_the_wire_shows_it_in_lower_case(guest: httpx.Client, typed: str) -> None:
    body = guest.post("/api/auth/signup", json={"email": typed, "password": PASSWORD}).json()
    assert body["email"] == body["user"]["email"] == typed.lower()
    assert body["name"] == typed.lower().partition("@")[0]
    logged_in = log_in(guest, typed).json()
    assert logged_in["user"] == body["user"]
    headers = {"Authorization": f"Bearer {logged_in['access_token']}"}
    assert guest.get("/api/auth/me", headers=headers).json() == body["user"]
    refreshed = guest.post("/api/auth/refresh", json={"refresh_token": logged_in["refresh_token"]}).json()
    for token in (body["access_token"], logged_in["access_token"], refreshed["access_token"]):
        assert jwt.decode(token, options={"verify_signature": False})["email"] == typed.lower()


def test_it_is_found_in_any_case(guest: httpx.Client, anna: User, typed: str) -> None:
    for spelling in (typed, typed.lower(), typed.upper(), f" \t{typed}\u00a0\n"):
        assert log_in(guest, spelling).json()["user"]["id"] == anna.id
        taken = guest.post("/api/auth/signup", json={"email": spelling, "password": PASSWORD})
        assert_error(taken, 409, "email_taken")


def test_mail_goes_to_it_as_it_was_typed_at_sign_up_whoever_asks(
    server: Server, guest: httpx.Client, anna: User, typed: str
) -> None:
    """Another spelling may be the mailbox of somebody else, where a server tells them apart."""
    about(server, typed, "Verify your address")
    for spelling in (typed.lower(), typed.upper()):
        assert guest.post("/api/auth/email/resend", json={"email": spelling}).status_code == 202
        assert guest.post("/api/auth/password/forgot", json={"email": spelling}).status_code == 202
    resets = about(server, typed, "Choose a new password", 2)
    verifications = about(server, typed, "Verify your address", 3)
    wait_until_all_is_sent(server)
    assert written(server, typed.lower()) == written(server, typed.upper()) == []
    verify = {"token": token_in(verifications[0])}
    assert guest.post("/api/auth/email/verify", json=verify).status_code == 204
    reset = {"token": token_in(resets[0]), "new_password": f"{PASSWORD} too"}
    assert guest.post("/api/auth/password/reset", json=reset).status_code == 204
    assert anna.get("/api/auth/me").status_code == 401  # the reset has ended the session


@example("=?utf-8?q?bob?=")
@example("=?utf-8?b?YUB4LmNvbSwgYg?=")
@example("=?utf-8?b?YQ0KQmNjOiBi?=")
@given(st.text("=?_-.'{}|utfqbQB80", min_size=1, max_size=40))
def test_mail_goes_to_no_other_address_than_the_one_that_was_checked(name: str) -> None:
    """An encoded word would be another one once it is decoded, and other headers besides."""
    try:
        address = normalised(f"{name}@example.com")
    except ValueError:
        return
    head = build(sender=None, recipient=deliverable(address), subject="a", text="a", html="a").as_bytes()
    assert f"\r\nTo: {address}\r\nSubject: a\r\n".encode() in head


def test_what_is_stored_is_exported_as_it_was_typed(anna: User, typed: str) -> None:
    assert anna.get("/api/auth/me/export").json()["user"]["email"] == typed


def test_another_spelling_is_another_address_to_write_to(
    server: Server, guest: httpx.Client, anna: User, typed: str
) -> None:
    """It is nobody else's, so its user may change to it."""
    shouted = f"{typed.partition('@')[0].upper()}@example.com"
    answer = anna.post("/api/auth/email", json={"new_email": shouted, "password": PASSWORD})
    assert answer.status_code == 202, answer.text
    (mail,) = about(server, shouted, "Verify your new address")
    assert guest.post("/api/auth/email/verify", json={"token": token_in(mail)}).status_code == 204
    assert guest.post("/api/auth/password/forgot", json={"email": typed}).status_code == 202
    about(server, shouted, "Choose a new password")
    assert log_in(guest, typed).json()["user"]["email"] == typed.lower()


@pytest.mark.parametrize("around", ["{} ", " {}", "\t{}\r\n", "\u00a0{}\u3000"])
def test_white_space_around_it_is_removed(guest: httpx.Client, email: str, around: str) -> None:
    body = {"email": around.format(email), "password": PASSWORD}
    assert guest.post("/api/auth/signup", json=body).json()["email"] == email
    assert guest.post("/api/auth/login", json=body).status_code == 200


HOME = ["nas.local", "NAS.Local", "local", "home.arpa", "nas.home.arpa", "localhost", "nas.localhost"]


@pytest.mark.parametrize("domain", HOME)
def test_home_networks_have_addresses(server: Server, guest: httpx.Client, domain: str) -> None:
    email = f"{uuid.uuid4().hex}@{domain}"
    assert guest.post("/api/auth/signup", json={"email": email, "password": PASSWORD}).json()["email"] == email.lower()
    assert log_in(guest, email).status_code == 200
    about(server, email.lower(), "Verify your address")


@pytest.mark.parametrize(
    "domain", ["arpa", "1.2.in-addr.arpa", "home.arpa.example", "nas", "x.invalid", "x.onion", ".local", "lo cal.local"]
)
def test_other_special_names_have_none(guest: httpx.Client, domain: str) -> None:
    expected = 201 if domain == "home.arpa.example" else 422
    email = f"{uuid.uuid4().hex}@{domain}"
    assert guest.post("/api/auth/signup", json={"email": email, "password": PASSWORD}).status_code == expected


def test_where_mail_must_reach_them_home_networks_are_refused(new_server: NewServer, tmp_path: Path) -> None:
    with new_server(REQUIRE_EMAIL_VERIFICATION="true") as server, httpx.Client(base_url=server.url) as guest:
        for domain in HOME:
            answer = guest.post("/api/auth/signup", json={"email": f"alice@{domain}", "password": PASSWORD})
            error = assert_error(answer, 422, "validation_error")
            assert [problem["loc"] for problem in error["detail"]] == [["body", "email"]]
        added = doable("users", "add", "a@nas.local", cwd=tmp_path, stdin=f"{PASSWORD}\n", **server.settings)
        assert (added.returncode, added.stdout) == (1, "")
        assert "home network" in added.stderr
        body = {"email": "alice@example.com", "password": PASSWORD}
        assert guest.post("/api/auth/signup", json=body).status_code == 201
        (mail,) = about(server, "alice@example.com", "Verify your address")
        assert guest.post("/api/auth/email/verify", json={"token": token_in(mail)}).status_code == 204
        token = guest.post("/api/auth/login", json=body).json()["access_token"]
        change = guest.post(
            "/api/auth/email",
            json={"new_email": "alice@nas.local", "password": PASSWORD},
            headers={"Authorization": f"Bearer {token}"},
        )
        error = assert_error(change, 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["body", "new_email"]]


def test_wrong_passwords_count_for_the_address_in_any_case(new_server: NewServer) -> None:
    with new_server(THROTTLE_LOGIN="2/hour") as server, closing(User(server.url, "Alice@example.com")) as alice:
        for email in ("alice@example.com", "ALICE@example.com"):
            assert alice.post("/api/auth/login", json={"email": email, "password": "wrong"}).status_code == 401
        refused = alice.post("/api/auth/login", json={"email": "Alice@example.com", "password": PASSWORD})
        assert_error(refused, 429, "too_many_requests")
        assert_error(alice.request("DELETE", "/api/auth/me", json={"password": PASSWORD}), 429, "too_many_requests")
