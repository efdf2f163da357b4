"""The headers that every answer has, whoever writes it: a route, the middleware, or the protocol itself."""

from collections.abc import Iterable
from typing import Final

Lines = tuple[tuple[bytes, bytes], ...]
"""Header lines as ASGI has them."""

ALWAYS: Final[Lines] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # For JSON, which loads nothing. A page brings its own.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    # Most answers are somebody's own. What may be kept by others, or by nobody, says so itself.
    (b"cache-control", b"private, no-cache"),
)

EXPOSED_HEADERS: Final = (
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Undo-Token",
    "X-Request-ID",
)
"""Those that a page of another origin may read."""

_HTTPS_FOR_A_YEAR: Final = (b"strict-transport-security", b"max-age=31536000")


def of_every_answer(public_url: str) -> Lines:
    """The headers of every answer of a server that people reach at this address."""
    return (*ALWAYS, _HTTPS_FOR_A_YEAR) if public_url.startswith("https://") else ALWAYS


def completed(headers: Iterable[tuple[bytes, bytes]], every: Lines) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, and those of `every` answer that it does not have itself."""
    lines = list(headers)
    names = {name for name, _ in lines}
    lines += [line for line in every if line[0] not in names]
    return lines
