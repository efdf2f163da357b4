"""What names something that is not there: nothing, unless another hand has written to the database. `doable doctor` counts it."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Table, bindparam, exists, func, not_, or_, select

from doable.database import Database, Row, Statement, Transaction
from doable.database.pages import SLICE, Order
from doable.owned.tables import owners
from doable.tasks.filed_under import lists, sections, tags
from doable.tasks.objects import ical_objects
from doable.tasks.preferred import preferences
from doable.tasks.tables import task_tags, tasks

_parents = tasks.alias("parents")
NAMED_BY: Final[dict[ColumnElement[Any], tuple[Any, ...]]] = {
    tasks.c.list_id: (lists.c.owner_id, lists.c.id),
    tasks.c.section_id: (sections.c.owner_id, sections.c.id),
    tasks.c.parent_id: (_parents.c.owner_id, _parents.c.id),
    sections.c.list_id: (lists.c.owner_id, lists.c.id),
    ical_objects.c.list_id: (lists.c.owner_id, lists.c.id),
    task_tags.c.tag: (tags.c.owner_id, tags.c.sequence),
    task_tags.c.sequence: (tasks.c.owner_id, tasks.c.sequence),
    preferences.c.default_list_id: (lists.c.owner_id, lists.c.id),
}
"""Columns without a foreign key, and the key of what each names."""


_ORDER: Final = Order(owners.c.owner_id)


def _count(column: Any, owner_id: Any, key: Any) -> Statement:
    table: Table = column.table
    some = table.c.owner_id.between(bindparam("first"), bindparam("last"))
    named: ColumnElement[bool] = exists().where(owner_id == table.c.owner_id, key == column)
    if table is ical_objects:  # the owner's own id is the inbox
        named = or_(named, column == table.c.owner_id)
    # What is left of removed users is being deleted, a part at a time.
    theirs = exists().where(owners.c.owner_id == table.c.owner_id, owners.c.removed_at.is_(None))
    found = (
        select(func.count().label("number")).select_from(table).where(some, column.is_not(None), not_(named), theirs)
    )
    return Statement(found)


async def dangling(database: Database) -> dict[str, int]:
    """How many rows name nothing, by the column. It reads every row, of a page of owners at a time."""
    # Made here: no statement that a request may run reads what is other people's.
    page = Statement(select(*_ORDER.columns).where(_ORDER.is_after).order_by(*_ORDER.columns).limit(SLICE))
    statements = {str(column): _count(column, *key) for column, key in NAMED_BY.items()}
    counted = dict.fromkeys(statements, 0)
    after = _ORDER.start()
    while rows := await database.all(page, **after):
        after = _ORDER.after(rows[-1])
        for name, statement in statements.items():

            async def work(tx: Transaction, statement: Statement = statement, rows: list[Row] = rows) -> list[Row]:
                return await tx.all(statement, first=rows[0]["owner_id"], last=rows[-1]["owner_id"])

            counted[name] += (await database.read(work, long=True))[0]["number"]
    return counted
