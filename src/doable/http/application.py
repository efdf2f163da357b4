"""The ASGI application: a router behind its middleware, and the parts that are open while the server runs."""

import traceback
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import SimpleNamespace

from starlette.types import ASGIApp, Receive, Scope, Send

from doable.http.headers import Lines
from doable.http.openapi import Document
from doable.http.router import Router
from doable.http.scope import EVERY_ANSWER

Lifespan = Callable[["Application"], AbstractAsyncContextManager[None]]


class Application:
    """The `request.app` of every request. `answer` is the router with its middleware around it.

    `headers` are those of every answer, for answers that the protocol gives by itself.
    """

    def __init__(self, document: Document, router: Router, answer: ASGIApp, lifespan: Lifespan, headers: Lines) -> None:
        self.document = document
        self.router = router
        self.state = SimpleNamespace()
        """The parts that `lifespan` opens."""
        self.answer = answer
        self._lifespan = lifespan
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["app"] = self
            await self.answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            scope.setdefault("state", {})[EVERY_ANSWER] = self._headers
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        phase = "startup"
        try:
            async with self._lifespan(self):
                await send({"type": "lifespan.startup.complete"})
                await receive()
                phase = "shutdown"
        except BaseException:
            await send({"type": f"lifespan.{phase}.failed", "message": traceback.format_exc()})
            raise
        await send({"type": "lifespan.shutdown.complete"})
