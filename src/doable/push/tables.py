"""The subscriptions of users' browsers."""

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from doable.accounts.tables import users
from doable.database.naming import metadata
from doable.database.ownership import LETS_READ
from doable.database.types import Id, Instant

push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    # Always a user: nobody else has a browser.
    Column("owner_id", Id, ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False),
    Column("id", Id, nullable=False),
    # Whoever knows it and the keys can write to the browser.
    Column("endpoint", Text, nullable=False),
    Column("p256dh", Text, nullable=False),
    Column("auth", Text, nullable=False),
    # The public key of this server's that it was made for.
    Column("server_key", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    # Since when nothing can be delivered, and when that was last seen; null after a delivery.
    Column("failed_at", Instant),
    Column("last_failed_at", Instant),
    PrimaryKeyConstraint("owner_id", "id"),
    UniqueConstraint("owner_id", "endpoint"),
    info=LETS_READ,
)
