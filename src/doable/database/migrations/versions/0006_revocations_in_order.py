"""Revocations are read by what is new, and users know when they changed.

Revision ID: 0006
"""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nothing yet."""
