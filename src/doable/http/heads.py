"""What the head of a request must be before anything else looks at it."""

import re
from collections.abc import Sequence
from itertools import chain
from typing import Final

from starlette.exceptions import HTTPException

MAX_HEAD_BYTES: Final = 16 * 1024
MAX_HEAD_LINES: Final = 100
MAX_TARGET_BYTES: Final = 8 * 1024

# uri-host and port of RFC 3986, section 3.2.2. An http URI always has a host (RFC 9110, section 4.2.1).
_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::[0-9]*)?", re.ASCII)


class Refused(HTTPException):
    """A request that is answered without being looked at further, and after which its connection is closed."""

    def __init__(self, status_code: int, message: str | None = None) -> None:
        super().__init__(status_code)
        self.message = message
        """What to say in place of the usual sentence."""


def check_size(method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Raises Refused if the head is too large."""
    size = len(b"%b %b HTTP/1.1\r\n\r\n" % (method, target))
    size += len(b"".join(chain.from_iterable(headers))) + len(": \r\n") * len(headers)
    if size > MAX_HEAD_BYTES:
        raise Refused(431)


def check_head(method: bytes, version: str, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether the client waits for `100 Continue` before it sends the body. Raises Refused."""
    if len(headers) > MAX_HEAD_LINES:
        raise Refused(431)
    if version not in {"1.1", "1.0"}:
        raise Refused(400, "This server speaks HTTP/1.1.")
    if method == b"CONNECT":
        raise Refused(400, "This server is no proxy.")
    by_name = dict(headers)
    host = by_name.get(b"host")
    if host is None:
        is_right = version == "1.0"  # health checks are sent so
    else:
        is_once = len(by_name) == len(headers) or sum(name == b"host" for name, _ in headers) == 1
        is_right = is_once and _HOST.fullmatch(host) is not None
    if not is_right:  # RFC 9112, section 3.2
        raise Refused(400, "A request needs one Host header, and in it a host.")
    if b"transfer-encoding" in by_name:
        _check_encoding(version, [value for name, value in headers if name == b"transfer-encoding"])
    # Of HTTP/1.0 it is to be ignored (RFC 9110, section 10.1.1).
    return b"expect" in by_name and by_name[b"expect"].lower() == b"100-continue" and version == "1.1"


def _check_encoding(version: str, encodings: Sequence[bytes]) -> None:
    if version == "1.0":  # nobody knows where such a body ends (RFC 9112, section 6.1)
        raise Refused(400, "HTTP/1.0 has no Transfer-Encoding.")
    if any(each.lower() != b"chunked" for each in encodings):
        raise Refused(501)
