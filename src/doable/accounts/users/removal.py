"""Deletes the data of removed users in the background, however much it is, in any process.

The user's row and all credentials are gone by then, and the owner's row is marked, so that nobody can write. Tables are
found by their column for the owner, so that the table of a later kind is not forgotten.
"""

import logging
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import Table, bindparam, delete, select, tuple_

from doable.accounts.tables import users
from doable.database import Database, Statement, Transaction
from doable.database.naming import metadata
from doable.database.pages import SLICE, Order
from doable.errors import StorageFull
from doable.owned import owners
from doable.owned.tables import owners as owners_table

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0
"""How soon after the removal of a user the rest is deleted."""
OWNERS_TOGETHER: Final = 20

_ORDER: Final = Order(owners_table.c.removed_at, owners_table.c.owner_id)
REMOVED = Statement(
    select(*_ORDER.columns)
    .where(owners_table.c.removed_at.is_not(None), _ORDER.is_after)
    .order_by(*_ORDER.columns)
    .limit(OWNERS_TOGETHER)
)


def tables_of(column: str) -> Iterator[Table]:
    """The tables with this column for the owner. A table comes after those that refer to it."""
    for table in reversed(metadata.sorted_tables):
        if column in table.c and table not in {owners_table, users}:
            yield table


@cache
def credentials_and_directory() -> list[Statement]:
    """Statements after which nothing lets the user in, and the address is free.

    A user has few rows in each table: at most 100 sessions and 100 API tokens.
    """
    return [Statement(delete(table).where(table.c.user_id == bindparam("user_id"))) for table in tables_of("user_id")]


@cache
def what_lets_read() -> list[Statement]:
    """Statements after which nothing tells anybody of what the user has who is not logged in. Few rows, as above."""
    return [
        Statement(delete(table).where(table.c.owner_id == bindparam("owner_id")))
        for table in tables_of("owner_id")
        if table.info.get("lets_read")
    ]


class Slices:
    """One owner's rows of one table, in slices."""

    def __init__(self, table: Table) -> None:
        owner_id, *keys = table.primary_key
        self._names = [key.name for key in keys]
        self._order = Order(*keys)
        self.start: Mapping[str, Any] = self._order.start()
        last = tuple_(*(bindparam(f"last_{key.name}", type_=key.type) for key in keys))
        # Deleted rows stay in PostgreSQL's index for a while. Each slice begins after them and need not step over them.
        rest = owner_id == bindparam("owner_id"), self._order.is_after
        self._page = Statement(select(*keys).where(*rest).order_by(*keys).limit(SLICE))
        self._delete = Statement(delete(table).where(*rest, tuple_(*keys) <= last))

    async def delete(self, tx: Transaction, owner_id: str, after: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Delete a slice. Answers the key after which the next one begins; None if there is none."""
        page = await tx.all(self._page, owner_id=owner_id, **after)
        if not page:
            return None
        last = {f"last_{name}": page[-1][name] for name in self._names}
        await tx.one(self._delete, owner_id=owner_id, **after, **last)
        return self._order.after(page[-1])


@cache
def contents() -> list[Slices]:
    """The tables in which one owner may have many rows."""
    return [Slices(table) for table in tables_of("owner_id") if len(table.primary_key) > 1]


@cache
def single_rows() -> list[Statement]:
    """Statements that delete what an owner has one of."""
    return [
        Statement(delete(table).where(table.c.owner_id == bindparam("owner_id")))
        for table in tables_of("owner_id")
        if len(table.primary_key) == 1
    ]


async def delete_what_is_left(database: Database) -> None:
    """Delete all data of the users who were removed, and at last their owners' rows.

    An owner whose data cannot be deleted is passed over until the next run.
    """
    after = _ORDER.start()
    while removed := await database.all(REMOVED, **after):
        after = _ORDER.after(removed[-1])
        for row in removed:
            try:
                await _delete(database, row["owner_id"])
            except StorageFull:
                raise  # nobody's can be
            except Exception as error:  # noqa: BLE001 - it is tried again, and holds up nobody else
                logger.warning("The data of a removed user could not be deleted yet: %s", type(error).__name__)


async def _delete(database: Database, owner_id: str) -> None:
    for slices in contents():
        after: Mapping[str, Any] | None = slices.start
        while after is not None:

            async def work(
                tx: Transaction, slices: Slices = slices, after: Mapping[str, Any] = after
            ) -> Mapping[str, Any] | None:
                # Taken, so that two processes take turns. If it is gone, another process has deleted everything.
                if await tx.one(owners.TAKE, owner_id=owner_id) is None:
                    return None
                return await slices.delete(tx, owner_id, after)

            after = await database.write(work, long=True)

    async def finish(tx: Transaction) -> None:
        await tx.one(owners.TAKE, owner_id=owner_id)
        for statement in single_rows():
            await tx.one(statement, owner_id=owner_id)
        await tx.one(owners.REMOVE, owner_id=owner_id)

    await database.write(finish, long=True)
