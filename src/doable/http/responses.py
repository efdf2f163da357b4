"""Answers as Starlette sends them."""

from contextlib import suppress
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send


def json_response(content: Any, status_code: int = 200, *, etag: str | None = None) -> Response:
    """A model, or rows as they are, as JSON. A route's `response_model` is for the documentation; nothing is validated by it."""
    body = to_json(content)
    return Response(body, status_code, {} if etag is None else {"ETag": etag}, media_type="application/json")


def credentials_response(content: Any, status_code: int = 200) -> Response:
    """A model with credentials in it, which nobody may keep (RFC 6749, section 5.1)."""
    response = json_response(content, status_code)
    response.headers["Cache-Control"] = "no-store"
    return response


class _HeadSent(Exception):
    pass


async def send_head(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the answer to HEAD: that to GET, stopped where the body begins. A stream ends there too."""

    async def send_and_stop(start: Message) -> None:
        await send(start)
        await send({"type": "http.response.body"})
        raise _HeadSent

    with suppress(_HeadSent):
        await response(scope, receive, send_and_stop)
