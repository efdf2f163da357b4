"""When a user was changed: `updated_at`, which the export shows."""

from typing import Any

from support import schema
from support.mail import about, reset_token, verification_token
from support.server import Server
from support.users import PASSWORD, User

LONG_AFTER = "2999-01-01T00:00:00.000000Z"


def user_of(user: User) -> dict[str, Any]:
    """The user as the export has it."""
    answer = user.get("/api/auth/me/export")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()["user"]
    return found


def test_moves_with_every_change_and_with_nothing_else(server: Server, alice: User) -> None:
    first = user_of(alice)
    assert first["updated_at"] == first["created_at"]

    alice.new_task()
    log_in = {"email": alice.email, "password": PASSWORD}
    assert alice.post("/api/auth/login", json=log_in).status_code == 200
    assert alice.post("/api/auth/refresh", json={"refresh_token": alice.refresh_token}).status_code == 200
    assert user_of(alice)["updated_at"] == first["updated_at"]

    changes: list[tuple[str, str, dict[str, str], int]] = [
        ("PATCH", "/api/auth/me", {"name": "Alice"}, 200),
        ("POST", "/api/auth/email/verify", {"token": verification_token(server, alice.email)}, 204),
        ("POST", "/api/auth/password", {"current_password": PASSWORD, "new_password": f"{PASSWORD}!"}, 204),
    ]
    before = first["updated_at"]
    for method, path, body, status in changes:
        assert alice.request(method, path, json=body).status_code == status
        after = user_of(alice)["updated_at"]
        assert after > before, path
        before = after
    assert user_of(alice)["created_at"] == first["created_at"]
    assert set(alice.get("/api/auth/me").json()) == {"id", "email", "name", "created_at", "email_verified_at"}

    alice.post("/api/auth/password/forgot", json={"email": alice.email})
    assert about(server, alice.email, "Choose a new password")
    reset = {"token": reset_token(server, alice.email), "new_password": PASSWORD}
    assert alice.post("/api/auth/password/reset", json=reset).status_code == 204
    alice.headers["Authorization"] = f"Bearer {alice.post('/api/auth/login', json=log_in).json()['access_token']}"
    assert user_of(alice)["updated_at"] > before


def test_never_goes_back(server: Server, alice: User) -> None:
    """Another process wrote it, whose clock is ahead."""
    settings = schema.settings_of(server)
    schema.execute(settings, f"UPDATE users SET updated_at = '{LONG_AFTER}' WHERE id = '{alice.id}'")  # noqa: S608 - our own
    assert alice.patch("/api/auth/me", json={"name": "Alice"}).json()["name"] == "Alice"
    assert user_of(alice)["updated_at"] == LONG_AFTER
