"""API tokens of the tests, made anew from what docs/api/api-tokens.md says of them."""

import zlib
from typing import Any

import httpx

from support.users import TLS, User

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SCOPES = ["account", "tasks:read", "tasks:write"]


def create(user: User, *scopes: str, **fields: Any) -> dict[str, Any]:
    """A new API token of the user, as it is answered; without scopes, one with all."""
    answer = user.post("/api/auth/tokens", json={"name": "a token", "scopes": scopes or SCOPES, **fields})
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


def listed(user: User) -> list[dict[str, Any]]:
    """All of the user's, as they are listed."""
    answer = user.get("/api/auth/tokens")
    assert answer.status_code == 200, answer.text
    tokens: list[dict[str, Any]] = answer.json()["tokens"]
    return tokens


def bearer(token: str) -> dict[str, str]:
    """The header that shows it."""
    return {"Authorization": f"Bearer {token}"}


def client(user: User, token: str) -> httpx.Client:
    """The bearer of this token, at the user's server."""
    return httpx.Client(base_url=user.base_url, timeout=30, verify=TLS, headers=bearer(token))


def number_of(digits: str) -> int:
    """The number in base 62."""
    return sum(DIGITS.index(digit) * 62**place for place, digit in enumerate(reversed(digits)))


def checksum(content: str) -> str:
    """Its CRC-32 in base 62."""
    number = zlib.crc32(content.encode())
    return "".join(DIGITS[number // 62**place % 62] for place in range(5, -1, -1))


def with_checksum(content: str) -> str:
    """The token that has this before its checksum."""
    return f"doable_{content}{checksum(content)}"
