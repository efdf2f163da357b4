"""Rows in pages by key: each page begins after the last row of the one before, so that none costs more than the first."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, tuple_

from doable.database.types import FIRST

SLICE: Final = 500
"""The most rows of a page, or of one transaction in the background: no other write waits long, and no time limit is reached."""


class Order:
    """The columns by which a table is read in pages. Together they are unique."""

    def __init__(self, *columns: ColumnElement[Any]) -> None:
        self.columns = columns
        parameters = (bindparam(f"after_{column.key}", type_=column.type) for column in columns)
        self.is_after = tuple_(*columns) > tuple_(*parameters)

    def start(self) -> dict[str, Any]:
        """The parameters of the first page."""
        return {f"after_{column.key}": FIRST[type(column.type)] for column in self.columns}

    def after(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of the page after the one that ends with this row."""
        return {f"after_{column.key}": row[str(column.key)] for column in self.columns}
