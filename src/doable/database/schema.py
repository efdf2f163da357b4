"""Which schema this code needs, and what to say of a database that has another."""

from doable.errors import Misconfigured

SCHEMA_VERSION = "0007"
"""The newest migration. Migrations are numbered, so that a newer database is known without knowing its migrations."""


def needs_migration(version: str | None) -> bool:
    """Whether a database at this version must be migrated. Raises Misconfigured for one that is newer than the code."""
    if version is None or version < SCHEMA_VERSION:
        return True
    if version > SCHEMA_VERSION:
        message = (
            f"The database is at version {version} and this Doable only knows versions up to {SCHEMA_VERSION}. "
            "Install the newer Doable again, or restore a backup from before it was installed."
        )
        raise Misconfigured(message)
    return False
