"""Answers as Starlette sends them."""

from starlette.responses import Response

from doable.http.answers import Answer, answer
from doable.http.schemas import Output


def json_response(content: Output, status_code: int = 200, *, revision: int | None = None) -> Response:
    """The model as JSON. Routes declare it as `response_model` too, which only documents: nothing is validated twice."""
    return to_response(answer(content, status_code, revision=revision))


def to_response(answered: Answer) -> Response:
    """The answer as it is sent."""
    response = Response(answered.body, answered.status, media_type="application/json" if answered.body else None)
    if answered.etag is not None:
        response.headers["ETag"] = answered.etag
    if answered.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
