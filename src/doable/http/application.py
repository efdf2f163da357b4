"""The ASGI application: a router behind its middleware, and the parts that are open while the server runs."""

import asyncio
import logging
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, suppress
from types import FrameType, SimpleNamespace
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from doable.errors import DoableError, Misconfigured, NotReady, Unavailable
from doable.http.errors import domain_error_response
from doable.http.openapi import Document
from doable.http.probes import LIVENESS
from doable.http.router import Router
from doable.http.scope import ACCEPTED
from doable.http.streams import Streams

Lifespan = Callable[["Application"], AbstractAsyncContextManager[None]]

TRY_AGAIN_SECONDS: Final = 1.0
SAY_SECONDS: Final = 10.0

logger = logging.getLogger(__name__)


class Application:
    """The `request.app` of every request. `answer` is its router, with the middleware `around` it.

    While its parts are not open, and from the moment when the process is told to stop, it refuses every request.
    `state` is what the protocol knows, for answers that it gives by itself: each by its key in `http.scope`. `limits` are
    the settings that bodies are held to: the context of every validation, and numbers in the document.
    """

    def __init__(
        self,
        document: Document,
        router: Router,
        around: Callable[[ASGIApp], ASGIApp],
        lifespan: Lifespan,
        state: Mapping[str, Any],
        *,
        limits: Mapping[str, int],
    ) -> None:
        self.document = document
        self.limits = limits
        self.router = router
        self.state = SimpleNamespace()
        """The parts that `lifespan` opens."""
        self.streams = Streams()
        self.answer = around(router)
        self._refuse = around(self._refusal)
        self._now = self._refuse
        self.is_leaving = False
        """Whether it has been told (SIGUSR1) that it will be stopped soon: it answers everything, and is no longer ready."""
        self.is_stopping = False
        """Whether it has been told to stop."""
        self._is_open = False
        self._lifespan = lifespan
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["app"] = self
            await self._now(scope, receive, send)
        elif scope["type"] == "lifespan":
            scope.setdefault("state", {}).update(self._state)
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _refusal(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_open if scope.get(ACCEPTED) else scope["path"] in LIVENESS and not self.is_stopping:
            await self.router(scope, receive, send)
            return
        response = domain_error_response(Unavailable())
        if self.is_stopping:
            response.headers["Connection"] = "close"
        await response(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        phase = "startup"
        try:
            with self._told_by_signals():
                async with AsyncExitStack() as parts:
                    missing = await self._open(parts)
                    await send({"type": "lifespan.startup.complete"})
                    phase = "shutdown"
                    if missing is None or await self._opened_later(parts, missing, receive):
                        await receive()
        except BaseException as error:
            message = str(error) if isinstance(error, Misconfigured) else traceback.format_exc()
            await send({"type": f"lifespan.{phase}.failed", "message": message})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    async def _open(self, parts: AsyncExitStack) -> NotReady | None:
        """Open the parts. Answers what is missing, if that may come by itself."""
        try:
            await parts.enter_async_context(self._lifespan(self))
        except NotReady as missing:
            return missing
        self._is_open = True
        if not self.is_stopping:
            self._now = self.answer
        return None

    async def _opened_later(self, parts: AsyncExitStack, missing: NotReady, receive: Receive) -> bool:
        """Try again until the parts are open; False if the process is to stop before."""
        reason: object = missing
        said_at: float | None = None
        while True:
            now = time.monotonic()
            if said_at is None or now - said_at >= SAY_SECONDS:
                logger.warning("Nothing but /livez is answered yet: %s", reason)
                said_at = now
            with suppress(TimeoutError):
                async with asyncio.timeout(TRY_AGAIN_SECONDS):
                    await receive()
                    return False
            try:
                if (still := await self._open(parts)) is None:
                    logger.info("The database is there, and every request is answered")
                    return True
                reason = still
            except DoableError as error:
                reason = error  # such as a wrong password: it would be one at the start, and may be mended here
            except Exception as error:  # noqa: BLE001 - whatever it is, it may be gone next time
                reason = type(error).__name__

    @contextmanager
    def _told_by_signals(self) -> Iterator[None]:
        """Hear of the signals to stop when the server hears of them: servers tell an application only after its last answer."""
        before: dict[signal.Signals, Any] = {}
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                servers = signal.getsignal(each)
                if callable(servers):
                    before[each] = servers
                    signal.signal(each, self._before(servers, loop))
            before[signal.SIGUSR1] = signal.signal(signal.SIGUSR1, self._leave)
            # A worker's parent has it held back until here.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGUSR1,))
        try:
            yield
        finally:
            for each, servers in before.items():
                signal.signal(each, servers)

    def _before(
        self, servers: Callable[[int, FrameType | None], Any], loop: asyncio.AbstractEventLoop
    ) -> Callable[[int, FrameType | None], None]:
        def handle(sent: int, frame: FrameType | None) -> None:
            # SIGHUP has somebody else serve from here on: who asks on an open connection is still answered.
            loop.call_soon_threadsafe(self.streams.end if sent == signal.SIGHUP else self._stop)
            servers(sent, frame)

        return handle

    def _leave(self, _sent: int, _frame: FrameType | None) -> None:
        self.is_leaving = True

    def _stop(self) -> None:
        self.is_stopping = True
        self._now = self._refuse
        self.streams.end()
