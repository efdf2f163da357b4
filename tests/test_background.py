"""Work beside the requests survives a failure, and never keeps a process from ending."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable

import pytest

from doable.background import Repeating, in_thread
from doable.errors import Unavailable

LONG = 3600.0


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(bounded())


class Work:
    """A work that has a behaviour for each of its runs, and stands still after the last of them."""

    def __init__(self, *outcomes: BaseException | bool | None) -> None:
        self.outcomes = list(outcomes)
        self.ran = asyncio.Semaphore(0)

    async def __call__(self) -> bool | None:
        if not self.outcomes:
            await asyncio.Event().wait()
        outcome = self.outcomes.pop(0)
        self.ran.release()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def times(self, number: int) -> None:
        for _ in range(number):
            await self.ran.acquire()


def test_it_runs_now_and_again() -> None:
    async def test() -> None:
        work = Work(*[None] * 5)
        async with Repeating("test", 0.001, work):
            await work.times(5)

    run(test)


def test_it_goes_on_after_a_failure_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        work, another = Work(Unavailable(), ValueError("ours"), None), Work(None, None, None)
        async with Repeating("test", 0.001, work, another):
            await work.times(3)
            await another.times(3)

    run(test)
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.WARNING, "test: failed, to be tried again: Unavailable"),
        (logging.ERROR, "test: failed, to be tried again"),
    ]
    assert "ours" in caplog.text


def test_it_runs_again_at_once_when_there_is_more_or_it_is_woken() -> None:
    async def test() -> None:
        work = Work(True, True, None, None)  # noqa: FBT003 - there is more
        async with Repeating("test", LONG, work) as repeating:
            await work.times(3)
            repeating.wake()
            await work.times(1)

    run(test)


def test_what_wakes_it_while_it_runs_is_not_lost() -> None:
    async def test() -> None:
        runs = asyncio.Semaphore(0)

        async def work() -> None:
            runs.release()
            if not woken.is_set():
                woken.set()
                repeating.wake()

        woken = asyncio.Event()
        repeating = Repeating("test", LONG, work)
        async with repeating:
            await runs.acquire()
            await runs.acquire()

    run(test)


@pytest.mark.parametrize("grace", [0.0, 5.0])
def test_what_runs_at_the_end_is_cancelled_after_its_grace(grace: float) -> None:
    async def test() -> None:
        began, ended = asyncio.Event(), []

        async def work() -> None:
            began.set()
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise
            ended.append("finished")

        async with Repeating("test", LONG, work, grace=grace):
            await began.wait()
        assert ended == ["finished" if grace else "cancelled"]

    run(test)


def test_a_thread_answers_or_raises() -> None:
    async def test() -> None:
        assert await in_thread("test", lambda: threading.current_thread().name) == "doable-test"
        with pytest.raises(OSError, match="theirs"):
            await in_thread("test", failing)

    def failing() -> None:
        raise OSError("theirs")

    run(test)


def test_a_thread_that_has_finished_is_used_again_and_one_that_is_busy_is_not() -> None:
    async def test() -> None:
        free, busy = threading.Event(), threading.Event()

        def wait() -> int:
            busy.set()
            free.wait()
            return threading.get_ident()

        before = threading.active_count()
        waiting = in_thread("again", wait)
        await asyncio.to_thread(busy.wait)
        others = {await in_thread("again", threading.get_ident) for _ in range(20)}
        free.set()
        assert len(others) == 1
        assert await waiting not in others
        assert threading.active_count() <= before + 3  # asyncio's own is the third

    run(test)


def test_a_forked_process_waits_for_no_thread_of_its_parent() -> None:
    script = """
import asyncio, os
from doable.background import in_thread

async def call():
    return await in_thread("forked", os.getpid)

assert asyncio.run(call()) == os.getpid()
if child := os.fork():
    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
assert asyncio.run(asyncio.wait_for(call(), 20)) == os.getpid()
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


HANGS = """
import asyncio, socket, time
from doable.accounts.issuers.keys import PublishedKeys
from doable.errors import Unavailable

# A name server that hangs: nothing can end the call.
asked = 0
def getaddrinfo(*arguments, **named):
    global asked
    asked += 1
    time.sleep(600)
socket.getaddrinfo = getaddrinfo

async def main():
    keys = PublishedKeys("https://issuer.example", "https://issuer.example/jwks")
    for _ in range(2):
        try:
            await keys.find("a")
        except Unavailable:
            print("unavailable")
        await asyncio.sleep(1.1)  # asked again only after a second

asyncio.run(main())
print(asked, "thread")
"""


def test_an_issuers_name_server_that_hangs_keeps_no_process_from_ending() -> None:
    """Nor does each new try leave one more thread behind."""
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.split("\n")[:3] == ["unavailable", "unavailable", "1 thread"]
