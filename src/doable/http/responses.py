"""Answers as Starlette sends them."""

from starlette.responses import Response

from doable.http.schemas import Output


def json_response(content: Output, status_code: int = 200, *, etag: str | None = None) -> Response:
    """The model as JSON. Routes declare it as `response_model` too, which only documents: nothing is validated twice."""
    body = type(content).__pydantic_serializer__.to_json(content)
    return Response(body, status_code, {} if etag is None else {"ETag": etag}, media_type="application/json")
