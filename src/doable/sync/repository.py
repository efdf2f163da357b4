"""The SQL of the feed of changes. Every statement names the owner."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)

from doable.database import Database, Row, Statement, Transaction
from doable.database.types import unseen
from doable.errors import ResyncRequired, Unauthenticated
from doable.kinds import FOLLOWED
from doable.owned.kind import Followed
from doable.owned.owners import THIS_OWNER
from doable.owned.rows import OwnedRows
from doable.owned.tables import owners, tombstones

# More rows than these take more than a millisecond.
SHORT_LIMIT: Final = 50

# Few who ask have not heard of many changes.
_SINCE: Final = unseen(bindparam("since", type_=BigInteger()))
_LIMIT: Final = unseen(bindparam("limit", type_=Integer()))


@dataclass(frozen=True, slots=True)
class Changes:
    """Some of the changes since a revision, the oldest first."""

    rows: list[Row]
    """As they go over the wire: `revision`, `kind`, `id`, `deleted`, and the thing as it is now under the name of its kind."""
    revision: int
    """The revision that these changes reach: the `since` to ask for next."""
    has_more: bool
    start: int
    """The owner's revision when the first page was read, if this is a reading from 0."""
    purged_revision: int

    def start_after(self, revision: int) -> int:
        """The `start` for a reading that continues after this revision: mostly 0, which is none."""
        return self.start if revision < self.purged_revision else 0


def _wanted(kind: Followed) -> ColumnElement[bool]:
    return bindparam(f"wants_{kind.name}", type_=Integer()) == literal_column("1")


def _some(table: Table, kind: ColumnElement[str], id_: ColumnElement[Any], wanted: ColumnElement[bool]) -> Any:
    """The oldest of one table, in brackets: only so may a part of a union have an order and a limit.

    Of things that are there, only columns of the index are read: the page may turn out to have no room for them.
    """
    some = select(kind.label("kind"), table.c.revision, id_.label("id")).where(
        table.c.owner_id == bindparam("owner_id"), table.c.revision > _SINCE, wanted
    )
    return select(some.order_by(table.c.revision).limit(_LIMIT).subquery())


def _changed() -> Statement:
    """The kinds of the changes and how far they go, beside the owner's row.

    The owner's row comes first: without it (the user was removed) there is no row at all. With it there is at least
    one, whose revision is null if nothing has changed.
    """
    live = [
        _some(kind.repository.table, literal(kind.name, Text()), cast(null(), tombstones.c.id.type), _wanted(kind))
        for kind in FOLLOWED
    ]
    of_these = or_(*(and_(tombstones.c.kind == kind.name, _wanted(kind)) for kind in FOLLOWED))
    gone = _some(tombstones, tombstones.c.kind, tombstones.c.id, of_these)
    every = union_all(*live, gone).subquery()
    page = select(every).order_by(every.c.revision).limit(_LIMIT).subquery()
    return Statement(
        select(owners.c.revision.label("owner_revision"), owners.c.purged_revision, *page.c)
        .select_from(owners.outerjoin(page, true()))
        .where(THIS_OWNER)
        .order_by(page.c.revision)
    )


CHANGED = _changed()


def _rows(repository: type[OwnedRows]) -> Statement:
    table = repository.table
    changed = table.c.revision > _SINCE, table.c.revision <= unseen(bindparam("reached", type_=BigInteger()))
    some = select(*repository.read).where(table.c.owner_id == bindparam("owner_id"), *changed)
    return Statement(some.order_by(table.c.revision), repository.shape)


ROWS: Final = {kind.name: _rows(kind.repository) for kind in FOLLOWED}


@cache
def _wants(kinds: frozenset[str]) -> dict[str, int]:
    return {f"wants_{kind.name}": int(kind.name in kinds) for kind in FOLLOWED}


class ChangeRepository:
    """The changes to one owner's things of the kinds with these names."""

    __slots__ = ("_database", "_owner_id", "kinds")

    def __init__(self, database: Database, owner_id: str, kinds: frozenset[str]) -> None:
        self._database = database
        self._owner_id = owner_id
        self.kinds = kinds

    async def since(self, revision: int, *, limit: int, start: int = 0) -> Changes:
        """Everything that changed after this revision, in its newest state.

        `start` is for a reading of everything, from 0, in pages: the owner's revision when the first page was read. Things
        that were deleted before then were on no page. Raises ResyncRequired if some deletions since are forgotten, or the
        revision was never reached (a backup was restored), and Unauthenticated if there is no such owner any longer.
        """

        async def work(tx: Transaction) -> Changes:
            rows = await tx.all(CHANGED, owner_id=self._owner_id, since=revision, limit=limit + 1, **_wants(self.kinds))
            if not rows:
                raise Unauthenticated
            newest, purged = rows[0]["owner_revision"], rows[0]["purged_revision"]
            if max(revision, start) > newest or (revision and max(revision, start) < purged):
                raise ResyncRequired
            found = [row for row in rows if row["revision"] is not None]
            has_more = len(found) > limit
            found = found[:limit]
            reached = found[-1]["revision"] if has_more else newest
            changes = await self._read(tx, found, revision, reached)
            return Changes(changes, reached, has_more, start if revision else newest, purged)

        return await self._database.read(work, long=limit > SHORT_LIMIT)

    async def _read(self, tx: Transaction, found: list[Row], since: int, reached: int) -> list[Row]:
        """The changes as they go over the wire. Only the rows of kinds that are among them are read."""
        there = {row["kind"] for row in found if row["id"] is None}
        whole: dict[int, Row] = {}
        for name, statement in ROWS.items():
            if name in there:
                for row in await tx.all(statement, owner_id=self._owner_id, since=since, reached=reached):
                    whole[row["revision"]] = row
        return [_change(row["kind"], row["revision"], row["id"], whole.get(row["revision"])) for row in found]


def _change(kind: str, revision: int, deleted_id: str | None, whole: Row | None) -> Row:
    # What a user has one of has the user's id.
    id_ = deleted_id if whole is None else whole.get("id", whole["user_id"])
    return {"revision": revision, "kind": kind, "id": id_, "deleted": whole is None, kind: whole}
