"""Here every error becomes JSON of one shape: the domain's by one table, the framework's beside it."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from doable.errors import (
    Conflict,
    DoableError,
    Forbidden,
    InsufficientScope,
    Invalid,
    NotFound,
    PreconditionFailed,
    RequestInProgress,
    ResyncRequired,
    StorageFull,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from doable.http.heads import Refused
from doable.http.problems import InvalidRequest, Problems, sentence
from doable.http.responses import json_response
from doable.http.schemas import ErrorRead, ProblemRead

STATUS: Final[Mapping[type[DoableError], int]] = {
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    ResyncRequired: 410,
    PreconditionFailed: 412,
    TooManyRequests: 429,
    Unavailable: 503,
}
"""The status of each kind of error. A kind that is not named has the status of its nearest base."""

HTTP_ERRORS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("bad_request", "The request cannot be understood."),
    404: ("route_not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method; the Allow header names those that it takes."),
    408: ("request_timeout", "The rest of the request did not come in time."),
    413: (
        "body_too_large",
        "The body is too large: at most 64 KiB, more for a task where MAX_DESCRIPTION_LENGTH is raised, 5 MiB for a batch, and 50 MiB for the file of an import.",
    ),
    414: ("target_too_long", "The address is too long: at most 8 KiB."),
    415: (
        "unsupported_media_type",
        "The body must be sent with 'Content-Type: application/json' (a file to import, as multipart/form-data), and not compressed.",
    ),
    421: ("host_not_allowed", "This host is not served here. ALLOWED_HOSTS names those that are."),
    431: (
        "head_too_large",
        "The head is too large: at most 16 KiB and 100 lines. Trailers of a body may have 16 KiB too.",
    ),
    500: ("internal_error", "Something went wrong on our side. The X-Request-ID helps to find out what."),
    501: ("encoding_not_supported", "The only Transfer-Encoding is chunked."),
}
"""Code and message of errors that belong to HTTP and to no domain."""


class InvalidJSON(Invalid):
    """The body cannot be read."""

    code = "invalid_json"
    message = "The body must be valid JSON in UTF-8."

    def __init__(self) -> None:
        super().__init__(where=("body",))


def status_of(error: type[DoableError]) -> int:
    """The HTTP status of a kind of error. A KeyError for one that never leaves by HTTP."""
    return next(STATUS[base] for base in error.__mro__ if base in STATUS)


def error_response(
    status_code: int,
    code: str,
    message: str,
    *,
    detail: list[ProblemRead] | None = None,
    headers: Mapping[str, str] | None = None,
    details: Mapping[str, Any] | None = None,
) -> Response:
    """The one shape of an error, and `details` beside it."""
    content = ErrorRead(
        detail=message if detail is None else detail,
        status_code=status_code,
        code=code,
        message=message,
        **(details or {}),
    )
    response = json_response(content, status_code)
    # A browser would keep a 404 or 410 (RFC 9111, section 4.2.2), and answer the next request with it.
    response.headers.update({"Cache-Control": "no-store", **(headers or {})})
    return response


def http_error_response(
    status_code: int, headers: Mapping[str, str] | None = None, *, message: str | None = None
) -> Response:
    """The answer for one of HTTP's own errors, with another message than the usual one if there is more to say."""
    code, usual = HTTP_ERRORS.get(status_code) or ("http_error", HTTPStatus(status_code).phrase)
    return error_response(status_code, code, message or usual, headers=headers)


def domain_error_response(error: DoableError) -> Response:
    """The answer for an error of the domain."""
    headers = {}
    detail = None
    message = error.message
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    elif isinstance(error, InsufficientScope):
        headers["WWW-Authenticate"] = insufficient_scope(error.scope)
    elif isinstance(error, (Unavailable, RequestInProgress, TooManyRequests)):
        headers["Retry-After"] = str(error.retry_after)
        # A full disk has a line now and then, and not one for each request.
        if error.__cause__ is not None and not isinstance(error, StorageFull):
            logging.getLogger(__name__).warning("%s: %s", error.code, type(error.__cause__).__name__)
    elif isinstance(error, InvalidRequest):
        message, detail = str(error), error.detail
    elif isinstance(error, Invalid):
        problems = Problems()
        problems.add(error.problem or error.code, error.where, str(error))
        message = sentence(error.where, str(error)) if error.code == Invalid.code else str(error)
        detail = problems.listed
    status = status_of(type(error))
    return error_response(status, error.code, message, detail=detail, headers=headers, details=error.details)


def insufficient_scope(scope: str | None) -> str:
    """The value of `WWW-Authenticate` (RFC 6750, section 3)."""
    return 'Bearer error="insufficient_scope"' + (f', scope="{scope}"' if scope else "")


def response_to(error: DoableError | HTTPException | ClientDisconnect) -> Response:
    """The answer for an error that a request may end with."""
    if isinstance(error, DoableError):
        return domain_error_response(error)
    if isinstance(error, HTTPException):
        return http_error_response(error.status_code, message=error.message if isinstance(error, Refused) else None)
    return http_error_response(400)
