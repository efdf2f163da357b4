"""Lists.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Flag, Id, Instant, OrderedText

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the lists."""
    op.create_table(
        "lists",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), nullable=True),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("is_archived", Flag(), nullable=False),
        sa.Column("position", OrderedText(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["owners.owner_id"], name="fk_lists_owner_id_owners", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "sequence", name="pk_lists"),
        sa.UniqueConstraint("owner_id", "id", name="uq_lists_owner_id_id"),
    )
    op.create_index("ix_lists_owner_id_revision", "lists", ["owner_id", "revision"], unique=True)
