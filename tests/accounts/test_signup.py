"""POST /api/auth/signup."""

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import jwt
import pytest

from conftest import NewServer
from support.users import PASSWORD, assert_error

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
TAKEN = 409, "email_taken"


def sign_up(guest: httpx.Client, email: str, password: str = PASSWORD, **fields: Any) -> httpx.Response:
    return guest.post("/api/auth/signup", json={"email": email, "password": password, **fields})


def test_answers_the_new_user_who_is_logged_in(guest: httpx.Client, email: str) -> None:
    answer = sign_up(guest, email, name="Alice")
    assert answer.status_code == 201
    body = answer.json()
    user = {
        "id": body["id"],
        "email": email,
        "name": "Alice",
        "created_at": body["created_at"],
        "email_verified_at": None,
    }
    assert body == {
        **user,
        "user": user,
        "access_token": body["access_token"],
        "token_type": "bearer",
        "expires_in": 1800,
        "refresh_token": body["refresh_token"],
    }
    assert re.fullmatch(r"[\w-]{116}", body["refresh_token"])
    assert str(uuid.UUID(body["id"])) == body["id"]
    assert INSTANT.fullmatch(body["created_at"])
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert guest.get("/api/auth/me", headers=headers).json() == user
    assert guest.get(f"/api/{body['id']}/tasks", headers=headers).json()["total"] == 0


def test_the_token_says_who_and_until_when(guest: httpx.Client, email: str) -> None:
    before = int(time.time())
    body = sign_up(guest, email).json()
    header = jwt.get_unverified_header(body["access_token"])
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert header == {"alg": "HS256", "typ": "at+jwt", "kid": header["kid"]}
    assert re.fullmatch(r"[0-9a-f]{16}", header["kid"])
    assert claims == {
        "iss": "doable",
        "aud": "doable",
        "sub": body["id"],
        "sid": str(uuid.UUID(claims["sid"])),
        "jti": str(uuid.UUID(claims["jti"])),
        "iat": claims["iat"],
        "exp": claims["iat"] + 1800,
        "email": email,
    }
    assert before <= claims["iat"] <= time.time()


def test_the_lifetime_of_tokens_is_a_setting(new_server: NewServer, email: str) -> None:
    with new_server(ACCESS_TOKEN_EXPIRE_MINUTES="7") as server:
        body = httpx.post(f"{server.url}/api/auth/signup", json={"email": email, "password": PASSWORD}).json()
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert body["expires_in"] == claims["exp"] - claims["iat"] == 420


