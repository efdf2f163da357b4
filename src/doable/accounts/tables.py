"""The users, and what has been revoked."""

from sqlalchemy import Column, ForeignKey, Table, Text

from doable.database.naming import metadata
from doable.database.types import Id, Instant
from doable.feed.tables import owners

users = Table(
    "users",
    metadata,
    Column("id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    # Lower-case, so that the unique constraint is about the address and not about its spelling.
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

revocations = Table(
    "revocations",
    metadata,
    # A user's id or a session's: tokens carry both, and no two UUIDs are the same.
    Column("id", Id, primary_key=True),
    # From then on no token of its lives anyway.
    Column("expires_at", Instant, nullable=False),
)
