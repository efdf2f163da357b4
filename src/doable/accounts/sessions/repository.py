"""The SQL of sessions. A session is a log-in, which lasts as long as its refresh tokens are used."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from doable import clock
from doable.accounts.gate.repository import revoke
from doable.accounts.sessions.refresh_tokens import Kept, RefreshToken, RefreshTokens, used_from_text
from doable.accounts.tables import sessions, users
from doable.accounts.users.repository import take
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.expiry import Expiry
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.errors import RefreshTokenInvalid, SessionNotFound, WrongCredentials
from doable.throttling.addresses import Origin

MAX_SESSIONS: Final = 100
"""A user has this many, the newest. Older ones end when another is opened."""

THIS_SESSION = sessions.c.user_id == bindparam("user_id"), sessions.c.id == bindparam("session_id")

ADD = Statement(insert_row(sessions))
_WITH_EMAIL = (
    select(sessions, users.c.email)
    .select_from(sessions.join(users))
    .where(*THIS_SESSION, sessions.c.expires_at > bindparam("now"))
)
FIND = Statement(_WITH_EMAIL)
TAKE = Statement(_WITH_EMAIL.with_for_update(of=sessions))
USE = Statement(
    update(sessions)
    .where(*THIS_SESSION)
    .values(
        last_used_at=bindparam("now"),
        expires_at=bindparam("new_expires_at"),
        user_agent=bindparam("new_user_agent"),
        address=bindparam("new_address"),
        generation=bindparam("new_generation"),
        token_digest=bindparam("new_token_digest"),
        used_tokens=bindparam("new_used_tokens"),
    )
)
OF_USER = Statement(
    select(sessions)
    .where(sessions.c.user_id == bindparam("user_id"), sessions.c.expires_at > bindparam("now"))
    .order_by(sessions.c.last_used_at.desc(), sessions.c.id)
    .limit(MAX_SESSIONS)
)
TOO_OLD = Statement(
    select(sessions.c.id)
    .where(sessions.c.user_id == bindparam("user_id"))
    .order_by(sessions.c.created_at.desc(), sessions.c.id)
    .offset(MAX_SESSIONS - 1)
    .limit(SLICE)
)
OTHERS = Statement(
    select(sessions.c.id)
    .where(sessions.c.user_id == bindparam("user_id"), sessions.c.id != bindparam("but"))
    .order_by(sessions.c.id)
    .limit(SLICE)
)
END = Statement(delete(sessions).where(*THIS_SESSION).returning(sessions.c.id))
EXPIRED = Expiry(sessions.c.expires_at)

NOBODYS_SESSION: Final = str(uuid.UUID(int=0))


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, and its refresh token, which nobody can find out again."""

    session_id: str
    refresh_token: str
    user_id: str
    email: str
    expires_at: datetime
    ended: tuple[str, ...] = ()
    """The sessions that ended because there were too many."""


