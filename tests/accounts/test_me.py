"""GET /api/auth/me. To change it is test_rename.py, to remove it test_delete_me.py."""

import httpx

from support.users import User, assert_error


def test_answers_the_user_whose_token_it_is(alice: User, bob: User) -> None:
    for user in (alice, bob):
        answer = user.get("/api/auth/me")
        assert answer.status_code == 200
        me = answer.json()
        assert me == {
            "id": user.id,
            "email": user.email,
            "name": user.email.partition("@")[0],
            "created_at": me["created_at"],
            "email_verified_at": None,
        }


def test_says_what_sign_up_and_log_in_said(guest: httpx.Client, email: str) -> None:
    credentials = {"email": email, "password": "correct horse"}
    signed_up = guest.post("/api/auth/signup", json={**credentials, "name": "Zoë"}).json()
    logged_in = guest.post("/api/auth/login", json=credentials).json()
    for token in (signed_up["access_token"], logged_in["access_token"]):
        me = guest.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
        assert me == signed_up["user"] == logged_in["user"]


def test_refuses_nobody(guest: httpx.Client) -> None:
    assert_error(guest.get("/api/auth/me"), 401, "unauthenticated")


def test_refuses_another_method(alice: User) -> None:
    for method in ("POST", "PUT", "TRACE"):
        answer = alice.request(method, "/api/auth/me")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
