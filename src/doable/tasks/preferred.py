"""The table of preferences: one row of each user who has set any. It is here, since tasks read it, and their room is above."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypedDict

from pydantic_core import from_json
from sqlalchemy import BigInteger, Column, ColumnElement, ForeignKey, Index, Table, Text, bindparam, select

from doable.database import Reading, Row, Statement
from doable.database.naming import metadata
from doable.database.types import Id, Instant
from doable.owned.tables import owners, sent

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
    # When the next digest is to be sent; null if none is.
    Column("digest_due_at", Instant),
    # What CalDAV clients have said of the inbox: as `dav_properties` of a list.
    Column("inbox_properties", Text),
    Index("ix_preferences_owner_id_revision", "owner_id", "revision", unique=True),
    # With the owner, as it is read in pages: everybody of a zone has the same instant.
    Index("ix_preferences_digest_due_at", "digest_due_at", "owner_id"),
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
    digest_due_at: datetime | None
    inbox_properties: str | None


DEFAULTS: Final[Row] = {
    "timezone": "UTC",
    "week_starts_on": "monday",
    "day_reminder_at": "09:00:00",
    "quiet_from": None,
    "quiet_until": None,
    "reminder_channels": '["push"]',
    "language": "en",
    "theme": "system",
    "default_list_id": None,
    "start_page": "today",
    "digest_at": None,
    "updated_at": None,
    "revision": 0,
    "digest_due_at": None,
    "inbox_properties": None,
}
"""What a user has who has set none."""

READ: Final[tuple[ColumnElement[Any], ...]] = (
    preferences.c.timezone,
    preferences.c.week_starts_on,
    preferences.c.day_reminder_at,
    preferences.c.quiet_from,
    preferences.c.quiet_until,
    preferences.c.reminder_channels,
    preferences.c.language,
    preferences.c.theme,
    preferences.c.default_list_id,
    preferences.c.start_page,
    preferences.c.digest_at,
    preferences.c.owner_id,
    sent(preferences.c.updated_at),
    preferences.c.revision,
)
"""What their form on the wire is made of, by `as_sent`."""


_CALLED: Final = {"quiet_from": "quiet", "quiet_until": "until", "owner_id": "user_id"}
_NAMES: Final = tuple(_CALLED.get(str(each.key), str(each.key)) for each in READ)


def as_sent(values: Sequence[Any]) -> Row:
    """The values of READ as they go over the wire."""
    row: Row = dict(zip(_NAMES, values, strict=True))
    row["quiet"] = None if row["quiet"] is None else {"from": row["quiet"], "until": row["until"]}
    del row["until"]
    row["reminder_channels"] = from_json(row["reminder_channels"])
    return row


PREFERRED: Final = Statement(
    select(
        preferences.c.timezone,
        preferences.c.week_starts_on,
        preferences.c.language,
        preferences.c.day_reminder_at,
        preferences.c.revision,
    ).where(preferences.c.owner_id == bindparam("owner_id"))
)
"""What tasks ask of them."""


async def preferred(tx: Reading, owner_id: str) -> Row:
    """The same; the defaults where none were set."""
    return await tx.one(PREFERRED, owner_id=owner_id) or DEFAULTS
