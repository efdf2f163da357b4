"""The directory of addresses: the only way from an address to its user."""

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from doable.accounts.tables import emails
from doable.database import Reading, Statement, Transaction
from doable.errors import EmailTaken

FIND = Statement(select(emails.c.user_id).where(emails.c.email == bindparam("email")))
CLAIM = Statement(
    insert(emails)
    .values(email=bindparam("email"), user_id=bindparam("user_id"))
    .on_conflict_do_nothing(index_elements=[emails.c.email])
    .returning(emails.c.user_id)
)
RELEASE_OTHERS = Statement(
    delete(emails).where(emails.c.user_id == bindparam("user_id"), emails.c.email != bindparam("but"))
)


def key_of(address: str) -> str:
    """The form by which an address is found: without regard to case."""
    return address.lower()


async def find(tx: Reading, address: str) -> str | None:
    """The id of the user who has this address."""
    found = await tx.one(FIND, email=key_of(address))
    return None if found is None else found["user_id"]


async def claim(tx: Transaction, address: str, user_id: str) -> None:
    """Let this be an address of the user. Raises EmailTaken, also where two claim it at the same instant."""
    if await tx.one(CLAIM, email=key_of(address), user_id=user_id) is None and await find(tx, address) != user_id:
        raise EmailTaken


async def replace(tx: Transaction, address: str, user_id: str) -> None:
    """Let this be the user's one address. Raises EmailTaken."""
    # In this order, two users who want each other's address do not wait for each other.
    await claim(tx, address, user_id)
    await tx.one(RELEASE_OTHERS, user_id=user_id, but=key_of(address))
