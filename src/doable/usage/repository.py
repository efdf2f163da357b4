"""The SQL of an owner's usage."""

from typing import Final

from sqlalchemy import select

from doable.database import Database, Row, Statement, Transaction
from doable.errors import Unauthenticated
from doable.kinds import KINDS, REPOSITORIES
from doable.owned.owners import THIS_OWNER
from doable.owned.storage import measure
from doable.owned.tables import owners

OWNER: Final = Statement(
    select(
        owners.c.revision, owners.c.tasks, owners.c.kept_bytes, owners.c.stored_bytes, owners.c.counted_revision
    ).where(THIS_OWNER)
)


async def usage_of(database: Database, owner_id: str) -> Row:
    """The number of things of each kind and the bytes that they and the kept answers take, from one snapshot.

    Raises Unauthenticated if there is no such owner any longer.
    """

    async def work(tx: Transaction) -> Row:
        owner = await tx.one(OWNER, owner_id=owner_id)
        if owner is None:
            raise Unauthenticated
        is_counted = owner["counted_revision"] == owner["revision"]
        usage, taken = {}, 0
        for each in REPOSITORIES:
            name = each.table.name
            if is_counted and each.is_counted:
                usage[name] = owner[name]
            else:
                usage[name], bytes_ = await measure(tx, owner_id, each)
                taken += bytes_
        return {
            **{kind.plural: usage[kind.plural] for kind in KINDS},
            "stored_bytes": owner["stored_bytes"] if is_counted else taken,
            "kept_bytes": owner["kept_bytes"],
        }

    return await database.read(work, long=True)
