"""The preferences: one row of each user who has set any."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text

from doable.database.naming import metadata
from doable.database.types import Id, Instant
from doable.owned.tables import owners

preferences = Table(
    "preferences",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("timezone", Text, nullable=False),
    Column("week_starts_on", Text, nullable=False),
    # HH:MM:SS.
    Column("day_reminder_at", Text, nullable=False),
    # HH:MM, both or neither.
    Column("quiet_from", Text),
    Column("quiet_until", Text),
    # JSON.
    Column("reminder_channels", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("theme", Text, nullable=False),
    Column("default_list_id", Id),
    Column("start_page", Text, nullable=False),
    # HH:MM:SS.
    Column("digest_at", Text),
    Column("updated_at", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Index("ix_preferences_owner_id_revision", "owner_id", "revision", unique=True),
)


class PreferencesRow(TypedDict):
    """Preferences as they are stored."""

    owner_id: str
    timezone: str
    week_starts_on: str
    day_reminder_at: str
    quiet_from: str | None
    quiet_until: str | None
    reminder_channels: str
    language: str
    theme: str
    default_list_id: str | None
    start_page: str
    digest_at: str | None
    updated_at: datetime
    revision: int
