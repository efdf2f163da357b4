"""The lists."""

from datetime import datetime
from typing import Any, Final, TypedDict

from sqlalchemy import BigInteger, Column, ColumnElement, ForeignKey, Index, Table, Text, UniqueConstraint

from doable.database.naming import metadata
from doable.database.types import Flag, Id, Instant, OrderedText
from doable.owned.tables import owners, sent

lists = Table(
    "lists",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("color", Text),
    # By which a client gathers lists.
    Column("group", Text),
    Column("is_archived", Flag, nullable=False),
    Column("position", OrderedText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "id"),
    Index("ix_lists_owner_id_revision", "owner_id", "revision", unique=True),
)


class ListRow(TypedDict):
    """A list as it is stored."""

    owner_id: str
    sequence: int
    id: str
    name: str
    color: str | None
    group: str | None
    is_archived: bool
    position: str
    created_at: datetime
    updated_at: datetime
    revision: int


READ: Final[tuple[ColumnElement[Any], ...]] = (
    lists.c.id,
    lists.c.name,
    lists.c.color,
    lists.c.group,
    lists.c.is_archived,
    lists.c.position,
    lists.c.owner_id.label("user_id"),
    sent(lists.c.created_at),
    sent(lists.c.updated_at),
    lists.c.revision,
)
"""A list as it goes over the wire."""
