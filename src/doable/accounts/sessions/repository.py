"""Sessions: a session is a log-in, which lasts as long as its refresh tokens are used."""

import base64
import hmac
import secrets
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from doable import clock
from doable.accounts.gate.access_tokens import LEEWAY
from doable.accounts.gate.repository import revoke
from doable.accounts.tables import refresh_tokens, sessions, users
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.expiry import Expiry
from doable.database.protocol import Work
from doable.digest import digest_of
from doable.errors import RefreshTokenInvalid, SessionNotFound, WrongCredentials
from doable.throttling.addresses import Origin

GRACE: Final = timedelta(seconds=10)
"""How long a used refresh token gets its successor again, whatever became of that: for requests that crossed."""
# So many sessions are purged at a time; each may have thousands of refresh tokens.
TOGETHER: Final = 10

# Whoever opens a session holds the user's row, so that ending all of them (with FOR UPDATE) misses none.
HOLD_USER = Statement(select(users.c.id).where(users.c.id == bindparam("user_id")).with_for_update(read=True))
HOLD_USER_WITH_PASSWORD = Statement(
    select(users.c.id)
    .where(users.c.id == bindparam("user_id"), users.c.password_hash == bindparam("password_hash"))
    .with_for_update(read=True)
)
TAKE_USER = Statement(select(users.c.id).where(users.c.id == bindparam("user_id")).with_for_update())
ADD = Statement(insert_row(sessions))
TAKE = Statement(
    select(sessions)
    .where(
        sessions.c.id
        == select(refresh_tokens.c.session_id).where(refresh_tokens.c.digest == bindparam("digest")).scalar_subquery(),
        sessions.c.expires_at > bindparam("now"),
    )
    .with_for_update()
)
USE = Statement(
    update(sessions)
    .where(sessions.c.id == bindparam("session_id"))
    .values(
        last_used_at=bindparam("now"),
        expires_at=bindparam("new_expires_at"),
        user_agent=bindparam("new_user_agent"),
        address=bindparam("new_address"),
    )
)
ADD_TOKEN = Statement(
    upsert(refresh_tokens)
    .values(digest=bindparam("digest"), session_id=bindparam("session_id"), used_at=None)
    .on_conflict_do_nothing(index_elements=[refresh_tokens.c.digest])
)
FIND_TOKEN = Statement(
    select(refresh_tokens.c.used_at, users.c.id.label("user_id"), users.c.email)
    .select_from(refresh_tokens.join(sessions).join(users))
    .where(refresh_tokens.c.digest == bindparam("digest"))
)
USE_TOKEN = Statement(
    update(refresh_tokens).where(refresh_tokens.c.digest == bindparam("digest")).values(used_at=bindparam("now"))
)
OF_USER = Statement(
    select(sessions)
    .where(sessions.c.user_id == bindparam("user_id"), sessions.c.expires_at > bindparam("now"))
    .order_by(sessions.c.last_used_at.desc(), sessions.c.id)
)
END = Statement(
    delete(sessions)
    .where(sessions.c.id == bindparam("session_id"), sessions.c.user_id == bindparam("user_id"))
    .returning(sessions.c.id)
)
_OTHERS = sessions.c.user_id == bindparam("user_id"), sessions.c.id != bindparam("but")
TAKE_OTHERS = Statement(select(sessions.c.id).where(*_OTHERS).with_for_update())
END_OTHERS = Statement(delete(sessions).where(*_OTHERS))
EXPIRED = Expiry(sessions.c.expires_at, together=TOGETHER)

NOBODYS_SESSION: Final = str(uuid.UUID(int=0))


@dataclass(frozen=True, slots=True)
class Opened:
    """A session, and the refresh token that goes on with it, which nobody can find out again."""

    session_id: str
    refresh_token: str
    user_id: str
    email: str
    expires_at: datetime


