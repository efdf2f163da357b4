"""Log-ins of other issuers: their tokens are verified here, and lead to users."""

import base64
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic_core import from_json

from doable import clock
from doable.accounts import mail_addresses
from doable.accounts.gate.access_tokens import COMPACT, REMEMBERED
from doable.accounts.gate.credentials import Credential
from doable.accounts.issuers.identities import Identity, IdentityRepository
from doable.accounts.issuers.keys import MAX_KEY_ID, Key, PublishedKeys
from doable.accounts.schemas import MAX_EMAIL, MAX_NAME
from doable.accounts.users.repository import IDENTITY_TOKENS_LIVE
from doable.digest import digest_of
from doable.errors import Unauthenticated
from doable.recent import Recent
from doable.settings.issuers import TrustedIssuer

MAX_TOKEN_BYTES: Final = 8192
"""Larger than for Doable's own tokens, since other issuers put more into theirs."""
TYPES: Final = {"jwt", "at+jwt", "application/at+jwt"}
"""The types of a log-in's token; tokens of other types are for something else."""
MAX_SUBJECT: Final = 255
REMEMBERED_SECONDS: Final = 60.0
"""Must be shorter than the life of a removed user's revocation."""
REQUIRED: Final = ["iss", "aud", "sub", "iat", "exp"]


@dataclass(frozen=True, slots=True)
class _Remembered:
    credential: Credential
    expires_at: datetime
    until: float


class Issuers:
    """Verifies the tokens of the issuers that the settings trust.

    A verified token is remembered by digest for a minute. Then key and user are looked up again, since the key may have
    been withdrawn and the user removed. Expiry is looked at every time.
    """

    def __init__(self, trusted: Iterable[TrustedIssuer], identities: IdentityRepository) -> None:
        self._issuers = {each.issuer: _Issuer(each) for each in trusted}
        self._identities = identities
        self._verified = Recent[str, _Remembered](REMEMBERED)

    def recall(self, token: bytes) -> Credential | None:
        """The credential of a token that was verified within the last minute. None if it was not, or has expired since."""
        remembered = self._verified.get(digest_of(token)) if self._verified else None
        if remembered is None or remembered.until < time.monotonic():
            return None
        return remembered.credential if remembered.expires_at > clock.now() - clock.LEEWAY else None

    async def verify(self, token: bytes) -> Credential:
        """The credential in the token, once its user is known or made.

        Raises Unauthenticated, always the same, for every token that is not valid now, and Unavailable if nobody can
        know that, because the issuer does not answer and its keys are unknown.
        """
        if not self._issuers or len(token) > MAX_TOKEN_BYTES:
            raise Unauthenticated
        remembered = await self._decode(token)
        self._verified[digest_of(token)] = remembered
        return remembered.credential

    async def _decode(self, token: bytes) -> _Remembered:
        issuer = self._issuers.get(_issuer_named_by(token))
        if issuer is None:
            raise Unauthenticated
        claims = await issuer.claims(token)
        identity = _identity(claims)
        expires_at = _instant(claims["exp"])
        # Looked at before a user is made.
        if not clock.now() - clock.LEEWAY < expires_at <= identity.issued_at + IDENTITY_TOKENS_LIVE:
            raise Unauthenticated
        user_id = await self._identities.user_id(identity)
        credential = Credential(user_id, user_id, expires_at, subject=identity.subject)
        return _Remembered(credential, expires_at, time.monotonic() + REMEMBERED_SECONDS)


class _Issuer:
    """One trusted issuer."""

    def __init__(self, trusted: TrustedIssuer) -> None:
        self._name = trusted.issuer
        self._audience = trusted.audience
        self._keys = None if trusted.jwks_url is None else PublishedKeys(trusted.issuer, trusted.jwks_url)
        secret = trusted.secret.get_secret_value().encode() if trusted.secret else b""
        self._shared_key = Key(secret, "HS256")

    async def claims(self, token: bytes) -> dict[str, Any]:
        """The claims of a token whose signature, issuer and audience are right. Its times are not looked at."""
        key_id = _key_id(token)
        if self._keys is None:
            key = self._shared_key
        elif key_id is None:
            raise Unauthenticated
        else:
            key = await self._keys.find(key_id)
        import jwt

        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key.value,
                algorithms=[key.algorithm],
                issuer=self._name,
                audience=self._audience,
                # Not here: Doable compares them with its own clock.
                options={"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Unauthenticated from None
        return claims


def _issuer_named_by(token: bytes) -> str:
    """The issuer that the token claims. It is not believed, and only tells whose keys to try."""
    if not COMPACT.fullmatch(token):
        raise Unauthenticated
    issuer = _json_of(token.split(b".")[1]).get("iss")
    return issuer if isinstance(issuer, str) else ""


def _key_id(token: bytes) -> str | None:
    """The id of the key in the header. Everything else about keys in the header is ignored."""
    header = _json_of(token.split(b".")[0])
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in TYPES or "crit" in header:
        raise Unauthenticated
    key_id = header.get("kid")
    return key_id if isinstance(key_id, str) and 0 < len(key_id) <= MAX_KEY_ID else None


def _json_of(part: bytes) -> dict[str, Any]:
    try:
        value = from_json(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except ValueError:
        raise Unauthenticated from None
    if not isinstance(value, dict):
        raise Unauthenticated
    return value


def _identity(claims: dict[str, Any]) -> Identity:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise Unauthenticated
    issued_at, now = _instant(claims["iat"]), clock.now()
    if issued_at > now + clock.LEEWAY or ("nbf" in claims and _instant(claims["nbf"]) > now + clock.LEEWAY):
        raise Unauthenticated
    email = claims.get("email")
    # OpenID Connect has the first name, Better Auth the second.
    is_verified = claims.get("email_verified") is True or claims.get("emailVerified") is True
    return Identity(
        issuer=claims["iss"],
        subject=subject,
        name=_name(claims.get("name")) or _name(_local_part(email)) or _name(subject) or "?",
        verified_email=_address(email) if is_verified else None,
        issued_at=issued_at,
    )


def _instant(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unauthenticated
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unauthenticated from None


def _name(value: Any) -> str:
    """The parts of this that can be a name."""
    text = value if isinstance(value, str) else ""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:MAX_NAME].strip()


def _local_part(email: Any) -> Any:
    return email.rpartition("@")[0] if isinstance(email, str) else None


def _address(email: Any) -> str | None:
    try:
        return mail_addresses.normalised(email) if isinstance(email, str) and len(email) <= MAX_EMAIL else None
    except ValueError:
        return None
