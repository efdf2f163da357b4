"""The SQL of notifications, but for their making (`firing.py`)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, bindparam, or_, select, update

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.expiry import Expiry
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.errors import NotificationNotFound, PreconditionFailed
from doable.notifications.tables import READ, notifications
from doable.owned.owners import advance
from doable.owned.repository import Revisions
from doable.owned.rows import OwnedRows

KEPT: Final = timedelta(days=30)

OWN: Final = notifications.c.owner_id == bindparam("owner_id")
PAGE: Final = Statement(
    select(*READ, notifications.c.sequence)
    .where(
        OWN,
        notifications.c.sequence < bindparam("before", type_=BigInteger()),
        or_(
            notifications.c.seen_at.is_(None) & (bindparam("unseen", type_=BigInteger()) == 1),
            notifications.c.seen_at.is_not(None) & (bindparam("seen", type_=BigInteger()) == 1),
        ),
    )
    .order_by(notifications.c.sequence.desc())
    .limit(bindparam("limit", type_=BigInteger()))
)
GET: Final = Statement(select(*READ).where(OWN, notifications.c.id == bindparam("this_id")))
UNSEEN: Final = Statement(
    select(*notifications.c)
    .where(
        OWN,
        notifications.c.revision <= bindparam("up_to", type_=BigInteger()),
        notifications.c.seen_at.is_(None),
    )
    .order_by(notifications.c.revision)
    .limit(SLICE)
)
WRITE: Final = Statement(
    update(notifications)
    .where(notifications.c.owner_id == bindparam("this_owner"), notifications.c.id == bindparam("this_id"))
    .values(
        seen_at=bindparam("new_seen_at", type_=notifications.c.seen_at.type),
        updated_at=bindparam("now", type_=notifications.c.updated_at.type),
        revision=bindparam("new_revision", type_=BigInteger()),
    )
    .returning(*READ)
)
EXPIRED: Final = Expiry(notifications.c.created_at)


class NotificationRepository(OwnedRows):
    """One user's notifications."""

    kind = "notification"
    table = notifications
    read = READ

    async def page(self, *, seen: bool | None, limit: int, before: int) -> list[Row]:
        """The newest that were made before this sequence, which each of them has beside what is sent."""
        wanted = {"seen": int(seen is not False), "unseen": int(seen is not True)}

        async def page(tx: Transaction) -> list[Row]:
            return await tx.all(PAGE, owner_id=self._owner_id, limit=limit, before=before, **wanted)

        # Seen ones are passed over where others are asked for.
        return await self._database.read(page, long=seen is not None)

    def change(self, id_: str, changes: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[Row]:
        """Mark it as seen, or as not seen. Raises NotificationNotFound."""

        async def work(tx: Transaction) -> Row:
            owner = await advance(tx, self._owner_id)
            old = await tx.one(self.statements.row, this_owner=self._owner_id, this_id=id_)
            if old is None:
                raise NotificationNotFound
            if expected is not None and old["revision"] not in expected:
                raise PreconditionFailed(current=await tx.one(GET, owner_id=self._owner_id, this_id=id_))
            return await self._mark(
                tx, old, owner["revision"], is_seen=changes.get("is_seen", old["seen_at"] is not None)
            )

        return work

    def see(self, up_to: int, seen: set[str]) -> Work[bool]:
        """Mark as seen some of those that are not, up to this revision. Their ids are put into `seen`; answers whether there may be more."""

        async def work(tx: Transaction) -> bool:
            await advance(tx, self._owner_id, by=0)
            rows = await tx.all(UNSEEN, owner_id=self._owner_id, up_to=up_to)
            if rows:
                owner = await advance(tx, self._owner_id, by=len(rows))
                for revision, row in enumerate(rows, owner["revision"] - len(rows) + 1):
                    await self._mark(tx, row, revision, is_seen=True)
            seen.update(row["id"] for row in rows)
            return len(rows) == SLICE

        return work

    async def _mark(self, tx: Transaction, old: Row, revision: int, *, is_seen: bool) -> Row:
        now = clock.later_than(old["updated_at"])
        seen_at = (old["seen_at"] or now) if is_seen else None
        these = {"this_owner": self._owner_id, "this_id": old["id"]}
        written = await tx.one(WRITE, **these, new_seen_at=seen_at, now=now, new_revision=revision)
        assert written is not None  # noqa: S101 - it was read in this transaction
        return written


async def purge(database: Database) -> None:
    """Delete notifications that have been kept long enough. It is known of each from the beginning when it goes, so nobody is told."""
    await EXPIRED.run(database, clock.now() - KEPT)
