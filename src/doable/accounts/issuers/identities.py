"""Identities: the user for a subject of another issuer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from doable import clock
from doable.accounts.gate.repository import revoked_until
from doable.accounts.tables import identities
from doable.accounts.users.repository import IDENTITY_TOKENS_LIVE, UserRepository, hold_by_email, identity_id
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.protocol import Work
from doable.errors import Unauthenticated
from doable.owned import owners

FIND = Statement(
    select(identities.c.user_id).where(
        identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject")
    )
)
ADD = Statement(
    insert_row(identities)
    .on_conflict_do_nothing(index_elements=[identities.c.issuer, identities.c.subject])
    .returning(identities.c.user_id)
)


@dataclass(frozen=True, slots=True)
class Identity:
    """A person, as a token of another issuer has them."""

    issuer: str
    subject: str
    name: str
    verified_email: str | None
    """In its normalised form; None if the issuer has not verified it."""
    issued_at: datetime


class IdentityRepository:
    """The identities. The first request with one makes its user."""

    def __init__(self, database: Database, users: UserRepository) -> None:
        self._database = database
        self._users = users

    async def user_id(self, identity: Identity) -> str:
        """The id of the identity's user, who is made if there is none, also if two ask at the same instant.

        An address leads to an existing user only if both sides have verified it. Raises Unauthenticated
        for a token that was issued before the identity's user was removed.
        """
        key = {"issuer": identity.issuer, "subject": identity.subject}
        add_user = self._users.add(email=None, name=identity.name, password_hash=None)

        async def add(tx: Transaction) -> Row:
            return await self._add(tx, identity, key, add_user)

        found = await self._database.one(FIND, **key)
        if found is None:
            found = await self._database.write(add)
        user_id: str = found["user_id"]
        return user_id

    async def _add(self, tx: Transaction, identity: Identity, key: dict[str, str], add_user: Work[Row]) -> Row:
        until = await revoked_until(tx, identity_id(**key))
        if until is not None and identity.issued_at <= until - IDENTITY_TOKENS_LIVE + clock.LEEWAY:
            raise Unauthenticated
        # Held until the identity is stored, so that the address is still that user's.
        email = identity.verified_email
        linked = None if email is None else await hold_by_email(tx, email)
        if linked is not None and linked["email_verified_at"] is None:
            linked = None
        user = linked or await add_user(tx)
        added = await tx.one(ADD, **key, user_id=user["id"], created_at=clock.now())
        if added is None:
            # Another request was faster, and its identity is stored by now.
            if not linked:
                await tx.one(owners.REMOVE, owner_id=user["id"])
            added = await tx.one(FIND, **key)
        if added is None:
            # And its user has been removed since.
            raise Unauthenticated
        return added
