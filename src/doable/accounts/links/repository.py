"""The tokens of mailed links: who shows one reads the mail of that address."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from doable import clock
from doable.accounts.api_tokens.repository import ApiTokenRepository
from doable.accounts.sessions.repository import TAKE_USER, SessionRepository
from doable.accounts.tables import mail_tokens, users
from doable.accounts.users.repository import UPDATED_AT
from doable.database import Database, Duplicate, Row, Statement, Transaction, insert_row
from doable.database.expiry import Expiry
from doable.database.protocol import Work
from doable.digest import digest_of
from doable.errors import EmailTaken, MailTokenInvalid, WrongPassword
from doable.outbox import repository as outbox
from doable.outbox.repository import CHANGE, NOTICE, RESET, VERIFY

LIFETIMES: Final[Mapping[str, timedelta]] = {
    RESET: timedelta(hours=1),
    VERIFY: timedelta(hours=24),
    CHANGE: timedelta(hours=24),
}

# Who makes a token holds the user's row, so that what drops the tokens of a user (with FOR UPDATE) misses none.
HOLD_BY_ADDRESS = Statement(select(users).where(users.c.email == bindparam("address")).with_for_update(read=True))
HOLD_BY_ID = Statement(select(users).where(users.c.id == bindparam("user_id")).with_for_update(read=True))
TAKE_WITH_PASSWORD = Statement(
    select(users.c.id)
    .where(users.c.id == bindparam("user_id"), users.c.password_hash == bindparam("password_hash"))
    .with_for_update()
)
BY_EMAIL = Statement(select(users.c.id).where(users.c.email == bindparam("email")))
ADD = Statement(insert_row(mail_tokens))
FIND = Statement(
    select(mail_tokens.c.kind, mail_tokens.c.address, users.c.id.label("user_id"), users.c.email)
    .select_from(mail_tokens.join(users))
    .where(mail_tokens.c.digest == bindparam("digest"), mail_tokens.c.expires_at > bindparam("now"))
)
USE = Statement(delete(mail_tokens).where(mail_tokens.c.digest == bindparam("digest")).returning(mail_tokens.c.digest))
FORGET = Statement(delete(mail_tokens).where(mail_tokens.c.user_id == bindparam("user_id")))
FORGET_KIND = Statement(
    delete(mail_tokens).where(mail_tokens.c.user_id == bindparam("user_id"), mail_tokens.c.kind == bindparam("kind"))
)
EXPIRED = Expiry(mail_tokens.c.expires_at)
SET_PASSWORD = Statement(
    update(users)
    .where(users.c.id == bindparam("user_id"))
    .values(password_hash=bindparam("new_password_hash"), email_verified_at=bindparam("now"), updated_at=UPDATED_AT)
)
SET_EMAIL = Statement(
    update(users)
    .where(users.c.id == bindparam("user_id"))
    .values(email=bindparam("new_email"), email_verified_at=bindparam("now"), updated_at=UPDATED_AT)
)


def making(row: Row, token: str) -> Work[bool]:
    """Make the token of a mail that is about to be sent. False where the mail is not wanted any more."""
    kind: str = row["kind"]
    now = clock.now()

    async def work(tx: Transaction) -> bool:
        if kind == CHANGE:
            user = await tx.one(HOLD_BY_ID, user_id=row["user_id"])
        else:
            user = await tx.one(HOLD_BY_ADDRESS, address=row["address"])
        if user is None or (row["user_id"] or user["id"]) != user["id"]:
            return False
        if kind == VERIFY and user["email_verified_at"] is not None:
            return False
        expires_at = now + LIFETIMES[kind]
        await tx.one(
            ADD, digest=digest_of(token), kind=kind, user_id=user["id"], address=row["address"], expires_at=expires_at
        )
        return True

    return work


def new_token() -> str:
    """256 bits, in 43 characters that a link may have."""
    return secrets.token_urlsafe(32)


def asking_for_change(user: Row, new_email: str) -> Work[None]:
    """Ask for another address: the link goes to the new one, and the old one is told.

    Only the newest that is asked for counts. Raises EmailTaken, and WrongPassword where the password has changed since
    the user showed it.
    """
    works = [outbox.queue(CHANGE, new_email, user["id"])]
    if user["email"] is not None:
        works.append(outbox.queue(NOTICE, user["email"], user["id"]))

    async def work(tx: Transaction) -> None:
        if await tx.one(TAKE_WITH_PASSWORD, user_id=user["id"], password_hash=user["password_hash"]) is None:
            raise WrongPassword
        if await tx.one(BY_EMAIL, email=new_email) is not None:
            raise EmailTaken
        await dropping_change(user["id"])(tx)
        for each in works:
            await each(tx)

    return work


def dropping_all(user_id: str) -> Work[None]:
    """No link that was sent is good for anything any more."""

    async def work(tx: Transaction) -> None:
        await tx.one(FORGET, user_id=user_id)
        await dropping_change(user_id)(tx)

    return work


def dropping_change(user_id: str) -> Work[None]:
    """Nothing comes of a change of the address that is under way."""

    async def work(tx: Transaction) -> None:
        await tx.one(FORGET_KIND, user_id=user_id, kind=CHANGE)
        await tx.one(outbox.REMOVE_OF_USER, user_id=user_id, kind=CHANGE)

    return work


class MailTokenRepository:
    """What the tokens of mailed links are good for. Each can be used once."""

    def __init__(
        self,
        database: Database,
        sessions: SessionRepository,
        api_tokens: ApiTokenRepository,
        *,
        revoked: Callable[[Iterable[str]], None],
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._api_tokens = api_tokens
        self._revoked = revoked

    async def user_to_reset(self, token: str) -> Row:
        """Whose password this token is good for. Raises MailTokenInvalid."""
        found = await self._database.one(FIND, digest=digest_of(token), now=clock.now())
        if found is None or found["kind"] != RESET:
            raise MailTokenInvalid
        return found

    async def reset(self, token: str, password_hash: str) -> None:
        """Set the password, end all sessions and API tokens, and take the address for verified: the mail was read there.

        Raises MailTokenInvalid.
        """
        now = clock.now()

        async def work(tx: Transaction) -> list[str]:
            found = await self._use(tx, token, now)
            if found["kind"] != RESET:
                raise MailTokenInvalid
            user_id = found["user_id"]
            ended = await self._sessions.ending_all(user_id)(tx)
            ended += await self._api_tokens.removing_all(user_id)(tx)
            await tx.one(SET_PASSWORD, user_id=user_id, new_password_hash=password_hash, now=now)
            # With every other one, a change of the address that somebody else may have begun is off.
            await dropping_all(user_id)(tx)
            return ended

        self._revoked(await self._database.write(work, long=True))

    async def verify(self, token: str) -> None:
        """The address is its user's: the one of the account, or the one that it is to have from now on.

        Raises MailTokenInvalid, and EmailTaken where somebody else has the new address by now.
        """
        now = clock.now()

        async def work(tx: Transaction) -> None:
            found = await self._use(tx, token, now)
            if found["kind"] == RESET:
                raise MailTokenInvalid
            try:
                await tx.one(SET_EMAIL, user_id=found["user_id"], new_email=found["address"], now=now)
            except Duplicate:
                raise EmailTaken from None
            if found["kind"] == CHANGE:
                # What was sent to the old address is good for nothing any more.
                await tx.one(FORGET, user_id=found["user_id"])

        await self._database.write(work)

    async def _use(self, tx: Transaction, token: str, now: datetime) -> Row:
        """The token's row, which is gone from here on; the user's row is taken first, as in every other transaction."""
        digest = digest_of(token)
        found = await tx.one(FIND, digest=digest, now=now)
        if found is None:
            raise MailTokenInvalid
        await tx.one(TAKE_USER, user_id=found["user_id"])
        if await tx.one(USE, digest=digest) is None:
            raise MailTokenInvalid
        return found


async def purge_mail_tokens(database: Database) -> None:
    """Delete the tokens that have expired."""
    await EXPIRED.run(database, clock.now())
