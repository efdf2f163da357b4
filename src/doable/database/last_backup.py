"""When the last backup was made, to be looked at often: the time of an empty file in DATA_DIR."""

from contextlib import suppress
from datetime import UTC, datetime

from doable.settings import Settings, make_private_directory


def note_backup(settings: Settings) -> None:
    """Say that `doable backup` has just made one. A DATA_DIR that cannot be written to is no reason to fail."""
    with suppress(OSError):
        make_private_directory(settings.data_dir)
        settings.last_backup_path.touch(mode=0o600)


def last_backup_at(settings: Settings) -> datetime | None:
    """When `doable backup` last made one with this DATA_DIR; None if it never did. It costs a few microseconds."""
    try:
        return datetime.fromtimestamp(settings.last_backup_path.stat().st_mtime, UTC)
    except OSError:
        return None
