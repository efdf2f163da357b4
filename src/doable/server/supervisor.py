"""The parent of several workers: replaces those that have ended or stand still, and renews all of them at SIGHUP."""

import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context, resource_tracker
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from socket import socket
from types import FrameType
from typing import Final

from doable.server.shares import SLOTS, Link, Shares

logger = logging.getLogger(__name__)
spawning = get_context("spawn")
FORKS: Final = sys.platform == "linux"
"""Whether the first workers are forked once all is imported: so they start as soon as one would, and share that memory. Elsewhere
libraries of the system do not stand it."""

TURN_SECONDS: Final = 0.5
SILENT_SECONDS: Final = 5.0
"""A worker that serves says so every second. One that has been silent for so long is killed."""
START_SECONDS: Final = 60.0
"""The most that a new worker may take until it serves."""
PAUSE_SECONDS: Final = 5.0
"""Between a worker that could not start and the next try."""
LEAVE_SECONDS: Final = 9.6
"""After so long a worker that was told to stop is killed: it has ended by itself, unless it stands still."""

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)


@dataclass(eq=False, slots=True)
class Worker:
    """A process, the pipe on which it says that it serves, and when it last did so."""

    process: BaseProcess
    beats: connection.Connection
    heard_at: float
    is_first: bool
    slot: int
    """Its place in what all of them share."""
    serves: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing left of it."""
        return self.process.exitcode is not None

    def kill(self) -> None:
        """End it without a chance to finish anything."""
        self.process.kill()

    def tell(self, sent: signal.Signals) -> None:
        """Send it a signal, which it holds back until it serves."""
        if not self.has_ended and self.process.pid is not None:
            os.kill(self.process.pid, sent)


def _work(link: Link, port: int, workers: int, *, is_first: bool, inherited: Sequence[connection.Connection]) -> None:
    """Be a worker."""
    for each in inherited:
        each.close()
    gc.disable()  # as in `cli.serve`; the application turns it on
    from doable.server.worker import work

    if not is_first:
        # One of them says for all that they wait for the database.
        logging.getLogger("doable.http.application").setLevel(logging.ERROR)
    work(link, port, workers)


class Supervisor:
    """Keeps so many workers on these sockets. They stay open here, so that no connection is lost when a worker ends.

    Its clock stands still while it does itself: a laptop that slept or a parent that was stopped has heard nobody, and
    that is no worker's fault.
    """

    def __init__(self, port: int, count: int, sockets: Sequence[socket]) -> None:
        self._port = port
        self._count = count
        self._sockets = sockets
        self._shares = Shares.empty()
        self._parent, self._parents_end = spawning.Pipe(duplex=False)
        self._workers: list[Worker] = []
        self._leaving: list[Worker] = []
        self._to_renew: list[Worker] = []
        self._successor: Worker | None = None
        """Takes the place of the first that is to be renewed, once it serves."""
        self._clock = 0.0
        self._turned_at = time.monotonic()
        self._start_at = 0.0
        self._one_has_served = False
        self._is_leaving = False
        self._is_stopping = False

    def run(self) -> bool:
        """Serve until told to stop. False if no worker could start."""
        # While it starts, it would let through the signals that are held back below.
        resource_tracker.ensure_running()
        with _signals(self._take) as told:
            while not self._is_stopping:
                while len(self._workers) < self._count and self._clock >= self._start_at:
                    self._workers.append(self._start())
                self._turn(told)
                self._drop_ended()
                self._kill_one_that_is_silent()
                self._renew()
            self._stop(told)
        return self._one_has_served

    def _take(self, sent: int) -> None:
        if sent == signal.SIGHUP:
            self._to_renew = list(self._workers)
        elif sent == signal.SIGUSR1:
            self._is_leaving = True
            for worker in self._all:
                worker.tell(signal.SIGUSR1)
        else:
            self._is_stopping = True

    def _start(self) -> Worker:
        reader, writer = spawning.Pipe(duplex=False)
        is_first = not any(worker.is_first for worker in self._all)
        slot = min({*range(SLOTS)} - {worker.slot for worker in self._all})
        # Later the code may be another.
        forks = FORKS and not self._one_has_served and threading.active_count() == 1
        context: BaseContext = get_context("fork") if forks else spawning
        ends = [reader, self._parents_end, *(worker.beats for worker in self._all)]
        process = context.Process(  # type: ignore[attr-defined] # each context has its own
            target=_work,
            args=(Link(self._sockets, writer, self._parent, self._shares, slot), self._port, self._count),
            kwargs={"is_first": is_first, "inherited": ends if forks else []},
            name="doable-worker",
            daemon=True,
        )
        # A signal to the whole group, as Ctrl-C sends it, would end a process that does not know yet what to do.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        writer.close()
        worker = Worker(process, reader, self._clock, is_first, slot)
        if self._is_leaving:
            worker.tell(signal.SIGUSR1)
        return worker

    @property
    def _all(self) -> list[Worker]:
        return [*self._workers, *self._leaving, *([self._successor] if self._successor else [])]

    def _turn(self, told: int) -> None:
        """Wait until something happens, half a second at most, and hear the workers."""
        ends = [worker.process.sentinel for worker in self._all]
        ready = connection.wait([told, *ends, *(worker.beats for worker in self._all)], TURN_SECONDS)
        now = time.monotonic()
        self._clock += min(now - self._turned_at, 2 * TURN_SECONDS)
        self._turned_at = now
        if told in ready:
            os.read(told, 4096)
        for worker in self._all:
            if worker.beats in ready and os.read(worker.beats.fileno(), 4096):
                worker.heard_at = self._clock
                worker.serves = self._one_has_served = True

    def _drop_ended(self) -> None:
        for worker in [worker for worker in self._all if worker.has_ended]:
            worker.process.join()
            worker.beats.close()
            self._shares.clear(worker.slot)
            if worker in self._leaving:
                self._leaving.remove(worker)
                continue
            logger.warning("A worker has ended (pid %s, exit code %s)", worker.process.pid, worker.process.exitcode)
            if worker is self._successor:
                logger.error("The new worker did not start, so the others stay as they are")
                self._successor, self._to_renew = None, []
                continue
            self._workers.remove(worker)
            if (worker.process.exitcode or 0) > 0 and not worker.serves:
                # It would fail again at once. If none has ever served, nobody needs the next try.
                self._start_at = self._clock + PAUSE_SECONDS
                self._is_stopping = self._is_stopping or not self._one_has_served

    def _kill_one_that_is_silent(self) -> None:
        """One at a time: the next only when the one in its place serves, so that a slow machine does not lose all of them."""
        for worker in self._all:
            if not worker.serves and self._clock - worker.heard_at > START_SECONDS:
                worker.kill()
            if worker in self._leaving and self._clock - worker.heard_at > LEAVE_SECONDS:
                worker.kill()
        if len(self._workers) == self._count and all(worker.serves for worker in self._workers):
            for worker in self._workers:
                if self._clock - worker.heard_at > SILENT_SECONDS:
                    logger.error("A worker has been silent for %d seconds (pid %s)", SILENT_SECONDS, worker.process.pid)
                    worker.kill()
                    return

    def _renew(self) -> None:
        """Take the next step in replacing the workers, one by one. The old one is told to leave when the new one serves."""
        self._to_renew = [worker for worker in self._to_renew if worker in self._workers]
        if self._successor is not None and self._successor.serves:
            if self._to_renew:
                old = self._to_renew.pop(0)
                self._workers.remove(old)
                self._leave(old)
                if not self._to_renew:
                    logger.info("All workers have been replaced")
            self._workers.append(self._successor)
            self._successor = None
        elif self._successor is None and self._to_renew and not self._leaving:
            self._successor = self._start()

    def _leave(self, worker: Worker) -> None:
        worker.heard_at = self._clock
        worker.tell(signal.SIGHUP)
        self._leaving.append(worker)

    def _stop(self, told: int) -> None:
        for each in self._sockets:
            each.close()
        for worker in self._all:
            if worker.serves:
                worker.tell(signal.SIGTERM)
            else:
                worker.kill()
        until = time.monotonic() + LEAVE_SECONDS
        while any(not worker.has_ended for worker in self._all):
            self._turn(told)
            if time.monotonic() > until:
                for worker in self._all:
                    worker.kill()
        for worker in self._all:
            worker.process.join()


@contextmanager
def _signals(take: Callable[[int], None]) -> Iterator[int]:
    """While it lasts, the signals are taken so, and something can be read where it says."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def handle(sent: int, _: FrameType | None) -> None:
        take(sent)
        with suppress(BlockingIOError):
            os.write(writer, b".")

    before = {each: signal.signal(each, handle) for each in SIGNALS}
    try:
        yield reader
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        os.close(reader)
        os.close(writer)
