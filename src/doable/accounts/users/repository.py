"""The SQL of users."""

import uuid
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, case, delete, func, select, update

from doable import clock
from doable.accounts.gate.credentials import Credential
from doable.accounts.gate.repository import revoke, revoked_until
from doable.accounts.tables import identities, users
from doable.accounts.users import emails
from doable.accounts.users.removal import credentials_and_directory
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.pages import SLICE, Order
from doable.database.protocol import Work
from doable.database.types import Instant
from doable.errors import Unauthenticated, WrongPassword
from doable.owned import owners

THIS_USER = users.c.id == bindparam("user_id")

ADD = Statement(insert_row(users).returning(users))
FIND = Statement(select(users).where(THIS_USER))
HOLD = Statement(select(users).where(THIS_USER).with_for_update(read=True))
TAKE = Statement(select(users).where(THIS_USER).with_for_update())
_ORDER: Final = Order(users.c.created_at, users.c.id)
PAGE = Statement(select(users).where(_ORDER.is_after).order_by(*_ORDER.columns).limit(SLICE))
KINDS_OF_HASHES = Statement(
    select(func.min(users.c.password_hash).label("password_hash"))
    .where(users.c.password_hash.not_like(bindparam("own")))
    # bcrypt says its cost in 7 characters, argon2 its parameters in about 31.
    .group_by(func.substr(users.c.password_hash, 1, case((users.c.password_hash.like("$2%"), 7), else_=31)))
)
# The clocks of several processes may differ, but this never goes back.
UPDATED_AT = case((users.c.updated_at > bindparam("now"), users.c.updated_at), else_=bindparam("now", type_=Instant()))
REHASH = Statement(
    update(users)
    .where(THIS_USER, users.c.password_hash == bindparam("old"))
    .values(password_hash=bindparam("new"))
    .returning(users.c.id)
)
CHANGE_PASSWORD = Statement(
    update(users)
    .where(THIS_USER, users.c.password_hash == bindparam("old"))
    .values(password_hash=bindparam("new"), updated_at=UPDATED_AT)
    .returning(users.c.id)
)
RESET_PASSWORD = Statement(
    update(users)
    .where(THIS_USER)
    .values(password_hash=bindparam("new_password_hash"), email_verified_at=bindparam("now"), updated_at=UPDATED_AT)
)
SET_EMAIL = Statement(update(users).where(THIS_USER).values(email=bindparam("new_email"), updated_at=UPDATED_AT))
VERIFY_EMAIL = Statement(
    update(users).where(THIS_USER).values(email_verified_at=bindparam("now"), updated_at=UPDATED_AT)
)
RENAME = Statement(
    update(users).where(THIS_USER).values(name=bindparam("new_name"), updated_at=UPDATED_AT).returning(users)
)
REMOVE = Statement(delete(users).where(THIS_USER))
IDENTITIES_OF = Statement(
    select(identities.c.issuer, identities.c.subject).where(identities.c.user_id == bindparam("user_id"))
)
IDENTITY_TOKENS_LIVE: Final = timedelta(days=30)
"""How long another issuer's token may live. A removed user's identity is remembered for as long, so that an old token
cannot make the user again."""


def identity_id(issuer: str, subject: str) -> str:
    """The id by which an identity is revoked."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer} {subject}"))


async def hold(tx: Transaction, user_id: str) -> Row | None:
    """The user's row, which nobody changes until the transaction ends. Others may hold it at the same time."""
    return await tx.one(HOLD, user_id=user_id)


async def take(tx: Transaction, user_id: str) -> Row | None:
    """The user's row, which nobody else holds until the transaction ends: it comes before anything else of the user's."""
    return await tx.one(TAKE, user_id=user_id)


async def take_own(tx: Transaction, by: Credential) -> Row:
    """The row of the credential's user, taken. Raises Unauthenticated if the credential has been revoked by now.

    Works that end everything of a user take this row too, and so miss nothing that was added under it.
    """
    user = await take(tx, by.user_id)
    if user is None or await revoked_until(tx, by.id) is not None:
        raise Unauthenticated
    return user


