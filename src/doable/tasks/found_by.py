"""The tables of what tasks are found by: saved filters, and the words of titles and descriptions."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Integer, Table, Text

from doable.database.naming import metadata
from doable.database.types import Id, OrderedText
from doable.owned.columns import OwnedRow, kind_table, read_of
from doable.owned.tables import owners
from doable.tasks.tables import tasks

filters = kind_table(
    "filters",
    Column("name", Text, nullable=False),
    # As it was written: names in it are looked up when it is asked, and what it says does not change with a new server.
    Column("query", Text, nullable=False),
    Column("sort", Text),
    Column("color", Text),
    Column("position", OrderedText, nullable=False),
)


class FilterRow(OwnedRow):
    """A saved filter as it is stored."""

    name: str
    query: str
    sort: str | None
    color: str | None
    position: str


READ_FILTERS: Final = read_of(filters, "name", "query", "sort", "color", "position")

# Made when somebody searches, from what has changed since: who never searches pays nothing.
task_words = Table(
    "task_words",
    metadata,
    Column("owner_id", Id, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("words", OrderedText, nullable=False),
    ForeignKeyConstraint(["owner_id", "sequence"], [tasks.c.owner_id, tasks.c.sequence], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

search_states = Table(
    "search_states",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    # Of the rules by which words are made.
    Column("version", Integer, nullable=False),
    # The words are there of every task up to this revision.
    Column("revision", BigInteger, nullable=False),
)
