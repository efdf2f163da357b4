"""Whose a table's rows are. Every table is an owner's, with keys that begin with the owner, or the directory's.

So a database can be spread by owner. The directory is what is found by something other than an owner, an e-mail address
for example; it stays in one place, and refers to no table that is spread.
"""

from typing import Any, Final

from sqlalchemy import Column, Table

DIRECTORY: Final = {"directory": True}
"""The `info` of a table of the directory."""


def is_directory(table: Table) -> bool:
    """Whether it is one of the directory."""
    return bool(table.info.get("directory"))


def owner_column(table: Table) -> "Column[Any] | None":
    """The column that says whose a row is. None for a table of the directory that does not say it."""
    for name in ("owner_id", "user_id"):
        if name in table.c:
            return table.c[name]
    # A user's own row has the owner's id for its own.
    first: Column[Any] = table.primary_key.columns[0]
    refers = any(key.column == owner_column(key.column.table) for key in first.foreign_keys)
    return first if refers else None
