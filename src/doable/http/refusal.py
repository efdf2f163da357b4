"""The answer to a request that finds no place (`doable.places`): made once, so that refusing costs next to nothing."""

from collections.abc import Container, Mapping
from functools import cache
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from doable.errors import Overloaded
from doable.http.errors import domain_error_response
from doable.http.headers import ALWAYS, EXPOSED_HEADERS, Lines, completed
from doable.http.middleware import request_id
from doable.http.scope import CORS_ORIGINS, EVERY_ANSWER

_EXPOSED: Final = ", ".join(EXPOSED_HEADERS).encode()

_UNUSUAL: Final = (b"transfer-encoding", b"\r\nexpect", b"\r\nupgrade", b"\r\nconnection: close")
"""What only the parser can do justice to."""


@cache
def _made(every: Lines) -> tuple[bytes, bytes]:
    """Its head, without the empty line, and its body."""
    response = domain_error_response(Overloaded())
    head = b"".join(b"%b: %b\r\n" % line for line in completed(response.raw_headers, every))
    return STATUS_LINE[response.status_code] + head, bytes(response.body)


def refusal(
    state: Mapping[str, Any], method: bytes, own_id: bytes | None, origin: bytes | None, *, keeps_alive: bool = True
) -> bytes:
    """The whole answer. `state` is the lifespan's; `own_id` and `origin` are the request's headers, if it has them."""
    head, body = _made(state.get(EVERY_ANSWER, ALWAYS))
    parts = [head, b"x-request-id: ", request_id(own_id), b"\r\n"]
    if cors_origins := state.get(CORS_ORIGINS):
        parts += _for_pages(origin, cors_origins)
    if not keeps_alive:
        parts.append(b"connection: close\r\n")
    parts.append(b"\r\n")
    if method != b"HEAD":
        parts.append(body)
    return b"".join(parts)


def _for_pages(origin: bytes | None, cors_origins: Container[bytes]) -> list[bytes]:
    """What lets a page of another origin read it, as `CORS` has it in every other answer."""
    lines = [b"access-control-expose-headers: ", _EXPOSED, b"\r\nvary: Origin\r\n"]
    if origin is not None and b"*" in cors_origins:
        lines.append(b"access-control-allow-origin: *\r\n")
    elif origin is not None and origin in cors_origins:
        lines += [b"access-control-allow-origin: ", origin, b"\r\n"]
    return lines


def refusal_unparsed(state: Mapping[str, Any], data: bytes, without_place: Container[bytes]) -> bytes | None:
    """The answer to these bytes, if they are one whole request of the plainest form; None for any other.

    To parse a request that is refused anyway would take twice as long as all the rest of it.
    """
    end = data.find(b"\r\n\r\n") + 2
    line = data[: data.find(b"\r\n")].split(b" ")
    if end < 2 or len(line) != 3 or line[2] != b"HTTP/1.1" or line[1].partition(b"?")[0] in without_place:  # noqa: PLR2004 - of a request line
        return None
    head = data[:end].lower()
    if any(each in head for each in _UNUSUAL):
        return None
    length = len(data) - end - 2
    if (b"\r\ncontent-length: %d\r\n" % length in head) + (length == 0 and b"content-length" not in head) != 1:
        return None
    if head.count(b"content-length") > 1:
        return None
    return refusal(state, line[0], _value(data, head, b"\r\nx-request-id: "), _value(data, head, b"\r\norigin: "))


def _value(data: bytes, head: bytes, name: bytes) -> bytes | None:
    at = head.find(name)
    return None if at < 0 else data[at + len(name) : data.find(b"\r\n", at + len(name))]
