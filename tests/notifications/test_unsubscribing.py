"""/unsubscribe/{token}: the address in a mail of which somebody wants no more (RFC 8058)."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import httpx
import pytest

from doable.notifications.phrases import Mailed
from doable.notifications.unsubscribing import UnsubscribeTokens, is_one_click
from support.changes import changes
from support.mail import verification_token
from support.server import SECRET, Server
from support.users import PASSWORD, TLS, User, assert_error

PREFERENCES = "/api/me/preferences"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
TOKENS = UnsubscribeTokens([SECRET.encode()])
FORM = "application/x-www-form-urlencoded"
RFC_BODY = (
    '-----FormBoundaryjWmhtjORrn\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    "One-Click\r\n-----FormBoundaryjWmhtjORrn--"
)
OTHER_BODY = (
    "--x\nContent-Disposition: form-data; name=a\n\nb\n--x\n"
    "content-disposition: form-data; name=List-Unsubscribe\nContent-Type: text/plain\n\nOne-Click\n--x--\n"
)


def address(user: User, mailed: Mailed = "reminders") -> str:
    return str(user.base_url.join(f"/unsubscribe/{TOKENS.token(user.id, mailed)}"))


def ask(url: str, method: str = "POST", **options: Any) -> httpx.Response:
    """As a mail program does, which is nobody here and has no cookies."""
    return httpx.request(method, url, timeout=30, verify=TLS, **options)


def wanting_mail(server: Server, user: User, language: str = "en") -> dict[str, Any]:
    answer = user.post("/api/auth/email/verify", json={"token": verification_token(server, user.email)})
    assert answer.is_success
    wanted = {"reminder_channels": ["push", "email"], "digest_at": "07:00", "language": language}
    found: dict[str, Any] = user.patch(PREFERENCES, json=wanted).json()
    return found


@pytest.mark.parametrize(
    ("mailed", "changed"), [("reminders", {"reminder_channels": ["push"]}), ("digest", {"digest_at": None})]
)
def test_one_click_is_one_write(server: Server, alice: User, mailed: Mailed, changed: Mapping[str, Any]) -> None:
    before = wanting_mail(server, alice)
    url = address(alice, mailed)
    # To look at the page, as a program does that looks at every link, is no click.
    assert [ask(url, method).status_code for method in ("GET", "HEAD")] == [200, 200]
    assert alice.get(PREFERENCES).json() == before
    answer = ask(url, data=ONE_CLICK)
    assert answer.status_code == 200
    assert alice.email not in answer.text
    after = alice.get(PREFERENCES).json()
    assert after == {**before, **changed, "revision": before["revision"] + 1, "updated_at": after["updated_at"]}
    (told,) = changes(alice, kinds="preferences")["changes"]
    assert told["preferences"] == after
    # Once more it is the same answer, whichever way the form is sent, and no write.
    again = ask(url, files={"List-Unsubscribe": (None, "One-Click")})
    assert (again.status_code, again.content) == (200, answer.content)
    assert alice.get(PREFERENCES).json() == after


def test_whoever_has_set_nothing_has_nothing_to_be_rid_of(one_user: User) -> None:
    for mailed in ("reminders", "digest"):
        assert ask(address(one_user, mailed), data=ONE_CLICK).status_code == 200
    assert one_user.get(PREFERENCES).json()["revision"] == 0


def test_the_page_is_private_loads_nothing_and_speaks_the_readers_language(one_server: Server, one_user: User) -> None:
    wanting_mail(one_server, one_user, "de")
    answer = ask(address(one_user), "GET")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["form-action"], policy["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert "script-src" not in policy
    assert "http" not in answer.text
    assert '<html lang="de">' in answer.text
    assert "<h1>Erinnerungen per E-Mail</h1>" in answer.text
    assert "Du bekommst keine Erinnerungen mehr" in ask(address(one_user), data=ONE_CLICK).text
    # Nothing of the token is in it, nor of the user.
    assert one_user.email not in answer.text
    assert address(one_user)[-20:] not in answer.text
    assert ask(f"{address(one_user)}?a=<script>", "GET").content == answer.content


def test_wrong_addresses_are_not_told_from_each_other(one_server: Server, one_user: User) -> None:
    before = wanting_mail(one_server, one_user)
    token = TOKENS.token(one_user.id, "reminders")
    with closing(User(one_server.url)) as gone:
        of_gone = TOKENS.token(gone.id, "reminders")
        assert ask(address(gone), data=ONE_CLICK).status_code == 200
        assert gone.request("DELETE", "/api/auth/me", json={"password": PASSWORD}).is_success
    calendars = one_user.post("/api/me/calendar-token").json()["url"].rpartition("/")[2].removesuffix(".ics")
    wrong = [
        *(f"{token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}" for at in (0, 1, 10, 22, 23, 43)),
        *(
            "A" * 44,
            "x",
            f"{token}x",
            token[:-1],
            f"{token}=",
            "%00",
            "é",
            "x" * 500,
            f"{token}%0A",
            calendars,
            of_gone,
        ),
        UnsubscribeTokens([b"another secret of more than thirty-two bytes"]).token(one_user.id, "reminders"),
    ]
    answers = [ask(f"{one_server.url}/unsubscribe/{each}", data=ONE_CLICK) for each in wrong]
    answers += [ask(f"{one_server.url}/unsubscribe/{each}", "GET") for each in wrong]
    for answer in answers:
        assert_error(answer, 404, "unsubscribing_not_found")
    assert {answer.content for answer in answers} == {answers[0].content}
    assert one_user.get(PREFERENCES).json() == before
    # Nor is its token good for anything else.
    for path in (f"/calendar/{token}.ics", f"/api/{token}/tasks"):
        assert ask(f"{one_server.url}{path}", "GET").status_code in {401, 404}
    refused = ask(f"{one_server.url}/api/me/tasks", "GET", headers={"Authorization": f"Bearer {token}"})
    assert_error(refused, 401, "unauthenticated")


def test_what_is_no_click_is_refused(one_user: User) -> None:
    multipart = "multipart/form-data; boundary=x"
    for content_type, body in (
        ("", b"List-Unsubscribe=One-Click"),
        (FORM, b""),
        (FORM, b"List-Unsubscribe=Two-Clicks"),
        (FORM, b"list=One-Click"),
        (FORM, b"\xff\x00=&&;List-Unsubscribe"),
        (FORM, b"a=b&" * 30 + b"List-Unsubscribe=One-Click"),
        ("application/json", b'{"List-Unsubscribe": "One-Click"}'),
        ("multipart/form-data", b""),
        (multipart, b"--x\r\nContent-Disposition: form-data; name=List-Unsubscribe\r\n\r\nOne-"),
        (multipart, b"Content-Disposition: form-data; name=List-Unsubscribe\r\n" * 70),
        ("\xe9/\xff; boundary", b"\x00"),
    ):
        headers = {"Content-Type": content_type.encode("latin-1")} if content_type else {}
        error = assert_error(ask(address(one_user), content=body, headers=headers), 422, "validation_error")
        assert error["detail"][0]["loc"] == ["body", "List-Unsubscribe"]


def test_a_body_has_a_limit_and_a_route_its_methods(one_user: User) -> None:
    assert_error(ask(address(one_user), content=b"x" * 5000, headers={"Content-Type": FORM}), 413, "body_too_large")
    for method in ("PUT", "PATCH", "DELETE"):
        assert_error(ask(address(one_user), method), 405, "method_not_allowed")


def test_a_click_may_be_sent_in_either_way() -> None:
    for content_type, body in (
        (f"{FORM}; charset=UTF-8", "a=b&List-Unsubscribe=One-Click"),
        (FORM.upper(), "List%2DUnsubscribe=One%2DClick&a=%FF"),
        # As RFC 8058 shows it.
        (
            "multipart/form-data; boundary=---FormBoundaryjWmhtjORrn",
            RFC_BODY,
        ),
        # With another field and another header.
        (
            'Multipart/Form-Data; boundary="x"',
            OTHER_BODY,
        ),
    ):
        assert is_one_click(content_type, body.encode()), body


def test_a_mail_of_before_a_new_secret_is_still_good() -> None:
    old, new = b"the old secret of more than thirty-two bytes", b"the new secret of more than thirty-two bytes"
    owner_id = "5e1d2f3a-6b7c-4d8e-9f0a-1b2c3d4e5f60"
    both = UnsubscribeTokens([new, old])
    for mailed in ("reminders", "digest"):
        tokens = {UnsubscribeTokens([secret]).token(owner_id, mailed) for secret in (old, new)}
        assert len(tokens) == 2
        assert {both.read(token) for token in tokens} == {(owner_id, mailed)}
        assert both.token(owner_id, mailed) == UnsubscribeTokens([new]).token(owner_id, mailed)
