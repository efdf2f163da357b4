"""Who owns the rows of a table. Each table is an owner's, and its keys begin with the owner, or it is the directory's.

So a database can be spread by owner. The rows of the directory are found by something other than an owner, such as an
e-mail address; it stays in one place, and refers to no table that is spread.
"""

from typing import Any, Final

from sqlalchemy import Column, Table

DIRECTORY: Final = {"directory": True}
"""The `info` of a table of the directory."""

LETS_READ: Final = {"lets_read": True}
"""The `info` of a table whose rows, once made, tell somebody of what the user has, without a log-in. A password that is reset ends them
with the sessions and API tokens: whoever made them may have been somebody else."""


def is_directory(table: Table) -> bool:
    """Whether the table belongs to the directory."""
    return bool(table.info.get("directory"))


def owner_column(table: Table) -> "Column[Any] | None":
    """The column that has the owner of a row. None for a table of the directory without one."""
    for name in ("owner_id", "user_id"):
        if name in table.c:
            return table.c[name]
    # The id of a user's own row is the owner's id.
    first: Column[Any] = table.primary_key.columns[0]
    refers = any(key.column == owner_column(key.column.table) for key in first.foreign_keys)
    return first if refers else None
