"""Identities: which user of ours it is that another issuer calls so."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from doable import clock
from doable.accounts.gate.access_tokens import LEEWAY
from doable.accounts.gate.repository import revoked_until
from doable.accounts.tables import identities, users
from doable.accounts.users.repository import ADD as ADD_USER
from doable.accounts.users.repository import IDENTITY_TOKENS_LIVE, identity_id
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.errors import Unauthenticated
from doable.owned import owners as feed

FIND = Statement(
    select(identities.c.user_id).where(
        identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject")
    )
)
# Held until the identity is there, so that it is still the address of that user then.
FIND_VERIFIED = Statement(
    select(users.c.id)
    .where(users.c.email == bindparam("email"), users.c.email_verified_at.is_not(None))
    .with_for_update(read=True)
)
ADD = Statement(
    insert_row(identities)
    .on_conflict_do_nothing(index_elements=[identities.c.issuer, identities.c.subject])
    .returning(identities.c.user_id)
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a token of another issuer says of who somebody is."""

    issuer: str
    subject: str
    name: str
    verified_email: str | None
    """In its normalised form; None where the issuer has not verified it."""
    issued_at: datetime


class IdentityRepository:
    """The identities. The first request of one makes its user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def user_id(self, identity: Identity) -> str:
        """The id of the identity's user, who is made if there is none, also where two ask at the same instant.

        An address leads to a user who is there already only where both sides have verified it. Raises Unauthenticated
        for a token that was issued before the identity's user was removed.
        """
        key = {"issuer": identity.issuer, "subject": identity.subject}
        new_id = str(uuid.uuid4())

        async def add(tx: Transaction) -> Row:
            return await self._add(tx, identity, key, new_id)

        found = await self._database.one(FIND, **key)
        if found is None:
            found = await self._database.write(add)
        user_id: str = found["user_id"]
        return user_id

    async def _add(self, tx: Transaction, identity: Identity, key: dict[str, str], new_id: str) -> Row:
        until = await revoked_until(tx, identity_id(**key))
        if until is not None and identity.issued_at <= until - IDENTITY_TOKENS_LIVE + LEEWAY:
            raise Unauthenticated
        email = identity.verified_email
        linked = None if email is None else await tx.one(FIND_VERIFIED, email=email)
        now = clock.now()
        if not linked:
            await tx.one(feed.ADD, owner_id=new_id)
            await tx.one(
                ADD_USER,
                id=new_id,
                email=None,
                name=identity.name,
                password_hash=None,
                created_at=now,
                updated_at=now,
                email_verified_at=None,
            )
        added = await tx.one(ADD, **key, user_id=linked["id"] if linked else new_id, created_at=now)
        if added is None:
            # Another request was faster, and what it made is there by now.
            if not linked:
                await tx.one(feed.REMOVE, owner_id=new_id)
            added = await tx.one(FIND, **key)
        if added is None:
            # And its user was removed since.
            raise Unauthenticated
        return added
