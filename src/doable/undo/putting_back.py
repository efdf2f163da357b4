"""Puts back what one transaction has changed."""

from ast import literal_eval
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Column, Table

from doable import clock
from doable.database import Row, Transaction
from doable.database.types import Instant
from doable.owned.owners import advance, unbury
from doable.owned.repository import OwnedRepository
from doable.owned.rows import OwnedRows
from doable.tags.repository import ROOM, TagRepository
from doable.tasks.filed_under import TagRow
from doable.undo.references import has_a_place, is_named, without_what_is_gone


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


@dataclass(slots=True)
class PuttingBack:
    """One transaction that is undone. The owner's row is taken."""

    tx: Transaction
    owner_id: str
    restored: Mapping[str, int]
    """By each revision that an undo wrote, the one of the row that it brought back: a write that was undone itself is none
    that came in between."""
    back: list[Change] = field(default_factory=list)
    """What is as it was."""
    conflicts: list[Change] = field(default_factory=list)
    """What stays as it is: it was changed meanwhile, something else needs it, or there is no place for it."""
    written: dict[str, int] = field(default_factory=dict)
    """What others are to know as `restored` of this undo."""

    async def run(self, kinds: Mapping[str, OwnedRows], noted: Sequence[Row]) -> None:
        """Put back what was noted (`owned/undos.py`). The first of the kinds is that of tasks, which name all others.

        Rows go before any comes back, so that none is in another's way: two tags may have changed names.
        """
        changes = [change async for change in self._look(kinds, noted)]
        changed = [change for change in changes if change.old is not None]
        tasks, *others = kinds.values()
        # A task is taken out of its tags while these are there: also one that goes for good, since its tag may only be moved.
        for are_tasks in (True, False):
            some = [change for change in changes if (change.of is tasks) is are_tasks]
            for change in some:
                if change.old is not None:
                    await self._take_away(change)
            await self._unmake([change for change in some if change.old is None])
        for of in others:
            await self._bring_back(await self._with_a_place([change for change in changed if change.of is of]))
        await self._bring_back([change for change in changed if change.of is tasks])

    async def _look(self, kinds: Mapping[str, OwnedRows], noted: Sequence[Row]) -> AsyncIterator[Change]:
        for each in noted:
            of = kinds[each["kind"]]
            now = await self.tx.one(of.statements.row, this_owner=self.owner_id, this_id=each["id"])
            old = None if each["old"] is None else _row(of.table, each["old"])
            change = Change(of, each["id"], old, now)
            if self._is_same(each["left"], now):
                yield change
            else:
                self.conflicts.append(change)

    def _is_same(self, left: int | None, now: Row | None) -> bool:
        """Whether the thing is as the write left it."""
        if left is None or now is None:
            return left is None and now is None
        revision = now["revision"]
        while revision != left and str(revision) in self.restored:
            revision = self.restored[str(revision)]
        return bool(revision == left)

    async def _take_away(self, change: Change) -> None:
        if change.now is not None:
            await self.tx.one(change.of.statements.remove, this_owner=self.owner_id, this_id=change.id)
            if isinstance(change.of, OwnedRepository):
                await change.of.removed(self.tx, change.now)

    async def _with_a_place(self, changes: list[Change]) -> list[Change]:
        """Those whose name nobody else has by now, and that name nothing that is gone. The others are put as they were now."""
        while True:
            stuck = [change for change in changes if not await self._has_a_place(change)]
            if not stuck:
                return changes
            for change in stuck:
                if change.now is not None:
                    await self.tx.one(change.of.statements.insert, **change.now)
            self.conflicts += stuck
            changes = [change for change in changes if change not in stuck]

    async def _has_a_place(self, change: Change) -> bool:
        assert change.old is not None  # noqa: S101 - those without are unmade
        if isinstance(change.of, TagRepository) and change.now is not None:
            # Tasks that others have changed meanwhile, or given the tag: they get its name with it.
            now, old = cast("TagRow", change.now), cast("TagRow", change.old)
            too_many = len(await change.of.named_otherwise(self.tx, now, old)) > ROOM
        else:
            too_many = False
        return not too_many and await has_a_place(self.tx, change.of, change.old)

    async def _bring_back(self, changes: list[Change]) -> None:
        for change in changes:
            assert change.old is not None  # noqa: S101 - those without are unmade
            old = await without_what_is_gone(self.tx, change.of, change.old)
            owner = await advance(self.tx, self.owner_id, tasks=change.tasks, more=change.more)
            if change.now is None:
                await unbury(self.tx, self.owner_id, change.of.kind, change.id)
            last: datetime = (change.now or change.old)["updated_at"]
            row = {**old, "updated_at": clock.later_than(last)}
            revision = await change.of.bring_back(self.tx, row, owner, now=change.now)
            self.written[str(revision)] = change.old["revision"]
            if isinstance(change.of, TagRepository) and change.now is not None:
                await change.of.name_back(self.tx, cast("TagRow", change.now), cast("TagRow", change.old))
            (self.back if old == change.old else self.conflicts).append(change)
        for of in {change.of for change in changes if change.now is None}:
            if isinstance(of, OwnedRepository):
                await of.added(self.tx)

    async def _unmake(self, made: list[Change]) -> None:
        """Remove what the write has made, unless something names it by now. What goes may be all that named another."""
        left = made
        while left:
            named = [change for change in left if not await self._is_unmade(change)]
            if len(named) == len(left):
                break
            left = named
        self.conflicts += left

    async def _is_unmade(self, change: Change) -> bool:
        assert isinstance(change.of, OwnedRepository)  # noqa: S101 - nothing else is made
        assert change.now is not None  # noqa: S101 - it is as the write left it
        if await is_named(self.tx, self.owner_id, change.of, change.now):
            return False
        owner = await advance(self.tx, self.owner_id, tasks=change.tasks)
        await change.of.bury(self.tx, [change.now], owner["revision"])
        self.back.append(change)
        return True


def _row(table: Table, kept: Row) -> Row:
    """The row as statements take it. It was kept as JSON, perhaps before the table had all of its columns."""
    return {
        column.name: _value(column.type, kept[column.name]) if column.name in kept else _default(column)
        for column in table.columns
    }


def _default(column: Column[Any]) -> Any:
    """What a row has in a column that is newer than it."""
    default = column.server_default
    return None if default is None else literal_eval(str(default.arg))  # type: ignore[attr-defined] # all are literals


def _value(of: Any, kept: Any) -> Any:
    return datetime.fromisoformat(kept) if type(of) is Instant and kept is not None else kept
