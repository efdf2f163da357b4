"""The figures of all workers of one server, in a file that they share.

What a worker has counted stays in the sums when it ends. The file is named after the parent of the workers, and is gone with the
last of them, unless they are killed.
"""

import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

Figures = Mapping[str, float]

GONE_SECONDS: Final = 5.0
"""A worker that has said nothing for so long has ended."""


class Sums:
    """The file. Whatever it does may raise OSError."""

    def __init__(self) -> None:
        # The folder may be everybody's, so no file is used that is somebody else's or a link.
        self._path = Path(tempfile.gettempdir(), f"doable-metrics-{os.geteuid()}-{os.getppid()}")

    def add(self, counts: Figures, now: Figures) -> tuple[dict[str, float], list[Figures]]:
        """Add what this worker has counted since it last did, and say how it is now. The sums, and how each worker is."""
        with self._turn():
            sums, workers = self._read()
            for name, count in counts.items():
                sums[name] = sums.get(name, 0) + count
            workers[str(os.getpid())] = [time.time(), dict(now)]
            workers = {pid: worker for pid, worker in workers.items() if _lives(pid, worker)}
            self._write(sums, workers)
        return sums, [worker[1] for worker in workers.values()]

    def leave(self) -> None:
        """Say that this worker ends."""
        with self._turn():
            sums, workers = self._read()
            workers.pop(str(os.getpid()), None)
            if any(_lives(pid, worker) for pid, worker in workers.items()):
                self._write(sums, workers)
            else:
                self._data.unlink(missing_ok=True)
                self._path.unlink(missing_ok=True)

    @property
    def _data(self) -> Path:
        return self._path.with_suffix(".json")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        descriptor = _open(self._path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _read(self) -> tuple[dict[str, float], dict[str, Any]]:
        try:
            with open(_open(self._data, os.O_RDONLY)) as file:
                sums, workers = json.load(file)
        except FileNotFoundError:
            return {}, {}
        return sums, workers

    def _write(self, sums: dict[str, float], workers: dict[str, Any]) -> None:
        # Whole or not at all: a worker may be killed at any moment.
        draft = self._data.with_suffix(f".{os.getpid()}")
        with suppress(FileNotFoundError):
            draft.unlink()
        with open(_open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w") as file:
            json.dump([sums, workers], file)
        draft.replace(self._data)


def _lives(pid: str, worker: list[Any]) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return bool(time.time() - worker[0] < GONE_SECONDS)


def _open(path: Path, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.fstat(descriptor).st_uid != os.geteuid():
        os.close(descriptor)
        raise PermissionError
    return descriptor
