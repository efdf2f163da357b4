"""Bring a database to the schema of this code, with Alembic.

It runs in a process of its own (`doable migrate`), so that a server loads neither Alembic nor SQLAlchemy's engine.
"""

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config

from doable.database import schema_of
from doable.database.schema import SCHEMA_VERSION, needs_migration
from doable.errors import DoableError, Misconfigured
from doable.settings import Settings

MIGRATIONS = Path(__file__).with_name("migrations")


def alembic_config(settings: Settings, migrations: Path = MIGRATIONS, **attributes: Any) -> Config:
    """Alembic's configuration, without an `alembic.ini`. The attributes are for `migrations/env.py`."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(attributes, settings=settings)
    return config


def migrate(settings: Settings) -> str:
    """Run the missing migrations, all in one transaction, and answer the version that the database is at now.

    A newer database stays as it is if this code can work with it. Before the embedded database is migrated a backup of it
    is made (`sqlite/backup.py`), whoever calls.

    Raises Misconfigured for a database that cannot be opened or migrated, or is newer than this code.
    """
    found = asyncio.run(schema_of(settings))
    if found is not None and not needs_migration(found):
        return found.version
    upgrade(alembic_config(settings), "head")
    return SCHEMA_VERSION


def upgrade(config: Config, revision: str) -> None:
    """Run the migrations up to this one. Raises Misconfigured if one fails: then none of them has changed anything."""
    try:
        command.upgrade(config, revision)
    except DoableError:
        raise
    except Exception as error:
        # SQLAlchemy's own text quotes the statement and its values, and the driver's further lines quote a row.
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        reason = str(cause).partition("\n")[0] or type(cause).__name__
        message = f"The migration failed, and the database is as it was before: {reason}"
        raise Misconfigured(message) from error
