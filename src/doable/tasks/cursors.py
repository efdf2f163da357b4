"""Where a page of a list ended, in a text that its client only hands back.

It is base64url of `[version, digest of what is listed, the last values of each walk's keys]`, null for those of a walk that was
not begun. It is not signed: its values are only compared, with rows of the owner who sends it.
"""

import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from pydantic_core import from_json, to_json

from doable.errors import CursorInvalid
from doable.http.schemas import MAX_INTEGER

VERSION: Final = 1
"""Moves when the same values would mean something else."""

_LEAST_PRIORITY: Final = 9
_POSITION: Final = re.compile(r"[-0-9A-Za-z]{1,100}")
_LOCAL: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def made(digest: str, values: Sequence[Any]) -> str:
    """The cursor after the row with these values of its keys."""
    return urlsafe_b64encode(to_json([VERSION, digest, *values])).decode().rstrip("=")


def read(cursor: str, digest: str, walks: Sequence[Sequence[Callable[[Any], Any]]]) -> tuple[Sequence[Any] | None, ...]:
    """The values in it for each walk, which can all be read by its keys; None for a walk that was not begun.

    Raises CursorInvalid if it is of something else, or nobody made it.
    """
    try:
        found = from_json(b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        version, of, *values = found if isinstance(found, list) else []
        rest = iter(values)
        after = tuple(_of_walk([*islice(rest, len(keys))], keys) for keys in walks)
    except ValueError:
        raise CursorInvalid from None
    if (version, of) != (VERSION, digest) or not any(after) or [*rest]:
        raise CursorInvalid
    return after


def _of_walk(values: Sequence[Any], keys: Sequence[Callable[[Any], Any]]) -> Sequence[Any] | None:
    if values == [None] * len(keys):
        return None
    for key, value in zip(keys, values, strict=True):
        key(value)
    return values


def whole_number(value: Any) -> int:
    """A sequence or a revision. Raises ValueError, as all of these do, for what none can be."""
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise ValueError
    return value


def priority(value: Any) -> int:
    """A priority, which is a `smallint` of PostgreSQL's."""
    if whole_number(value) > _LEAST_PRIORITY:
        raise ValueError
    return int(value)


def position(value: Any) -> str:
    """A position."""
    if not isinstance(value, str) or not _POSITION.fullmatch(value):
        raise ValueError
    return value


def local(value: Any) -> str:
    """A local time as a due date is stored."""
    if not isinstance(value, str) or not _LOCAL.fullmatch(value):
        raise ValueError
    return value


def instant(value: Any) -> datetime:
    """An instant in the form that goes over the wire."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError
    return datetime.fromisoformat(value)
