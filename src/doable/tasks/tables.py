"""The tasks."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from doable.database.naming import metadata
from doable.database.types import Id, Instant
from doable.owned.tables import owners

tasks = Table(
    "tasks",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    # The owner's revision when the task was made: with the owner it is the newest-first list, whatever clocks say.
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("completed_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("owner_id", "id"),
    # Whether an id is somebody else's is asked without an owner.
    Index("ix_tasks_id", "id"),
    # The order of changes. Unique, because every write has a revision of its own.
    Index("ix_tasks_owner_id_revision", "owner_id", "revision", unique=True),
)
