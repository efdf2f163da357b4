"""What has been tried, and how often."""

from sqlalchemy import BigInteger, Column, Table, Text

from doable.database.naming import metadata
from doable.database.ownership import DIRECTORY
from doable.database.types import Instant

attempts = Table(
    "attempts",
    metadata,
    # What is limited and a digest of for whom.
    Column("key", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    # From then on it counts from nothing again.
    Column("ends_at", Instant, nullable=False, index=True),
    info=DIRECTORY,
)
