"""Puts back what one transaction has changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table

from doable import clock
from doable.database import Row, Transaction
from doable.database.types import Instant
from doable.owned.owners import BURY, UNBURY, advance
from doable.owned.repository import TICK, OwnedRepository
from doable.owned.rows import OwnedRows
from doable.undo.references import is_named


class Change(NamedTuple):
    """What a write did to one thing, and how the thing is now."""

    of: OwnedRows
    id: str
    old: Row | None
    """Its whole row before; None if the write made it."""
    now: Row | None
    """Its whole row; None if there is none."""

    @property
    def tasks(self) -> int:
        """How many tasks putting it back adds."""
        return int(self.of.is_counted) * (int(self.old is not None) - int(self.now is not None))

    @property
    def more(self) -> int:
        """How many bytes putting it back adds."""
        size = self.of.statements.size
        return (0 if self.old is None else size(self.old)) - (0 if self.now is None else size(self.now))


async def put_back(
    tx: Transaction, owner_id: str, kinds: Mapping[str, OwnedRows], noted: Sequence[Row], restored: Mapping[str, int]
) -> tuple[list[Change], list[Change], dict[str, int]]:
    """Put back what was noted (`owned/undos.py`), and answer it; and what stays, since it was changed meanwhile or is named.

    The owner's row is taken. `restored` has, by the revision that an undo wrote, the one of the row that it brought back:
    so a later write that is undone itself is none that came in between. Answered is what is to be known likewise of this one.
    """
    changes: list[Change] = []
    conflicts: list[Change] = []
    for each in noted:
        of = kinds[each["kind"]]
        now = await tx.one(of.statements.row, this_owner=owner_id, this_id=each["id"])
        old = None if each["old"] is None else _row(of.table, each["old"])
        is_same = _is_same(each["left"], now, restored)
        (changes if is_same else conflicts).append(Change(of, each["id"], old, now))
    back = [change for change in changes if change.old is not None]
    written = await _write(tx, owner_id, back)
    # What was made last goes first: it may be filed under what was made before.
    for change in sorted((change for change in changes if change.old is None), key=_sequence, reverse=True):
        (back if await _remove(tx, owner_id, change) else conflicts).append(change)
    return back, conflicts, written


def _is_same(left: int | None, now: Row | None, restored: Mapping[str, int]) -> bool:
    """Whether the thing is as the write left it."""
    if left is None or now is None:
        return left is None and now is None
    revision = now["revision"]
    while revision != left and str(revision) in restored:
        revision = restored[str(revision)]
    return bool(revision == left)


async def _write(tx: Transaction, owner_id: str, back: list[Change]) -> dict[str, int]:
    """All rows go before any comes back, so that none is in another's way: two may have changed names."""
    if not back:
        return {}
    written = {}
    tasks, more = sum(change.tasks for change in back), sum(change.more for change in back)
    owner = await advance(tx, owner_id, by=len(back), tasks=tasks, more=more)
    for change in back:
        if change.now is not None:
            await tx.one(change.of.statements.remove, this_owner=owner_id, this_id=change.id)
        else:
            await tx.one(UNBURY, owner_id=owner_id, kind=change.of.kind, id=change.id)
    for revision, change in enumerate(back, owner["revision"] - len(back) + 1):
        assert change.old is not None  # noqa: S101 - those without are removed
        last: datetime = (change.now or change.old)["updated_at"]
        stamp = {"updated_at": max(clock.now(), last + TICK), "revision": revision}
        await tx.one(change.of.statements.insert, **{**change.old, **stamp})
        written[str(revision)] = change.old["revision"]
    for of in {change.of for change in back if change.now is None}:
        if isinstance(of, OwnedRepository):
            await of.added(tx)
    return written


async def _remove(tx: Transaction, owner_id: str, change: Change) -> bool:
    """Remove what the write has made, unless it is needed by now."""
    assert change.now is not None  # noqa: S101 - nobody has changed it
    if await is_named(tx, owner_id, change.of, change.id):
        return False
    owner = await advance(tx, owner_id, tasks=change.tasks, more=change.more)
    await tx.one(change.of.statements.remove, this_owner=owner_id, this_id=change.id)
    left = {"owner_id": owner_id, "revision": owner["revision"], "kind": change.of.kind, "id": change.id}
    await tx.one(BURY, **left, list_id=change.now.get("list_id"), removed_at=clock.now())
    return True


def _sequence(change: Change) -> int:
    return 0 if change.now is None else change.now["sequence"]


def _row(table: Table, kept: Row) -> Row:
    """The row as statements take it. It was kept as JSON, perhaps before the table had all of its columns."""
    return {column.name: _value(column.type, kept.get(column.name)) for column in table.columns}


def _value(of: Any, kept: Any) -> Any:
    return datetime.fromisoformat(kept) if type(of) is Instant and kept is not None else kept
