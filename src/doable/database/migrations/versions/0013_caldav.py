"""CalDAV.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Id, Instant

revision = "0013"
down_revision = "0012"
# Older code writes rows without the columns. A text that it does not know of is changed when it is read.
compatible_down_to = "0008"

OF_TASKS = (
    ("ical_text", sa.Text()),
    ("ical_revision", sa.BigInteger()),
    ("ical_name", sa.Text()),
    ("ical_uid", sa.Text()),
    ("ical_parent", sa.Text()),
    ("exceptions", sa.Text()),
)


def upgrade() -> None:
    """Add columns, tables and indexes. No row is written."""
    for name, type_ in OF_TASKS:
        op.add_column("tasks", sa.Column(name, type_, nullable=True))
    for name in ("dav_name", "components", "dav_properties"):
        op.add_column("lists", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("preferences", sa.Column("inbox_properties", sa.Text(), nullable=True))
    op.add_column("tombstones", sa.Column("ical_name", sa.Text(), nullable=True))
    for name in ("ical_name", "ical_uid", "ical_parent"):
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_tasks_{name}", "tasks", ["owner_id", name], postgresql_where=where, sqlite_where=where)
    is_change = sa.text("revision > 0")
    op.create_index(
        "ix_tasks_list_revision",
        "tasks",
        ["owner_id", sa.text("coalesce(list_id, owner_id)"), "revision"],
        postgresql_where=is_change,
        sqlite_where=is_change,
    )
    op.create_table(
        "departures",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("list_id", Id(), nullable=False),
        sa.Column("ical_name", sa.Text(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        _of_owner("departures"),
        sa.PrimaryKeyConstraint("owner_id", "revision", name="pk_departures"),
    )
    op.create_index("ix_departures_list_revision", "departures", ["owner_id", "list_id", "revision"])
    of_lists = sa.text("kind IN ('task', 'object')")
    op.create_index(
        "ix_tombstones_list_revision",
        "tombstones",
        ["owner_id", sa.text("coalesce(list_id, owner_id)"), "revision"],
        postgresql_where=of_lists,
        sqlite_where=of_lists,
    )
    is_removed = sa.text("removed_at IS NOT NULL")
    op.create_index(
        "ix_departures_removed_at",
        "departures",
        ["removed_at"],
        postgresql_where=is_removed,
        sqlite_where=is_removed,
    )
    op.create_table(
        "ical_objects",
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("list_id", Id(), nullable=False),
        sa.Column("ical_name", sa.Text(), nullable=False),
        sa.Column("ical_uid", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("starts", Instant(), nullable=True),
        sa.Column("ends", Instant(), nullable=True),
        sa.Column("ical_text", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _of_owner("ical_objects"),
        sa.PrimaryKeyConstraint("owner_id", "sequence", name="pk_ical_objects"),
        sa.UniqueConstraint("owner_id", "id", name="uq_ical_objects_owner_id_id"),
    )
    op.create_index("ix_ical_objects_owner_id_revision", "ical_objects", ["owner_id", "revision"], unique=True)
    for name in ("revision", "ical_name", "ical_uid"):
        op.create_index(f"ix_ical_objects_list_{name}", "ical_objects", ["owner_id", "list_id", name])


def _of_owner(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_owner_id_owners"
    return sa.ForeignKeyConstraint(["owner_id"], ["owners.owner_id"], name=name, ondelete="CASCADE")
