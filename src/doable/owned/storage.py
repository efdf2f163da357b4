"""What an owner's things take, counted.

The owner's row has it, kept by every write. Counting is for a row that another hand has moved: code of before there was
such a column, or a restore.
"""

from typing import Any, Final

from sqlalchemy import bindparam, update

from doable.database import Statement, Transaction
from doable.database.protocol import Work
from doable.owned.owners import TAKE
from doable.owned.repository import BESIDE_THE_TEXTS, OwnedRepository
from doable.owned.tables import owners

COUNTED: Final = Statement(
    update(owners)
    .where(owners.c.owner_id == bindparam("this_owner"))
    .values(stored_bytes=bindparam("bytes", type_=owners.c.stored_bytes.type), counted_revision=owners.c.revision)
)


async def measure(tx: Transaction, owner_id: str, repository: type[OwnedRepository[Any]]) -> tuple[int, int]:
    """How many things of this kind the owner has, and the bytes that they take."""
    found = await tx.one(repository.statements.measure, this_owner=owner_id)
    assert found is not None  # noqa: S101 - an aggregate has a row
    return found["number"], found["number"] * BESIDE_THE_TEXTS + found["bytes"]


def count(owner_id: str) -> Work[None]:
    """Count what the owner's things take. It reads all of them."""

    async def work(tx: Transaction) -> None:
        await tx.one(TAKE, owner_id=owner_id)
        taken = sum([(await measure(tx, owner_id, each))[1] for each in OwnedRepository.every])
        await tx.one(COUNTED, this_owner=owner_id, bytes=taken)

    return work