class SessionRepository:
    """The sessions. Ending one also revokes its access tokens.

    A work that ends sessions answers their ids, which this process is to refuse as soon as it is committed.
    """

    def __init__(
        self, database: Database, tokens: RefreshTokens, *, idle: timedelta, longest: timedelta, tokens_live: timedelta
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._idle = idle
        self._longest = longest
        self._tokens_live = tokens_live

    def open(self, user: Row, origin: Origin, *, password_hash: str | None = None) -> Work[Opened]:
        """A new session; if the user has too many, the oldest ends.

        Raises WrongCredentials if the user is gone, or has another password than this by now.
        """
        session_id = str(uuid.uuid4())
        token = self._tokens.first(user["id"], session_id)

        async def work(tx: Transaction) -> Opened:
            # Taken for this work alone, so that two at once cannot both be the hundredth, and ending all of them misses none.
            found = await take(tx, user["id"])
            if found is None or (password_hash is not None and found["password_hash"] != password_hash):
                raise WrongCredentials
            now = clock.now()
            too_old = [row["id"] for row in await tx.all(TOO_OLD, user_id=user["id"])]
            for each in too_old:
                await self._end(tx, each, user["id"])
            expires_at = self._expiry(now, now)
            await tx.one(
                ADD,
                id=session_id,
                user_id=user["id"],
                created_at=now,
                last_used_at=now,
                expires_at=expires_at,
                user_agent=origin.user_agent,
                address=None if origin.address is None else str(origin.address),
                generation=token.generation,
                token_digest=token.digest,
                used_tokens=Kept(token.generation, token.digest).used_as_text(),
            )
            return Opened(session_id, token.text, user["id"], user["email"], expires_at, tuple(too_old))

        return work

    async def check(self, token: RefreshToken) -> None:
        """Raise RefreshTokenInvalid for a token that anybody could have made up.

        So a stranger who knows a user's id gets no further than a read, and never into the queue of the user's writes.
        """
        if self._tokens.is_ours(token):
            return
        now = clock.now()
        session = await self._database.one(FIND, user_id=token.user_id, session_id=token.session_id, now=now)
        if session is None:
            raise RefreshTokenInvalid
        self._tokens.use(token, _kept(session), now)

    def refresh(self, token: RefreshToken, origin: Origin) -> Work[Opened | None]:
        """Use a refresh token, and get its one successor (`RefreshTokens.use`).

        None if somebody has a copy of it, and so the session has ended. Raises RefreshTokenInvalid.
        """
        session_id, user_id = token.session_id, token.user_id

        async def work(tx: Transaction) -> Opened | None:
            session = await tx.one(TAKE, user_id=user_id, session_id=session_id, now=clock.now())
            if session is None:
                raise RefreshTokenInvalid
            now = clock.now()
            used = self._tokens.use(token, _kept(session), now)
            if used is None:
                await self._end(tx, session_id, user_id)
                return None
            successor, kept = used
            expires_at = self._expiry(now, session["created_at"])
            await tx.one(
                USE,
                user_id=user_id,
                session_id=session_id,
                now=now,
                new_expires_at=expires_at,
                new_user_agent=origin.user_agent,
                new_address=None if origin.address is None else str(origin.address),
                new_generation=kept.generation,
                new_token_digest=kept.digest,
                new_used_tokens=kept.used_as_text(),
            )
            return Opened(session_id, successor.text, user_id, session["email"], expires_at)

        return work

    async def all(self, user_id: str) -> list[Row]:
        """The user's sessions that have not expired, the last used first."""
        return await self._database.all(OF_USER, user_id=user_id, now=clock.now())

    def end(self, session_id: str, user_id: str) -> Work[list[str]]:
        """End this session of the user. Raises SessionNotFound if it is no session of the user's."""

        async def work(tx: Transaction) -> list[str]:
            if not await self._end(tx, session_id, user_id):
                raise SessionNotFound
            return [session_id]

        return work

    def end_some(self, user_id: str, *, but: str = NOBODYS_SESSION) -> Work[list[str]]:
        """End sessions of the user but one, SLICE of them at most. If it ends fewer, none is left."""

        async def work(tx: Transaction) -> list[str]:
            await take(tx, user_id)
            others = [row["id"] for row in await tx.all(OTHERS, user_id=user_id, but=but)]
            for each in others:
                await self._end(tx, each, user_id)
            return others

        return work

    def end_all(self, user_id: str, *, but: str = NOBODYS_SESSION) -> Work[list[str]]:
        """End all sessions of the user but one, 100 at most, as a step of a transaction that does more."""
        end_some = self.end_some(user_id, but=but)

        async def work(tx: Transaction) -> list[str]:
            ended: list[str] = []
            while some := await end_some(tx):
                ended += some
            return ended

        return work

    async def _end(self, tx: Transaction, session_id: str, user_id: str) -> bool:
        if await tx.one(END, session_id=session_id, user_id=user_id) is None:
            return False
        await revoke(tx, session_id, clock.now() + self._tokens_live + clock.LEEWAY)
        return True

    def _expiry(self, now: datetime, created_at: datetime) -> datetime:
        return min(now + self._idle, created_at + self._longest)


async def purge_sessions(database: Database) -> None:
    """Delete the sessions that have expired."""
    await EXPIRED.run(database, clock.now())


def _kept(session: Row) -> Kept:
    return Kept(session["generation"], session["token_digest"], used_from_text(session["used_tokens"]))
