"""The digest of a token, which is stored and remembered in its place."""

import hashlib


def digest_of(token: str | bytes) -> str:
    """Its SHA-256 in hexadecimal. A token has 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(token if isinstance(token, bytes) else token.encode()).hexdigest()
