"""Pages of a list."""

from typing import Annotated

from fastapi import Query

from doable.http.schemas import MAX_INTEGER

Limit = Annotated[int, Query(ge=1, le=100, description="How many to answer at most.")]
Offset = Annotated[int, Query(ge=0, le=MAX_INTEGER, description="How many of the newest to leave out.")]
