"""The schema that this code needs, and the error for a database that has another."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from doable.errors import Misconfigured, NotReady

SCHEMA_VERSION = "0013"
"""The newest migration. Migrations are numbered, so that a newer database is known without knowing its migrations."""

LOCK_KEY = 0x646F6162  # "doab"
"""PostgreSQL's advisory lock for whoever changes the schema."""


TABLES: Final = frozenset(
    {
        "alarms",
        "answers",
        "api_token_digests",
        "api_tokens",
        "attempts",
        "calendar_tokens",
        "deliveries",
        "departures",
        "emails",
        "filters",
        "ical_objects",
        "identities",
        "import_slices",
        "imports",
        "lists",
        "mail_tokens",
        "notifications",
        "outbox",
        "owners",
        "preferences",
        "push_subscriptions",
        "revocations",
        "search_states",
        "sections",
        "sessions",
        "tags",
        "task_tags",
        "task_words",
        "tasks",
        "tombstones",
        "undos",
        "users",
    }
)
"""The names that Doable needs for itself."""

OF_EVERY_VERSION: Final = "owners"

_NUMBERED = re.compile(r"\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Schema:
    """The migration that a database is at, and the oldest version of the code that can work with it."""

    version: str
    compatible_down_to: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Schema":
        """The schema by the row of `alembic_version`. If it says nothing of older code, it is for its own version alone.

        A database of the first version has no such column, and that of a later one may have more.
        """
        version = row["version_num"]
        return cls(version, row.get("compatible_down_to") or version)

    @property
    def is_usable(self) -> bool:
        """Whether this code can serve with it: it is not older, or is newer and has only added to the schema of this code."""
        return self.compatible_down_to <= SCHEMA_VERSION <= self.version


def schema_of_row(row: Mapping[str, Any] | None, tables: Collection[str]) -> Schema | None:
    """The schema by the row of `alembic_version`, if there is one, and the names of all tables. None for a database without Doable's.

    Raises Misconfigured if what is there is somebody else's.
    """
    if row is None:
        if taken := TABLES.intersection(tables):
            named = ", ".join(sorted(taken)[:3])
            message = f"The database has tables of another program, with names that Doable needs ({named}). {_MEND}"
            raise Misconfigured(message)
        return None
    if not _NUMBERED.fullmatch(str(row.get("version_num"))) or OF_EVERY_VERSION not in tables:
        message = f"The database is migrated by another program: its table alembic_version is not Doable's. {_MEND}"
        raise Misconfigured(message)
    return Schema.of(row)


_MEND = "Give Doable a database of its own: set DATABASE_URL or DATA_DIR to another one."


def check_is_migrated(found: Schema | None) -> None:
    """Raise NotReady if the database lacks a migration, Misconfigured if it is too new for this code."""
    if needs_migration(found):
        message = f"The database is not at version {SCHEMA_VERSION} yet. `doable migrate` brings it there; `doable serve` does so by itself."
        raise NotReady(message)


def needs_migration(found: Schema | None) -> bool:
    """Whether this database must be migrated. Raises Misconfigured for one that is too new for this code."""
    if found is None or found.version < SCHEMA_VERSION:
        return True
    if not found.is_usable:
        message = (
            f"The database is at version {found.version} and this Doable only knows versions up to {SCHEMA_VERSION}. "
            "Install the newer Doable again, or restore a backup from before it was installed."
        )
        raise Misconfigured(message)
    return False
