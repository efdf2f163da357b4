"""The columns that the table of every kind has, and how they go over the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import BigInteger, Column, ColumnElement, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.schema import SchemaItem

from doable.database.naming import metadata
from doable.database.types import Id, Instant
from doable.owned.tables import owners, sent


class OwnedRow(TypedDict):
    """What is stored of a thing, of whichever kind it is."""

    owner_id: str
    sequence: int
    id: str
    created_at: datetime
    updated_at: datetime
    revision: int


def kind_table(name: str, *own: SchemaItem, added: Sequence[SchemaItem] = ()) -> Table:
    """The table of a kind, with these columns and indexes of its own, and those that a migration added. An index stands behind its columns."""
    return Table(
        name,
        metadata,
        Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
        # The owner's revision when the thing was made.
        Column("sequence", BigInteger, primary_key=True, autoincrement=False),
        Column("id", Id, nullable=False),
        *own,
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("revision", BigInteger, nullable=False),
        *added,
        UniqueConstraint("owner_id", "id"),
        Index(f"ix_{name}_owner_id_revision", "owner_id", "revision", unique=True),
    )


def read_of(table: Table, *own: str) -> tuple[ColumnElement[Any], ...]:
    """A thing as it goes over the wire: these columns of its kind, between those that every kind has."""
    return (
        table.c.id,
        *(table.c[name] for name in own),
        table.c.owner_id.label("user_id"),
        sent(table.c.created_at),
        sent(table.c.updated_at),
        table.c.revision,
    )
