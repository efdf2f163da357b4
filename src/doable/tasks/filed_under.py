"""The tables of what tasks are filed under: lists, sections, tags. They are here, since tasks look them up, and their rooms are above."""

from datetime import datetime
from typing import Any, Final, TypedDict

from sqlalchemy import BigInteger, Column, ColumnElement, ForeignKey, Index, Table, Text, UniqueConstraint, text

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


READ_LISTS: Final[tuple[ColumnElement[Any], ...]] = (
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


sections = Table(
    "sections",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    # Of the same owner; no foreign key, as with tasks.
    Column("list_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", OrderedText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "id"),
    Index("ix_sections_owner_id_revision", "owner_id", "revision", unique=True),
    Index("ix_sections_owner_id_list_id", "owner_id", "list_id"),
)


class SectionRow(TypedDict):
    """A section as it is stored."""

    owner_id: str
    sequence: int
    id: str
    list_id: str
    name: str
    position: str
    created_at: datetime
    updated_at: datetime
    revision: int


READ_SECTIONS: Final[tuple[ColumnElement[Any], ...]] = (
    sections.c.id,
    sections.c.list_id,
    sections.c.name,
    sections.c.position,
    sections.c.owner_id.label("user_id"),
    sent(sections.c.created_at),
    sent(sections.c.updated_at),
    sections.c.revision,
)
"""A section as it goes over the wire."""

IS_RENAMED: Final = text("next_name IS NOT NULL")

tags = Table(
    "tags",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("name", Text, nullable=False),
    # The name as it is compared, without regard to case: one tag has it.
    Column("key", OrderedText, nullable=False),
    # What it is being renamed to, while the tasks that have it are written: both names lead to it until then. And the
    # `sequence` of the last of the tasks that are written already.
    Column("next_name", Text),
    Column("renamed_up_to", BigInteger),
    Column("color", Text),
    Column("position", OrderedText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "id"),
    Index("ix_tags_owner_id_revision", "owner_id", "revision", unique=True),
    Index("ix_tags_owner_id_key", "owner_id", "key", unique=True),
    Index("ix_tags_next_name", "owner_id", postgresql_where=IS_RENAMED, sqlite_where=IS_RENAMED),
)


class TagRow(TypedDict):
    """A tag as it is stored."""

    owner_id: str
    sequence: int
    id: str
    name: str
    key: str
    next_name: str | None
    renamed_up_to: int | None
    color: str | None
    position: str
    created_at: datetime
    updated_at: datetime
    revision: int


READ_TAGS: Final[tuple[ColumnElement[Any], ...]] = (
    tags.c.id,
    tags.c.name,
    tags.c.color,
    tags.c.position,
    tags.c.owner_id.label("user_id"),
    sent(tags.c.created_at),
    sent(tags.c.updated_at),
    tags.c.revision,
)
"""A tag as it goes over the wire."""
