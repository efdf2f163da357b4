"""The entity tags of objects: their revision, in quotes (RFC 9110, section 8.8.3)."""

import re
from typing import Final

# A proxy that compresses the answer weakens its tag (nginx, HAProxy) or adds how (Apache, Caddy: "7-gzip"; Jetty: two hyphens).
_GIVEN_OUT: Final = re.compile(r'(?:W/)?"([1-9][0-9]{0,15})(?:[-;]{1,2}[a-z]{2,8})?"')

ANY: Final = "*"


def etag(revision: int) -> str:
    """The entity tag of this revision."""
    return f'"{revision}"'


def revisions(header: str | None) -> frozenset[int] | None:
    """Those that are named by If-Match or If-None-Match; None without one, and for `*`. What was never given out is none."""
    if header is None or header.strip() == ANY:
        return None
    return frozenset(int(found[1]) for found in _GIVEN_OUT.finditer(header))


def is_any(header: str | None) -> bool:
    """Whether it is `*`: of whatever is there."""
    return header is not None and header.strip() == ANY
