"""Dates, priority, tags, lists, sections, subtasks and order of tasks; preferences; what can be undone.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Flag, Id, Instant, OrderedText

revision = "0009"
down_revision = "0008"
# Older code writes rows without the columns, which all have a default, and asks for none of the rest. It knows of nothing that
# hangs together: it removes a task without its subtasks and its rows of task_tags, and reopens one that stays cancelled
# (which `as_sent` passes over). So clients may use what is new only once all processes are new: docs/operations.md.
compatible_down_to = "0008"

NEW_COLUMNS = (
    ("list_id", Id(), None),
    ("section_id", Id(), None),
    ("parent_id", Id(), None),
    ("position", OrderedText(), None),
    ("priority", sa.SmallInteger(), "0"),
    ("is_cancelled", Flag(), "0"),
    ("due_local", OrderedText(), None),
    ("due_timezone", sa.Text(), None),
    ("due_at", Instant(), None),
    ("start_local", OrderedText(), None),
    ("start_timezone", sa.Text(), None),
    ("start_at", Instant(), None),
    ("tags", sa.Text(), None),
    ("estimate_minutes", sa.Integer(), None),
    ("url", sa.Text(), None),
)
PLACE = {
    "sqlite": "coalesce(position, substr('000000000000' || sequence, length('' || sequence) + 1))",
    "postgresql": "coalesce(position, substr('000000000000' || sequence::text, length(sequence::text) + 1))",
}


def upgrade() -> None:
    """Add columns, indexes and tables. SQLite writes the tasks once, to a new table.

    From here on `tasks` cannot be made anew on SQLite (`batch_alter_table`): SQLAlchemy reads no index on an expression.
    """
    # One index in place of two, which pays for the new one that every new task has to write.
    op.drop_index("ix_tasks_id", "tasks")
    # Made anew on SQLite, which cannot drop a constraint.
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_constraint("uq_tasks_owner_id_id", type_="unique")
        tasks.create_unique_constraint("uq_tasks_id_owner_id", ["id", "owner_id"])
    for name, type_, default in NEW_COLUMNS:
        given = None if default is None else sa.text(default)
        op.add_column("tasks", sa.Column(name, type_, server_default=given, nullable=default is None))
    place = PLACE[op.get_context().dialect.name]
    for index, columns, condition in (
        ("place", ("owner_id", "coalesce(list_id, owner_id)", place, "sequence"), "completed_at IS NULL"),
        ("due_local", ("owner_id", "due_local", "sequence"), "completed_at IS NULL AND due_local IS NOT NULL AND due_at IS NULL"),
        ("due_at", ("owner_id", "due_at", "sequence"), "completed_at IS NULL AND due_at IS NOT NULL"),
        ("parent", ("owner_id", "parent_id", place), "parent_id IS NOT NULL"),
        ("completed", ("owner_id", "completed_at", "sequence"), "completed_at IS NOT NULL"),
    ):  # fmt: skip
        where = sa.text(condition)
        expressions = [sa.text(column) if "(" in column else column for column in columns]
        op.create_index(f"ix_tasks_{index}", "tasks", expressions, postgresql_where=where, sqlite_where=where)
    _make_kind("sections", sa.Column("list_id", Id(), nullable=False), sa.Column("name", sa.Text(), nullable=False))
    op.create_index("ix_sections_owner_id_list_id", "sections", ["owner_id", "list_id"])
    _make_kind(
        "tags",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", OrderedText(), nullable=False),
        sa.Column("next_name", sa.Text(), nullable=True),
        sa.Column("renamed_up_to", sa.BigInteger(), nullable=True),
        sa.Column("color", sa.Text(), nullable=True),
    )
    op.create_index("ix_tags_owner_id_key", "tags", ["owner_id", "key"], unique=True)
    renamed = sa.text("next_name IS NOT NULL")
    op.create_index("ix_tags_next_name", "tags", ["owner_id"], postgresql_where=renamed, sqlite_where=renamed)
    op.create_table(
        "task_tags",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("tag", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        _of_owner("task_tags"),
        sa.PrimaryKeyConstraint("owner_id", "tag", "sequence", name="pk_task_tags"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "preferences",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("week_starts_on", sa.Text(), nullable=False),
        sa.Column("day_reminder_at", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.Text(), nullable=True),
        sa.Column("quiet_until", sa.Text(), nullable=True),
        sa.Column("reminder_channels", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("default_list_id", Id(), nullable=True),
        sa.Column("start_page", sa.Text(), nullable=False),
        sa.Column("digest_at", sa.Text(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _of_owner("preferences"),
        sa.PrimaryKeyConstraint("owner_id", name="pk_preferences"),
    )
    op.create_index("ix_preferences_owner_id_revision", "preferences", ["owner_id", "revision"], unique=True)
    op.create_table(
        "undos",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("tasks", sa.BigInteger(), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("kept_bytes", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("restored", sa.Text(), nullable=True),
        sa.Column("rows", sa.Text(), nullable=False),
        _of_owner("undos"),
        sa.PrimaryKeyConstraint("owner_id", "id", "revision", name="pk_undos"),
    )
    op.create_index("ix_undos_created_at", "undos", ["created_at"])
    op.add_column("answers", sa.Column("undo_token", sa.Text(), nullable=True))


def _make_kind(name: str, *columns: "sa.Column[object]") -> None:
    op.create_table(
        name,
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        *columns,
        sa.Column("position", OrderedText(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _of_owner(name),
        sa.PrimaryKeyConstraint("owner_id", "sequence", name=f"pk_{name}"),
        sa.UniqueConstraint("owner_id", "id", name=f"uq_{name}_owner_id_id"),
    )
    op.create_index(f"ix_{name}_owner_id_revision", name, ["owner_id", "revision"], unique=True)


def _of_owner(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_owner_id_owners"
    return sa.ForeignKeyConstraint(["owner_id"], ["owners.owner_id"], name=name, ondelete="CASCADE")
