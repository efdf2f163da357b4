"""The schema that this code needs, and the error for a database that has another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from doable.errors import Misconfigured

SCHEMA_VERSION = "0008"
"""The newest migration. Migrations are numbered, so that a newer database is known without knowing its migrations."""

LOCK_KEY = 0x646F6162  # "doab"
"""PostgreSQL's advisory lock for whoever changes the schema."""


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
