"""Lines of the log go to stderr, and nobody ever waits for whoever reads them."""

import logging
import os
import select
import socket
import stat
import threading
import time
from collections import deque
from functools import cache
from typing import Final

MAX_WAITING: Final = 4096
"""The lines that a reader may be behind with, beside what its pipe holds: 1 MiB or so."""

AT_THE_END_SECONDS: Final = 1.0
"""How long the end of the process waits for a reader that is behind."""


class Output:
    """A descriptor that is written to without waiting, though others who have it may wait.

    A pipe is opened once more, since "non-blocking" belongs to what is open, and so to all who inherited it.
    """

    def __init__(self, descriptor: int) -> None:
        mode = os.fstat(descriptor).st_mode
        self._socket = socket.socket(fileno=os.dup(descriptor)) if stat.S_ISSOCK(mode) else None
        self._asks_first = False
        if self._socket is not None:
            self._descriptor = self._socket.fileno()
            return
        try:
            if stat.S_ISREG(mode):
                raise FileNotFoundError  # a file is never full in this sense, and has one place to write at
            again = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY
            self._descriptor = os.open(f"/proc/self/fd/{descriptor}", again)
        except OSError:
            self._descriptor = os.dup(descriptor)
            self._asks_first = not stat.S_ISREG(mode)

    def write(self, line: bytes) -> int:
        """How many of the bytes were taken, maybe none. Raises OSError if nobody takes any."""
        try:
            if self._socket is not None:
                return self._socket.send(line, socket.MSG_DONTWAIT)
            if self._asks_first:
                if not self.wait(0):
                    return 0
                line = line[: select.PIPE_BUF]
            return os.write(self._descriptor, line)
        except BlockingIOError:
            return 0

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until something can be written, or until nothing ever can."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return bool(poll.poll(None if seconds is None else seconds * 1000))


class StderrHandler(logging.Handler):
    """Writes each line at once. What a reader is behind with waits its turn; what is too much is dropped and counted."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._output = Output(descriptor)
        self._waiting: deque[bytes] = deque()
        self.dropped = 0
        """Lines, since the start."""
        self._told = 0
        """The number in the last line that said how many were dropped."""
        self._is_behind = threading.Event()
        self._thread: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write it, or have it wait, or drop it."""
        try:
            line = self._line(record)
        except Exception:  # noqa: BLE001 - as in every handler: a line that cannot be made ends no request
            self.handleError(record)
            return
        self._add(line)

    def write(self, line: bytes) -> None:
        """Write a line that was made already, with its end."""
        assert self.lock is not None  # noqa: S101 - for the type checker
        with self.lock:
            self._add(line)

    def _add(self, line: bytes) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self.dropped += 1
            return
        self._waiting.append(line)
        if len(self._waiting) == 1:
            self._write()
            if self._waiting:
                self._catch_up()

    def flush(self) -> None:
        """Give a reader that is behind a last moment. It is called when the process ends."""
        until = time.monotonic() + AT_THE_END_SECONDS
        while self._waiting and self._output.wait(max(0, until - time.monotonic())):
            self._write()

    def _line(self, record: logging.LogRecord) -> bytes:
        return f"{self.format(record)}\n".encode(errors="backslashreplace")

    def _write(self) -> None:
        """Write what waits, as far as it is taken. Only with the lock."""
        try:
            while self._waiting:
                line = self._waiting[0]
                taken = self._output.write(line)
                if taken < len(line):
                    self._waiting[0] = line[taken:]
                    return
                self._waiting.popleft()
                if not self._waiting and self._told < self.dropped:
                    self._waiting.append(self._line(_about_dropped(self.dropped)))
                    self._told = self.dropped
        except OSError:  # nobody reads any longer, or the disk is full
            self.dropped += len(self._waiting)
            self._waiting.clear()

    def _catch_up(self) -> None:
        self._is_behind.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_when_it_is_read, name="doable-log", daemon=True)
            self._thread.start()

    def _write_when_it_is_read(self) -> None:
        assert self.lock is not None  # noqa: S101 - for the type checker
        while self._is_behind.wait():
            self._output.wait()
            with self.lock:
                self._write()
                if not self._waiting:
                    self._is_behind.clear()


def _about_dropped(count: int) -> logging.LogRecord:
    message = "%d lines of this log have been dropped so far: they were not read in time"
    return logging.LogRecord(__name__, logging.WARNING, "", 0, message, (count,), None)


@cache
def handler_of(descriptor: int) -> StderrHandler:
    """The handler of this descriptor, one in the process, so that lines keep their order."""
    return StderrHandler(descriptor)
