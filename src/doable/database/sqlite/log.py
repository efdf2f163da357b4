"""Keeps the write-ahead log small.

Each COMMIT that finds 1,000 pages in the log copies them into the database, and the log begins again. While somebody else
reads (a shell, a backup, Litestream), it cannot begin again, and grows. When they have gone the first COMMIT would have to copy
all of it, which takes a second for 250 MB, and the file would stay as large as it is.
"""

from contextlib import closing
from pathlib import Path
from typing import Final

from doable.background import Repeating, in_thread
from doable.database.sqlite.driver import connect, sqlite3
from doable.database.sqlite.transaction import translated
from doable.database.sqlite.turn import WriteLock
from doable.database.sqlite.writer import Writer

MAX_LOG_BYTES: Final = 64 * 1024 * 1024
INTERVAL_SECONDS: Final = 5.0
# With so few pages left, the rest is copied while writers wait: some milliseconds.
SHORT_PAGES: Final = 1000


class SmallLog(Repeating):
    """Copies a large log in a thread beside the writers, and truncates it when nobody else reads.

    Meanwhile no COMMIT of this process copies it.
    """

    def __init__(self, path: Path, writer: Writer) -> None:
        super().__init__("log", INTERVAL_SECONDS, self._look)
        self._path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._writer = writer

    async def _look(self) -> None:
        if self._is_large():
            self._writer.checkpoints = False
            await in_thread("log", self._shrink)
        self._writer.checkpoints = not self._is_large()

    def _is_large(self) -> bool:
        try:
            return self._log.stat().st_size > MAX_LOG_BYTES
        except FileNotFoundError:
            return False

    def _shrink(self) -> None:
        try:
            with closing(connect(self._path, busy_timeout_ms=0)) as connection:
                if _copy(connection):
                    _truncate(connection, self._path)
        except sqlite3.Error as error:
            raise translated(error) from error


def _copy(connection: "sqlite3.Connection") -> bool:
    """Copy into the database what nobody else reads any more, while others write. Whether that is nearly all of the log."""
    copied_before = -1
    while True:
        # Busy is another process that does the same.
        busy, pages, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()[0]
        if pages - copied <= SHORT_PAGES:
            return not busy
        if busy or copied <= copied_before:
            return False
        copied_before = copied


def _truncate(connection: "sqlite3.Connection", path: Path) -> None:
    lock = WriteLock(path)
    try:
        lock.acquire(wait=True)
        # If somebody has begun to read meanwhile, it does nothing.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        lock.close()
