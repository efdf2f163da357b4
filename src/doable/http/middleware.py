"""The middleware around every request, as pure ASGI: its id and log line, CORS, and the catch-all of unforeseen errors."""

import logging
import random
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from doable.errors import Unavailable
from doable.http.errors import error_response, http_error_response, response_to
from doable.http.headers import EXPOSED_HEADERS, Lines, completed
from doable.http.heads import Refused
from doable.http.logs import log_request
from doable.http.scope import ADDED_HEADERS, LASTING, USER_ID, header
from doable.http.streams import Stream

logger = logging.getLogger("doable.requests")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def request_id_of(scope: Scope) -> bytes:
    """The caller's own id, so that one id follows a request through several services, or a new one."""
    return request_id(header(scope, b"x-request-id"))


def request_id(own: bytes | None) -> bytes:
    """The caller's own, if it can be kept, or a new one."""
    if own is not None and _REQUEST_ID.fullmatch(own):
        return own
    return b"%032x" % random.getrandbits(128)


Observe = Callable[[str, str | None, int, float], None]
"""Takes method, route, status and seconds."""


class RequestLog:
    """Gives each request an id, sent back as `X-Request-ID`, and logs one line when it is answered.

    Each answer gets the headers that it lacks of those that `every` one has. `observe` is told of each when it begins.
    """

    def __init__(self, app: ASGIApp, every: Lines, observe: Observe | None = None) -> None:
        self.app = app
        self._every = every
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = scope["request_id"] = request_id_of(scope)
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = [*message["headers"], (b"x-request-id", request_id), *scope.get(ADDED_HEADERS, ())]
                message["headers"] = completed(given, self._every)
                if self._observe is not None:
                    route = getattr(scope.get("route"), "path", None)
                    self._observe(scope["method"], route, status, time.perf_counter() - started)
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            line = {
                "request_id": request_id.decode(),
                "method": scope["method"],
                "route": getattr(scope.get("route"), "path", None),
                "status": status,
                "duration_ms": None,
                "user_id": scope.get(USER_ID),
            }
            lasting: Stream | None = scope.get(LASTING)
            if lasting is None or lasting.has_ended:
                _log(line, started)
            else:
                lasting.on_end = partial(_log, line, started)


def _log(line: dict[str, Any], started: float) -> None:
    line["duration_ms"] = round((time.perf_counter() - started) * 1000, 2)
    log_request(line)


class Guard:
    """Answers 500 for unforeseen errors, inside CORS, so that a browser may read it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except (Refused, Unavailable) as refused:
            # By the protocol or the database, and an edge of another protocol did not look for it.
            if started:
                raise
            await response_to(refused)(scope, receive, send)
        except Exception:
            request_id = scope["request_id"].decode()
            logger.exception("A request failed", extra={"request_id": request_id})
            if started:
                raise
            await http_error_response(500)(scope, receive, send)


class CORS(CORSMiddleware):
    """Starlette's, with a refusal in the one shape of errors. No page may call what is below the paths `but`."""

    but: tuple[str, ...] = ()

    @classmethod
    def of(cls, app: ASGIApp, origins: Sequence[str], but: Sequence[str] = ()) -> Self:
        """The application, which pages of these origins may call, but for these paths."""
        made = cls(
            app,
            allow_origins=origins,
            allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=(
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-Match",
                "If-None-Match",
                "Last-Event-ID",
                "Undo",
                "X-Request-ID",
            ),
            expose_headers=EXPOSED_HEADERS,
        )
        made.but = tuple(f"{path}/" for path in but)
        return made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = not f"{scope['path']}/".startswith(self.but)
        await (super().__call__ if is_open else self.app)(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code == 200:  # noqa: PLR2004 - Starlette answers 200 or 400
            return response
        message = "This origin, method or header is not allowed. CORS_ORIGINS names the origins that are."
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return error_response(400, "cors_refused", message, headers=headers)
