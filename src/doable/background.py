"""Work beside the requests: work that repeats, and calls that block."""

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, Self, TypeVar

from doable.errors import DoableError, StorageFull

T = TypeVar("T")
logger = logging.getLogger(__name__)

PURGE_SECONDS: Final = 3600.0
"""How often each process deletes expired rows."""

_idle: Final[defaultdict[str, list[SimpleQueue[Callable[[], None]]]]] = defaultdict(list)
"""What the threads of `in_thread` that have nothing to do wait for, by name."""
os.register_at_fork(after_in_child=_idle.clear)  # the threads stay in the parent


class Repeating:
    """Runs works one after another, at once and then every so many seconds while its block lasts. If one fails, the others still run.

    If one answers True it has more to do, and they run again at once. When the block ends, a work that is running gets
    `grace` seconds to finish; then it is cancelled.
    """

    def __init__(
        self, name: str, seconds: float, *works: Callable[[], Awaitable[bool | None]], grace: float = 0.0
    ) -> None:
        self._name = name
        self._seconds = seconds
        self._works = works
        self._grace = grace
        self._wake = asyncio.Event()
        self._stopping = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._repeat(), name=f"doable-{self._name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping = True
        self._wake.set()
        await asyncio.wait({self._task}, timeout=self._grace)
        self._task.cancel()
        await asyncio.wait({self._task})

    def wake(self) -> None:
        """Run the works now, or once more if they are running."""
        self._wake.set()

    async def once(self) -> bool:
        """Run the works here and now. Their errors go to the log. Answers whether one has more to do."""
        has_more = False
        for work in self._works:
            try:
                has_more = await work() or has_more
            except StorageFull:
                pass  # which the database says in the log, once for all
            except DoableError as error:
                logger.warning("%s: failed, to be tried again: %s", self._name, type(error).__name__)
            except Exception:
                logger.exception("%s: failed, to be tried again", self._name)
        return has_more

    async def _repeat(self) -> None:
        while not self._stopping:
            # Before they run: somebody who wakes them in between may mean something that they have just looked past.
            self._wake.clear()
            if not await self.once() and not self._stopping:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._seconds):
                        await self._wake.wait()


class UnderWay:
    """Works that go on side by side, none of them beside itself. `ended` is called after each."""

    def __init__(self, name: str, ended: Callable[[], None] = lambda: None) -> None:
        self._name = name
        self._ended = ended
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, id_: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin the work of this id, unless it is under way."""
        if id_ not in self._tasks:
            self._tasks[id_] = task = asyncio.create_task(work(), name=f"doable-{self._name}")
            task.add_done_callback(lambda _: self._end(id_))

    def _end(self, id_: str) -> None:
        del self._tasks[id_]
        self._ended()

    async def wait_for_one(self) -> None:
        """Wait until one of them has ended; there is one."""
        await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)

    async def stop(self, seconds: float) -> None:
        """Let them finish for so long, and cancel those that have not."""
        if self._tasks:
            _, cut_off = await asyncio.wait(self._tasks.values(), timeout=seconds)
            for each in cut_off:
                each.cancel()
            await asyncio.gather(*cut_off, return_exceptions=True)


def in_thread(name: str, function: Callable[[], T]) -> asyncio.Future[T]:
    """Call a function that may block, in a thread that nobody joins: if it hangs, the process can still end.

    Nothing bounds the number of these threads; that is up to the caller. One that has finished waits for the next call of its
    name, since to start another takes as long as some writes.
    """
    outcome: Future[T] = Future()
    outcome.set_running_or_notify_cancel()  # so that nobody can cancel the result that the thread will set
    idle = _idle[name]

    def call() -> None:
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - the caller handles it
            idle.append(calls)
            outcome.set_exception(error)
        else:
            idle.append(calls)
            outcome.set_result(result)

    try:
        calls = idle.pop()
    except IndexError:
        calls = SimpleQueue()
        Thread(target=_call_each, args=(calls,), name=f"doable-{name}", daemon=True).start()
    calls.put(call)
    return asyncio.wrap_future(outcome)


def _call_each(calls: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        calls.get()()
