"""The table of notifications."""

from typing import Any, Final

from sqlalchemy import Boolean, Column, ColumnElement, Index, Text, literal, type_coerce

from doable.database.types import Id, Instant
from doable.owned.columns import kind_table
from doable.owned.tables import sent

notifications = kind_table(
    "notifications",
    # The task may be gone since.
    Column("task_id", Id, nullable=False),
    Column("reminder_id", Id, nullable=False),
    Column("remind_at", Instant, nullable=False),
    Column("seen_at", Instant),
)
Index("ix_notifications_created_at", notifications.c.created_at)  # for the purge

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
