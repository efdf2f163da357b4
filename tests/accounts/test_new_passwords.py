"""What a new password must be, wherever it is chosen."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from doable.accounts.passwords import rules
from doable.accounts.passwords.rules import PasswordRules
from doable.errors import WeakPassword
from support.commands import assert_refused
from support.server import Server, doable
from support.users import PASSWORD, User, assert_error

COMMON = Path(rules.__file__).with_name("common_passwords.txt").read_text().splitlines()


def sign_up(client: httpx.Client, email: str, password: str) -> httpx.Response:
    return client.post("/api/auth/signup", json={"email": email, "password": password})


def assert_weak(answer: httpx.Response, field: str, password: str, why: str) -> None:
    error = assert_error(answer, 422, "weak_password")
    (problem,) = error["detail"]
    assert (problem["loc"], problem["type"]) == (["body", field], "weak_password")
    assert why in problem["msg"]
    assert password.lower() not in answer.text.lower()


@pytest.mark.parametrize("password", ["password1", "PASSWORD1", "12345678", "qWeRtYuIoP", COMMON[-1]])
def test_a_common_password_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword, match="most common"):
        PasswordRules().check(password, "alice@example.com")


@pytest.mark.parametrize("password", [PASSWORD, "password1 ", " password1", "xpassword1"])
def test_what_only_resembles_one_is_not(password: str) -> None:
    PasswordRules().check(password, "alice@example.com")


def test_every_one_of_the_list_is_refused() -> None:
    assert len(COMMON) == 3395
    assert all(len(password) >= 8 and password == password.casefold() for password in COMMON)
    for password in COMMON:
        with pytest.raises(WeakPassword):
            PasswordRules().check(password.title(), None)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.com", "alice2026!"),
        ("alice@example.com", "my name is ALICE"),
        ("anna.b+todo@example.com", "Anna.B+Todo"),
        ("jürgen@example.com", "JÜRGENJÜRGEN"),
        ("straße@example.com", "STRASSE 1234"),
    ],
)
def test_the_name_in_the_email_is_refused(email: str, password: str) -> None:
    with pytest.raises(WeakPassword, match="e-mail"):
        PasswordRules().check(password, email)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("bob@example.com", "bobs own secret"),  # three letters may be anywhere
        ("alice@example.com", "example.com, ali ce"),
        (None, "alice at example"),
        ("a@example.com", "@example.com"),
    ],
)
def test_anything_else_of_the_email_is_not(email: str | None, password: str) -> None:
    PasswordRules().check(password, email)


def test_nothing_is_loaded_before_the_first_new_password() -> None:
    script = (
        "from doable import app, cli; from doable.accounts.passwords import rules as new_passwords;"
        "assert not new_passwords._most_common.cache_info().currsize;"
        "new_passwords.PasswordRules().check('correct horse', None);"
        "assert new_passwords._most_common.cache_info().currsize"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_sign_up_refuses_a_weak_one(guest: httpx.Client, email: str) -> None:
    name = email.partition("@")[0]
    assert_weak(sign_up(guest, email, "Password1"), "password", "password1", "most common")
    assert_weak(sign_up(guest, email, f"my {name.upper()}"), "password", name, "e-mail")
    # Nobody was made.
    assert sign_up(guest, email, PASSWORD).status_code == 201


def test_a_change_refuses_a_weak_one(guest: httpx.Client, alice: User) -> None:
    name = alice.email.partition("@")[0]
    for weak, why in [("iloveyou", "most common"), (f"{name}!", "e-mail")]:
        answer = alice.post("/api/auth/password", json={"current_password": PASSWORD, "new_password": weak})
        assert_weak(answer, "new_password", weak, why)
    credentials = {"email": alice.email, "password": PASSWORD}
    assert guest.post("/api/auth/login", json=credentials).status_code == 200


def test_a_weak_one_needs_the_right_current_one_first(alice: User) -> None:
    answer = alice.post("/api/auth/password", json={"current_password": "a wrong one", "new_password": "iloveyou"})
    assert_error(answer, 403, "wrong_password")


@pytest.mark.parametrize(
    ("password", "settings", "sentence"),
    [
        ("sunshine1", {}, "most common"),
        ("alice and bob", {}, "e-mail"),
        ("twelve chars"[:11], {"MIN_PASSWORD_LENGTH": "12"}, "at least 12 characters"),
    ],
)
def test_users_add_refuses_a_weak_one(
    data: Path, tmp_path: Path, password: str, settings: dict[str, str], sentence: str
) -> None:
    arguments = ("users", "add", "alice@example.com")
    added = doable(*arguments, cwd=tmp_path, stdin=f"{password}\n", DATA_DIR=str(data), **settings)
    assert_refused(added, sentence)
    assert password not in added.stderr
    assert doable("users", "list", cwd=tmp_path, DATA_DIR=str(data)).stdout == ""


def test_the_settings(tmp_path: Path) -> None:
    server = Server(tmp_path, REFUSE_COMMON_PASSWORDS="false")
    with server, closing(httpx.Client(base_url=server.url)) as client:
        assert sign_up(client, "alice@example.com", "password1").status_code == 201
        assert sign_up(client, "bobby@example.com", "bobbybobby").status_code == 201
        assert_error(sign_up(client, "carol@example.com", "seven77"), 422, "validation_error")
    server.settings |= {"REFUSE_COMMON_PASSWORDS": "true", "MIN_PASSWORD_LENGTH": "12"}
    with server, closing(httpx.Client(base_url=server.url)) as client:
        # Those that are in use are good for ever.
        logged_in = client.post("/api/auth/login", json={"email": "alice@example.com", "password": "password1"})
        assert logged_in.status_code == 200
        assert_weak(sign_up(client, "carol@example.com", "eleven char"), "password", "eleven", "at least 12 characters")
        assert sign_up(client, "carol@example.com", "twelve chars").status_code == 201
        headers = {"Authorization": f"Bearer {logged_in.json()['access_token']}"}
        change: dict[str, Any] = {"current_password": "password1", "new_password": "eleven char"}
        assert_weak(
            client.post("/api/auth/password", json=change, headers=headers), "new_password", "eleven", "at least 12"
        )
        change["new_password"] = "twelve chars"
        assert client.post("/api/auth/password", json=change, headers=headers).status_code == 204


@pytest.mark.parametrize("length", ["7", "129", "many"])
def test_a_length_that_cannot_be_is_refused(tmp_path: Path, length: str) -> None:
    assert_refused(doable("migrate", cwd=tmp_path, MIN_PASSWORD_LENGTH=length), "MIN_PASSWORD_LENGTH")