class SessionRepository:
    """The sessions. What ends one also revokes its access tokens, at once in this process."""

    def __init__(
        self,
        database: Database,
        keys: Sequence[bytes],
        *,
        idle: timedelta,
        longest: timedelta,
        tokens_live: timedelta,
        revoked: Callable[[Iterable[str]], None],
    ) -> None:
        self._database = database
        self._keys = keys
        self._idle = idle
        self._longest = longest
        self._tokens_live = tokens_live
        self._revoked = revoked

    def open(self, user: Row, origin: Origin, *, password_hash: str | None = None) -> Work[Opened]:
        """A new session. Raises WrongCredentials where the user is gone, or has another password than this by now."""
        session_id, token, now = str(uuid.uuid4()), _text(secrets.token_bytes(32)), clock.now()
        expires_at = self._expiry(now, now)

        async def work(tx: Transaction) -> Opened:
            statement = HOLD_USER if password_hash is None else HOLD_USER_WITH_PASSWORD
            if await tx.one(statement, user_id=user["id"], password_hash=password_hash) is None:
                raise WrongCredentials
            await tx.one(
                ADD,
                id=session_id,
                user_id=user["id"],
                created_at=now,
                last_used_at=now,
                expires_at=expires_at,
                user_agent=origin.user_agent,
                address=None if origin.address is None else str(origin.address),
            )
            await tx.one(ADD_TOKEN, digest=digest_of(token), session_id=session_id)
            return Opened(session_id, token, user["id"], user["email"], expires_at)

        return work

    async def refresh(self, token: str, origin: Origin) -> Opened:
        """Use a refresh token, and get its one successor.

        A token that was used before gets the same successor again for ten seconds, and for as long as nobody has used
        that: its answer may have been lost. Otherwise somebody has a copy, and the whole session ends. Raises
        RefreshTokenInvalid.
        """
        now, digest = clock.now(), digest_of(token)

        async def work(tx: Transaction) -> tuple[str, Opened | None]:
            session = await tx.one(TAKE, digest=digest, now=now)
            found = session and await tx.one(FIND_TOKEN, digest=digest)
            if session is None or found is None:
                raise RefreshTokenInvalid
            session_id = session["id"]
            # A successor that was given before may have been made with a key that is not the first any more.
            successors = [_successor(key, session_id, token) for key in self._keys]
            successor = successors[0]
            if found["used_at"] is None:
                await tx.one(USE_TOKEN, digest=digest, now=now)
                await tx.one(ADD_TOKEN, digest=digest_of(successor), session_id=session_id)
            else:
                known = [(each, await tx.one(FIND_TOKEN, digest=digest_of(each))) for each in successors]
                successor, row = next(((each, row) for each, row in known if row), (successor, None))
                if row is None or (row["used_at"] is not None and now - found["used_at"] > GRACE):
                    await self._end(tx, session_id, found["user_id"], now)
                    return session_id, None
            expires_at = self._expiry(now, session["created_at"])
            await tx.one(
                USE,
                session_id=session_id,
                now=now,
                new_expires_at=expires_at,
                new_user_agent=origin.user_agent,
                new_address=None if origin.address is None else str(origin.address),
            )
            return session_id, Opened(session_id, successor, found["user_id"], found["email"], expires_at)

        session_id, opened = await self._database.write(work)
        if opened is None:
            self._revoked([session_id])
            raise RefreshTokenInvalid
        return opened

    async def all(self, user_id: str) -> list[Row]:
        """The user's sessions that have not expired, the last used first."""
        return await self._database.all(OF_USER, user_id=user_id, now=clock.now())

    async def end(self, session_id: str, user_id: str) -> None:
        """End this session of the user. Raises SessionNotFound where it is no session of the user's."""

        async def work(tx: Transaction) -> None:
            if not await self._end(tx, session_id, user_id, clock.now()):
                raise SessionNotFound

        await self._database.write(work)
        self._revoked([session_id])

    async def end_all(self, user_id: str, *, but: str = NOBODYS_SESSION) -> None:
        """End all sessions of the user but one."""
        ended = await self._database.write(self.ending_all(user_id, but=but), long=True)
        self._revoked(ended)

    def ending_all(self, user_id: str, *, but: str = NOBODYS_SESSION) -> Work[list[str]]:
        """The same as a step of a transaction; when it is committed, the ids that it answers are to be refused."""

        async def work(tx: Transaction) -> list[str]:
            others = {"user_id": user_id, "but": but}
            await tx.one(TAKE_USER, user_id=user_id)
            # Before what revokes them: whoever ends one of them takes it in this order too.
            ended = [row["id"] for row in await tx.all(TAKE_OTHERS, **others)]
            for session_id in ended:
                await revoke(tx, session_id, self._revoked_until(clock.now()))
            await tx.one(END_OTHERS, **others)
            return ended

        return work

    async def _end(self, tx: Transaction, session_id: str, user_id: str, now: datetime) -> bool:
        if await tx.one(END, session_id=session_id, user_id=user_id) is None:
            return False
        await revoke(tx, session_id, self._revoked_until(now))
        return True

    def _revoked_until(self, now: datetime) -> datetime:
        return now + self._tokens_live + LEEWAY

    def _expiry(self, now: datetime, created_at: datetime) -> datetime:
        return min(now + self._idle, created_at + self._longest)


async def purge_sessions(database: Database) -> None:
    """Delete the sessions that have expired, with every refresh token of theirs."""
    await EXPIRED.run(database, clock.now())


def _successor(key: bytes, session_id: str, token: str) -> str:
    """The one that follows this token: it can be given again, though only its digest is stored."""
    return _text(hmac.digest(key, f"{session_id} {token}".encode(), "sha256"))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
