"""Moves the revisions on after a backup was restored, since clients may know of later ones than the backup."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, case, update

from doable import clock
from doable.database import Statement, Transaction
from doable.owned.tables import owners

EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
A_SECOND: Final = 1024

_BY_CLOCK = bindparam("by_clock", type_=owners.c.revision.type)
_FURTHER = case((owners.c.revision < _BY_CLOCK, _BY_CLOCK), else_=owners.c.revision + 1)
MOVE_ON = Statement(update(owners).values(revision=_FURTHER, purged_revision=_FURTHER))


async def move_revisions_on(tx: Transaction) -> None:
    """Move the revision of every owner past all that any client can have seen.

    Then the position of every client is 410, and it reads everything again. The clock, 1,024 to a second, is past any
    revision, since nobody writes so often from one restore to the next; and it has twelve digits at most, as `sequence`
    may have, until the year 2056.
    """
    await tx.one(MOVE_ON, by_clock=int((clock.now() - EPOCH).total_seconds() * A_SECOND))
