"""A password is the same however a keyboard composes it (RFC 8265, OpaqueString)."""

import unicodedata

import httpx
import pytest
from argon2 import PasswordHasher

from support import schema
from support.schema import settings_of
from support.server import Server
from support.users import PASSWORD, User, assert_error

COMPOSED = "crème brûlée à l'Ångström"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
FORMS = [
    COMPOSED,
    DECOMPOSED,
    COMPOSED.replace("Å", "\u212b"),
    COMPOSED.replace(" ", "\u00a0"),
    DECOMPOSED.replace(" ", "\u3000"),
]
OTHERS = [unicodedata.normalize("NFKD", COMPOSED).encode("ascii", "ignore").decode(), COMPOSED.upper(), f"{COMPOSED} "]


def log_in(guest: httpx.Client, email: str, password: str) -> httpx.Response:
    return guest.post("/api/auth/login", json={"email": email, "password": password})


@pytest.mark.parametrize("chosen", FORMS)
def test_each_form_is_the_same_password(guest: httpx.Client, email: str, chosen: str) -> None:
    assert len({*FORMS, *OTHERS}) == 8
    signed_up = guest.post("/api/auth/signup", json={"email": email, "password": chosen})
    assert signed_up.status_code == 201
    for form in FORMS:
        assert log_in(guest, email, form).status_code == 200
    for other in OTHERS:
        assert_error(log_in(guest, email, other), 401, "wrong_credentials")


def test_wherever_one_is_asked_for_or_chosen(alice: User) -> None:
    body = {"current_password": PASSWORD, "new_password": COMPOSED}
    assert alice.post("/api/auth/password", json=body).status_code == 204
    body = {"current_password": DECOMPOSED, "new_password": DECOMPOSED}
    assert alice.post("/api/auth/password", json=body).status_code == 204
    assert alice.request("DELETE", "/api/auth/me", json={"password": COMPOSED}).status_code == 204


def test_a_hash_of_what_was_typed_goes_on_to_work_and_is_made_anew(
    server: Server, guest: httpx.Client, alice: User
) -> None:
    """The first version hashed passwords as they were typed."""
    typed = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(DECOMPOSED)
    schema.execute(settings_of(server), f"UPDATE users SET password_hash = '{typed}' WHERE id = '{alice.id}'")  # noqa: S608 - our own
    assert_error(log_in(guest, alice.email, COMPOSED), 401, "wrong_credentials")
    assert_error(log_in(guest, alice.email, OTHERS[0]), 401, "wrong_credentials")
    answer = log_in(guest, alice.email, DECOMPOSED)
    assert answer.status_code == 200
    assert guest.get("/api/auth/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}).is_success
    for form in FORMS:
        assert log_in(guest, alice.email, form).status_code == 200


def test_the_rules_are_about_the_one_form(guest: httpx.Client, email: str) -> None:
    """Four letters with four accents are four characters, and full-width spaces are spaces."""
    four = guest.post("/api/auth/signup", json={"email": email, "password": unicodedata.normalize("NFD", "éèêë")})
    assert_error(four, 422, "weak_password")
