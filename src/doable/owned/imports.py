"""The tables of imports: one row of each, and what is in its file in slices, until they are applied. The export tells of them as well."""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text

from doable.database.naming import metadata
from doable.database.types import Id, Instant
from doable.owned.tables import owners

imports = Table(
    "imports",
    metadata,
    Column("owner_id", Id, ForeignKey(owners.c.owner_id, ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    # Until then it can be undone. Then the row goes, and with it whatever slices are left.
    Column("expires_at", Instant, nullable=False),
    Column("filename", Text, nullable=False),
    Column("format", Text, nullable=False),
    # SHA-256 of the file: the same one goes on where it was.
    Column("digest", Text, nullable=False),
    Column("state", Text, nullable=False),
    # The limit that has stopped it.
    Column("stopped_by", Text),
    Column("total", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("slices", Integer, nullable=False),
    # The next one to apply; while it is undone, those before it are to come.
    Column("next_slice", Integer, nullable=False),
    # Its things have the revisions after this one as their `sequence`, and their positions by these. Null before it begins.
    Column("base", BigInteger),
    # Where its owner was, if the file says that: by this a reminder is known that was put off.
    Column("timezone", Text),
    Column("day_reminder_at", Text),
    # JSON, all of them: the numbers of each kind; what was not understood, and what stayed when it was undone, with their numbers.
    Column("kinds", Text, nullable=False),
    Column("not_understood", Text, nullable=False),
    Column("removed", BigInteger, nullable=False),
    Column("stayed", Text, nullable=False),
    Index("ix_imports_state", "state", "created_at"),
    Index("ix_imports_expires_at", "expires_at"),
)

import_slices = Table(
    "import_slices",
    metadata,
    Column("owner_id", Id, primary_key=True),
    Column("import_id", Id, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    # JSON: the things that are to be made; once they are, the kinds, ids and revisions of those that were.
    Column("things", Text, nullable=False),
    ForeignKeyConstraint(["owner_id", "import_id"], [imports.c.owner_id, imports.c.id], ondelete="CASCADE"),
)

READING: Final = "reading"
"""Its slices are being stored, and nobody is told of it. A server that is killed meanwhile leaves it so."""
RUNNING: Final = "running"
STOPPED: Final = "stopped"
DONE: Final = "done"
UNDOING: Final = "undoing"
UNDONE: Final = "undone"

ImportRow = dict[str, Any]
