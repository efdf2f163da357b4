"""POST /api/auth/password/forgot."""

from typing import Any

import httpx
import pytest

from support.mail import about, link_of, reset_token, texts, wait_until_all_is_sent, written
from support.schema import contents, settings_of
from support.server import Server
from support.users import User, assert_error

PATH = "/api/auth/password/forgot"


def forget(client: httpx.Client, email: str) -> httpx.Response:
    return client.post(PATH, json={"email": email})


def test_sends_a_link(server: Server, guest: httpx.Client, alice: User) -> None:
    answer = forget(guest, alice.email)
    assert (answer.status_code, answer.content) == (202, b"")
    (mail,) = about(server, alice.email, "Choose a new password")
    assert mail["Subject"] == "Choose a new password for Doable"
    assert mail["From"] == "doable@localhost"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail["Message-ID"].endswith("@localhost>")
    assert link_of(mail).startswith(f"{server.url}/account/reset-password#token=")
    for text in texts(mail):
        assert "one hour" in text
        assert alice.email.partition("@")[0] not in text


def test_an_email_has_no_case(server: Server, guest: httpx.Client, alice: User) -> None:
    assert forget(guest, alice.email.upper()).status_code == 202
    assert reset_token(server, alice.email)


def test_nobody_gets_the_same_answer_and_no_mail(server: Server, guest: httpx.Client, alice: User, email: str) -> None:
    answers = [forget(guest, email), forget(guest, alice.email)]
    headers = [dict(answer.headers) for answer in answers]
    for each in headers:
        del each["x-request-id"]
        del each["date"]
    assert headers[0] == headers[1]
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2
    about(server, alice.email, "Choose a new password")
    wait_until_all_is_sent(server)
    assert written(server, email) == []
    assert email not in str(contents(settings_of(server)))


def test_each_request_sends_another_token(server: Server, guest: httpx.Client, alice: User) -> None:
    forget(guest, alice.email)
    first = reset_token(server, alice.email)
    forget(guest, alice.email)
    assert reset_token(server, alice.email, 2) != first


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({}, ["body", "email"], "missing"),
        ({"email": "nonsense"}, ["body", "email"], "email_not_valid"),
        ({"email": "alice@example.com\r\nBcc: bob@example.com"}, ["body", "email"], "email_not_valid"),
        ({"email": "alice@example.com,bob@example.com"}, ["body", "email"], "email_not_valid"),
        ({"email": "=?utf-8?q?bob=40example.com=2C_alice?=@example.com"}, ["body", "email"], "email_not_valid"),
        ({"email": None}, ["body", "email"], "string_type"),
        ({"email": ["alice@example.com"]}, ["body", "email"], "string_type"),
        ({"email": "alice@example.com", "url": "https://evil.example"}, ["body", "url"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
    ],
)
def test_refuses_what_is_no_address(guest: httpx.Client, body: Any, loc: list[str], kind: str) -> None:
    error = assert_error(guest.post(PATH, json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]


def test_refuses_what_cannot_be_read_and_another_method(guest: httpx.Client) -> None:
    assert_error(guest.post(PATH, content=b"{", headers={"Content-Type": "application/json"}), 422, "invalid_json")
    assert_error(guest.get(PATH), 405, "method_not_allowed")
