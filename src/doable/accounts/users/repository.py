"""The SQL of users."""

import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, case, delete, select, update

from doable import clock
from doable.accounts.gate.access_tokens import LEEWAY
from doable.accounts.gate.repository import revoke
from doable.accounts.tables import identities, users
from doable.accounts.users.removal import credentials_and_directory
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.protocol import Work
from doable.database.types import Instant
from doable.errors import EmailTaken, Unauthenticated, WrongPassword
from doable.owned import owners as feed

ADD = Statement(insert_row(users).on_conflict_do_nothing(index_elements=[users.c.email]).returning(users))
BY_EMAIL = Statement(select(users).where(users.c.email == bindparam("email")))
BY_ID = Statement(select(users).where(users.c.id == bindparam("user_id")))
ALL = Statement(select(users).order_by(users.c.created_at, users.c.email))
# The clocks of several processes may differ, and it never goes back for all that.
UPDATED_AT = case((users.c.updated_at > bindparam("now"), users.c.updated_at), else_=bindparam("now", type_=Instant()))
REHASH = Statement(
    update(users)
    .where(users.c.id == bindparam("user_id"), users.c.password_hash == bindparam("old"))
    .values(password_hash=bindparam("new"))
    .returning(users.c.id)
)
CHANGE_PASSWORD = Statement(
    update(users)
    .where(users.c.id == bindparam("user_id"), users.c.password_hash == bindparam("old"))
    .values(password_hash=bindparam("new"), updated_at=UPDATED_AT)
    .returning(users.c.id)
)
RENAME = Statement(
    update(users)
    .where(users.c.id == bindparam("user_id"))
    .values(name=bindparam("new_name"), updated_at=UPDATED_AT)
    .returning(users)
)
TAKE = Statement(select(users.c.id).where(users.c.id == bindparam("user_id")).with_for_update())
REMOVE = Statement(delete(users).where(users.c.id == bindparam("user_id")))
IDENTITIES_OF = Statement(
    select(identities.c.issuer, identities.c.subject).where(identities.c.user_id == bindparam("user_id"))
)

IDENTITY_TOKENS_LIVE: Final = timedelta(days=30)
"""How long another issuer's token may live: it is remembered so long that the user whom it would make was removed."""


def identity_id(issuer: str, subject: str) -> str:
    """What stands for an identity where it is revoked."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer} {subject}"))


class UserRepository:
    """The users. Who asks for one by its id has that id from a credential, never from a path."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, *, email: str, name: str, password_hash: str) -> Work[Row]:
        """A new user with an owner's row. Raises EmailTaken, also where two ask for one address at the same instant."""
        user_id, now = str(uuid.uuid4()), clock.now()

        async def work(tx: Transaction) -> Row:
            await tx.one(feed.ADD, owner_id=user_id)
            user = await tx.one(
                ADD,
                id=user_id,
                email=email,
                name=name,
                password_hash=password_hash,
                created_at=now,
                updated_at=now,
                email_verified_at=None,
            )
            if user is None:
                raise EmailTaken
            return user

        return work

    async def find(self, user_id: str) -> Row | None:
        """The user with this id."""
        return await self._database.one(BY_ID, user_id=user_id)

    async def find_by_email(self, email: str) -> Row | None:
        """The user with this address, which is in its normalised form."""
        return await self._database.one(BY_EMAIL, email=email)

    async def all(self) -> list[Row]:
        """Every user, the oldest first."""
        return await self._database.all(ALL)

    async def set_password_hash(self, user_id: str, *, old: str, new: str) -> bool:
        """Replace a hash by a better one of the same password. False where it is another one by now."""

        async def work(tx: Transaction) -> bool:
            return await tx.one(REHASH, user_id=user_id, old=old, new=new) is not None

        return await self._database.write(work, owner_id=user_id)

    def change_password(self, user_id: str, *, old: str, new: str) -> Work[None]:
        """Another password. Raises WrongPassword where it is not the one of `old` any more: somebody was faster."""

        async def work(tx: Transaction) -> None:
            if await tx.one(CHANGE_PASSWORD, user_id=user_id, old=old, new=new, now=clock.now()) is None:
                raise WrongPassword

        return work

    async def rename(self, user_id: str, name: str) -> Row:
        """Give the user this name. Raises Unauthenticated if it is gone."""

        async def work(tx: Transaction) -> Row:
            user = await tx.one(RENAME, user_id=user_id, new_name=name, now=clock.now())
            if user is None:
                raise Unauthenticated
            return user

        return await self._database.write(work, owner_id=user_id)

    async def remove(self, user_id: str, *, tokens_live: timedelta) -> bool:
        """Remove the user with every credential, and revoke its tokens for as long as any may live.

        The address is free from then on. What the user had is deleted in the background (`removal`). Answers whether
        there was such a user.
        """

        async def work(tx: Transaction) -> bool:
            now = clock.now()
            if await tx.one(feed.MARK_REMOVED, owner_id=user_id, now=now) is None:
                return False
            await tx.one(TAKE, user_id=user_id)
            for identity in await tx.all(IDENTITIES_OF, user_id=user_id):
                # Its tokens would make the user anew.
                await revoke(tx, identity_id(**identity), now + IDENTITY_TOKENS_LIVE)
            for statement in credentials_and_directory():
                await tx.one(statement, user_id=user_id)
            await tx.one(REMOVE, user_id=user_id)
            await revoke(tx, user_id, now + tokens_live + LEEWAY)
            return True

        return await self._database.write(work, owner_id=user_id, long=True)
