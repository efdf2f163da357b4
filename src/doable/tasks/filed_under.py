"""The tables of what tasks are filed under: lists, sections, tags. They are here, since tasks look them up, and their rooms are above."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Text, text

from doable.database.types import Flag, Id, OrderedText
from doable.owned.columns import OwnedRow, kind_table, read_of

lists = kind_table(
    "lists",
    Column("name", Text, nullable=False),
    Column("color", Text),
    # By which a client gathers lists.
    Column("group", Text),
    Column("is_archived", Flag, nullable=False),
    Column("position", OrderedText, nullable=False),
    added=(
        # The segment of its address in CalDAV if that is not its id; the kinds of components that may be in it, with commas between
        # them, null for VTODO alone; and its other properties: JSON.
        Column("dav_name", Text),
        Column("components", Text),
        Column("dav_properties", Text),
    ),
)


class ListRow(OwnedRow):
    """A list as it is stored."""

    name: str
    color: str | None
    group: str | None
    is_archived: bool
    position: str
    dav_name: str | None
    components: str | None
    dav_properties: str | None


READ_LISTS: Final = read_of(lists, "name", "color", "group", "is_archived", "position")


sections = kind_table(
    "sections",
    # Of the same owner; no foreign key, as with tasks.
    Column("list_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", OrderedText, nullable=False),
    Index("ix_sections_owner_id_list_id", "owner_id", "list_id"),
)


class SectionRow(OwnedRow):
    """A section as it is stored."""

    list_id: str
    name: str
    position: str


READ_SECTIONS: Final = read_of(sections, "list_id", "name", "position")


IS_RENAMED: Final = text("next_name IS NOT NULL")

tags = kind_table(
    "tags",
    Column("name", Text, nullable=False),
    # The name as it is compared, without regard to case: one tag has it.
    Column("key", OrderedText, nullable=False),
    # What it is being renamed to, while the tasks that have it are written: both names lead to it until then. And the
    # `sequence` of the last of the tasks that are written already.
    Column("next_name", Text),
    Column("renamed_up_to", BigInteger),
    Column("color", Text),
    Column("position", OrderedText, nullable=False),
    Index("ix_tags_owner_id_key", "owner_id", "key", unique=True),
    Index("ix_tags_next_name", "owner_id", postgresql_where=IS_RENAMED, sqlite_where=IS_RENAMED),
)


class TagRow(OwnedRow):
    """A tag as it is stored."""

    name: str
    key: str
    next_name: str | None
    renamed_up_to: int | None
    color: str | None
    position: str


READ_TAGS: Final = read_of(tags, "name", "color", "position")
