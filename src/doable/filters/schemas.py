"""Saved filters as they go over the wire."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from doable.http.schemas import SOME_TEXT, Color, Input, InstantText, Output
from doable.tasks.orders import Sort

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=SOME_TEXT),
    Field(description="1 to 100 characters; white space around it is removed.", examples=["At home"]),
]
# Its form is no constraint, and neither is its length: what is wrong with it is told with the place, after any precondition
# (`FilterRepository.to_columns`).
Query = Annotated[
    str,
    Field(
        description="What a task must be, such as `today & (#Work | @phone)`: at most 1,000 characters.",
        examples=["today & @home"],
    ),
]
Order = Annotated[
    Sort,
    Field(description="The order in which its tasks are listed where `sort` is absent.", examples=["-updated_at"]),
]


class FilterCreate(Input):
    """A new filter."""

    name: Name
    query: Query
    sort: Order | None = None
    color: Color | None = None


class FilterPatch(Input):
    """A JSON merge patch (RFC 7396): only the named fields change, `null` clears."""

    # Default factories, and not None, because null is neither; nothing reads them, since only fields that were set are written.
    name: Name = Field(default_factory=str)
    query: Query = Field(default_factory=str)
    sort: Order | None = None
    color: Color | None = None


class FilterRead(Output):
    """A saved filter."""

    version: ClassVar = 1
    """Moves when a member comes, goes or changes, so that no older copy is taken for the present one."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["c2a1f5d8-7b5e-4a0c-8d6e-2f1b0a9c8e7d"])
    name: str = Field(examples=["At home"])
    query: str = Field(description="As it was written.", examples=["today & @home"])
    sort: str | None = Field(examples=["-updated_at"])
    color: str | None = Field(examples=["#2a9d8f"])
    position: str = Field(
        description="Compared byte by byte, positions are the order of filters.", examples=["000000000011"]
    )
    user_id: str = Field(
        json_schema_extra={"format": "uuid"},
        description="Whose it is.",
        examples=["6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11"],
    )
    created_at: InstantText
    updated_at: InstantText = Field(description="Moves with every change.")
    revision: int = Field(
        description="Moves with every change, and is never the same for two changes of one user.", examples=[11]
    )


class FiltersRead(Output):
    """All of the filters, by their positions."""

    filters: list[FilterRead]
