"""HTTP/1.1 as far as the client needs it."""

import re
from collections.abc import Mapping
from types import MappingProxyType

NO_CONTENT = 204

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


def http_request(
    method: str,
    path: str,
    token: str | None,
    body: bytes = b"",
    *,
    media_type: str = "application/json",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """A whole HTTP/1.1 request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}"
    if token is not None:
        head += f"Authorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


def parse(received: bytes) -> tuple[int, bytes] | None:
    """Status and body of the one answer; None while it is not all there. Raises ValueError for what is no answer."""
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return None
    status = int(head[9:12])
    if status == NO_CONTENT:
        return status, b""
    length = _LENGTH.search(head)
    if length is not None:
        missing = int(length[1]) - len(body)
        if missing < 0:
            message = "more than one answer to one request"
            raise ValueError(message)
        return None if missing else (status, body)
    if _CHUNKED.search(head) is None:
        message = "neither a length nor chunks"
        raise ValueError(message)
    whole = _without_chunks(body)
    return None if whole is None else (status, whole)


def _without_chunks(body: bytes) -> bytes | None:
    parts: list[bytes] = []
    start = 0
    while (line_end := body.find(b"\r\n", start)) > 0:
        size = int(body[start:line_end], 16)
        start = line_end + 2 + size + 2
        if len(body) < start:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(body[line_end + 2 : start - 2])
    return None
