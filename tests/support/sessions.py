"""Log-ins: how one is begun and gone on with, and how it is known that one lives or has ended."""

from typing import Any

import httpx
import jwt

from support.users import PASSWORD, TLS, User, assert_error

Tokens = dict[str, Any]
"""What a log-in and a refresh answer, without the user."""


def log_in(user: User, **headers: str) -> Tokens:
    """The tokens of another session of this user's. Its own headers, and so its token, are not sent."""
    credentials = {"email": user.email, "password": PASSWORD}
    answer = httpx.post(f"{user.base_url}/api/auth/login", json=credentials, headers=headers, timeout=30, verify=TLS)
    assert answer.status_code == 200, answer.text
    tokens: Tokens = answer.json()
    del tokens["user"]
    return tokens


def refresh(client: httpx.Client, refresh_token: str, **headers: str) -> httpx.Response:
    """The answer to this refresh token."""
    return client.post("/api/auth/refresh", json={"refresh_token": refresh_token}, headers=headers)


def refreshed(client: httpx.Client, refresh_token: str, **headers: str) -> Tokens:
    """The next tokens. Fails if there are none."""
    answer = refresh(client, refresh_token, **headers)
    assert answer.status_code == 200, answer.text
    tokens: Tokens = answer.json()
    return tokens


def bearer(tokens: Tokens) -> dict[str, str]:
    """The header that shows the access token."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def claims_of(tokens: Tokens) -> dict[str, Any]:
    """What the access token says."""
    claims: dict[str, Any] = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    return claims


def session_id_of(tokens: Tokens) -> str:
    """The session's id."""
    session_id: str = claims_of(tokens)["sid"]
    return session_id


def assert_in(client: httpx.Client, *some: Tokens) -> None:
    """Each access token is good."""
    for tokens in some:
        assert client.get("/api/auth/me", headers=bearer(tokens)).status_code == 200


def assert_out(client: httpx.Client, *some: Tokens) -> None:
    """Each access token is refused, and each refresh token."""
    for tokens in some:
        assert_error(client.get("/api/auth/me", headers=bearer(tokens)), 401, "unauthenticated")
        assert_error(refresh(client, tokens["refresh_token"]), 401, "refresh_token_invalid")
