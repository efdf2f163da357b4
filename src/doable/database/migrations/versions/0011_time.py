"""Recurrence, reminders and calendars.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

from doable import clock
from doable.database.types import Id, Instant, OrderedText

revision = "0011"
down_revision = "0010"
# Older code writes rows without the columns, and asks for none of the rest. What it completes has no successor.
compatible_down_to = "0008"

NEW_COLUMNS = (
    ("recurrence", OrderedText()),
    ("recurs_from", OrderedText()),
    ("occurrence", OrderedText()),
    ("series_id", Id()),
    ("next_id", Id()),
    ("reminders", sa.Text()),
)


def upgrade() -> None:
    """Add columns, tables and indexes. No row is written but those of users who have asked for a digest."""
    for name, type_ in NEW_COLUMNS:
        op.add_column("tasks", sa.Column(name, type_, nullable=True))
    op.create_table(
        "alarms",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("task_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("fire_at", Instant(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("day_reminder_at", sa.Text(), nullable=True),
        _of_owner("alarms"),
        sa.PrimaryKeyConstraint("owner_id", "task_id", "id", name="pk_alarms"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alarms_fire_at", "alarms", ["fire_at"])
    op.create_table(
        "push_subscriptions",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("server_key", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("failed_at", Instant(), nullable=True),
        sa.Column("last_failed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name="fk_push_subscriptions_owner_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "id", name="pk_push_subscriptions"),
        sa.UniqueConstraint("owner_id", "endpoint", name="uq_push_subscriptions_owner_id_endpoint"),
    )
    op.create_table(
        "calendar_tokens",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name="fk_calendar_tokens_owner_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", name="pk_calendar_tokens"),
    )
    where = sa.text("series_id IS NOT NULL")
    columns = ["owner_id", "series_id", "sequence"]
    op.create_index("ix_tasks_series", "tasks", columns, postgresql_where=where, sqlite_where=where)
    op.create_table(
        "notifications",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("task_id", Id(), nullable=False),
        sa.Column("reminder_id", Id(), nullable=False),
        sa.Column("remind_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _of_owner("notifications"),
        sa.PrimaryKeyConstraint("owner_id", "sequence", name="pk_notifications"),
        sa.UniqueConstraint("owner_id", "id", name="uq_notifications_owner_id_id"),
    )
    op.create_index("ix_notifications_owner_id_revision", "notifications", ["owner_id", "revision"], unique=True)
    op.create_index("ix_notifications_created_at", "notifications", ["created_at"])
    op.create_table(
        "deliveries",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("notification_id", Id(), nullable=True),
        sa.Column("task_id", Id(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subscription_id", Id(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        _of_owner("deliveries"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_channel_due_at", "deliveries", ["channel", "due_at"])
    op.create_index("ix_deliveries_owner_id_task_id", "deliveries", ["owner_id", "task_id"])
    op.add_column("preferences", sa.Column("digest_due_at", Instant(), nullable=True))
    op.create_index("ix_preferences_digest_due_at", "preferences", ["digest_due_at", "owner_id"])
    preferences = sa.table("preferences", sa.column("digest_at"), sa.column("digest_due_at", Instant()))
    # So that the next one is looked for.
    op.execute(sa.update(preferences).where(preferences.c.digest_at.is_not(None)).values(digest_due_at=clock.now()))


def _of_owner(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_owner_id_owners"
    return sa.ForeignKeyConstraint(["owner_id"], ["owners.owner_id"], name=name, ondelete="CASCADE")
