"""One owner's things of one kind: a row is read, made anew in Python, and written whole. Every statement names the owner."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, ClassVar, Final, Generic, NamedTuple, NoReturn, TypeVar

from sqlalchemy import ColumnElement, Table, Text, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from doable import clock
from doable.database import Database, Reading, Row, Shape, Statement, Transaction
from doable.database.protocol import Work
from doable.database.types import bytes_of
from doable.errors import Conflict, Invalid, NotFound, PreconditionFailed
from doable.owned.ids import new_id
from doable.owned.limits import Limits
from doable.owned.owners import BURY, OwnerRow, advance, store, unbury
from doable.owned.rows import OwnedRows, RowStatements

Revisions = frozenset[int]
"""The revisions of which a thing must be at one."""

FIXED: Final = frozenset({"owner_id", "sequence", "id", "created_at"})
"""The columns that no change touches."""

BESIDE_THE_TEXTS: Final = 500
"""The bytes that a thing takes besides its texts, in the table and its indexes; an estimate."""


RowT = TypeVar("RowT", bound=Mapping[str, Any])


class Stamp(NamedTuple):
    """When something is written, and the revision that it gets."""

    at: datetime
    revision: int


class Statements(RowStatements, Generic[RowT]):
    """The statements that every kind has, made from its table and the columns that go over the wire."""

    def __init__(self, table: Table, read: tuple[ColumnElement[Any], ...], shape: Shape | None) -> None:
        super().__init__(table)
        # A parameter may not have the name of a column that is set.
        this_one = (table.c.owner_id == bindparam("this_owner"), table.c.id == bindparam("this_id"))
        every = {column.name: bindparam(column.name, type_=column.type) for column in table.columns}
        changeable = {name: value for name, value in every.items() if name not in FIXED}
        texts = [column for column in table.columns if type(column.type) is Text]
        self.texts = frozenset(column.name for column in texts)
        self.get = Statement(select(*read).where(*this_one), shape)
        self.add = Statement(
            insert(table)
            .values(every)
            .on_conflict_do_nothing(index_elements=[table.c.owner_id, table.c.id])
            .returning(*read),
            shape,
        )
        self.write = Statement(update(table).where(*this_one).values(changeable).returning(*read), shape)
        every_text = reduce(add, (func.coalesce(func.sum(bytes_of(column)), 0) for column in texts))
        measured: Any = select(func.count().label("number"), every_text.label("bytes"))
        self.measure = Statement(measured.select_from(table).where(table.c.owner_id == bindparam("this_owner")))

    def size(self, row: Mapping[str, Any]) -> int:
        """The bytes that a thing takes, as `measure` has them: those of its texts, and a share for all the rest."""
        return BESIDE_THE_TEXTS + sum(len(text.encode()) for name in self.texts if (text := row.get(name)) is not None)


class OwnedRepository(OwnedRows, Generic[RowT]):
    """One owner's things of one kind.

    Reads are awaited. Writes answer a work, for `Writes` to run: alone, with others, or once only. They answer rows as
    these go over the wire; rules see the whole row as it is stored.

    For the id of a thing that is not the owner's, every method raises the kind's NotFound; if revisions are expected and
    it is at another one, PreconditionFailed. If there is no such owner any longer, writes raise Unauthenticated.
    """

    not_found: ClassVar[type[NotFound]]

    every: ClassVar[list[type["OwnedRepository[Any]"]]] = []
    """The repositories of all kinds."""
    statements: ClassVar[Statements[Any]]
    _empty: ClassVar[Mapping[str, None]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "table" not in vars(cls):
            return  # a base of several kinds
        cls.every.append(cls)
        cls.statements = Statements(cls.table, cls.read, cls.shape)
        cls._empty = {column.name: None for column in cls.table.columns}

    def __init__(self, database: Database, owner_id: str, limits: Limits) -> None:
        super().__init__(database, owner_id)
        self._limits = limits

    @property
    def owner_id(self) -> str:
        """Whose they are."""
        return self._owner_id

    @staticmethod
    def to_columns(old: RowT | None, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """The columns that these members of an input are stored in. `old` is the whole row as it is; None for a new one."""
        del old
        return members

    def prepare(self, old: RowT | None, changes: Mapping[str, Any], stamp: Stamp) -> Mapping[str, Any]:
        """The columns that are to change, and to what, by a domain's rules: a pure function of its arguments."""
        del self, old, stamp
        return changes

    async def resolve(
        self, tx: Transaction, old: RowT | None, columns: Mapping[str, Any], owner: OwnerRow
    ) -> tuple[Mapping[str, Any], OwnerRow]:
        """The columns, with what follows from the things that they name. The owner's row is taken.

        Where it makes such things they get their revisions first, and `owner` is answered as it is then: the thing itself
        is written at that revision. Raises ReferenceNotFound for one that is not the owner's.
        """
        del self, tx, old
        return columns, owner

    async def settle(self, tx: Transaction, old: RowT, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """The columns that are about to be written, with what follows from all of them; and what is kept elsewhere of it."""
        del self, tx, old
        return changes

    async def removed(self, tx: Transaction, old: RowT) -> None:
        """Delete what is kept elsewhere of a thing that is gone."""

    async def added(self, tx: Transaction) -> None:
        """Raise if the new thing is one too many."""

    async def look_elsewhere(self, tx: Reading, id_: str) -> None:
        """Raise if it makes a difference that the id is somebody else's."""

    async def get(self, id_: str) -> Row:
        """One thing."""
        return await self._get(self._database, id_)

    def add(self, new: Mapping[str, Any], id_: str | None = None) -> Work[Row]:
        """A new thing.

        With an id of the client's own it raises PreconditionFailed if there is one; a deleted one's id is free again.
        """
        chosen, id_ = id_ is not None, id_ or new_id()
        columns = {**self.to_columns(None, new), "id": id_}

        async def work(tx: Transaction) -> Row:
            tasks, more = int(self.is_counted), self.statements.size(columns)
            owner = await advance(tx, self._owner_id, tasks=tasks, more=more)
            if chosen:
                await self.look_elsewhere(tx, id_)
                await unbury(tx, self._owner_id, self.kind, id_)
            try:
                resolved, owner = await self.resolve(tx, None, columns, owner)
            except (Invalid, Conflict):
                if chosen:
                    await self.must_be_new(tx, id_)
                raise
            revision, now = owner["revision"], clock.now()
            row = {
                **self._empty,
                "created_at": now,
                **self.prepare(None, resolved, Stamp(now, revision)),
                "owner_id": self._owner_id,
                "sequence": revision,
                "id": id_,
                "updated_at": now,
                "revision": revision,
            }
            # What is known only now, as the ids of its reminders.
            await store(tx, self._owner_id, self.statements.size(row) - more, owner)
            added = await tx.one(self.statements.add, **row)
            if added is None:
                raise PreconditionFailed(current=await self._get(tx, id_))
            self._limits.check(owner, tasks=tasks, more=more)
            await self.added(tx)
            return added

        return work

    def change(self, id_: str, changes: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[Row]:
        """Change the named columns and nothing else."""

        async def work(tx: Transaction) -> Row:
            # Raising undoes the revision that was taken.
            owner = await advance(tx, self._owner_id)
            old = await self.take(tx, id_, expected)
            columns, owner = await self.resolve(tx, old, self.to_columns(old, changes), owner)
            return await self.put(tx, old, columns, owner)

        return work

    def remove(self, id_: str, *, expected: Revisions | None = None) -> Work[Row]:
        """Remove it. Answers the id and the revision of the tombstone that is left."""

        async def work(tx: Transaction) -> Row:
            owner = await advance(tx, self._owner_id, tasks=-int(self.is_counted))
            old = await self.take(tx, id_, expected)
            await self.bury(tx, [old], owner["revision"])
            return {"id": id_, "revision": owner["revision"]}

        return work

    async def take(self, tx: Transaction, id_: str, expected: Revisions | None = None) -> RowT:
        """The whole row. The owner's row is taken, so nobody changes it before it is written."""
        row: RowT | None = await tx.one(self.statements.row, this_owner=self._owner_id, this_id=id_)
        return await self.expect(tx, id_, row, expected)

    async def expect(self, tx: Transaction, id_: str, row: RowT | None, expected: Revisions | None) -> RowT:
        """What was found under this id, if it is what is expected."""
        if row is None:
            await self._refuse(tx, id_)
        if expected is not None and row["revision"] not in expected:
            raise PreconditionFailed(current=await self._get(tx, id_))
        return row

    async def put(
        self, tx: Transaction, old: RowT, changes: Mapping[str, Any], owner: OwnerRow, revision: int | None = None
    ) -> Row:
        """Write the row, changed, at this revision, and answer it. `owner` is the owner's row as it is; its revision is the default."""
        revision = owner["revision"] if revision is None else revision
        now = clock.later_than(old["updated_at"])
        prepared = await self.settle(tx, old, self.prepare(old, changes, Stamp(now, revision)))
        new = {**old, **prepared, "updated_at": now, "revision": revision}
        if not self.statements.texts.isdisjoint(prepared):
            more = self.statements.size(new) - self.statements.size(old)
            await store(tx, self._owner_id, more, owner)
            self._limits.check(owner, more=more)
        written = await tx.one(self.statements.write, this_owner=self._owner_id, this_id=old["id"], **new)
        assert written is not None  # noqa: S101 - it was read in this transaction
        return written

    async def put_all(self, tx: Transaction, changed: Sequence[tuple[RowT, Mapping[str, Any]]]) -> None:
        """Write these rows, changed, each at a revision of its own. The owner's row was taken."""
        if changed:
            owner = await advance(tx, self._owner_id, by=len(changed))
            for revision, (row, changes) in enumerate(changed, owner["revision"] - len(changed) + 1):
                await self.put(tx, row, changes, owner, revision)

    async def bury(self, tx: Transaction, rows: Sequence[RowT], revision: int) -> None:
        """Remove these rows, and leave a tombstone of each: the first at this revision, the next at the one after it."""
        await store(tx, self._owner_id, -sum(map(self.statements.size, rows)))
        now = clock.now()
        for each, row in enumerate(rows, revision):
            await self.removed(tx, row)
            left = {"owner_id": self._owner_id, "revision": each, "kind": self.kind, "id": row["id"]}
            await tx.later(BURY, **left, list_id=row.get("list_id"), ical_name=row.get("ical_name"), removed_at=now)
            await tx.later(self.statements.remove, this_owner=self._owner_id, this_id=row["id"])

    async def must_be_new(self, tx: Transaction, id_: str) -> None:
        """Raise PreconditionFailed if there is one. What it names, or its name, may be another's since it was made."""
        there = await tx.one(self.statements.get, this_owner=self._owner_id, this_id=id_)
        if there is not None:
            raise PreconditionFailed(current=there)

    async def _get(self, tx: Reading, id_: str) -> Row:
        row = await tx.one(self.statements.get, this_owner=self._owner_id, this_id=id_)
        return row if row is not None else await self._refuse(tx, id_)

    async def _refuse(self, tx: Reading, id_: str) -> NoReturn:
        await self.look_elsewhere(tx, id_)
        raise self.not_found
