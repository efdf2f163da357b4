"""Tombstones, answers that are given once, and the order of changes.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Id, Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables and columns for the feed of changes."""
    op.add_column("owners", sa.Column("purged_revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    # Nobody can be told of deletions from before there were tombstones.
    op.execute("UPDATE owners SET purged_revision = revision")
    op.create_table(
        "tombstones",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["owners.owner_id"], name="fk_tombstones_owner_id_owners", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "revision", name="pk_tombstones"),
    )
    op.create_index("ix_tombstones_owner_id_id", "tombstones", ["owner_id", "id"], unique=True)
    op.create_index("ix_tombstones_removed_at", "tombstones", ["removed_at"])
    op.create_table(
        "answers",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["owners.owner_id"], name="fk_answers_owner_id_owners", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "idempotency_key", name="pk_answers"),
    )
    op.create_index("ix_answers_created_at", "answers", ["created_at"])
    op.create_index("ix_tasks_owner_id_revision", "tasks", ["owner_id", "revision"], unique=True)
