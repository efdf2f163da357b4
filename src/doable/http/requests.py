"""Brings requests to the functions of their routes."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar, Final

from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from doable.errors import DoableError
from doable.http.errors import response_to
from doable.http.responses import send_head
from doable.http.signatures import Endpoint
from doable.http.streams import CONNECTION, Connection


def may_take_long(scope: Scope) -> bool:
    """Whether the answer may take its time: somebody waits for it, and the process has not been told to stop."""
    connection: Connection | None = scope.get("extensions", {}).get(CONNECTION)
    return not scope["app"].is_stopping and (connection is None or connection.is_awaited)


class JSONRequest(Request):
    """A request whose body has a limit."""

    def __init__(self, scope: Scope, receive: Receive, longest_body: Callable[[Mapping[str, int]], int]) -> None:
        super().__init__(scope, receive)
        self._longest_body = longest_body

    async def body(self) -> bytes:
        """The whole body. Raises HTTPException 413 as soon as it is known to be too large."""
        if not hasattr(self, "_body"):
            longest = self._longest_body(self.scope["app"].limits)
            declared = self.headers.get("content-length", "0")
            if declared.isdecimal() and int(declared) > longest:
                raise HTTPException(413)
            chunks = []
            size = 0
            async for chunk in self.stream():
                size += len(chunk)
                if size > longest:
                    raise HTTPException(413)
                chunks.append(chunk)
            self._body = b"".join(chunks)
        return self._body


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

    def longest_body(self, limits: Mapping[str, int]) -> int:
        """The most bytes of a body, in an application with these limits."""
        del limits
        return self.max_body_bytes

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self.respond

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, as ASGI: path and method match."""
        try:
            response = await self.respond(JSONRequest(scope, receive, self.longest_body))
        except (DoableError, HTTPException, ClientDisconnect) as error:
            response = response_to(error)
        if scope["method"] == "HEAD":
            await send_head(response, scope, receive, send)
        else:
            await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        """The answer of the route's function."""
        return await self._endpoint(request)
