"""What routes document of their answers: errors, headers and links."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any

from pydantic import BaseModel, create_model

from doable.errors import (
    AnswersFull,
    DoableError,
    Forbidden,
    IdempotencyKeyReused,
    InsufficientScope,
    Invalid,
    PreconditionFailed,
    RequestInProgress,
    StorageFull,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from doable.http.errors import HTTP_ERRORS, InvalidJSON, insufficient_scope, status_of
from doable.http.schemas import ErrorRead

Responses = dict[int | str, dict[str, Any]]

_HEADERS: Mapping[int, tuple[str, str]] = {
    401: ("WWW-Authenticate", "Bearer"),
    403: ("WWW-Authenticate", insufficient_scope("tasks:read")),
    409: ("Retry-After", "1"),
    429: ("Retry-After", "60"),
    503: ("Retry-After", "1"),
}
# Other errors of the same status have no such header.
_HEADERS_OF: Mapping[int, type[DoableError]] = {403: InsufficientScope, 409: RequestInProgress}

ETAG: dict[str, Any] = {
    "ETag": {
        "schema": {"type": "string"},
        "description": "Its revision and the version of its form, in quotes.",
        "example": '"7.1"',
    }
}
LOCATION: dict[str, Any] = {
    "Location": {
        "schema": {"type": "string"},
        "description": "Where it is.",
        "example": "/api/me/tasks/0f8fad5b-d9cb-469f-a165-70867728950e",
    }
}
WRITTEN: dict[str, Any] = {
    "Idempotency-Replayed": {
        "schema": {"type": "string", "const": "true"},
        "description": "There if this is the answer to an earlier request with this `Idempotency-Key`.",
    },
    "Undo-Token": {
        "schema": {"type": "string", "format": "uuid"},
        "description": "There if the request had `Undo: 1`: by it the write can be undone, for 30 days.",
        "example": "2f1d4a52-9b7d-4a6e-8d1c-6a1f7f3f9c55",
    },
}
"""The headers of the answer to every write."""
CHANGED: dict[str, Any] = {**ETAG, **WRITTEN}
"""Those of the answer with what was changed."""
MADE: dict[str, Any] = {**ETAG, **LOCATION, **WRITTEN}
"""Those of the answer with a new thing."""
UNLESS_UNCHANGED: Responses = {
    200: {"headers": ETAG},
    304: {"description": "You have it already.", "headers": ETAG},
}
"""The answers of a route that takes `If-None-Match`."""


def errors(*kinds: type[DoableError], body: bool = False) -> Responses:
    """The errors of a route, for its `responses`. `body`: it reads one, which may be unreadable.

    A route that asks for a token may also get an API token that is not for it.
    """
    if Unauthenticated in kinds:
        kinds = (*kinds, InsufficientScope)
    if kinds:
        kinds = (*kinds, Invalid)  # a query parameter that it does not know
    found: dict[int, dict[str, tuple[str, str]]] = {}
    kind: type[DoableError]
    # A user's requests may be limited (THROTTLE_REQUESTS).
    throttled = (TooManyRequests,) if Unauthenticated in kinds else ()
    storage = (StorageFull,) if body else ()
    for kind in (*kinds, *throttled, Unavailable, *storage):
        found.setdefault(status_of(kind), {})[kind.code] = (kind.code, kind.message)
    if body:
        found.setdefault(422, {})[InvalidJSON.code] = (InvalidJSON.code, InvalidJSON.message)
        for status in (413, 415):
            found[status] = {HTTP_ERRORS[status][0]: HTTP_ERRORS[status]}
    found[500] = {HTTP_ERRORS[500][0]: HTTP_ERRORS[500]}
    return {status: _response(status, list(cases.values())) for status, cases in sorted(found.items())}


def links(id_name: str, *operation_ids: str) -> dict[str, Any]:
    """The next steps with a new thing (OpenAPI 3.1, section 4.8.20)."""
    parameters = {"user_id": "$request.path.user_id", id_name: "$response.body#/id"}
    return {each: {"operationId": each, "parameters": parameters} for each in operation_ids}


def read_errors(*kinds: type[DoableError]) -> Responses:
    """The errors of a read under `/api/{user_id}/`."""
    return errors(Unauthenticated, Forbidden, *kinds)


def write_errors(*kinds: type[DoableError], current: Sequence[type[BaseModel]] = (), body: bool = True) -> Responses:
    """The errors of a write under `/api/{user_id}/`. `current`: the models of the thing that a 412 has in it."""
    everywhere = (
        Unauthenticated,
        Forbidden,
        RequestInProgress,
        Invalid,
        IdempotencyKeyReused,
        AnswersFull,
        StorageFull,
    )
    if not current:
        return errors(*everywhere, *kinds, body=body)
    found = errors(*everywhere, *kinds, PreconditionFailed, body=body)
    found[status_of(PreconditionFailed)]["model"] = _changed(tuple(current))
    return found


@cache
def _changed(current: tuple[type[BaseModel], ...]) -> type[ErrorRead]:
    several: Any = reduce(or_, current)
    return create_model(
        current[0].__name__.replace("Read", "ChangedRead") if len(current) == 1 else "ChangedRead",
        __base__=ErrorRead,
        __doc__="The error when somebody was faster, with the thing as it is now.",
        current=(several, ...),
    )


def _response(status: int, cases: list[tuple[str, str]]) -> dict[str, Any]:
    examples = {code: {"value": _example(status, code, message)} for code, message in cases}
    response: dict[str, Any] = {
        "model": ErrorRead,
        # A header in it is code: of `<token>`, Markdown would make a tag.
        "description": re.sub(r"'([\w-]+: [^']+)'", r"`\1`", " / ".join(message for _, message in cases)),
        "content": {"application/json": {"examples": examples}},
    }
    name, example = _HEADERS.get(status, ("", ""))
    if name and (status not in _HEADERS_OF or _HEADERS_OF[status].code in examples):
        response["headers"] = {name: {"schema": {"type": "string"}, "example": example}}
    return response


def _example(status: int, code: str, message: str) -> dict[str, Any]:
    detail: Any = message
    if code == Invalid.code:
        detail = [{"loc": ["body", "title"], "msg": "Required", "type": "missing"}]
        message = "title: required."
    elif status == status_of(Invalid):
        detail = [{"loc": ["body"], "msg": message, "type": code}]
    return {"detail": detail, "status_code": status, "code": code, "message": message}
