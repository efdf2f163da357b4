"""Sync-tokens, which are ctags as well: of a collection, at a revision (RFC 6578, section 3)."""

from typing import Final

from doable.caldav.repository import Collection

_PREFIX: Final = "urn:doable:sync:"


def token(collection: Collection, revision: int | None = None) -> str:
    """That of a collection, at its own revision or an earlier one."""
    name = "inbox" if collection.is_inbox else collection.id
    return f"{_PREFIX}{name}:{collection.token if revision is None else revision}"


def revision_of(text: str, collection: Collection) -> int | None:
    """Of which revision a token is; None for one that is not of this collection."""
    before, _, revision = text.rpartition(":")
    if before != token(collection).rpartition(":")[0] or not revision.isascii() or not revision.isdecimal():
        return None
    return int(revision[:20])
