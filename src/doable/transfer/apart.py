"""Whoever reads a file beside the event loop: a thread, or a process of its own that ends with the file.

Beside a thread that computes, whoever answers requests waits for the interpreter again and again. Another process takes half
a second to start, holds nobody up, has no access to the database, and can be stopped.
"""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import Pipe
from typing import Any, BinaryIO, ClassVar, Final, Protocol

from doable.errors import FileUnreadable, Unavailable
from doable.transfer.formats.files import is_zip
from doable.transfer.reading import read
from doable.transfer.telling import Asked, Failed, Refused, Told

SMALL_BYTES: Final = 16 * 1024
"""A thread takes some ten milliseconds for a file up to this, if it is no zip: that says nothing of what is in it."""

_one_apart: Final = asyncio.Semaphore(1)
"""Since a file may take hundreds of megabytes to read."""

logger = logging.getLogger(__name__)


class Teller(Protocol):
    """Tells what is in a file, by calls from a thread that may last."""

    threads: ClassVar[ThreadPoolExecutor]

    def send(self, answer: Any) -> Told | None:
        """What comes next, now that the last question has this answer; None at the end. Raises FileUnreadable."""

    def stop(self) -> None:
        """Have a call that is under way end early, if it can be. From the event loop."""

    def close(self) -> None:
        """Called last."""


class Here:
    """A thread that reads it: one, since the interpreter runs one at a time. Another file waits for it, and nothing else does."""

    threads: ClassVar = ThreadPoolExecutor(1, "import")

    def __init__(self, file: BinaryIO, asked: Asked) -> None:
        self._telling = read(file, asked)

    def send(self, answer: Any) -> Told | None:
        """See Teller."""
        return next(self._telling, None) if answer is None else self._telling.send(answer)

    def stop(self) -> None:
        """See Teller: it cannot be."""

    def close(self) -> None:
        """See Teller."""
        self._telling.close()


class Apart:
    """A process that reads it, in `process.py`. It ends when its pipe does, and so with this process."""

    threads: ClassVar = ThreadPoolExecutor(1, "import-apart")

    def __init__(self, file: BinaryIO, asked: Asked) -> None:
        """Raises Unavailable if the machine has no room for another process."""
        self._pipe, theirs = Pipe()
        file.flush()
        handed = (theirs.fileno(), file.fileno())
        # -P: no file in the working folder is taken for a Python package.
        command = [sys.executable, "-P", "-m", "doable.transfer.process", *map(str, handed)]
        try:
            # A session of its own: Ctrl-C is meant for the server, which lets requests finish.
            self._process = subprocess.Popen(  # noqa: S603 - our own
                command, pass_fds=handed, stdin=subprocess.DEVNULL, start_new_session=True
            )
        except OSError as error:
            self._pipe.close()
            logger.error("No process could be started to read a file: %s", error.strerror)  # noqa: TRY400
            raise Unavailable from error
        finally:
            theirs.close()
        self._pipe.send(asked)

    def send(self, answer: Any) -> Told | None:
        """See Teller."""
        try:
            if answer is not None:
                self._pipe.send(answer)
            told = self._pipe.recv()
        except (EOFError, ConnectionError):
            raise self._end() from None
        if isinstance(told, Refused):
            raise FileUnreadable(told.message)
        if isinstance(told, Failed):
            logger.error("The process that reads a file has failed: %s", told.where)
            message = "The process that reads a file has failed."
            raise RuntimeError(message)  # noqa: TRY004
        next_: Told | None = told
        return next_

    def _end(self) -> Exception:
        code = self._process.wait()
        if code == -signal.SIGPROF:
            return FileUnreadable("The file takes too long to read. Divide it into several files.")
        logger.error("The process that reads a file has ended (exit code %s)", code)
        return Unavailable()

    def stop(self) -> None:
        """See Teller."""
        self._process.kill()

    def close(self) -> None:
        """See Teller."""
        self._process.wait()
        self._pipe.close()


@asynccontextmanager
async def telling(file: BinaryIO, asked: Asked, *, beside_requests: bool) -> AsyncIterator[Teller]:
    """Whoever tells what is in the file, while the block lasts. Beside requests, only what is small is read here."""
    if not beside_requests or (file.seek(0, os.SEEK_END) <= SMALL_BYTES and not is_zip(file)):
        async with _closing(Here(file, asked)) as here:
            yield here
    else:
        async with _one_apart, _closing(Apart(file, asked)) as apart:
            yield apart


@asynccontextmanager
async def _closing(teller: Teller) -> AsyncIterator[Teller]:
    try:
        yield teller
    finally:
        teller.stop()
        # After a call that is under way: there is one thread.
        teller.threads.submit(teller.close)
