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


def check_head(method: bytes, version: str, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether the client waits for `100 Continue` before it sends the body. Raises Refused."""
    size = len(b"%b %b HTTP/1.1\r\n\r\n" % (method, target))
    size += len(b"".join(chain.from_iterable(headers))) + len(": \r\n") * len(headers)
    if size > MAX_HEAD_BYTES or len(headers) > MAX_HEAD_LINES:
        raise Refused(431)
    if version not in {"1.1", "1.0"}:
        raise Refused(400, "This server speaks HTTP/1.1.")
    if method == b"CONNECT":
        raise Refused(400, "This server is no proxy.")
    _check_hosts(version, [value for name, value in headers if name == b"host"])
    _check_encodings(version, [value for name, value in headers if name == b"transfer-encoding"])
    # Of HTTP/1.0 it is to be ignored (RFC 9110, section 10.1.1).
    return version == "1.1" and any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)


def _check_hosts(version: str, hosts: Sequence[bytes]) -> None:
    """RFC 9112, section 3.2. HTTP/1.0 needs none: health checks are sent so."""
    if len(hosts) > 1 or (not hosts and version == "1.1") or (hosts and not _HOST.fullmatch(hosts[0])):
        raise Refused(400, "A request needs one Host header, and in it a host.")


def _check_encodings(version: str, encodings: Sequence[bytes]) -> None:
    if encodings and version == "1.0":  # nobody knows where such a body ends (RFC 9112, section 6.1)
        raise Refused(400, "HTTP/1.0 has no Transfer-Encoding.")
    if encodings and (len(encodings) > 1 or encodings[0].lower() != b"chunked"):
        raise Refused(501)
