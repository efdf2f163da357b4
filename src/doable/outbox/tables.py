"""What is to be sent."""

from sqlalchemy import BigInteger, Column, Table, Text

from doable.database.naming import metadata
from doable.database.ownership import DIRECTORY
from doable.database.types import Id, Instant

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    # Null where it is not known whether anybody has this address: who asks must not learn it from how long it takes.
    Column("user_id", Id, index=True),
    Column("address", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    # Whoever sends it moves this on first, so that nobody else does at the same time.
    Column("due_at", Instant, nullable=False, index=True),
    info=DIRECTORY,
)
