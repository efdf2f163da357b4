"""POST /api/auth/login."""

from typing import Any

import httpx
import jwt
import pytest

from conftest import NewServer
from doable.accounts.passwords.hashing import NOBODYS, Passwords
from support.server import doable
from support.users import PASSWORD, User, assert_error

WRONG = 401, "wrong_credentials"


def log_in(client: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    return client.post("/api/auth/login", json={"email": email, "password": password})


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def test_answers_a_token_and_the_user(guest: httpx.Client, alice: User) -> None:
    answer = log_in(guest, alice.email)
    assert answer.status_code == 200
    body = answer.json()
    assert body == {
        "access_token": body["access_token"],
        "token_type": "bearer",
        "expires_in": 1800,
        "refresh_token": body["refresh_token"],
        "user": alice.get("/api/auth/me").json(),
    }
    claims = claims_of(body["access_token"])
    assert (claims["sub"], claims["email"]) == (alice.id, alice.email)
    assert claims["exp"] - claims["iat"] == body["expires_in"]
    task = alice.new_task()
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert guest.get(f"{alice.tasks}/{task['id']}", headers=headers).json() == task


def test_an_unknown_email_costs_what_a_known_one_costs() -> None:
    assert not Passwords().is_outdated(NOBODYS)


def test_each_log_in_is_a_session_of_its_own(guest: httpx.Client, alice: User) -> None:
    tokens = [alice.token, *(log_in(guest, alice.email).json()["access_token"] for _ in range(2))]
    assert len({claims_of(token)["sid"] for token in tokens}) == 3
    assert len({claims_of(token)["jti"] for token in tokens}) == 3
    for token in tokens:
        answer = guest.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["id"] == alice.id


def test_an_email_has_no_case(guest: httpx.Client, alice: User) -> None:
    assert log_in(guest, alice.email.upper()).json()["user"]["id"] == alice.id


def test_an_unknown_email_and_a_wrong_password_get_the_same_answer(
    guest: httpx.Client, alice: User, email: str
) -> None:
    answers = [log_in(guest, email), log_in(guest, alice.email, "a wrong password"), log_in(guest, email, "")]
    bodies = [assert_error(answer, *WRONG) for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    headers = [dict(answer.headers) for answer in answers]
    for each in headers:
        del each["x-request-id"], each["date"]
    assert headers[0] == headers[1] == headers[2]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        PASSWORD.upper(),
        f" {PASSWORD}",
        f"{PASSWORD} ",
        f"{PASSWORD}\x00",
        PASSWORD[:-1],
        PASSWORD[:8],
        "p" * 256,
        "\x00" * 8,
        "$argon2id$v=19$m=19456,t=2,p=1$",
        "' OR 1=1 --",
    ],
)
def test_refuses_another_password(guest: httpx.Client, alice: User, wrong: str) -> None:
    assert_error(log_in(guest, alice.email, wrong), *WRONG)


@pytest.mark.parametrize(("filler", "bytes_each"), [("p", 1), ("é", 2), ("🔑", 4)])
def test_a_password_is_compared_in_full(guest: httpx.Client, email: str, filler: str, bytes_each: int) -> None:
    """Its first 72 bytes are not enough, as they are for bcrypt, and neither are all but the last."""
    prefix = filler * (72 // bytes_each)
    password = f"{prefix}{'x' * 100} the end"
    assert guest.post("/api/auth/signup", json={"email": email, "password": password}).status_code == 201
    for wrong in (prefix, f"{prefix}{'y' * 100} the end", password[:-1], f"{password[:-1]}D", f"{password}."):
        assert_error(log_in(guest, email, wrong), *WRONG)
    assert log_in(guest, email, password).status_code == 200


def test_what_comes_after_nul_counts(guest: httpx.Client, email: str) -> None:
    guest.post("/api/auth/signup", json={"email": email, "password": "secret\x00one"})
    assert_error(log_in(guest, email, "secret\x00two"), *WRONG)
    assert_error(log_in(guest, email, "secret"), *WRONG)
    assert log_in(guest, email, "secret\x00one").status_code == 200


def test_another_users_password_is_wrong(guest: httpx.Client, email: str, alice: User) -> None:
    guest.post("/api/auth/signup", json={"email": email, "password": "a password of its own"})
    assert_error(log_in(guest, alice.email, "a password of its own"), *WRONG)


def test_a_user_added_at_the_command_line_can_log_in(new_server: NewServer, email: str) -> None:
    with new_server() as server, httpx.Client(base_url=server.url) as guest:
        added = doable(
            "users", "add", email.upper(), cwd=server.folder, stdin=f"{PASSWORD}\n{PASSWORD}\n", **server.settings
        )
        assert added.returncode == 0, added.stderr
        user = log_in(guest, email).json()["user"]
        assert user["id"] == added.stdout.strip()
        assert user["email"] == email


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({"email": "alice@example.com"}, ["body", "password"], "missing"),
        ({"password": PASSWORD}, ["body", "email"], "missing"),
        ({"email": "nonsense", "password": PASSWORD}, ["body", "email"], "email_not_valid"),
        ({"email": "alice@example.com", "password": None}, ["body", "password"], "string_type"),
        ({"email": "alice@example.com", "password": 7}, ["body", "password"], "string_type"),
        ({"email": "alice@example.com", "password": "p" * 257}, ["body", "password"], "string_too_long"),
        ({"email": {"$ne": ""}, "password": PASSWORD}, ["body", "email"], "string_type"),
        ({"email": "alice@example.com", "password": PASSWORD, "otp": "1"}, ["body", "otp"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
        (None, ["body"], "missing"),
    ],
)
def test_refuses_what_are_no_credentials(guest: httpx.Client, body: Any, loc: list[str], kind: str) -> None:
    error = assert_error(guest.post("/api/auth/login", json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]


@pytest.mark.parametrize("content", [b"{", b"email=a&password=b", b'{"password": "\\udc00"}', b"\xff"])
def test_refuses_what_cannot_be_read(guest: httpx.Client, content: bytes) -> None:
    for content_type, status, code in (
        ("application/json", 422, "invalid_json"),
        ("application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ):
        answer = guest.post("/api/auth/login", content=content, headers={"Content-Type": content_type})
        assert_error(answer, status, code)


def test_credentials_in_the_query_or_as_basic_are_none(guest: httpx.Client, alice: User) -> None:
    credentials = {"email": alice.email, "password": PASSWORD}
    assert_error(guest.post("/api/auth/login", params=credentials), 422, "validation_error")
    assert_error(guest.post("/api/auth/login", auth=(alice.email, PASSWORD)), 422, "validation_error")


def test_refuses_another_method(guest: httpx.Client) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "TRACE"):
        answer = guest.request(method, "/api/auth/login")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "OPTIONS, POST"
