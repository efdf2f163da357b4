"""What a write changes, noted while it runs, so that it can be undone.

A `Journal` stands between a work and its transaction. It knows from each statement which things it is about to change, and
reads their rows first. So no repository does anything for it, no way of writing can be forgotten, and a write that did not
ask for it has none and pays nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Delete, Insert, Select, Update, bindparam, select

from doable.database import Row, Statement, Transaction
from doable.database.protocol import T
from doable.database.statement import R
from doable.owned.owners import ADVANCE
from doable.owned.rows import OwnedRows


class Noted(NamedTuple):
    """A thing that a write has changed."""

    of: type[OwnedRows]
    id: str
    old: Row | None
    """Its whole row before; None if the write made it."""
    left: int | None
    """The revision that the write left it at; None if it is gone."""


class Look(NamedTuple):
    """What a statement changes, and how to read the rows before; None for new ones."""

    of: type[OwnedRows]
    rows: Statement | None
    is_update: bool = False


_looks: Final[WeakKeyDictionary[Statement[Any], Look | None]] = WeakKeyDictionary()


def look_of(statement: Statement[Any]) -> Look | None:
    """What the statement changes of the things that an owner has; None if it changes none."""
    if statement not in _looks:
        _looks[statement] = _look(statement.construct)
    return _looks[statement]


def _look(construct: Select[Any] | Insert | Update | Delete) -> Look | None:
    of = None if isinstance(construct, Select) else OwnedRows.tables.get(construct.table)  # type: ignore[call-overload] # a table
    if of is None:
        return None
    which: Any = None
    if isinstance(construct, Update | Delete):
        # The same rows as the statement will find: in the same transaction, while nobody else writes.
        which = construct.whereclause
    elif "id" not in of.table.c:
        which = of.table.c.owner_id == bindparam(
            "owner_id"
        )  # the one row that there may be, which the new one replaces
    rows = None if which is None else Statement(select(*of.table.c).where(which))
    return Look(of, rows, isinstance(construct, Update))


class Journal:
    """A transaction in which everything that changes is noted. Its work takes the owner's row first, as every write does."""

    def __init__(self, tx: Transaction, owner_id: str) -> None:
        self._tx = tx
        self._owner_id = owner_id
        self._began: int | None = None
        self._before: dict[type[OwnedRows], dict[str, Row]] = {}
        self._updated: set[str] = set()

    async def one(self, statement: Statement[R], /, **parameters: Any) -> R | None:
        rows = await self.all(statement, **parameters)
        return rows[0] if rows else None

    async def all(self, statement: Statement[R], /, **parameters: Any) -> list[R]:
        look = look_of(statement)
        if look is not None:
            await self._note(look, parameters)
            if look.rows is None and parameters["revision"] <= (self._began or 0):
                # The row that was taken away: it is put back as it was.
                self._before[look.of].pop(parameters["id"], None)
        rows = await self._tx.all(statement, **parameters)
        if statement is ADVANCE and rows and self._began is None:
            owner: Any = rows[0]
            self._began = owner["revision"] - parameters["by"]
        return rows

    async def later(self, statement: Statement[Any], /, **parameters: Any) -> None:
        if look_of(statement) is None:
            await self._tx.later(statement, **parameters)
        else:
            await self.all(statement, **parameters)

    async def aside(self, function: Callable[[], T], /) -> T:
        return await self._tx.aside(function)

    async def _note(self, look: Look, parameters: Mapping[str, Any]) -> None:
        before = self._before.setdefault(look.of, {})
        if look.rows is not None:
            for row in await self._tx.all(look.rows, **parameters):
                id_ = row["id"] if "id" in row else row["owner_id"]
                before.setdefault(id_, row)
                if look.is_update:
                    self._updated.add(id_)

    async def noted(self) -> list[Noted]:
        """Everything that is not as it was before, of each table in the order in which it was changed."""
        began = self._began
        if began is None:
            return []
        found = []
        for of, before in self._before.items():
            # Every row that is written gets a revision, and since the owner's row was taken the later ones are of this work.
            written = await self._tx.all(of.statements.left, this_owner=self._owner_id, since=began)
            left = {row["id"]: row["revision"] for row in written}
            for id_ in self._updated & (before.keys() - left.keys()):
                # A mark that nobody outside sees, as of how far the renaming of a tag has come, takes no revision.
                row = await self._tx.one(of.statements.row, this_owner=self._owner_id, this_id=id_)
                if row is not None:
                    left[id_] = row["revision"]
            old = {id_: row for id_, row in before.items() if row["revision"] <= began}
            found += [Noted(of, id_, row, left.pop(id_, None)) for id_, row in old.items()]
            unset = None if of.unset is None else {**of.unset, "owner_id": self._owner_id}
            found += [Noted(of, id_, unset, revision) for id_, revision in left.items()]
        return found
