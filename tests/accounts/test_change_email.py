"""POST /api/auth/email."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import httpx

from support.clocks import ClockServer
from support.mail import (
    about,
    link_of,
    reset_token,
    texts,
    token_of,
    verification_token,
    wait_until_all_is_sent,
    written,
)
from support.server import Server
from support.users import PASSWORD, User, assert_error

PATH = "/api/auth/email"
INVALID = 422, "mail_token_invalid"
TAKEN = 409, "email_taken"


def change(user: User, new_email: str, password: str = PASSWORD) -> httpx.Response:
    return user.post(PATH, json={"new_email": new_email, "password": password})


def verify(client: httpx.Client, token: str) -> httpx.Response:
    return client.post("/api/auth/email/verify", json={"token": token})


def log_in(client: httpx.Client, email: str) -> httpx.Response:
    return client.post("/api/auth/login", json={"email": email, "password": PASSWORD})


def test_the_address_changes_when_the_new_one_is_verified(
    server: Server, guest: httpx.Client, alice: User, email: str
) -> None:
    old = verification_token(server, alice.email)
    guest.post("/api/auth/password/forgot", json={"email": alice.email})
    to_reset = reset_token(server, alice.email)
    typed = f"{email.partition('@')[0].upper()}@example.com"
    answer = change(alice, typed)
    assert (answer.status_code, answer.content) == (202, b"")

    (notice,) = about(server, alice.email, "is about to change")
    assert link_of(notice) == f"{server.url}/account/reset-password"
    assert email not in str(texts(notice))
    (mail,) = about(server, typed, "Verify your new address")
    assert link_of(mail).startswith(f"{server.url}/account/verify-email#token=")
    assert alice.email not in str(texts(mail))
    # Until then everything is as it was.
    assert alice.get("/api/auth/me").json()["email"] == alice.email
    assert log_in(guest, alice.email).status_code == 200
    assert_error(log_in(guest, email), 401, "wrong_credentials")

    assert verify(guest, verification_token(server, typed)).status_code == 204
    assert alice.get("/api/auth/me").json()["email"] == email
    assert_error(log_in(guest, alice.email), 401, "wrong_credentials")
    assert log_in(guest, email).json()["user"]["id"] == alice.id
    # What was sent to the old address is good for nothing.
    reset = guest.post("/api/auth/password/reset", json={"token": to_reset, "new_password": "hers no longer"})
    assert_error(reset, *INVALID)
    assert_error(verify(guest, old), *INVALID)
    guest.post("/api/auth/password/forgot", json={"email": alice.email})
    wait_until_all_is_sent(server)
    assert len([each for each in written(server, alice.email) if "new password" in each["Subject"]]) == 1
    # The old address is free.
    with closing(User(server.url, alice.email)) as somebody:
        assert somebody.id != alice.id


def test_needs_the_password(server: Server, guest: httpx.Client, alice: User, bob: User, email: str) -> None:
    assert_error(change(alice, email, "a wrong password"), 403, "wrong_password")
    assert_error(change(alice, bob.email, "a wrong password"), 403, "wrong_password")
    refused = guest.post(PATH, json={"new_email": email, "password": PASSWORD})
    assert_error(refused, 401, "unauthenticated")
    wait_until_all_is_sent(server)
    assert written(server, email) == []
    assert alice.get("/api/auth/me").json()["email"] == alice.email


def test_a_taken_address_is_409(server: Server, alice: User, bob: User) -> None:
    for taken in (bob.email, bob.email.upper(), alice.email):
        assert_error(change(alice, taken), *TAKEN)
    wait_until_all_is_sent(server)
    assert not [mail for mail in written(server, bob.email) if "new address" in mail["Subject"]]


def test_an_address_that_was_taken_meanwhile_is_409(
    server: Server, guest: httpx.Client, alice: User, email: str
) -> None:
    assert change(alice, email).status_code == 202
    token = verification_token(server, email)
    with closing(User(server.url, email)) as faster:
        assert_error(verify(guest, token), *TAKEN)
        assert faster.get("/api/auth/me").json()["email"] == email
    assert alice.get("/api/auth/me").json()["email"] == alice.email
    assert log_in(guest, alice.email).status_code == 200


def test_of_two_who_verify_one_address_at_the_same_instant_one_gets_it(
    server: Server, guest: httpx.Client, alice: User, bob: User, email: str
) -> None:
    for number, user in enumerate((alice, bob), 1):
        assert change(user, email).status_code == 202
        about(server, email, "Verify your new address", number)
    tokens = [verification_token(server, email, 2)]
    tokens += [token for mail in written(server, email) if (token := token_of(mail)) not in tokens]
    together = Barrier(2)

    def race(token: str) -> httpx.Response:
        together.wait(timeout=30)
        return verify(guest, token)

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(race, tokens), key=lambda answer: answer.status_code)
    assert answers[0].status_code == 204
    assert_error(answers[1], *TAKEN)
    emails = [user.get("/api/auth/me").json()["email"] for user in (alice, bob)]
    assert emails.count(email) == 1
    assert len(set(emails)) == 2


def test_only_the_newest_counts(server: Server, guest: httpx.Client, alice: User, email: str) -> None:
    assert change(alice, email).status_code == 202
    first = verification_token(server, email)
    assert change(alice, f"second.{email}").status_code == 202
    second = verification_token(server, f"second.{email}")
    assert_error(verify(guest, first), *INVALID)
    assert verify(guest, second).status_code == 204
    assert alice.get("/api/auth/me").json()["email"] == f"second.{email}"


def test_a_reset_stops_it(server: Server, guest: httpx.Client, alice: User, email: str) -> None:
    """Somebody who knows the password may have begun it; the reader of the old address's mail can end it."""
    assert change(alice, email).status_code == 202
    token = verification_token(server, email)
    guest.post("/api/auth/password/forgot", json={"email": alice.email})
    body = {"token": reset_token(server, alice.email), "new_password": "a new password of hers"}
    assert guest.post("/api/auth/password/reset", json=body).status_code == 204
    assert_error(verify(guest, token), *INVALID)


def test_the_link_is_good_for_24_hours(
    tmp_path: Path, migrated_database_settings: Callable[[], dict[str, str]], email: str
) -> None:
    with ClockServer(tmp_path, **migrated_database_settings()) as server, closing(User(server.url)) as alice:
        assert change(alice, email).status_code == 202
        token = verification_token(server, email)
        server.move(24 * 3600 + 1)
        assert_error(verify(alice, token), *INVALID)


def test_refuses_what_is_no_change(alice: User, email: str) -> None:
    good = {"new_email": email, "password": PASSWORD}
    for field, value, kind in (
        ("new_email", "nonsense", "email_not_valid"),
        ("new_email", None, "string_type"),
        ("password", None, "string_type"),
        ("password", "p" * 257, "string_too_long"),
        ("email", email, "extra_forbidden"),
    ):
        error = assert_error(alice.post(PATH, json={**good, field: value}), 422, "validation_error")
        assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["body", field], kind)]
    assert_error(alice.post(PATH, content=b"{", headers={"Content-Type": "application/json"}), 422, "invalid_json")
    assert_error(alice.get(PATH), 405, "method_not_allowed")
