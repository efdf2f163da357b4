"""Owners know what their things take.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
# Older code moves `revision` alone, and so the owner is counted anew when it matters.
compatible_down_to = "0007"


def upgrade() -> None:
    """Add the columns, and read or write no row: of the owners who are there, each is counted when it matters."""
    for name, default in (("stored_bytes", "0"), ("counted_revision", "-1")):
        column = sa.Column(name, sa.BigInteger(), server_default=sa.text(default), nullable=False)
        op.add_column("owners", column)
