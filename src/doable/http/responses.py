"""Answers as Starlette sends them."""

from typing import Any

from pydantic_core import to_json
from starlette.responses import Response


def json_response(content: Any, status_code: int = 200, *, etag: str | None = None) -> Response:
    """A model, or rows as they are, as JSON. A route's `response_model` only documents: nothing is validated for it."""
    body = to_json(content)
    return Response(body, status_code, {} if etag is None else {"ETag": etag}, media_type="application/json")
