"""Saved filters, the words of tasks, the order of priorities, and undos of what has not ended.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Id, Instant, OrderedText

revision = "0010"
down_revision = "0009"
# Older code asks for none of it. A task that it removes takes its words along.
compatible_down_to = "0008"


def upgrade() -> None:
    """Add indexes and tables. No row is written."""
    where = sa.text("completed_at IS NULL AND priority > 0")
    columns = ["owner_id", "priority", sa.text("sequence DESC")]
    op.create_index("ix_tasks_priority", "tasks", columns, postgresql_where=where, sqlite_where=where)
    for name, condition, along in (
        ("due_local", "due_local IS NOT NULL AND due_at IS NULL", ["owner_id", "due_local", "sequence"]),
        ("due_at", "due_at IS NOT NULL", ["owner_id", "due_at", "sequence"]),
        ("priority", "priority > 0", columns),
    ):
        where = sa.text(f"completed_at IS NOT NULL AND {condition}")
        op.create_index(f"ix_tasks_completed_{name}", "tasks", along, postgresql_where=where, sqlite_where=where)
    op.create_table(
        "filters",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=True),
        sa.Column("color", sa.Text(), nullable=True),
        sa.Column("position", OrderedText(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _of_owner("filters"),
        sa.PrimaryKeyConstraint("owner_id", "sequence", name="pk_filters"),
        sa.UniqueConstraint("owner_id", "id", name="uq_filters_owner_id_id"),
    )
    op.create_index("ix_filters_owner_id_revision", "filters", ["owner_id", "revision"], unique=True)
    op.create_table(
        "task_words",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("words", OrderedText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id", "sequence"],
            ["tasks.owner_id", "tasks.sequence"],
            name="fk_task_words_owner_id_sequence_tasks",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "sequence", name="pk_task_words"),
        sqlite_with_rowid=False,
    )
    op.add_column("undos", sa.Column("unfinished", sa.Text(), nullable=True))
    where = sa.text("unfinished IS NOT NULL")
    columns = ["owner_id", "unfinished"]
    op.create_index("ix_undos_owner_id_unfinished", "undos", columns, postgresql_where=where, sqlite_where=where)
    op.create_table(
        "search_states",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _of_owner("search_states"),
        sa.PrimaryKeyConstraint("owner_id", name="pk_search_states"),
    )


def _of_owner(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_owner_id_owners"
    return sa.ForeignKeyConstraint(["owner_id"], ["owners.owner_id"], name=name, ondelete="CASCADE")
