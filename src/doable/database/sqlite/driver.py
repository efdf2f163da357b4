"""Which SQLite it is, and how a connection to it is made."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doable.errors import Misconfigured

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        # It has a newer SQLite than most systems, and wheels for some platforms.
        import pysqlite3 as sqlite3
    except ImportError:
        import sqlite3

__all__ = ["connect", "safe_for_several_processes", "sqlite3"]

BUSY_TIMEOUT_MS = 5000

# For each parameter that is no number and no text the module looks for an adapter, which takes a microsecond where there is
# none, and a row has many nulls. With these two a new task takes 12 µs less; a function of Python's would give 2 of them back.
_none_of_none: Any = {}.get
sqlite3.register_adapter(type(None), _none_of_none)
sqlite3.register_adapter(bool, int)


def safe_for_several_processes() -> bool:
    """Whether several processes may write to one file: before 3.51.3 two checkpoints at once could corrupt a WAL."""
    return sqlite3.sqlite_version_info >= (3, 51, 3)


def connect(path: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> "sqlite3.Connection":
    """A connection in autocommit mode, usable from any one thread at a time, to a file, which is made if need be.

    Raises sqlite3.Error.
    """
    if sqlite3.sqlite_version_info < (3, 35):
        message = f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed."
        raise Misconfigured(message)
    connection = sqlite3.connect(path, timeout=busy_timeout_ms / 1000, isolation_level=None, check_same_thread=False)
    try:
        # The busy timeout is set first (by `timeout`): switching to WAL may have to wait for another process.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection
