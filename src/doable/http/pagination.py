"""Pages of a list."""

from typing import Annotated

from fastapi import Query

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader can hold (RFC 8259, section 6)."""

Limit = Annotated[int, Query(ge=1, le=100, description="How many to answer at most.")]
Offset = Annotated[int, Query(ge=0, le=MAX_INTEGER, description="How many of the newest to leave out.")]
