"""Brings requests to the functions of their routes. Bodies are JSON by RFC 8259, read by Pydantic's parser."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final

from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.convertors import StringConvertor
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from doable.errors import DoableError
from doable.http.errors import InvalidJSON, response_to
from doable.http.problems import InvalidRequest, Problems
from doable.http.responses import send_head
from doable.http.signatures import ABSENT, Endpoint

_JSON: Final = re.compile(r"application/([^;\s]+\+)?json\s*(;.*)?", re.IGNORECASE)


LARGE_BYTES: Final = 64 * 1024
MAX_VALUES: Final = 50_000
"""A batch of 500 operations has a tenth of it. Reading millions takes a second, in which nothing else is answered."""
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def _has_too_many_values(body: bytes) -> bool:
    """Whether the JSON has more than MAX_VALUES, without reading it."""
    if _values(body) <= MAX_VALUES:  # counted in texts as well
        return False
    # Two quotes for a name and two for its value: leaving out so many texts would take long as well.
    if body.count(b'"') - body.count(b'\\"') > 4 * MAX_VALUES:
        return True
    return _values(_STRING.sub(b"", body)) > MAX_VALUES


def _values(body: bytes) -> int:
    return body.count(b",") + body.count(b"[") + body.count(b"{")


class JSONRequest(Request):
    """A request whose body has a limit, and whose JSON may hold neither `NaN` nor a lone surrogate."""

    def __init__(self, scope: Scope, receive: Receive, max_body_bytes: int) -> None:
        super().__init__(scope, receive)
        self._max_body_bytes = max_body_bytes

    async def body(self) -> bytes:
        """The whole body. Raises HTTPException 413 as soon as it is known to be too large."""
        if not hasattr(self, "_body"):
            declared = self.headers.get("content-length", "0")
            if declared.isdecimal() and int(declared) > self._max_body_bytes:
                raise HTTPException(413)
            body = bytearray()
            async for chunk in self.stream():
                body += chunk
                if len(body) > self._max_body_bytes:
                    raise HTTPException(413)
            self._body = bytes(body)
        return self._body

    async def json(self) -> Any:
        """The body's value, ABSENT where there is no body. Raises InvalidJSON or HTTPException 415, without the body."""
        body = await self.body()
        if not body:
            return ABSENT
        if not _JSON.fullmatch(self.headers.get("content-type", "").strip()):
            raise HTTPException(415)
        if self.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise HTTPException(415)
        if len(body) > LARGE_BYTES and _has_too_many_values(body):
            problems = Problems()
            problems.add("too_many_values", ("body",), f"at most {MAX_VALUES} values")
            raise InvalidRequest(problems, len(body))
        try:
            return from_json(body, allow_inf_nan=False)
        except ValueError:
            raise InvalidJSON from None


# Options that FastAPI would act on, and that would do nothing here.
UNUSED: Final = (
    "dependencies",
    "response_model_include",
    "response_model_exclude",
    "response_model_exclude_unset",
    "response_model_exclude_defaults",
    "response_model_exclude_none",
    "callbacks",
    "max_body_size",
    "form_limits",
)
ALWAYS: Final = ("response_model_by_alias", "strict_content_type")


class JSONRoute(APIRoute):
    """A route that FastAPI documents, and that answers by itself."""

    methods: set[str]
    max_body_bytes: ClassVar = 64 * 1024

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        # A short operation id, for generated clients.
        options["operation_id"] = options.get("operation_id") or options.get("name") or endpoint.__name__
        super().__init__(path, endpoint, **options)
        unused = [name for name in UNUSED if options.get(name)]
        unused += [name for name in ALWAYS if not options.get(name, True)]
        unused += [name for name, convertor in self.param_convertors.items() if type(convertor) is not StringConvertor]
        if unused:
            message = f"{self.path} asks for what only FastAPI can do: {', '.join(unused)}"
            raise TypeError(message)
        self._endpoint = Endpoint(self.endpoint, self.param_convertors, strict_query=self.path.startswith("/api/"))

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self.respond

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, as ASGI: path and method match."""
        try:
            response = await self.respond(JSONRequest(scope, receive, self.max_body_bytes))
        except (DoableError, HTTPException, ClientDisconnect) as error:
            response = response_to(error)
        if scope["method"] == "HEAD":
            await send_head(response, scope, receive, send)
        else:
            await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """The answer of the route's function."""
        return await self._endpoint(request, await request.json() if self._endpoint.reads_body else ABSENT)