def test_a_taken_email_is_409(guest: httpx.Client, email: str) -> None:
    first = sign_up(guest, email, name="Alice").json()
    assert_error(sign_up(guest, email, "another password", name="Mallory"), *TAKEN)
    assert_error(sign_up(guest, email.upper()), *TAKEN)
    # The first one's password and name are as they were.
    answer = guest.post("/api/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.json()["user"] == first["user"]


def test_an_email_is_stored_in_lower_case(guest: httpx.Client, email: str) -> None:
    assert sign_up(guest, email.upper()).json()["email"] == email
    assert_error(sign_up(guest, email), *TAKEN)


def test_spellings_of_one_address_are_one(guest: httpx.Client) -> None:
    name = uuid.uuid4().hex
    assert sign_up(guest, f"{name}ü@xn--bcher-kva.example").json()["email"] == f"{name}ü@bücher.example"
    for spelling in (
        f"{name}u\u0308@bücher.example",
        f"{name.upper()}Ü@BÜCHER.example",
        f"{name}ü@BU\u0308CHER.EXAMPLE",
    ):
        assert_error(sign_up(guest, spelling), *TAKEN)


def test_of_sign_ups_at_the_same_instant_one_succeeds(guest: httpx.Client, email: str) -> None:
    together = Barrier(10)

    def race(number: int) -> httpx.Response:
        together.wait(timeout=30)
        return sign_up(guest, email.upper() if number % 2 else email, name=str(number))

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(race, range(10)))
    winners = [answer.json() for answer in answers if answer.status_code == 201]
    assert len(winners) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert_error(answer, *TAKEN)
    answer = guest.post("/api/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.json()["user"] == winners[0]["user"]


@pytest.mark.parametrize("fields", [{}, {"name": None}, {"name": ""}, {"name": " \t\u00a0\n"}])
def test_the_name_is_by_default_the_part_before_the_at(guest: httpx.Client, fields: Any) -> None:
    name = f"{uuid.uuid4().hex}.anna+todo"
    assert sign_up(guest, f"{name}@example.com", **fields).json()["name"] == name


@pytest.mark.parametrize("length", [64, 100, 101, 242])
def test_of_a_long_address_100_characters_are_the_default_name(guest: httpx.Client, length: int) -> None:
    local = uuid.uuid4().hex.ljust(length, "x")
    body = sign_up(guest, f"{local}@example.com").json()
    assert body["name"] == local[:100]
    assert body["email"] == f"{local}@example.com"


@pytest.mark.parametrize("name", ["A", "n" * 100, "👩‍🚀" * 33, "שרה", "Zoe\u0308", "'; DROP TABLE users; --"])
def test_any_name_of_100_characters_comes_back_unchanged(guest: httpx.Client, email: str, name: str) -> None:
    assert sign_up(guest, email, name=name).json()["name"] == name


def test_white_space_around_the_name_is_removed(guest: httpx.Client, email: str) -> None:
    assert sign_up(guest, email, name="\t Alice \u00a0\n").json()["name"] == "Alice"


@pytest.mark.parametrize(
    "password",
    [
        "8 letter",
        "p" * 256,
        "🔑" * 256,
        "nul\x00 and more",
        "\x00" * 8,
        "\x1b[31m\r\n\t\x7f",
        "  white space  ",
        "ปลอดภัยดี",
        "Cafe\u0301 Café",
        '"\\/\u2028\ufffe and more',
    ],
)
def test_a_password_may_have_any_characters(guest: httpx.Client, email: str, password: str) -> None:
    user = sign_up(guest, email, password).json()["user"]
    answer = guest.post("/api/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 200
    assert answer.json()["user"] == user


@pytest.mark.parametrize(
    ("fields", "loc", "kind"),
    [
        ({"password": "7 chars"}, "password", "string_too_short"),
        ({"password": "🔑" * 7}, "password", "string_too_short"),
        ({"password": ""}, "password", "string_too_short"),
        ({"password": "p" * 257}, "password", "string_too_long"),
        ({"password": None}, "password", "string_type"),
        ({"password": 12345678}, "password", "string_type"),
        ({"name": "n" * 101}, "name", "string_too_long"),
        ({"name": "nul\x00"}, "name", "string_pattern_mismatch"),
        ({"name": 7}, "name", "string_type"),
        ({"email": None}, "email", "string_type"),
        ({"email": ["alice@example.com"]}, "email", "string_type"),
        ({"id": "an-id"}, "id", "extra_forbidden"),
        ({"is_admin": True}, "is_admin", "extra_forbidden"),
        ({"password_hash": "$argon2id$"}, "password_hash", "extra_forbidden"),
    ],
)
def test_refuses_what_is_no_user(guest: httpx.Client, email: str, fields: Any, loc: str, kind: str) -> None:
    answer = guest.post("/api/auth/signup", json={"email": email, "password": PASSWORD, **fields})
    error = assert_error(answer, 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["body", loc], kind)]
    assert_error(guest.post("/api/auth/login", json={"email": email, "password": PASSWORD}), 401, "wrong_credentials")


@pytest.mark.parametrize(
    "email",
    [
        "",
        "@",
        "alice",
        "alice@",
        "@example.com",
        "alice@example",
        "alice@@example.com",
        "alice@exa mple.com",
        "a lice@example.com",
        "alice@example..com",
        ".alice@example.com",
        "alice@-example.com",
        "alice@[127.0.0.1]",
        "Alice <alice@example.com>",
        '"a b"@example.com',
        "alice@example.com,bob@example.com",
        "alice\x00@example.com",
        "alice\u202e@example.com",
        "ali\u200bce@example.com",
        "=?utf-8?q?alice?=@example.com",
        f"{'a' * 243}@example.com",
        f"alice@{'a' * 64}.com",
        f"alice@{'a.' * 130}com",
    ],
)
def test_refuses_what_is_no_email(guest: httpx.Client, email: str) -> None:
    answer = sign_up(guest, email)
    error = assert_error(answer, 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [
        (["body", "email"], "email_not_valid")
    ]
    assert not email or email == "@" or email not in answer.text


def test_refuses_an_email_over_320_characters(guest: httpx.Client) -> None:
    error = assert_error(sign_up(guest, f"{'a' * 321}@example.com"), 422, "validation_error")
    assert [problem["type"] for problem in error["detail"]] == ["string_too_long"]


@pytest.mark.parametrize("body", [{}, [], "body", 7, None])
def test_refuses_other_bodies(guest: httpx.Client, body: Any) -> None:
    assert_error(guest.post("/api/auth/signup", json=body), 422, "validation_error")


def test_names_all_that_is_missing(guest: httpx.Client) -> None:
    error = assert_error(guest.post("/api/auth/signup", json={}), 422, "validation_error")
    assert [(problem["loc"][-1], problem["type"]) for problem in error["detail"]] == [
        ("email", "missing"),
        ("password", "missing"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"email": "nonsense", "password": "hunter2-and-more"},
        {"email": "alice@example.com", "password": "hunter2"},
        {"email": "alice@example.com", "password": "hunter2" * 50},
        {"email": "alice@example.com", "password": {"hunter2": "hunter2"}},
        {"email": "alice@example.com", "password": ["hunter2"]},
        {"email": "alice@example.com", "password": "long enough", "hunter2 as a field!": 1},
        {"password": "hunter2-and-more"},
        ["hunter2"],
        "hunter2",
    ],
)
@pytest.mark.parametrize("path", ["/api/auth/signup", "/api/auth/login"])
def test_the_password_is_never_in_the_answer(guest: httpx.Client, body: Any, path: str) -> None:
    answer = guest.post(path, json=body)
    assert answer.status_code in {401, 422}
    assert "hunter2" not in answer.text
    assert "hunter2" not in str(answer.headers)


@pytest.mark.parametrize(
    "content",
    [
        b'{"email": "alice@example.com", "password": "hunter2',
        b'{"email": "alice@example.com", "password": "hunter2\\ud83d"}',
        b'{"email": "alice@example.com", "password": "hunter2\xff"}',
        b"email=alice%40example.com&password=hunter2",
    ],
)
def test_refuses_what_cannot_be_read(guest: httpx.Client, content: bytes) -> None:
    for content_type, status, code in (
        ("application/json", 422, "invalid_json"),
        ("application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ):
        answer = guest.post("/api/auth/signup", content=content, headers={"Content-Type": content_type})
        assert_error(answer, status, code)
        assert "hunter2" not in answer.text


def test_refuses_a_body_over_64_kib(guest: httpx.Client, email: str) -> None:
    answer = sign_up(guest, email, "p" * 65_536)
    assert_error(answer, 413, "body_too_large")


def test_refuses_another_method(guest: httpx.Client) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "TRACE"):
        answer = guest.request(method, "/api/auth/signup")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "OPTIONS, POST"
