"""The tasks: a column is named here, in a migration, and in the schemas."""

from datetime import datetime
from typing import Any, Final, TypedDict

from sqlalchemy import BigInteger, Column, ColumnElement, ForeignKey, Index, Table, Text, UniqueConstraint

from doable.database.naming import metadata
from doable.database.types import Id, Instant
from doable.owned.tables import owners, sent

tasks = Table(
    "tasks",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    # The owner's revision when the task was made: by it the tasks are newest first, whatever the clocks say.
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("completed_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "id"),
    # To see whether an id is somebody else's, which names no owner.
    Index("ix_tasks_id", "id"),
    # The order of changes. Unique, because every write has a revision of its own.
    Index("ix_tasks_owner_id_revision", "owner_id", "revision", unique=True),
)


class TaskRow(TypedDict):
    """A task as it is stored."""

    owner_id: str
    sequence: int
    id: str
    title: str
    description: str | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    revision: int


READ: Final[tuple[ColumnElement[Any], ...]] = (
    tasks.c.id,
    tasks.c.title,
    tasks.c.description,
    tasks.c.completed_at.is_not(None).label("is_completed"),
    sent(tasks.c.completed_at),
    tasks.c.owner_id.label("user_id"),
    sent(tasks.c.created_at),
    sent(tasks.c.updated_at),
    tasks.c.revision,
)
"""A task as it goes over the wire."""