async def hold_by_email(tx: Transaction, email: str) -> Row | None:
    """The row of the user who has this address, and has it until the transaction ends."""
    user_id = await emails.find(tx, email)
    user = None if user_id is None else await hold(tx, user_id)
    # The address may have moved on before the row was held, which moving it takes.
    return user if user is not None and await emails.find(tx, email) == user_id else None


class UserRepository:
    """The users. Their ids come from a credential, never from a path."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        *,
        email: str | None,
        name: str,
        password_hash: str | None,
        user_id: str | None = None,
        created_at: datetime | None = None,
        is_verified: bool = False,
    ) -> Work[Row]:
        """A new user with an owner's row. Raises EmailTaken.

        Whoever has had an account elsewhere brings along since when, and whether the address was verified there.
        """
        user_id = user_id or str(uuid.uuid4())

        async def work(tx: Transaction) -> Row:
            if email is not None:
                await emails.claim(tx, email, user_id)
            await tx.one(owners.ADD, owner_id=user_id)
            now = clock.now()
            user = await tx.one(
                ADD,
                id=user_id,
                email=email,
                name=name,
                password_hash=password_hash,
                created_at=now if created_at is None else min(created_at, now),
                updated_at=now,
                email_verified_at=now if is_verified else None,
            )
            assert user is not None  # noqa: S101 - it has RETURNING
            return user

        return work

    async def find(self, user_id: str) -> Row | None:
        """The user with this id."""
        return await self._database.one(FIND, user_id=user_id)

    async def find_by_email(self, email: str) -> Row | None:
        """The user with this address, in any case."""
        user_id = await emails.find(self._database, email)
        return None if user_id is None else await self.find(user_id)

    async def pages(self) -> AsyncGenerator[list[Row]]:
        """Every user, the oldest first, some at a time."""
        after = _ORDER.start()
        while rows := await self._database.all(PAGE, **after):
            yield rows
            after = _ORDER.after(rows[-1])

    async def hashes_of_others(self, own: str) -> list[str]:
        """One of each kind of hashes that do not begin like this, which Doable's own do. Looks at every user."""

        async def work(tx: Transaction) -> list[Row]:
            return await tx.all(KINDS_OF_HASHES, own=f"{own}%")

        return [row["password_hash"] for row in await self._database.read(work, long=True)]

    def rehash(self, user_id: str, *, old: str, new: str) -> Work[bool]:
        """A better hash of the same password. False if it is another one by now."""

        async def work(tx: Transaction) -> bool:
            return await tx.one(REHASH, user_id=user_id, old=old, new=new) is not None

        return work

    def change_password(self, user_id: str, *, old: str, new: str) -> Work[None]:
        """Another password. Raises WrongPassword if the hash is no longer `old`: somebody was faster."""

        async def work(tx: Transaction) -> None:
            if await tx.one(CHANGE_PASSWORD, user_id=user_id, old=old, new=new, now=clock.now()) is None:
                raise WrongPassword

        return work

    def rename(self, user_id: str, name: str) -> Work[Row]:
        """Another name. Raises Unauthenticated if the user is gone."""

        async def work(tx: Transaction) -> Row:
            user = await tx.one(RENAME, user_id=user_id, new_name=name, now=clock.now())
            if user is None:
                raise Unauthenticated
            return user

        return work

    def remove(self, user_id: str, *, tokens_live: timedelta) -> Work[bool]:
        """Remove the user with every credential, and revoke its tokens for as long as any may live.

        The address is free from then on. The rest is deleted in the background (`removal`). Answers whether there was such
        a user.
        """

        async def work(tx: Transaction) -> bool:
            now = clock.now()
            if await tx.one(owners.MARK_REMOVED, owner_id=user_id, now=now) is None:
                return False
            await take(tx, user_id)
            for identity in await tx.all(IDENTITIES_OF, user_id=user_id):
                # Its tokens would make the user again.
                await revoke(tx, identity_id(**identity), now + IDENTITY_TOKENS_LIVE)
            for statement in credentials_and_directory():
                await tx.one(statement, user_id=user_id)
            await tx.one(REMOVE, user_id=user_id)
            await revoke(tx, user_id, now + tokens_live + clock.LEEWAY)
            return True

        return work
