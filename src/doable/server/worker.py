"""A process that serves: how long it takes to stop, and what it says to its parent."""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from socket import socket
from types import FrameType
from typing import Any, Final

import uvicorn

from doable import app
from doable.errors import Misconfigured
from doable.http import logs
from doable.http.connections import Connections
from doable.places import OF_PROCESS
from doable.server.accepting import Accepting
from doable.server.run import end_if_told
from doable.server.shares import Link
from doable.settings import Settings

FINISH_SECONDS: Final = 8.0
"""How long requests under way may take once the process has been told to stop."""
END_SECONDS: Final = 9.3
"""After so long it ends, whatever still hangs."""
TICKS_OF_A_BEAT: Final = 10
"""A tick of uvicorn's is a tenth of a second."""

KEEP_ALIVE_SECONDS: Final = 130
"""How long a connection may be idle: longer than at proxies and load balancers (up to 120), or they would send on one that is just closing."""

logger = logging.getLogger(__name__)

STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


def serve(settings: Settings, sockets: Sequence[socket], link: Link | None = None) -> None:
    """Serve on these sockets until the process is told to stop. A parent is told while it serves, once a second."""
    logs.configure(debug=settings.debug)
    server = Server(configuration(app.create_app(settings)), link)
    end_if_told()
    server.run(list(sockets))
    if not server.started:
        raise SystemExit(uvicorn.config.STARTUP_FAILURE)


def configuration(application: Any, **options: Any) -> uvicorn.Config:
    """How uvicorn serves."""
    return uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        # Which proxies to believe about addresses is a setting, and not for the server to guess.
        proxy_headers=False,
        http="doable.http.protocol:Protocol",
        ws="none",
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        workers=1,  # or it would read WEB_CONCURRENCY, which is not its own here
        **options,
    )


def work(link: Link, port: int, workers: int) -> None:
    """Be one of several workers, until the parent tells it to stop, or has gone."""
    threading.Thread(target=_stop_without, args=(link.parent,), name="doable-parent", daemon=True).start()
    os.set_blocking(link.beats.fileno(), False)

    try:
        settings = Settings.load(port=port, web_concurrency=workers)
    except Misconfigured as error:
        logs.configure(debug=False)
        logger.error("%s", error)  # noqa: TRY400 - it is no traceback's
        raise SystemExit(uvicorn.config.STARTUP_FAILURE) from None
    serve(settings, link.sockets, link)


def reloaded(port: int, sockets: Sequence[socket]) -> None:
    """Serve with the code and the settings as they are now."""
    serve(Settings.load(port=port, web_concurrency=1), sockets)


def _stop_without(parent: Connection) -> None:
    parent.poll(None)  # until its end, since nothing is sent
    os.kill(os.getpid(), signal.SIGTERM)


class Server(uvicorn.Server):
    """Uvicorn's, with time limits for its end. SIGTERM and SIGINT stop it; so does SIGHUP, unless it has a parent.

    Then SIGHUP says that another worker takes its place: what is asked on open connections is still answered.
    """

    def __init__(self, config: uvicorn.Config, link: Link | None) -> None:
        super().__init__(config)
        self._link = link
        self._loop: asyncio.AbstractEventLoop | None = None
        """Once it listens."""
        self._accepting: Accepting | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for each in (*STOPPING, signal.SIGHUP):
            signal.signal(each, self.handle_exit)
        # The parent has them held back until here.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (*STOPPING, signal.SIGHUP))
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGHUP and self._link is None:
            signal.raise_signal(signal.SIGTERM)
        else:
            super().handle_exit(sig, frame)
            if self._loop is not None and not self._loop.is_closed():
                # Now, and not at uvicorn's next tick: after the application, which refuses what comes from here on.
                self._loop.call_soon_threadsafe(self._take_no_more)

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup([])  # it listens nowhere itself
        self._loop = asyncio.get_running_loop()
        if self.started:
            connections = Connections.of(self.server_state, self._loop, self.config.timeout_keep_alive)
            self._accepting = Accepting(sockets or (), self._protocol, connections, self._link)

    def _protocol(self) -> asyncio.Protocol:
        made: type[Any] = self.config.http_protocol_class
        protocol: asyncio.Protocol = made(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol

    def _take_no_more(self) -> None:
        if self._accepting is not None:
            self._accepting.end()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        OF_PROCESS.let_all_in()

    async def on_tick(self, counter: int) -> bool:
        if self._link is not None and counter % TICKS_OF_A_BEAT == 0:
            # A parent that stands still reads nothing; it can count on what the pipe holds. One that has gone is no parent (`_stop_without`).
            with suppress(BlockingIOError, BrokenPipeError):
                os.write(self._link.beats.fileno(), b".")
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Let requests under way finish, for as long as they may; then cut them off, and close what is open."""
        threading.Thread(target=_end, name="doable-end", daemon=True).start()
        self._take_no_more()
        for listening in sockets or ():
            listening.close()
        until = time.monotonic() + FINISH_SECONDS
        while self._is_busy and not self.force_exit and time.monotonic() < until:  # noqa: ASYNC110 - uvicorn has no event
            await asyncio.sleep(0.05)
        await self._cut()
        await self.lifespan.shutdown()

    @property
    def _is_busy(self) -> bool:
        return bool(self.server_state.connections or self.server_state.tasks)

    async def _cut(self) -> None:
        for connection in list(self.server_state.connections):
            connection.cut()  # type: ignore[union-attr] # it is a Protocol of ours
        # Most hear that their client has gone, and end by themselves.
        for seconds in (0.2, 0.3):
            tasks = list(self.server_state.tasks)
            if tasks:
                await asyncio.wait(tasks, timeout=seconds)
            for task in tasks:
                task.cancel()


def _end() -> None:
    time.sleep(END_SECONDS)
    os._exit(0)
