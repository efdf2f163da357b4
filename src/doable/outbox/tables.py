"""Mail that is to be sent."""

from sqlalchemy import BigInteger, Column, Table, Text

from doable.database.naming import metadata
from doable.database.ownership import DIRECTORY
from doable.database.types import Id, Instant

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    # Null if nobody has looked for a user with this address: how long that takes must not tell who has an account.
    Column("user_id", Id, index=True),
    Column("address", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    # A process moves this on before it sends the mail, so that no other sends it at the same time.
    Column("due_at", Instant, nullable=False, index=True),
    info=DIRECTORY,
)
