"""Which schema this code needs, and what to say of a database that has another."""

from dataclasses import dataclass

from doable.errors import Misconfigured

SCHEMA_VERSION = "0007"
"""The newest migration. Migrations are numbered, so that a newer database is known without knowing its migrations."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The migration that a database is at, and the oldest version of the code that can go on with it."""

    version: str
    compatible_down_to: str

    @classmethod
    def of(cls, version: str, compatible_down_to: str | None = None) -> "Schema":
        """What the database says of itself. One that says nothing of older code is for its own version alone."""
        return cls(version, compatible_down_to or version)

    @property
    def is_usable(self) -> bool:
        """Whether this code can serve with it: it is not older, and a newer one has only added to what this code knows."""
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
