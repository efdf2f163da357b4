"""The SQL of API tokens."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, or_, select, update

from doable import clock
from doable.accounts.gate.access_tokens import LEEWAY
from doable.accounts.gate.credentials import Credential
from doable.accounts.gate.repository import revoke, revoked_until
from doable.accounts.sessions.repository import TAKE_USER
from doable.accounts.tables import api_tokens
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.protocol import Work
from doable.errors import TokenNotFound, TooManyTokens, Unauthenticated

MAX_TOKENS: Final = 100
REMEMBERED_FOR: Final = timedelta(seconds=10)
"""How long a process may go without a look at the database for a token that it has found there."""
STOOD_STILL: Final = timedelta(seconds=10)
"""How long a process may stand still and yet hear of every revocation. If it was longer, it forgets its event streams."""
REVOKED_FOR: Final = REMEMBERED_FOR + STOOD_STILL + LEEWAY
"""After that no process remembers a token that was deleted, even if its clock is behind by as much as is allowed."""
USES_APART: Final = timedelta(minutes=1)
SHORT: Final = 50

OF_USER = api_tokens.c.user_id == bindparam("user_id")
SHOWN = [column for column in api_tokens.columns if column.name not in {"user_id", "digest"}]

COUNT = Statement(select(func.count().label("count")).select_from(api_tokens).where(OF_USER))
ADD = Statement(insert_row(api_tokens).returning(*SHOWN))
ALL = Statement(select(*SHOWN).where(OF_USER).order_by(api_tokens.c.created_at.desc(), api_tokens.c.id))
BY_DIGEST = Statement(select(api_tokens).where(api_tokens.c.digest == bindparam("digest")))
REMOVE = Statement(delete(api_tokens).where(OF_USER, api_tokens.c.id == bindparam("id")).returning(api_tokens.c.id))
REMOVE_ALL = Statement(delete(api_tokens).where(OF_USER).returning(api_tokens.c.id))
NOTE_USE = Statement(
    update(api_tokens)
    .where(
        api_tokens.c.id == bindparam("token_id"),
        or_(api_tokens.c.last_used_at.is_(None), api_tokens.c.last_used_at <= bindparam("before")),
    )
    .values(last_used_at=bindparam("used_at"))
)


class ApiTokenRepository:
    """The API tokens. What removes one also revokes it, at once in this process."""

    def __init__(self, database: Database, revoked: Callable[[Iterable[str]], None]) -> None:
        self._database = database
        self._revoked = revoked

    async def add(
        self, by: Credential, *, name: str, scopes: Iterable[str], expires_at: datetime | None, digest: str
    ) -> Row:
        """A new token of whom this credential is. Raises TooManyTokens.

        Raises Unauthenticated where the credential is revoked by now: what ends everything of a user, and holds the
        user's row as this does, misses none.
        """
        token_id, now = str(uuid.uuid4()), clock.now()

        async def work(tx: Transaction) -> Row:
            user = await tx.one(TAKE_USER, user_id=by.user_id)
            if user is None or await revoked_until(tx, by.id) is not None:
                raise Unauthenticated
            existing = await tx.one(COUNT, user_id=by.user_id)
            if existing is not None and existing["count"] >= MAX_TOKENS:
                raise TooManyTokens
            added = await tx.one(
                ADD,
                id=token_id,
                user_id=by.user_id,
                name=name,
                scopes=" ".join(scopes),
                digest=digest,
                created_at=now,
                expires_at=expires_at,
                last_used_at=None,
            )
            assert added is not None  # noqa: S101 - it has RETURNING
            return added

        return await self._database.write(work, owner_id=by.user_id)

    async def all(self, user_id: str) -> list[Row]:
        """The user's tokens, the newest first; those that have expired too."""
        return await self._database.all(ALL, user_id=user_id)

    async def find(self, digest: str) -> Row | None:
        """The token with this digest, whosever it is."""
        return await self._database.one(BY_DIGEST, digest=digest)

    async def remove(self, token_id: str, user_id: str) -> None:
        """Remove this token of the user. Raises TokenNotFound where it is none of the user's."""

        async def work(tx: Transaction) -> None:
            if await tx.one(REMOVE, id=token_id, user_id=user_id) is None:
                raise TokenNotFound
            await _revoke(tx, token_id)

        await self._database.write(work, owner_id=user_id)
        self._revoked([token_id])

    @staticmethod
    def removing_all(user_id: str) -> Work[list[str]]:
        """All of the user's as a step of a transaction; when it is committed, the ids that it answers are to be refused."""

        async def work(tx: Transaction) -> list[str]:
            await tx.one(TAKE_USER, user_id=user_id)
            removed = [row["id"] for row in await tx.all(REMOVE_ALL, user_id=user_id)]
            for token_id in removed:
                await _revoke(tx, token_id)
            return removed

        return work

    async def note_uses(self, used: Mapping[str, datetime]) -> None:
        """Note when each of these was used, but where another process has noted a use of the last minute."""

        async def work(tx: Transaction) -> None:
            for token_id, used_at in sorted(used.items()):
                await tx.one(NOTE_USE, token_id=token_id, used_at=used_at, before=used_at - USES_APART)

        await self._database.write(work, long=len(used) > SHORT)


async def _revoke(tx: Transaction, token_id: str) -> None:
    await revoke(tx, token_id, clock.now() + REVOKED_FOR)
