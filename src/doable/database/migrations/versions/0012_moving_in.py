"""Imports.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Id, Instant

revision = "0012"
down_revision = "0011"
# Older code asks for none of it.
compatible_down_to = "0008"


def upgrade() -> None:
    """Add two tables. No row is written."""
    op.create_table(
        "imports",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("slices", sa.Integer(), nullable=False),
        sa.Column("next_slice", sa.Integer(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("day_reminder_at", sa.Text(), nullable=True),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("not_understood", sa.Text(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.Column("stayed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["owners.owner_id"], name="fk_imports_owner_id_owners", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "id", name="pk_imports"),
    )
    op.create_index("ix_imports_state", "imports", ["state", "created_at"])
    op.create_index("ix_imports_expires_at", "imports", ["expires_at"])
    op.create_table(
        "import_slices",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("import_id", Id(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("things", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "import_id"],
            ["imports.owner_id", "imports.id"],
            name="fk_import_slices_owner_id_import_id_imports",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "import_id", "number", name="pk_import_slices"),
    )
