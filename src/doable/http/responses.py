"""Answers as Starlette sends them."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send


class JSON(Response):
    """JSON that was written already. Its headers are written as they are sent: Starlette would look for those that are given."""

    media_type = "application/json"

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        assert headers is None  # noqa: S101 - others are appended to these
        self.raw_headers = [(b"content-length", b"%d" % len(self.body)), (b"content-type", b"application/json")]


def json_response(content: Any, status_code: int = 200, *, etag: str | None = None) -> Response:
    """A model, or rows as they are, as JSON. A route's `response_model` is for the documentation; nothing is validated by it."""
    response = JSON(to_json(content), status_code)
    if etag is not None:
        response.raw_headers.append((b"etag", etag.encode("latin-1")))
    return response


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
