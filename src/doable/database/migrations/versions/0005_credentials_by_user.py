"""Credentials carry their user, and addresses are found in a directory.

Revision ID: 0005
"""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing yet."""
