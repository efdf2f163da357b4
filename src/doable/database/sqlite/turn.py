"""The turn to write, between processes."""

import errno
import fcntl
import os
from pathlib import Path
from typing import Final

PROBE_BYTES: Final = 64 * 1024


class WriteLock:
    """`flock` on `<database>.writing`. Whoever waits for it has `<database>.next` meanwhile, and is the next to have it.

    SQLite's own busy handler is not fair (of two processes one got 3,927 writes and the other 1). Nor is a single `flock`: who
    gives it back is awake, and takes it again before the one that has waited.
    """

    def __init__(self, path: Path) -> None:
        self._file, self._next = (
            os.open(f"{path}.{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for name in ("writing", "next")
        )

    def acquire(self, *, wait: bool) -> bool:
        """Take the turn; False if another process has it, or waits for it, and this call may not wait."""
        how = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
        try:
            fcntl.flock(self._next, how)
            try:
                fcntl.flock(self._file, how)
            finally:
                fcntl.flock(self._next, fcntl.LOCK_UN)
        except BlockingIOError:
            return False
        return True

    def disk_is_full(self) -> bool:
        """Whether some bytes cannot be written beside the database. SQLite says that of the WAL, and of its index calls it an I/O error."""
        try:
            return os.pwrite(self._file, bytes(PROBE_BYTES), 0) < PROBE_BYTES
        except OSError as error:
            return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        finally:
            os.ftruncate(self._file, 0)

    def release(self) -> None:
        """Give the turn to the process that is the next, if one waits."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the files, and so give the turn back."""
        os.close(self._file)
        os.close(self._next)
