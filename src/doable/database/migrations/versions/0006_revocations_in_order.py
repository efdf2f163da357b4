"""Revocations are numbered, so that only new ones are read; users have an instant of change; owners can be marked as removed.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Number the revocations, date the users, and mark owners whose user was removed."""
    if op.get_bind().dialect.name == "sqlite":
        # Alembic cannot write AUTOINCREMENT, and the primary key is a different one on PostgreSQL.
        op.execute("ALTER TABLE revocations RENAME TO old_revocations")
        op.execute(
            "CREATE TABLE revocations (id VARCHAR(36) NOT NULL, expires_at VARCHAR(27) NOT NULL, "
            "number INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, CONSTRAINT uq_revocations_id UNIQUE (id))"
        )
        op.execute("INSERT INTO revocations (id, expires_at) SELECT id, expires_at FROM old_revocations")
        op.drop_table("old_revocations")
    else:
        number = sa.text("pg_current_xact_id()::text::bigint")
        op.add_column("revocations", sa.Column("number", sa.BigInteger(), nullable=False, server_default=number))
        op.alter_column("revocations", "number", server_default=None)
        op.drop_constraint("pk_revocations", "revocations", type_="primary")
        op.create_primary_key("pk_revocations", "revocations", ["number", "id"])
        op.create_unique_constraint("uq_revocations_id", "revocations", ["id"])
    op.create_index("ix_revocations_expires_at", "revocations", ["expires_at", "id"])

    op.add_column("users", sa.Column("updated_at", Instant(), nullable=True))
    op.execute(
        "UPDATE users SET updated_at = "
        "CASE WHEN email_verified_at > created_at THEN email_verified_at ELSE created_at END"
    )
    with op.batch_alter_table("users") as users:
        users.alter_column("updated_at", existing_type=Instant(), nullable=False)
    op.create_index("ix_users_created_at", "users", ["created_at", "id"])

    op.add_column("owners", sa.Column("removed_at", Instant(), nullable=True))
    is_removed = sa.text("removed_at IS NOT NULL")
    op.create_index(
        "ix_owners_removed_at", "owners", ["removed_at"], postgresql_where=is_removed, sqlite_where=is_removed
    )
