"""Keys of owned tables begin with the owner; tombstones say what kind of thing was deleted; kept answers are counted.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Id

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Let every key of an owned table begin with the owner, so that a database can be spread by owner."""
    # Made anew on SQLite, which cannot drop a constraint.
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_constraint("uq_tasks_id", type_="unique")
        tasks.create_unique_constraint("uq_tasks_owner_id_id", ["owner_id", "id"])
    op.create_index("ix_tasks_id", "tasks", ["id"])

    # So far, only tasks were deleted.
    op.add_column("tombstones", sa.Column("kind", sa.Text(), server_default=sa.text("'task'"), nullable=False))
    op.add_column("tombstones", sa.Column("list_id", Id(), nullable=True))
    op.drop_index("ix_tombstones_owner_id_id", "tombstones")
    op.create_index("ix_tombstones_owner_id_kind_id", "tombstones", ["owner_id", "kind", "id"], unique=True)

    # Older answers count as nothing; they are gone within a day.
    op.add_column("answers", sa.Column("location", sa.Text(), nullable=True))
    for table in ("answers", "owners"):
        column = sa.Column("kept_bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
        op.add_column(table, column)
