"""The tables of notifications, and of their deliveries."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    literal,
    type_coerce,
)

from doable.database.naming import metadata
from doable.database.types import Id, Instant
from doable.owned.columns import kind_table
from doable.owned.tables import owners, sent

notifications = kind_table(
    "notifications",
    # The task may be gone since.
    Column("task_id", Id, nullable=False),
    Column("reminder_id", Id, nullable=False),
    Column("remind_at", Instant, nullable=False),
    Column("seen_at", Instant),
)
Index("ix_notifications_created_at", notifications.c.created_at)  # for the purge

deliveries = Table(
    "deliveries",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), nullable=False),
    Column("id", Id, nullable=False),
    # Null in a digest, as is the task's.
    Column("notification_id", Id),
    Column("task_id", Id),
    # `push`, `email` or `digest`.
    Column("channel", Text, nullable=False),
    # Of `push`.
    Column("subscription_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    # A process moves this on before it sends, so that no other sends it at the same time.
    Column("due_at", Instant, nullable=False),
    PrimaryKeyConstraint("owner_id", "id"),
    # Each channel is looked through by itself: the mails that a mail server keeps waiting are in no push's way.
    Index("ix_deliveries_channel_due_at", "channel", "due_at"),
    # A newer one of the same task takes the place of the older.
    Index("ix_deliveries_owner_id_task_id", "owner_id", "task_id"),
)
"""What is still to be sent of notifications, and digests that are to be sent."""

READ: Final[tuple[ColumnElement[Any], ...]] = (
    notifications.c.id,
    literal("reminder", Text()).label("kind"),
    notifications.c.task_id,
    notifications.c.reminder_id,
    sent(notifications.c.remind_at),
    type_coerce(notifications.c.seen_at.is_not(None), Boolean()).label("is_seen"),
    notifications.c.owner_id.label("user_id"),
    sent(notifications.c.created_at),
    sent(notifications.c.updated_at),
    notifications.c.revision,
)
"""A notification as it goes over the wire."""
