"""How bodies are read: JSON as RFC 8259 has it, parsed by Pydantic's parser."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JSONRequest(Request):
    """A request whose body has a limit, and whose JSON may hold neither `NaN` nor a lone surrogate."""

    def __init__(self, request: Request, max_body_bytes: int) -> None:
        super().__init__(request.scope, request.receive)
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
        """The body's value. Raises JSONDecodeError, without the body, which FastAPI answers as invalid input."""
        try:
            return from_json(await self.body(), allow_inf_nan=False)
        except ValueError:
            message = "The body is not valid JSON in UTF-8"
            raise json.JSONDecodeError(message, "", 0) from None


class JSONRoute(APIRoute):
    """A route that reads its body as `JSONRequest` does."""

    max_body_bytes: ClassVar = 64 * 1024

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, with such a request."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(JSONRequest(request, self.max_body_bytes))

        return handle
