"""The counts of attempts."""

from sqlalchemy import BigInteger, Column, Table, Text

from doable.database.naming import metadata
from doable.database.ownership import DIRECTORY
from doable.database.types import Instant

attempts = Table(
    "attempts",
    metadata,
    # The kind of attempt, and a digest of the account or network.
    Column("key", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    # After this, the count starts again from nothing.
    Column("ends_at", Instant, nullable=False, index=True),
    info=DIRECTORY,
)
