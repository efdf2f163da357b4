"""Keys: each is derived from a secret for one purpose, so that a signature for one purpose is no good for another."""

import hmac
from typing import Final

ACCESS_TOKENS = "doable access token"
REFRESH_TOKENS = "doable refresh token"
REFRESH_TAGS = "doable refresh token tag"
PUSH = "doable web push"
UNSUBSCRIBING = "doable unsubscribing"

_NO_SALT: Final = bytes(32)


def derive(secret: bytes, purpose: str) -> bytes:
    """32 bytes (HKDF-SHA256, RFC 5869, without a salt): one block, so that the second step is one HMAC too."""
    return hmac.digest(hmac.digest(_NO_SALT, secret, "sha256"), purpose.encode() + b"\x01", "sha256")
