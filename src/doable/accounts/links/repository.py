"""The SQL of mailed links. Its token proves that somebody can read mail sent to that address."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete, exists, select

from doable import clock
from doable.accounts.api_tokens.repository import ApiTokenRepository
from doable.accounts.links.tokens import LinkToken, new_link_token
from doable.accounts.sessions.repository import SessionRepository
from doable.accounts.tables import emails as emails_table
from doable.accounts.tables import mail_tokens, users
from doable.accounts.users import emails
from doable.accounts.users.removal import what_lets_read
from doable.accounts.users.repository import RESET_PASSWORD, SET_EMAIL, VERIFY_EMAIL, hold, hold_by_email, take
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.expiry import Expiry
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.errors import EmailTaken, MailTokenInvalid, WrongPassword
from doable.outbox import repository as outbox
from doable.outbox.repository import CHANGE, NOTICE, RESET, VERIFY
from doable.outbox.tables import outbox as waiting

LIFETIMES: Final[Mapping[str, timedelta]] = {
    RESET: timedelta(hours=1),
    VERIFY: timedelta(hours=24),
    CHANGE: timedelta(hours=24),
}

OF_USER = mail_tokens.c.user_id == bindparam("user_id")
THIS_TOKEN = OF_USER, mail_tokens.c.digest == bindparam("digest")

ADD = Statement(insert_row(mail_tokens))
FIND = Statement(
    select(mail_tokens.c.kind, mail_tokens.c.address, mail_tokens.c.user_id, users.c.email)
    .select_from(mail_tokens.join(users))
    .where(*THIS_TOKEN, mail_tokens.c.expires_at > bindparam("now"))
)
USE = Statement(
    delete(mail_tokens)
    .where(*THIS_TOKEN, mail_tokens.c.expires_at > bindparam("now"))
    .returning(mail_tokens.c.kind, mail_tokens.c.address)
)
FORGET = Statement(delete(mail_tokens).where(OF_USER))
FORGET_KIND = Statement(delete(mail_tokens).where(OF_USER, mail_tokens.c.kind == bindparam("kind")))
EXPIRED = Expiry(mail_tokens.c.expires_at)
_NOBODYS = (
    select(waiting.c.id)
    .where(
        waiting.c.due_at <= bindparam("now"),
        waiting.c.user_id.is_(None),
        ~exists().where(emails_table.c.email == waiting.c.address),
    )
    .order_by(waiting.c.due_at)
    .limit(SLICE)
    .with_for_update(skip_locked=True, of=waiting)
    .cte("nobodys")
)
DROP_NOBODYS = Statement(delete(waiting).where(waiting.c.id.in_(select(_NOBODYS.c.id))).returning(waiting.c.id))


async def drop_nobodys(database: Database) -> int:
    """Drop mails to addresses that no user has, many at a time. Answers how many they were."""

    async def work(tx: Transaction) -> int:
        return len(await tx.all(DROP_NOBODYS, now=clock.now()))

    return await database.write(work, long=True)


def make(row: Row) -> Work[tuple[LinkToken, str] | None]:
    """Make the token of a mail that is about to be sent, and tell its address. None if the mail is no longer wanted.

    Mail goes to a user's own address as it is stored, not as somebody typed it who asked for the mail.
    """
    kind: str = row["kind"]

    async def work(tx: Transaction) -> tuple[LinkToken, str] | None:
        # Held, so that a work that drops the tokens of a user, and takes the row, misses none.
        user = await hold(tx, row["user_id"]) if kind == CHANGE else await hold_by_email(tx, row["address"])
        if user is None or (row["user_id"] or user["id"]) != user["id"]:
            return None
        if kind == VERIFY and user["email_verified_at"] is not None:
            return None
        address: str = row["address"] if kind == CHANGE else user["email"]
        token = new_link_token(user["id"])
        await tx.one(
            ADD,
            digest=token.digest,
            kind=kind,
            user_id=user["id"],
            address=address,
            expires_at=clock.now() + LIFETIMES[kind],
        )
        return token, address

    return work


def ask_for_change(user: Row, new_email: str) -> Work[None]:
    """Ask for another address: the link goes to the new one, and the old one is told.

    Only the newest request counts. Raises EmailTaken, and WrongPassword if the password has changed since the user gave
    it.
    """
    works = [outbox.queue(CHANGE, new_email, user["id"])]
    if user["email"] is not None:
        works.append(outbox.queue(NOTICE, user["email"], user["id"]))

    async def work(tx: Transaction) -> None:
        found = await take(tx, user["id"])
        if found is None or found["password_hash"] != user["password_hash"]:
            raise WrongPassword
        # One's own address may be spelled in another case.
        if new_email == found["email"] or await emails.find(tx, new_email) not in {None, user["id"]}:
            raise EmailTaken
        await drop_change(user["id"])(tx)
        for each in works:
            await each(tx)

    return work


def drop_all(user_id: str) -> Work[None]:
    """End every link that was sent."""

    async def work(tx: Transaction) -> None:
        await tx.one(FORGET, user_id=user_id)
        await drop_change(user_id)(tx)

    return work


def drop_change(user_id: str) -> Work[None]:
    """Stop a change of the address that is under way."""

    async def work(tx: Transaction) -> None:
        await tx.one(FORGET_KIND, user_id=user_id, kind=CHANGE)
        for kind in (CHANGE, NOTICE):
            await tx.one(outbox.REMOVE_OF_USER, user_id=user_id, kind=kind)

    return work


class MailTokenRepository:
    """The tokens of mailed links, and the works that they allow. Each can be used once."""

    def __init__(self, database: Database, sessions: SessionRepository, api_tokens: ApiTokenRepository) -> None:
        self._database = database
        self._sessions = sessions
        self._api_tokens = api_tokens

    async def user_to_reset(self, token: LinkToken) -> Row:
        """The user whose password this token can reset. Raises MailTokenInvalid."""
        return await self._find(token, RESET)

    async def check(self, token: LinkToken) -> None:
        """Raise MailTokenInvalid for a token that verifies no address."""
        await self._find(token, VERIFY, CHANGE)

    def reset(self, token: LinkToken, password_hash: str) -> Work[list[str]]:
        """Set the password, end all sessions, API tokens and what else lets somebody read, and mark the address as verified, since its mail was read.

        Answers the ids that are to be refused as soon as it is committed. Raises MailTokenInvalid.
        """
        user_id = token.user_id

        async def work(tx: Transaction) -> list[str]:
            await self._use(tx, token, RESET)
            ended = await self._sessions.end_all(user_id)(tx)
            ended += await self._api_tokens.remove_all(user_id)(tx)
            for statement in what_lets_read():
                await tx.one(statement, owner_id=user_id)
            await tx.one(RESET_PASSWORD, user_id=user_id, new_password_hash=password_hash, now=clock.now())
            # This also stops a change of the address, which somebody else may have begun.
            await drop_all(user_id)(tx)
            return ended

        return work

    def verify(self, token: LinkToken) -> Work[None]:
        """Mark the address as verified, or make it the user's new one, if the link is for that.

        Raises MailTokenInvalid, and EmailTaken if somebody else has the new address by now.
        """

        async def work(tx: Transaction) -> None:
            used = await self._use(tx, token, VERIFY, CHANGE)
            if used["kind"] == CHANGE:
                await emails.replace(tx, used["address"], token.user_id)
                await tx.one(SET_EMAIL, user_id=token.user_id, new_email=used["address"], now=clock.now())
                # Links that were sent to the old address are no longer good.
                await tx.one(FORGET, user_id=token.user_id)
            await tx.one(VERIFY_EMAIL, user_id=token.user_id, now=clock.now())

        return work

    async def _find(self, token: LinkToken, *kinds: str) -> Row:
        found = await self._database.one(FIND, user_id=token.user_id, digest=token.digest, now=clock.now())
        if found is None or found["kind"] not in kinds:
            raise MailTokenInvalid
        return found

    async def _use(self, tx: Transaction, token: LinkToken, *kinds: str) -> Row:
        """The token's row, which is deleted."""
        await take(tx, token.user_id)
        used = await tx.one(USE, user_id=token.user_id, digest=token.digest, now=clock.now())
        if used is None or used["kind"] not in kinds:
            raise MailTokenInvalid
        return used


async def purge_mail_tokens(database: Database) -> None:
    """Delete the tokens that have expired."""
    await EXPIRED.run(database, clock.now())
