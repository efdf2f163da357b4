"""The SQL of API tokens."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import bindparam, delete, func, or_, select, update

from doable import clock
from doable.accounts.gate.credentials import Credential
from doable.accounts.gate.repository import revoke
from doable.accounts.tables import api_token_digests, api_tokens
from doable.accounts.users.repository import take, take_own
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.protocol import Work
from doable.errors import TokenNotFound, TooManyTokens

MAX_TOKENS: Final = 100
REMEMBERED_FOR: Final = timedelta(seconds=10)
"""How long a process may go without a look at the database for a token that it has found there."""
STOOD_STILL: Final = timedelta(seconds=10)
"""How long a process may stand still and yet hear of every revocation. After a longer pause it ends the event streams of API
tokens."""
REVOKED_FOR: Final = REMEMBERED_FOR + STOOD_STILL + clock.LEEWAY
"""After this no process remembers a deleted token, even if its clock is behind by as much as is allowed."""
USES_APART: Final = timedelta(minutes=1)
TOGETHER: Final = 50
"""The uses that are noted in one transaction."""

OF_USER = api_tokens.c.user_id == bindparam("user_id")
THIS_TOKEN = OF_USER, api_tokens.c.id == bindparam("token_id")
SHOWN = [column for column in api_tokens.columns if column.name not in {"user_id", "digest"}]

COUNT = Statement(select(func.count().label("count")).select_from(api_tokens).where(OF_USER))
ADD = Statement(insert_row(api_tokens).returning(*SHOWN))
ALL = Statement(select(*SHOWN).where(OF_USER).order_by(api_tokens.c.created_at.desc(), api_tokens.c.id))
FIND = Statement(select(api_tokens).where(*THIS_TOKEN, api_tokens.c.digest == bindparam("digest")))
REMOVE = Statement(delete(api_tokens).where(*THIS_TOKEN).returning(api_tokens.c.id))
REMOVE_ALL = Statement(delete(api_tokens).where(OF_USER).returning(api_tokens.c.id))
NOTE_USE = Statement(
    update(api_tokens)
    .where(*THIS_TOKEN, or_(api_tokens.c.last_used_at.is_(None), api_tokens.c.last_used_at <= bindparam("before")))
    .values(last_used_at=bindparam("used_at"))
)
WHOSE = Statement(
    select(api_token_digests.c.user_id, api_token_digests.c.token_id).where(
        api_token_digests.c.digest == bindparam("digest")
    )
)
_DIGESTS_OF_USER = api_token_digests.c.user_id == bindparam("user_id")
FORGET = Statement(
    delete(api_token_digests).where(_DIGESTS_OF_USER, api_token_digests.c.token_id == bindparam("token_id"))
)
FORGET_ALL = Statement(delete(api_token_digests).where(_DIGESTS_OF_USER))


class ApiTokenRepository:
    """The API tokens. Removing one also revokes it.

    A work that removes tokens answers their ids, which this process is to refuse as soon as it is committed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        by: Credential,
        *,
        token_id: str,
        name: str,
        scopes: Iterable[str],
        expires_at: datetime | None,
        digest: str,
    ) -> Work[Row]:
        """A new token of the credential's user. Raises TooManyTokens.

        Raises Unauthenticated if the credential has been revoked by now. Works that end everything of a user take the user's
        row, as this does, and so miss no token.
        """

        async def work(tx: Transaction) -> Row:
            await take_own(tx, by)
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
                created_at=clock.now(),
                expires_at=expires_at,
                last_used_at=None,
            )
            assert added is not None  # noqa: S101 - it has RETURNING
            return added

        return work

    async def all(self, user_id: str) -> list[Row]:
        """The user's tokens, the newest first, including expired ones."""
        return await self._database.all(ALL, user_id=user_id)

    async def find(self, user_id: str, token_id: str, digest: str) -> Row | None:
        """The token of the user with this id and this digest."""
        return await self._database.one(FIND, user_id=user_id, token_id=token_id, digest=digest)

    async def find_by_digest(self, digest: str) -> Row | None:
        """The token of the first form with this digest."""
        whose = await self._database.one(WHOSE, digest=digest)
        return None if whose is None else await self.find(**whose, digest=digest)

    def remove(self, token_id: str, user_id: str) -> Work[list[str]]:
        """Remove this token of the user. Raises TokenNotFound if it is not the user's."""

        async def work(tx: Transaction) -> list[str]:
            if await tx.one(REMOVE, token_id=token_id, user_id=user_id) is None:
                raise TokenNotFound
            await tx.one(FORGET, token_id=token_id, user_id=user_id)
            await _revoke(tx, token_id)
            return [token_id]

        return work

    def remove_all(self, user_id: str) -> Work[list[str]]:
        """Remove all of the user's, which are never more than MAX_TOKENS."""

        async def work(tx: Transaction) -> list[str]:
            await take(tx, user_id)
            removed = [row["id"] for row in await tx.all(REMOVE_ALL, user_id=user_id)]
            await tx.one(FORGET_ALL, user_id=user_id)
            for token_id in removed:
                await _revoke(tx, token_id)
            return removed

        return work

    async def note_uses(self, used: Mapping[tuple[str, str], datetime]) -> None:
        """Note when each was used, by user and id, unless another process has noted a use within the last minute."""
        # In one order, so that two processes do not wait for each other.
        rest = iter(sorted(used.items()))
        while some := list(islice(rest, TOGETHER)):

            async def work(tx: Transaction, some: list[tuple[tuple[str, str], datetime]] = some) -> None:
                for (user_id, token_id), used_at in some:
                    await tx.one(
                        NOTE_USE, user_id=user_id, token_id=token_id, used_at=used_at, before=used_at - USES_APART
                    )

            await self._database.write(work)


async def _revoke(tx: Transaction, token_id: str) -> None:
    await revoke(tx, token_id, clock.now() + REVOKED_FOR)
