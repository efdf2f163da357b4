"""Access tokens: JWTs that Doable signs and verifies itself (RFC 7519, RFC 9068).

They are all of one form, and no more of RFC 7515 is here: other issuers' tokens go to PyJWT (`issuers/`), which takes a twentieth of
the start and 5 MiB with the library that it needs.
"""

import base64
import hmac
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic_core import from_json, to_json

from doable import clock
from doable.accounts import keys
from doable.accounts.gate.credentials import Credential
from doable.digest import digest_of
from doable.errors import Unauthenticated
from doable.recent import Recent

ALGORITHM: Final = "HS256"
TYPE: Final = "at+jwt"
ISSUER = AUDIENCE = "doable"
MAX_TOKEN_BYTES: Final = 4096
REMEMBERED: Final = 4096
COMPACT: Final = re.compile(rb"[\w-]+\.[\w-]+\.[\w-]+")
"""Three parts in base64url. Python and PyJWT skip over any other character (RFC 7515, section 2, allows none)."""
REQUIRED: Final = ["iss", "aud", "sub", "iat", "exp", "jti", "sid", "email"]


class Tokens:
    """Issues and verifies access tokens.

    The first of the secrets signs, and the others still verify, so that a secret can be replaced while tokens live.
    Verified tokens are remembered by digest, since decoding one costs 30 times as much as recalling it. Expiry is
    looked at every time.
    """

    def __init__(self, secrets: Sequence[bytes], lifetime: timedelta) -> None:
        derived = [keys.derive(secret, keys.ACCESS_TOKENS) for secret in secrets]
        self._keys = {digest_of(key)[:16]: key for key in derived}
        self._key_id = next(iter(self._keys))
        self._verified = Recent[str, Credential](REMEMBERED)
        self.lifetime = lifetime

    def issue(self, user_id: str, session_id: str, email: str, expires_in: int) -> str:
        """A token for this session of the user, valid for `expires_in` seconds."""
        now = int(clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user_id,
            "sid": session_id,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + expires_in,
            "email": email,
        }
        signed = b".".join(_base64url(to_json(part)) for part in (_header(self._key_id), claims))
        return b".".join((signed, self._signature(self._key_id, signed))).decode()

    def verify(self, token: bytes) -> Credential:
        """The credential in the token. Raises Unauthenticated, always the same, for every token that is not valid now."""
        if len(token) > MAX_TOKEN_BYTES:
            raise Unauthenticated
        digest = digest_of(token)
        verified = self._verified.get(digest)
        if verified is None:
            verified = self._verified[digest] = self._decode(token)
        if verified.has_expired(clock.now()):
            raise Unauthenticated
        return verified

    def _decode(self, token: bytes) -> Credential:
        if not COMPACT.fullmatch(token):
            raise Unauthenticated
        signed, _, signature = token.rpartition(b".")
        head, payload = signed.split(b".")
        try:
            header = _decoded(head)
            key_id = header["kid"]
            # As it is written here, and nothing else: no other algorithm, and no extension that must be understood.
            if header != _header(key_id) or not hmac.compare_digest(self._signature(key_id, signed), signature):
                raise Unauthenticated
            claims = _decoded(payload)
            if (
                any(claims[name] is None for name in REQUIRED)
                or not isinstance(claims["jti"], str)
                or claims["iss"] != ISSUER
                or claims["aud"] != AUDIENCE
            ):
                raise Unauthenticated
            if any(_instant(claims[name]) > clock.now() + clock.LEEWAY for name in ("iat", "nbf") if name in claims):
                raise Unauthenticated
            return Credential(
                user_id=str(uuid.UUID(claims["sub"])),
                id=str(uuid.UUID(claims["sid"])),
                expires_at=_instant(claims["exp"]),
                issued_at=claims["iat"],
            )
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
            # The same for every fault of a token, so that an attacker learns nothing.
            raise Unauthenticated from None

    def _signature(self, key_id: str, signed: bytes) -> bytes:
        return _base64url(hmac.digest(self._keys[key_id], signed, "sha256"))


def _header(key_id: str) -> dict[str, str]:
    return {"alg": ALGORITHM, "typ": TYPE, "kid": key_id}


def _base64url(content: bytes) -> bytes:
    """Without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _decoded(part: bytes) -> Any:
    return from_json(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)), allow_inf_nan=False)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
