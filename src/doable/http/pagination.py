"""Pages of a list."""

from typing import Annotated

from pydantic import WithJsonSchema

from doable.http.notes import Query
from doable.http.schemas import MAX_INTEGER

Limit = Annotated[int, Query(ge=1, le=100, description="How many to answer at most.")]
Offset = Annotated[
    int | None,
    Query(ge=0, le=MAX_INTEGER, description="How many of the first to leave out; 0 if absent."),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_INTEGER}),
]
Cursor = Annotated[
    str | None,
    Query(
        max_length=500,
        description="The `next_cursor` of a page with the same parameters: begin after it. In place of an offset.",
    ),
    WithJsonSchema({"type": "string", "maxLength": 500}),
]
