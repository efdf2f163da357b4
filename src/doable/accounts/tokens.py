"""Access tokens: JWTs that Doable signs and verifies itself (RFC 7519, RFC 9068)."""

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from doable import clock
from doable.errors import Unauthenticated

ALGORITHM: Final = "HS256"
TYPE: Final = "at+jwt"
ISSUER = AUDIENCE = "doable"
LEEWAY: Final = timedelta(seconds=10)
MAX_TOKEN_BYTES: Final = 4096
REMEMBERED: Final = 4096
_COMPACT: Final = re.compile(rb"[\w-]+\.[\w-]+\.[\w-]+")
"""Three parts in base64url. PyJWT skips over any other character (RFC 7515, section 2, allows none)."""
REQUIRED: Final = ["iss", "aud", "sub", "iat", "exp", "jti", "sid"]


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a verified token says."""

    user_id: str
    session_id: str
    email: str
    expires_at: datetime


class Tokens:
    """Issues and verifies access tokens.

    The key is derived from the secret for this one purpose, so that whatever else the secret signs is no log-in here.
    Verified tokens are remembered by digest, since decoding one costs 30 times as much as recalling it; whether it has
    expired is looked at every time.
    """

    def __init__(self, secret: bytes, lifetime: timedelta) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"doable access token").derive(secret)
        self._key_id = hashlib.sha256(key).hexdigest()[:16]
        self._keys = {self._key_id: key}
        self._verified: dict[bytes, AccessToken] = {}
        self.lifetime_seconds = int(lifetime.total_seconds())

    def issue(self, user_id: str, email: str) -> str:
        """A token for a new log-in of this user."""
        now = int(clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user_id,
            "sid": str(uuid.uuid4()),
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + self.lifetime_seconds,
            "email": email,
        }
        return jwt.encode(claims, self._keys[self._key_id], ALGORITHM, {"typ": TYPE, "kid": self._key_id})

    def verify(self, token: bytes) -> AccessToken:
        """What the token says. Raises Unauthenticated, always the same, for every token that is not valid now."""
        if len(token) > MAX_TOKEN_BYTES:
            raise Unauthenticated
        digest = hashlib.sha256(token).digest()
        verified = self._verified.get(digest)
        if verified is None:
            verified = self._decode(token)
            if len(self._verified) >= REMEMBERED:
                del self._verified[next(iter(self._verified))]
            self._verified[digest] = verified
        if verified.expires_at <= clock.now() - LEEWAY:
            raise Unauthenticated
        return verified

    def _decode(self, token: bytes) -> AccessToken:
        if not _COMPACT.fullmatch(token):
            raise Unauthenticated
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != TYPE:
                raise Unauthenticated
            claims: dict[str, Any] = jwt.decode(
                token,
                self._keys[header["kid"]],
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=LEEWAY,
                options={"require": REQUIRED},
            )
            return AccessToken(
                user_id=str(uuid.UUID(claims["sub"])),
                session_id=str(uuid.UUID(claims["sid"])),
                email=str(claims["email"]),
                expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            )
        except (
            jwt.PyJWTError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            OverflowError,
            OSError,
            RecursionError,
        ):
            # Whatever is wrong with a token is the same to its bearer, and tells an attacker nothing.
            raise Unauthenticated from None
