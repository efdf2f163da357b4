"""What the feed and the export have to know of a table."""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Table

from doable.database import Database


class OwnedRows:
    """One owner's rows of one table. Made for one owner, it cannot reach anybody else's."""

    kind: ClassVar[str]
    """The name of one on the wire and in tombstones."""
    table: ClassVar[Table]
    read: ClassVar[tuple[ColumnElement[Any], ...]]
    """The columns as they go over the wire, or those of which `shape` makes what does."""
    shape: ClassVar["staticmethod[[Sequence[Any]], Any] | None"] = None

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id
