"""API tokens: their form, and which of them are good."""

import re
import secrets
import string
import uuid
import zlib
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, Self

from doable import clock
from doable.accounts.api_tokens.repository import REMEMBERED_FOR, USES_APART, ApiTokenRepository
from doable.accounts.gate.credentials import Credential
from doable.background import Repeating
from doable.database import Row
from doable.digest import digest_of
from doable.errors import Unauthenticated
from doable.recent import Recent

PREFIX: Final = b"doable_"
DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_DIGITS: Final = 22
"""Digits in base 62 for the 128 bits of a UUID."""
SECRET_DIGITS: Final = 43
"""The same for 256 bits."""
CHECKSUM_DIGITS: Final = 6
"""The same for 32 bits."""
_TOKEN: Final = re.compile(
    rb"doable_((?P<user>[0-9A-Za-z]{22})(?P<id>[0-9A-Za-z]{22})[0-9A-Za-z]{43})(?P<checksum>[0-9A-Za-z]{6})"
)
# It does not say whose it is. No new ones are made.
_FIRST_FORM: Final = re.compile(rb"doable_([0-9A-Za-z]{43})(?P<checksum>[0-9A-Za-z]{6})")
LENGTH: Final = 100
REMEMBERED: Final = 4096
WRITE_SECONDS: Final = 1.0
TOGETHER: Final = 500


def new_token(user_id: str, token_id: str) -> str:
    """A new token: the user and the token's id, by which it is found, 256 random bits, and a checksum.

    By the checksum, scanners tell it from other text, and a mistyped one is refused without a look at the database.
    """
    ids = "".join(in_base_62(uuid.UUID(each).int, ID_DIGITS) for each in (user_id, token_id))
    content = ids + "".join(secrets.choice(DIGITS) for _ in range(SECRET_DIGITS))
    return f"{PREFIX.decode()}{content}{checksum(content)}"


def in_base_62(number: int, length: int) -> str:
    """The number, in this many digits."""
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    return digits


def checksum(text: str) -> str:
    """Its CRC-32."""
    return in_base_62(zlib.crc32(text.encode()), CHECKSUM_DIGITS)


def uuid_of(digits: bytes) -> str | None:
    """The UUID in these digits. None if the number is too large for one."""
    number = 0
    for digit in digits.decode():
        number = number * 62 + DIGITS.index(digit)
    return str(uuid.UUID(int=number)) if number < 2**128 else None


@dataclass(slots=True)
class Remembered:
    """A token that was found in the database a moment ago."""

    credential: Credential
    looked_at: datetime
    last_used_at: datetime | None


class ApiTokenVerifier:
    """Verifies API tokens, and notes when each was used last.

    A token that was found is remembered for ten seconds. Its expiry is looked at every time, and a deleted one is
    revoked. A task of its own writes the last uses, so that no request waits for that.
    """

    def __init__(self, tokens: ApiTokenRepository) -> None:
        self._tokens = tokens
        self._remembered = Recent[str, Remembered](REMEMBERED)
        self._used: dict[tuple[str, str], datetime] = {}
        self._writing = Repeating("api-tokens", WRITE_SECONDS, self._write)

    async def __aenter__(self) -> Self:
        await self._writing.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._writing.__aexit__(*error)
        while await self._writing.once():
            pass

    async def verify(self, token: bytes) -> Credential:
        """The credential of the token. Raises Unauthenticated unless it is good now."""
        if len(token) > LENGTH:
            raise Unauthenticated
        now, digest = clock.now(), digest_of(token)
        known = self._remembered.get(digest)
        # If the clock has been set back since, revocations would be forgotten before this entry.
        if known is None or not known.looked_at <= now < known.looked_at + REMEMBERED_FOR:
            known = await self._look_up(token, digest, now)
        if known.credential.has_expired(now):
            raise Unauthenticated
        if known.last_used_at is None or now - known.last_used_at >= USES_APART:
            known.last_used_at = self._used[known.credential.user_id, known.credential.id] = now
        return known.credential

    async def _look_up(self, token: bytes, digest: str, now: datetime) -> Remembered:
        self._remembered.pop(digest, None)
        row = await self._find(token, digest)
        if row is None:
            raise Unauthenticated
        scopes = frozenset(row["scopes"].split())
        credential = Credential(row["user_id"], row["id"], row["expires_at"], scopes)
        # `now` is from before the read: a token that was deleted since is revoked for longer than this is remembered.
        found = self._remembered[digest] = Remembered(credential, now, row["last_used_at"])
        return found

    async def _find(self, token: bytes, digest: str) -> Row | None:
        match = _TOKEN.fullmatch(token) or _FIRST_FORM.fullmatch(token)
        if match is None or checksum(match[1].decode()) != match["checksum"].decode():
            return None
        if match.re is _FIRST_FORM:
            return await self._tokens.find_by_digest(digest)
        user_id, token_id = uuid_of(match["user"]), uuid_of(match["id"])
        return None if user_id is None or token_id is None else await self._tokens.find(user_id, token_id, digest)

    async def _write(self) -> bool:
        """Write some of them. Answers whether there are more."""
        if used := dict(islice(self._used.items(), TOGETHER)):
            await self._tokens.note_uses(used)
            self._used = {each: at for each, at in self._used.items() if used.get(each) != at}
        return len(used) == TOGETHER
