"""Kinds of which an owner has few, in an order of the owner's own: all of them are read at once, and each can be moved."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Table, bindparam, func, select, true

from doable.database import Row, Shape, Statement, Transaction
from doable.database.protocol import Work
from doable.errors import ReferenceNotFound, TooMany
from doable.owned import positions
from doable.owned.owners import OwnerRow, advance
from doable.owned.repository import OwnedRepository, Revisions, RowT, Stamp


class OrderStatements:
    """The statements of an order, made as those of every kind are. With `among`, each value of that column has its own."""

    def __init__(
        self, table: Table, read: tuple[ColumnElement[Any], ...], shape: Shape | None, among: str | None
    ) -> None:
        own = table.c.owner_id == bindparam("owner_id")
        siblings = true() if among is None else table.c[among] == bindparam("among", type_=table.c[among].type)
        order = (table.c.position, table.c.sequence)
        self.all = Statement(select(*read).where(own).order_by(*order), shape)
        self.siblings = Statement(select(*read).where(own, siblings).order_by(*order), shape)
        self.positions = Statement(select(table.c.id, table.c.position).where(own, siblings).order_by(*order))
        self.count = Statement(select(func.count().label("number")).select_from(table).where(own))


class OrderedRepository(OwnedRepository[RowT]):
    """One owner's things of a kind that has an order: each has a `position`, and a new one stands last."""

    most: ClassVar[int]
    """An owner has no more of them."""
    among: ClassVar[str | None] = None
    """The column whose value those share that stand in one order; None if all of the owner's do."""

    order: ClassVar[OrderStatements]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.references = {"before": cls.kind, "after": cls.kind, **cls.references}
        cls.order = OrderStatements(cls.table, cls.read, cls.shape, cls.among)

    async def all(self) -> list[Row]:
        """All of them, by their positions."""
        return await self._database.all(self.order.all, owner_id=self._owner_id)

    def move(self, id_: str, to: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[Row]:
        """Put it before or after another, or in the first or last place, as a `Move` says."""

        async def work(tx: Transaction) -> Row:
            owner = await advance(tx, self._owner_id)
            old = await self.take(tx, id_, expected)
            return await self.put_in_place(tx, old, to, owner)

        return work

    async def put_in_place(
        self,
        tx: Transaction,
        old: RowT,
        to: Mapping[str, Any],
        owner: OwnerRow,
        changes: Mapping[str, Any] | None = None,
    ) -> Row:
        """Write the row, changed, to where it is to stand, and answer it. The owner's row has a revision that this write took.

        If no short key is left between its neighbours, they get new ones, each with a revision of its own. Raises
        ReferenceNotFound if what it is to stand beside is none of its siblings-to-be.
        """
        new, revision = {**old, **(changes or {})}, owner["revision"]
        others = [row for row in await self._positions(tx, new) if row["id"] != old["id"]]
        index = _index(others, to)
        key, crowded = positions.place([row["position"] for row in others], index, revision)
        if not crowded:
            return await self.put(tx, old, {**(changes or {}), "position": key}, owner)
        # It stands among them itself, and is written last, since it is what is answered.
        moved = [row["id"] for row in others[crowded.start : index]]
        after = [row["id"] for row in others[index : crowded.stop]]
        low = others[crowded.start - 1]["position"] if crowded.start else positions.first(revision)
        high = others[crowded.stop]["position"] if crowded.stop < len(others) else positions.last(revision)
        keys = positions.spread(low, high, len(moved) + 1 + len(after))
        own = keys.pop(len(moved))
        owner = await advance(tx, self._owner_id, by=len(keys))
        began = owner["revision"] - len(keys)
        for number, (id_, each) in enumerate(zip([*moved, *after], keys, strict=True)):
            row = await self.take(tx, id_)
            await self.put(tx, row, {"position": each}, owner, began + number)
        return await self.put(tx, old, {**(changes or {}), "position": own}, owner)

    async def bring_back(self, tx: Transaction, row: Row, owner: OwnerRow, *, now: Row | None) -> int:
        """Where another has come to stand in its place, it stands behind that one."""
        there = await tx.all(self.order.positions, owner_id=self._owner_id, **self._among(row))
        other = next((each["id"] for each in there if each["position"] == row["position"]), None)
        if other is None:
            return await super().bring_back(tx, row, owner, now=now)
        await super().bring_back(tx, {**row, "position": positions.last(owner["revision"])}, owner, now=now)
        owner = await advance(tx, self._owner_id)
        old = await self.take(tx, row["id"])
        written = await self.put_in_place(tx, old, {"after": other}, owner)
        revision: int = written["revision"]
        return revision

    def prepare(self, old: RowT | None, changes: Mapping[str, Any], stamp: Stamp) -> Mapping[str, Any]:
        """A new one stands last."""
        return changes if old is not None else {**changes, "position": positions.last(stamp.revision)}

    async def added(self, tx: Transaction) -> None:
        """Raise TooMany if there are more of them than one user may have."""
        found = await tx.one(self.order.count, owner_id=self._owner_id)
        if found is not None and found["number"] > self.most:
            raise TooMany(self.table.name)

    async def _positions(self, tx: Transaction, row: Mapping[str, Any]) -> list[Row]:
        """The ids and positions of the row's siblings, in order."""
        return await tx.all(self.order.positions, owner_id=self._owner_id, **self._among(row))

    def _among(self, row: Mapping[str, Any]) -> Row:
        return {} if self.among is None else {"among": row[self.among]}


def _index(others: list[Row], to: Mapping[str, Any]) -> int:
    """The index of the one before which it is to stand."""
    name = next((name for name in ("before", "after") if to.get(name) is not None), None)
    if name is None:
        return 0 if to.get("place") == "first" else len(others)
    for index, row in enumerate(others):
        if row["id"] == to[name]:
            return index + (name == "after")
    raise ReferenceNotFound("body", name)
