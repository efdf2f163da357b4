"""How a backup is made, whichever the database is."""

from pathlib import Path

from doable.database.last_backup import note_backup
from doable.settings import Settings


def make(settings: Settings, file: Path) -> None:
    """Back up the database to a new file, which appears when it is whole. Raises Misconfigured if that cannot be done."""
    # That of the server itself, if there is a pooler before it.
    url = settings.postgresql_listen_url or settings.postgresql_url
    if url is None:
        from doable.backups import sqlite

        sqlite.make(settings, file)
    else:
        from doable.backups import postgresql

        postgresql.make(settings, url, file)
    note_backup(settings)
