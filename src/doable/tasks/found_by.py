"""The tables of what tasks are found by: saved filters, and the words of titles and descriptions."""

from datetime import datetime
from typing import Any, Final, TypedDict

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from doable.database.naming import metadata
from doable.database.types import Id, Instant, OrderedText
from doable.owned.tables import owners, sent
from doable.tasks.tables import tasks

filters = Table(
    "filters",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("name", Text, nullable=False),
    # As it was written: names in it are looked up when it is asked, and what it says does not change with a new server.
    Column("query", Text, nullable=False),
    Column("sort", Text),
    Column("color", Text),
    Column("position", OrderedText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "id"),
    Index("ix_filters_owner_id_revision", "owner_id", "revision", unique=True),
)


class FilterRow(TypedDict):
    """A saved filter as it is stored."""

    owner_id: str
    sequence: int
    id: str
    name: str
    query: str
    sort: str | None
    color: str | None
    position: str
    created_at: datetime
    updated_at: datetime
    revision: int


READ_FILTERS: Final[tuple[ColumnElement[Any], ...]] = (
    filters.c.id,
    filters.c.name,
    filters.c.query,
    filters.c.sort,
    filters.c.color,
    filters.c.position,
    filters.c.owner_id.label("user_id"),
    sent(filters.c.created_at),
    sent(filters.c.updated_at),
    filters.c.revision,
)
"""A saved filter as it goes over the wire."""

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
