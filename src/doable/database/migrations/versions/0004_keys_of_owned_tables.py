"""Keys of what is owned begin with the owner; tombstones say what kind of thing was deleted.

Revision ID: 0004
"""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nothing yet."""
