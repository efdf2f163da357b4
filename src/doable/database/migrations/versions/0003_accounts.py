"""Sessions, API tokens, other issuers' identities, mail and throttling.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Id, Instant

revision = "0003"
down_revision = "0002"


def user_id(table: str, *, nullable: bool = False) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    """A column, and the key that deletes its row with the user."""
    name = f"fk_{table}_user_id_users"
    return (
        sa.Column("user_id", Id(), nullable=nullable),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=name, ondelete="CASCADE"),
    )


def upgrade() -> None:
    """Make the tables for log-ins. A user of another issuer may have neither address nor password."""
    with op.batch_alter_table("users") as users:
        users.alter_column("email", existing_type=sa.Text(), nullable=True)
        users.alter_column("password_hash", existing_type=sa.Text(), nullable=True)
        users.add_column(sa.Column("email_verified_at", Instant(), nullable=True))
    op.create_table(
        "sessions",
        sa.Column("id", Id(), nullable=False),
        *user_id("sessions"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("session_id", Id(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_refresh_tokens_session_id_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_refresh_tokens"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", Id(), nullable=False),
        *user_id("api_tokens"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        *user_id("identities"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *user_id("outbox", nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_table(
        "mail_tokens",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *user_id("mail_tokens"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_mail_tokens"),
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    for table, column in (
        ("sessions", "user_id"),
        ("sessions", "expires_at"),
        ("refresh_tokens", "session_id"),
        ("api_tokens", "user_id"),
        ("identities", "user_id"),
        ("outbox", "user_id"),
        ("outbox", "due_at"),
        ("mail_tokens", "user_id"),
        ("mail_tokens", "expires_at"),
        ("attempts", "ends_at"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
