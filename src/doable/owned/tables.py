"""The owners' rows, the tombstones of deleted things, and the answers that may be asked for again."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
    type_coerce,
)

from doable.database.naming import metadata
from doable.database.types import Id, Instant, InstantText

IS_REMOVED = text("removed_at IS NOT NULL")

owners = Table(
    "owners",
    metadata,
    Column("owner_id", Id, primary_key=True),
    # Moves by one with every row of the owner's that is written.
    Column("revision", BigInteger, nullable=False),
    # The number of tasks, so that a page need not count them.
    Column("tasks", BigInteger, nullable=False),
    # The newest tombstone that was purged: a client that knows less can no longer be told of every deletion.
    Column("purged_revision", BigInteger, nullable=False, server_default=text("0")),
    # The room that the kept answers and the undos take.
    Column("kept_bytes", BigInteger, nullable=False, server_default=text("0")),
    # The user was removed, and the rest is being deleted: from here on nobody writes.
    Column("removed_at", Instant),
    # What the things of all kinds take. It is right while `counted_revision` is `revision`: it is not, after code has
    # written that does not know these columns, or the revision was moved on after a restore.
    Column("stored_bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("counted_revision", BigInteger, nullable=False, server_default=text("-1")),
    Index("ix_owners_removed_at", "removed_at", postgresql_where=IS_REMOVED, sqlite_where=IS_REMOVED),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False),
    Column("removed_at", Instant, nullable=False),
    # The kind of thing, and the list that a task was in.
    Column("kind", Text, nullable=False, server_default=text("'task'")),
    Column("list_id", Id),
    # Of its resource, if that was not `{id}.ics`.
    Column("ical_name", Text),
    Index("ix_tombstones_owner_id_kind_id", "owner_id", "kind", "id", unique=True),
    Index("ix_tombstones_removed_at", "removed_at"),
)
BURIED_IN: Final = func.coalesce(tombstones.c.list_id, tombstones.c.owner_id, type_=Id())
"""The list, or the owner for the inbox."""
IN_LISTS: Final = frozenset({"task", "object"})
WAS_IN_A_LIST: Final = text("kind IN ('task', 'object')")
Index(
    "ix_tombstones_list_revision",
    tombstones.c.owner_id,
    BURIED_IN,
    tombstones.c.revision,
    postgresql_where=WAS_IN_A_LIST,
    sqlite_where=WAS_IN_A_LIST,
)

# What was moved out of a list, or has another name there: a CalDAV client is told that it is gone from there. Without an instant and
# a name, how far a list has come of which more was forgotten: its token must not go back.
departures = Table(
    "departures",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    # The owner for the inbox.
    Column("list_id", Id, nullable=False),
    Column("ical_name", Text, nullable=False),
    Column("removed_at", Instant),
    Index("ix_departures_removed_at", "removed_at", postgresql_where=IS_REMOVED, sqlite_where=IS_REMOVED),
    Index("ix_departures_list_revision", "owner_id", "list_id", "revision"),
)

answers = Table(
    "answers",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("idempotency_key", Text, primary_key=True),
    # Of the request: no other one may have this answer.
    Column("fingerprint", Text, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    # Null only inside the transaction that is about to write them.
    Column("status", Integer),
    Column("body", Text),
    Column("etag", Text),
    Column("location", Text),
    Column("kept_bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("undo_token", Text),
)

IS_UNFINISHED = text("unfinished IS NOT NULL")

# What each transaction of a write has changed, where the request wants to be able to undo it.
undos = Table(
    "undos",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    # The token: the same for all transactions of one write.
    Column("id", Id, primary_key=True),
    # The owner's, when the transaction ended: the order of the writes.
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", Instant, nullable=False, index=True),
    # How much the undoing will add again: checked for the whole write before any of it is undone.
    Column("tasks", BigInteger, nullable=False),
    Column("stored_bytes", BigInteger, nullable=False),
    Column("kept_bytes", BigInteger, nullable=False),
    # What was deleted, for people to choose from: JSON, null where nothing was.
    Column("deleted", Text),
    # What the undo of this transaction answered, once it was done: JSON.
    Column("result", Text),
    # By the revisions that it wrote, those whose rows it brought back: JSON. Who knows the one knows the other.
    Column("restored", Text),
    # The rows as they were, and the revisions that they were left at: JSON. The large one, which nothing else reads past.
    Column("rows", Text, nullable=False),
    # Of the first of several transactions, until the last one ends: how the same request is known when it is sent again.
    Column("unfinished", Text),
    Index(
        "ix_undos_owner_id_unfinished",
        "owner_id",
        "unfinished",
        postgresql_where=IS_UNFINISHED,
        sqlite_where=IS_UNFINISHED,
    ),
)


def sent(column: Column[datetime]) -> ColumnElement[Any]:
    """An instant as it goes over the wire: text, so that no answer has to make it."""
    return type_coerce(column, InstantText()).label(column.key)
