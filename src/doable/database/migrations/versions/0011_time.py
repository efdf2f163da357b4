"""Recurrence and reminders.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Id, OrderedText

revision = "0011"
down_revision = "0010"
# Older code writes rows without the columns, and asks for none of the rest. What it completes has no successor.
compatible_down_to = "0008"

NEW_COLUMNS = (
    ("recurrence", sa.Text()),
    ("recurs_from", sa.Text()),
    ("occurrence", OrderedText()),
    ("series_id", Id()),
    ("next_id", Id()),
    ("reminders", sa.Text()),
)


def upgrade() -> None:
    """Add columns. No row is written."""
    for name, type_ in NEW_COLUMNS:
        op.add_column("tasks", sa.Column(name, type_, nullable=True))
