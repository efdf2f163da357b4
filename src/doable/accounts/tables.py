"""The users, their ways to log in, and the revocations."""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy.ext.compiler import compiles

from doable.database.naming import metadata
from doable.database.ownership import DIRECTORY, LETS_READ
from doable.database.types import Id, Instant
from doable.owned.tables import owners

users = Table(
    "users",
    metadata,
    Column("id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    # To be shown and written to; users are found by `emails`. Null for a user of another issuer: Doable has not verified
    # that address, whatever the issuer says.
    Column("email", Text),
    Column("name", Text, nullable=False),
    # Null for a user who has only ever logged in with another issuer.
    Column("password_hash", Text),
    Column("created_at", Instant, nullable=False),
    Column("email_verified_at", Instant),
    Column("updated_at", Instant, nullable=False),
    # In this order they are listed.
    Index("ix_users_created_at", "created_at", "id"),
)

emails = Table(
    "emails",
    metadata,
    # In lower case, as `emails.key_of` makes it.
    Column("email", Text, primary_key=True),
    Column("user_id", Id, nullable=False, index=True),
    info=DIRECTORY,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, nullable=False),
    Column("user_id", Id, ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant, nullable=False),
    # Moves with each use, but never past the longest life of a session.
    Column("expires_at", Instant, nullable=False, index=True),
    # Of the last use.
    Column("user_agent", Text),
    Column("address", Text),
    # Of the refresh token that has not been used.
    Column("generation", BigInteger, nullable=False),
    Column("token_digest", Text, nullable=False),
    # The last ones that were used, the newest first: JSON of generation, digest and instant of each.
    Column("used_tokens", Text, nullable=False),
    PrimaryKeyConstraint("user_id", "id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Id, nullable=False),
    Column("user_id", Id, ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    # Separated by spaces.
    Column("scopes", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    PrimaryKeyConstraint("user_id", "id"),
)

# Of API tokens of the first form, which do not say whose they are. No rows are added.
api_token_digests = Table(
    "api_token_digests",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("user_id", Id, nullable=False, index=True),
    Column("token_id", Id, nullable=False),
    info=DIRECTORY,
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user_id", Id, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    info=DIRECTORY,
)

mail_tokens = Table(
    "mail_tokens",
    metadata,
    Column("digest", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("user_id", Id, ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False),
    # The address that it was sent to.
    Column("address", Text, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "digest"),
)

# By which calendar programs are let in; one of a user at most.
calendar_tokens = Table(
    "calendar_tokens",
    metadata,
    Column("owner_id", Id, ForeignKey(users.c.id, ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    info=LETS_READ,
)


class _Numbered(Integer):
    """The key of a table on SQLite whose numbers never start again, not even after the table was empty."""


@compiles(_Numbered, "sqlite")
def _numbered(*_: Any, **__: Any) -> str:
    return "INTEGER PRIMARY KEY AUTOINCREMENT"


revocations = Table(
    "revocations",
    metadata,
    # The id of a user, a session or an API token: tokens carry it, and no two UUIDs are the same.
    Column("id", Id, nullable=False, unique=True),
    # After this, every token that it concerns has expired.
    Column("expires_at", Instant, nullable=False),
    # The order in which they are read: on PostgreSQL the number of the transaction.
    Column("number", BigInteger().with_variant(_Numbered(), "sqlite"), nullable=False, autoincrement=False),
    # On SQLite it is in the column.
    PrimaryKeyConstraint("number", "id").ddl_if(dialect="postgresql"),
    Index("ix_revocations_expires_at", "expires_at", "id"),
    info=DIRECTORY,
)
