"""What stands in the way of an undo, from the registration of each kind: what names what by an id, and what only one may have."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table, bindparam, select

from doable.database import Row, Statement, Transaction
from doable.kinds import FOLLOWED, REPOSITORIES
from doable.owned.rows import OwnedRows
from doable.tasks.filed_under import tags
from doable.tasks.names import look
from doable.tasks.objects import ical_objects
from doable.tasks.tables import task_tags, tasks


@dataclass(frozen=True, slots=True)
class Reference:
    """A column in which things of one kind name things of another."""

    column: str
    of: type[OwnedRows]
    to: type[OwnedRows]
    named: Statement
    """One that names this."""


@dataclass(frozen=True, slots=True)
class Unique:
    """Columns that no two things of a kind have the same."""

    of: type[OwnedRows]
    columns: tuple[str, ...]
    taken: Statement
    """Whose they are."""


def _references() -> list[Reference]:
    kinds = {each.kind: each for each in OF_UNDO}
    found = []
    for of in kinds.values():
        own = of.table.c.owner_id == bindparam("this_owner")
        for column, kind in of.references.items():
            if column in of.table.c and kind in kinds:  # the place of a move is no column
                named = select(of.table.c.revision).where(own, of.table.c[column] == bindparam("this_id")).limit(1)
                found.append(Reference(column, of, kinds[kind], Statement(named)))
    return found


def _unique(table: Table, columns: tuple[str, ...]) -> Statement:
    which = (table.c[name] == bindparam(f"this_{name}", type_=table.c[name].type) for name in columns)
    return Statement(select(table.c.id).where(table.c.owner_id == bindparam("this_owner"), *which))


def _uniques() -> list[Unique]:
    found = []
    for of in OF_UNDO:
        for index in of.table.indexes:
            columns = tuple(str(column.name) for column in index.columns if column.name != "owner_id")
            if index.unique and columns != ("revision",):
                found.append(Unique(of, columns, _unique(of.table, columns)))
    return found


OF_UNDO: Final = tuple(dict.fromkeys([*REPOSITORIES, *(each.repository for each in FOLLOWED)]))
REFERENCES: Final = _references()
UNIQUES: Final = _uniques()
OF_TAG: Final = Statement(
    select(task_tags.c.sequence)
    .where(task_tags.c.owner_id == bindparam("this_owner"), task_tags.c.tag == bindparam("this_tag"))
    .limit(1)
)


async def is_named(tx: Transaction, owner_id: str, of: OwnedRows, row: Row) -> bool:
    """Whether anything names it, and would be left behind if it went."""
    if of.table is tags:  # by its sequence
        return bool(await tx.all(OF_TAG, this_owner=owner_id, this_tag=row["sequence"]))
    for reference in REFERENCES:
        if isinstance(of, reference.to) and await tx.all(reference.named, this_owner=owner_id, this_id=row["id"]):
            return True
    return False


async def has_a_place(tx: Transaction, of: OwnedRows, row: Row) -> bool:
    """Whether nobody else has what only one may have, and what it must name is there, as the list of a section."""
    owner_id = row["owner_id"]
    if of.table is ical_objects:
        # Its UID is in its text.
        called = {"name": row["ical_name"], "uid": row["ical_uid"], "but": row["id"]}
        found = await look(tx, owner_id, row["list_id"], **called)
        if found.name is not None or found.uid is not None:
            return False
    for unique in UNIQUES:
        if isinstance(of, unique.of):
            values = {f"this_{name}": row[name] for name in unique.columns}
            if await tx.all(unique.taken, this_owner=owner_id, **values):
                return False
    for reference in REFERENCES:
        # The owner's own id stands for the inbox.
        is_needed = isinstance(of, reference.of) and not of.table.c[reference.column].nullable
        if is_needed and row[reference.column] != owner_id:
            named = {"this_owner": owner_id, "this_id": row[reference.column]}
            if await tx.one(reference.to.statements.row, **named) is None:
                return False
    return True


async def without_what_is_gone(tx: Transaction, of: OwnedRows, row: Row) -> Row:
    """The row without what it may name and is gone by now. Tasks are fitted in together, when all are there again."""
    if of.table is tasks:
        return row
    gone: Row = {}
    for reference in REFERENCES:
        if isinstance(of, reference.of) and of.table.c[reference.column].nullable and row[reference.column] is not None:
            named = {"this_owner": row["owner_id"], "this_id": row[reference.column]}
            if await tx.one(reference.to.statements.row, **named) is None:
                gone[reference.column] = None
    return {**row, **gone}
