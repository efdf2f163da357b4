"""The owners' rows."""

from sqlalchemy import BigInteger, Column, Table

from doable.database.naming import metadata
from doable.database.types import Id

owners = Table(
    "owners",
    metadata,
    Column("owner_id", Id, primary_key=True),
    # Moves by one with every write to anything of the owner's.
    Column("revision", BigInteger, nullable=False),
    # How many tasks there are, so that a list need not count them.
    Column("tasks", BigInteger, nullable=False),
)
