"""Refresh tokens: their form, and what each is good for. Only their digests are kept."""

import base64
import hmac
import json
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Final

from doable.accounts import keys
from doable.digest import digest_of
from doable.errors import RefreshTokenInvalid

GRACE: Final = timedelta(seconds=10)
"""How long a used token gets its successor again, even if that has been used: for requests that crossed."""
USED_KEPT: Final = 8
# User, session, generation, random bits, tag. A multiple of three, so that base64 leaves no bit over and each token has
# one spelling.
LENGTHS: Final = (16, 16, 7, 32, 16)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{116}")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A well-formed token; only its session's row can tell whether it is good."""

    user_id: str
    session_id: str
    generation: int
    random: bytes
    tag: bytes

    @property
    def said(self) -> bytes:
        """Everything but the tag."""
        ids = uuid.UUID(self.user_id).bytes + uuid.UUID(self.session_id).bytes
        return ids + self.generation.to_bytes(LENGTHS[2]) + self.random

    @property
    def text(self) -> str:
        """The form that the client gets."""
        return base64.urlsafe_b64encode(self.said + self.tag).decode()

    @property
    def digest(self) -> str:
        """The form in which it is kept."""
        return digest_of(self.text)


def read(text: str) -> RefreshToken:
    """The token in this text. Raises RefreshTokenInvalid if it cannot be one."""
    if not _TOKEN.fullmatch(text):
        raise RefreshTokenInvalid
    content, parts = base64.urlsafe_b64decode(text), []
    for length in LENGTHS:
        parts.append(content[:length])
        content = content[length:]
    user, session, generation, random, tag = parts
    return RefreshToken(
        str(uuid.UUID(bytes=user)), str(uuid.UUID(bytes=session)), int.from_bytes(generation), random, tag
    )


@dataclass(frozen=True, slots=True)
class Used:
    """The part of a used token that is kept."""

    generation: int
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """The parts of its tokens that a session keeps."""

    generation: int
    digest: str
    """Both are of the token that has not been used."""
    used: tuple[Used, ...] = ()
    """The newest first."""

    def used_as_text(self) -> str:
        """`used` in the form that the database has."""
        return json.dumps([(each.generation, each.digest, each.at.isoformat()) for each in self.used])


def used_from_text(text: str) -> tuple[Used, ...]:
    """`used` from the form that the database has."""
    return tuple(Used(generation, digest, datetime.fromisoformat(at)) for generation, digest, at in json.loads(text))


class RefreshTokens:
    """Makes tokens, and says what a token is good for.

    The first of the secrets makes new ones; the others still recognise those that they made.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._successions = [keys.derive(secret, keys.REFRESH_TOKENS) for secret in secrets]
        self._tags = [keys.derive(secret, keys.REFRESH_TAGS) for secret in secrets]

    def first(self, user_id: str, session_id: str) -> RefreshToken:
        """The first token of a session."""
        return _tagged(self._tags[0], RefreshToken(user_id, session_id, 1, token_bytes(32), b""))

    def is_ours(self, token: RefreshToken) -> bool:
        """Whether one of the secrets made it."""
        return any(hmac.compare_digest(_tagged(key, token).tag, token.tag) for key in self._tags)

    def use(self, token: RefreshToken, kept: Kept, now: datetime) -> tuple[RefreshToken, Kept] | None:
        """Its successor, and the parts to keep from now on.

        A token that was used before gets the same successor again for ten seconds, and for as long as nobody has used
        that: its answer may have been lost. None if somebody has a copy, and the session has to end. Raises
        RefreshTokenInvalid for a token that is not known to be the session's.
        """
        digest = token.digest
        if digest == kept.digest:
            successor = next(self._successors(token))
            used = (Used(token.generation, digest, now), *kept.used)[:USED_KEPT]
            return successor, Kept(successor.generation, successor.digest, used)
        before = next((each for each in kept.used if each.digest == digest), None)
        if before and (before.generation == kept.generation - 1 or now - before.at <= GRACE):
            known = {kept.digest, *(each.digest for each in kept.used)}
            for successor in self._successors(token):
                if successor.digest in known:
                    return successor, kept
            # It was made with a secret that is gone. Another one would give the token two successors.
            raise RefreshTokenInvalid
        if token.generation < kept.generation and self.is_ours(token):
            return None
        raise RefreshTokenInvalid

    def _successors(self, token: RefreshToken) -> Iterator[RefreshToken]:
        """Its successor by each secret. It can be made again, so only its digest is kept."""
        for succession, tag in zip(self._successions, self._tags, strict=True):
            random = hmac.digest(succession, token.said + token.tag, "sha256")
            yield _tagged(tag, replace(token, generation=token.generation + 1, random=random))


def _tagged(key: bytes, token: RefreshToken) -> RefreshToken:
    return replace(token, tag=hmac.digest(key, token.said, "sha256")[: LENGTHS[4]])
