"""Brings requests to the functions of their routes."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, TypedDict, TypeVar, Unpack

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from doable.errors import DoableError
from doable.http.errors import response_to
from doable.http.responses import send_head
from doable.http.scope import header
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
            declared = header(self.scope, b"content-length")
            if declared is not None and declared.isdigit() and int(declared) > longest:
                raise HTTPException(413)
            chunks = []
            size = 0
            more = True
            # As `stream` does, which would take as long as all the rest of this.
            while more:
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                chunks.append(message.get("body", b""))
                size += len(chunks[-1])
                if size > longest:
                    raise HTTPException(413)
                more = message.get("more_body", False)
            self._body = b"".join(chunks)
        return self._body


_SEGMENT: Final = re.compile(r"\{(\w+)\}|[^{}]*")


class Described(TypedDict, total=False):
    """What the document says of a route beside its signature and docstring, as FastAPI calls it."""

    operation_id: str
    summary: str
    status_code: int
    response_model: Any
    response_class: type[Response]
    response_description: str
    responses: dict[int | str, dict[str, Any]]
    openapi_extra: dict[str, Any]


class JSONRoute:
    """One function at one address."""

    max_body_bytes: ClassVar = 64 * 1024
    security: ClassVar[Mapping[str, Any]] = {}
    """The security schemes of the document, by name, of which its requests need one."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Sequence[str],
        *,
        tags: Sequence[str] = (),
        is_documented: bool = True,
        **described: Unpack[Described],
    ) -> None:
        self.path = path
        self.endpoint = endpoint
        self.methods = frozenset(methods)
        self.tags = tags
        self.is_documented = is_documented
        self.described = described
        segments = [_SEGMENT.fullmatch(each) for each in path.split("/")]
        if None in segments:
            message = f"{path} has a parameter that is more or less than a segment"
            raise TypeError(message)
        self.names = tuple(each[1] for each in segments if each and each[1])
        """The parameters in the path."""
        self.signature = Endpoint(endpoint, self.names, strict_query=path.startswith("/api/"))

    @property
    def name(self) -> str:
        """Its name in the document: a short one, for generated clients."""
        return self.described.get("operation_id", self.endpoint.__name__)

    def longest_body(self, limits: Mapping[str, int]) -> int:
        """The most bytes of a body, in an application with these limits."""
        del limits
        return self.max_body_bytes

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
        return await self.signature(request)


Function = TypeVar("Function", bound=Callable[..., Any])


class Routes:
    """Some routes, each made by a decorator of its function. `prefix`, `tags` and the class are those of all."""

    def __init__(
        self,
        prefix: str = "",
        tags: Sequence[str] = (),
        route_class: type[JSONRoute] = JSONRoute,
        *,
        is_documented: bool = True,
    ) -> None:
        self.routes: list[JSONRoute] = []
        self._prefix = prefix
        self._tags = tags
        self._route_class = route_class
        self._is_documented = is_documented

    def route(self, method: str, path: str, **described: Unpack[Described]) -> Callable[[Function], Function]:
        """A route with this method."""

        def added(function: Function) -> Function:
            made = self._route_class(
                self._prefix + path,
                function,
                (method,),
                tags=self._tags,
                is_documented=self._is_documented,
                **described,
            )
            self.routes.append(made)
            return function

        return added

    def get(self, path: str, **described: Unpack[Described]) -> Callable[[Function], Function]:
        """A route with GET, and so with HEAD."""
        return self.route("GET", path, **described)

    def post(self, path: str, **described: Unpack[Described]) -> Callable[[Function], Function]:
        """A route with POST."""
        return self.route("POST", path, **described)

    def put(self, path: str, **described: Unpack[Described]) -> Callable[[Function], Function]:
        """A route with PUT."""
        return self.route("PUT", path, **described)

    def patch(self, path: str, **described: Unpack[Described]) -> Callable[[Function], Function]:
        """A route with PATCH."""
        return self.route("PATCH", path, **described)

    def delete(self, path: str, **described: Unpack[Described]) -> Callable[[Function], Function]:
        """A route with DELETE."""
        return self.route("DELETE", path, **described)
