"""Keys: each is derived from a secret for one purpose, so that a signature for one purpose is no good for another."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ACCESS_TOKENS = "doable access token"
REFRESH_TOKENS = "doable refresh token"
REFRESH_TAGS = "doable refresh token tag"
PUSH = "doable web push"
UNSUBSCRIBING = "doable unsubscribing"


def derive(secret: bytes, purpose: str) -> bytes:
    """32 bytes (HKDF-SHA256, RFC 5869, without a salt)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)
