"""The SQL of the token in a calendar's address. Whoever has it reads the calendar and nothing else."""

from typing import Final

from sqlalchemy import bindparam, delete, select

from doable import clock
from doable.accounts.gate.credentials import Credential
from doable.accounts.links.tokens import LinkToken, new_link_token, read_link_token
from doable.accounts.tables import calendar_tokens
from doable.accounts.users.repository import take_own
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.protocol import Work
from doable.errors import CalendarNotFound
from doable.owned.tables import owners
from doable.tasks.preferred import preferences

THIS_OWNER = calendar_tokens.c.owner_id == bindparam("owner_id")

_insert = insert_row(calendar_tokens)
REPLACE: Final = Statement(
    _insert.on_conflict_do_update(
        index_elements=[calendar_tokens.c.owner_id],
        set_={name: _insert.excluded[name] for name in ("digest", "created_at")},
    )
)
REMOVE: Final = Statement(delete(calendar_tokens).where(THIS_OWNER))
FIND: Final = Statement(
    select(calendar_tokens.c.owner_id, owners.c.revision, owners.c.tasks, preferences.c.timezone)
    .select_from(
        calendar_tokens.join(owners, owners.c.owner_id == calendar_tokens.c.owner_id).outerjoin(
            preferences, preferences.c.owner_id == calendar_tokens.c.owner_id
        )
    )
    .where(THIS_OWNER, calendar_tokens.c.digest == bindparam("digest"))
)
"""What tells whether a calendar is another than before, and which zone its owner is in."""

NOBODYS: Final = LinkToken("00000000-0000-0000-0000-000000000000", "")
"""Looked up in place of what can be no token, so that this takes as long as any other wrong one."""


def replace(by: Credential) -> Work[LinkToken]:
    """A new token of the credential's user; the one before is good no longer.

    Raises Unauthenticated if the credential has been revoked by now: a reset of the password, which takes the user's row as
    well, misses no token.
    """

    async def work(tx: Transaction) -> LinkToken:
        await take_own(tx, by)
        token = new_link_token(by.user_id)
        await tx.one(REPLACE, owner_id=by.user_id, digest=token.digest, created_at=clock.now())
        return token

    return work


def remove(owner_id: str) -> Work[None]:
    """Remove the user's token, if there is one."""

    async def work(tx: Transaction) -> None:
        await tx.one(REMOVE, owner_id=owner_id)

    return work


async def find(database: Database, text: str) -> Row:
    """Whose calendar it is, and what FIND has besides. Raises CalendarNotFound, whatever is wrong with the token."""
    token = read_link_token(text) or NOBODYS
    row = await database.one(FIND, owner_id=token.user_id, digest=token.digest)
    if row is None:
        raise CalendarNotFound
    return row
