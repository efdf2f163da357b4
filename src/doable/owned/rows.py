"""What the feed, the export and undoing have to know of a table."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Table, bindparam, delete, select

from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.owned.owners import OwnerRow


class RowStatements:
    """The statements on whole rows that every table of an owner's has. Where an owner has one row, its id is the owner's."""

    def __init__(self, table: Table) -> None:
        own = table.c.owner_id == bindparam("this_owner")
        id_ = table.c.get("id", table.c.owner_id)
        self.row: Statement[Any] = Statement(select(*table.c).where(own, id_ == bindparam("this_id")))
        self.remove = Statement(delete(table).where(own, id_ == bindparam("this_id")).returning(id_.label("id")))
        self.insert = Statement(insert_row(table))
        self.left = Statement(
            select(id_.label("id"), table.c.revision).where(own, table.c.revision > bindparam("since"))
        )

    def size(self, row: Mapping[str, Any]) -> int:
        """The bytes that count as taken by it."""
        del self, row
        return 0


class OwnedRows:
    """One owner's rows of one table. Made for one owner, it cannot reach anybody else's."""

    kind: ClassVar[str]
    """The name of one on the wire and in tombstones."""
    table: ClassVar[Table]
    read: ClassVar[tuple[ColumnElement[Any], ...]]
    """The columns as they go over the wire, or those of which `shape` makes what does."""
    shape: ClassVar["staticmethod[[Sequence[Any]], Any] | None"] = None
    is_counted: ClassVar[bool] = False
    """Whether the owner's row has their number."""
    references: ClassVar[Mapping[str, str]] = {}
    """The members of its inputs that name something else of the owner's by an id, and the kind of that."""
    unset: ClassVar[Row | None] = None
    """What an owner without a row has, if that is something."""

    tables: ClassVar[dict[Table, type["OwnedRows"]]] = {}
    """All of them, by their tables."""
    statements: ClassVar[RowStatements]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "table" in vars(cls):  # and it is no base of others
            cls.statements = RowStatements(cls.table)
            cls.tables[cls.table] = cls

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id

    @classmethod
    def title_of(cls, row: Row) -> str | None:
        """As what people know it again."""
        return row.get("title", row.get("name"))

    async def bring_back(self, tx: Transaction, row: Row, owner: OwnerRow, *, now: Row | None) -> int:
        """Insert a row that is gone, whole as it was. The owner's row was taken; answers the revision that it gets.

        `now`: what has just been taken away for it, if it was changed and not deleted.
        """
        del now
        await tx.one(self.statements.insert, **{**row, "revision": owner["revision"]})
        return owner["revision"]
