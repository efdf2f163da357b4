"""Revisions as they are told: in entity tags of objects (RFC 9110, section 8.8.3), and in sync-tokens of lists (RFC 6578, section 3)."""

import re
from typing import Final

from doable.caldav.repository import Collection

# A proxy that compresses the answer weakens its tag (nginx, HAProxy) or adds how (Apache, Caddy: "7-gzip"; Jetty: two hyphens).
_GIVEN_OUT: Final = re.compile(r'(?:W/)?"([1-9][0-9]{0,15})(?:[-;]{1,2}[a-z]{2,8})?"')

_URN: Final = "urn:doable:sync:"


def etag(revision: int) -> str:
    """The entity tag of this revision."""
    return f'"{revision}"'


def named_by(header: str | None) -> frozenset[int] | None:
    """Those that are named by If-Match or If-None-Match; None without one, and for `*`. What was never given out is none."""
    if header is None or is_any(header):
        return None
    return frozenset(int(found[1]) for found in _GIVEN_OUT.finditer(header))


def is_any(header: str | None) -> bool:
    """Whether it is `*`: of whatever is there."""
    return header is not None and header.strip() == "*"


def token(collection: Collection, revision: int | None = None) -> str:
    """The sync-token of a collection, which is its ctag as well, at its own revision or an earlier one."""
    name = "inbox" if collection.is_inbox else collection.id
    return f"{_URN}{name}:{collection.token if revision is None else revision}"


def revision_of(text: str, collection: Collection) -> int | None:
    """Of which revision a sync-token is; None for one that is not of this collection."""
    before, _, revision = text.rpartition(":")
    if before != token(collection).rpartition(":")[0] or not revision.isascii() or not revision.isdecimal():
        return None
    return int(revision[:20])
