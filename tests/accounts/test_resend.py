"""POST /api/auth/email/resend."""

from typing import Any

import httpx

from support.mail import reset_token, verification_token, wait_until_all_is_sent, written
from support.schema import rows_of, settings_of
from support.server import Server
from support.users import User, assert_error

PATH = "/api/auth/email/resend"


def resend(client: httpx.Client, email: str) -> httpx.Response:
    return client.post(PATH, json={"email": email})


def test_sends_another_link(server: Server, guest: httpx.Client, alice: User) -> None:
    first = verification_token(server, alice.email)
    answer = resend(guest, alice.email.upper())
    assert (answer.status_code, answer.content) == (202, b"")
    second = verification_token(server, alice.email, 2)
    assert second != first
    # Both are good: nobody knows which mail arrives first.
    assert guest.post("/api/auth/email/verify", json={"token": first}).status_code == 204
    assert guest.post("/api/auth/email/verify", json={"token": second}).status_code == 204


def test_nobody_and_the_verified_get_the_same_answer_and_no_mail(
    server: Server, guest: httpx.Client, alice: User, bob: User, email: str
) -> None:
    token = verification_token(server, alice.email)
    assert guest.post("/api/auth/email/verify", json={"token": token}).status_code == 204
    answers = [resend(guest, email), resend(guest, alice.email), resend(guest, bob.email)]
    headers = [dict(answer.headers) for answer in answers]
    for each in headers:
        del each["x-request-id"]
        del each["date"]
    assert headers[0] == headers[1] == headers[2]
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 3
    verification_token(server, bob.email, 2)
    # What is asked for later is sent later.
    guest.post("/api/auth/password/forgot", json={"email": alice.email})
    reset_token(server, alice.email)
    wait_until_all_is_sent(server)
    assert written(server, email) == []
    assert len([mail for mail in written(server, alice.email) if "Verify" in mail["Subject"]]) == 1
    tokens = rows_of(settings_of(server), "mail_tokens")
    assert [row["kind"] for row in tokens if row["address"] == alice.email] == ["reset"]


def test_refuses_what_is_no_address_and_another_method(guest: httpx.Client) -> None:
    bodies: list[Any] = [{}, {"email": "nonsense"}, {"email": None}, {"email": "a@example.com", "x": 1}, []]
    for body in bodies:
        assert_error(guest.post(PATH, json=body), 422, "validation_error")
    assert_error(guest.post(PATH, content=b"{", headers={"Content-Type": "application/json"}), 422, "invalid_json")
    assert_error(guest.get(PATH), 405, "method_not_allowed")
