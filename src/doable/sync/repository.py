"""The SQL of the feed of changes. Every statement names the owner."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, cast, literal, null, select, true, union_all

from doable.database import Database, Row, Statement, Transaction
from doable.errors import ResyncRequired, Unauthenticated
from doable.owned.owners import THIS_OWNER
from doable.owned.tables import owners, tombstones
from doable.tasks.tables import READ, tasks

# More rows than these take more than a millisecond.
SHORT_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Changes:
    """Some of the changes since a revision, the oldest first."""

    rows: list[Row]
    """Each with `revision`, `id`, `deleted`, and, where it is not deleted, all of the task."""
    revision: int
    """Up to where this goes: what to ask for next."""
    has_more: bool
    start: int
    """The owner's revision when the first page was read, if this is a reading from 0."""
    purged_revision: int

    def start_after(self, revision: int) -> int:
        """What `since` must be told besides this revision to go on after it: mostly nothing."""
        return self.start if revision < self.purged_revision else 0


def _some(select_from: Select[*tuple[Any, ...]], revision: ColumnElement[int]) -> Any:
    """The oldest of one table, in brackets: a part of a union may only so have an order and a limit."""
    return select(
        select_from.where(revision > bindparam("since"))
        .order_by(revision)
        .limit(bindparam("limit", type_=BigInteger()))
        .subquery()
    )


def _changes() -> Statement:
    """The changes beside the owner's row, in one statement and so from one snapshot.

    The owner's row comes first: without it (the user was removed) there is no row at all. With it there is at least
    one, whose id is null where nothing has changed.
    """
    live = select(literal(0).label("deleted"), *READ).where(tasks.c.owner_id == bindparam("owner_id"))
    gone = {"id": tombstones.c.id, "user_id": tombstones.c.owner_id, "revision": tombstones.c.revision}
    deleted = select(
        literal(1).label("deleted"),
        *(
            gone.get(str(column.key), cast(null(), column.type)).label(
                column.key
            )  # what a task has and a tombstone has not
            for column in READ
        ),
    ).where(tombstones.c.owner_id == bindparam("owner_id"))
    both = union_all(_some(live, tasks.c.revision), _some(deleted, tombstones.c.revision)).subquery()
    page = select(both).order_by(both.c.revision).limit(bindparam("limit", type_=BigInteger())).subquery()
    return Statement(
        select(owners.c.revision.label("owner_revision"), owners.c.purged_revision, *page.c)
        .select_from(owners.outerjoin(page, true()))
        .where(THIS_OWNER)
        .order_by(page.c.revision)
    )


CHANGES = _changes()


class ChangeRepository:
    """What has changed of one owner's."""

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id

    async def since(self, revision: int, *, limit: int, start: int = 0) -> Changes:
        """Everything that changed after this revision, in its newest state.

        `start` is for whoever reads everything, from 0, in pages: the owner's revision when the first page was read. What
        was deleted before then was on no page. Raises ResyncRequired where some of what was deleted since is forgotten,
        or the revision was never reached (a backup was restored), and Unauthenticated where the owner is no more.
        """

        async def work(tx: Transaction) -> list[Row]:
            return await tx.all(CHANGES, owner_id=self._owner_id, since=revision, limit=limit + 1)

        rows = await (self._database.read(work, long=True) if limit > SHORT_LIMIT else work(self._database))
        if not rows:
            raise Unauthenticated
        newest, purged = rows[0]["owner_revision"], rows[0]["purged_revision"]
        if max(revision, start) > newest or (revision and max(revision, start) < purged):
            raise ResyncRequired
        found = [row for row in rows if row["id"] is not None]
        has_more = len(found) > limit
        found = found[:limit]
        reached = found[-1]["revision"] if has_more else newest
        return Changes(found, reached, has_more, start if revision else newest, purged)
