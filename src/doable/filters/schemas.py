"""Saved filters as they go over the wire."""

from typing import Annotated, ClassVar

from pydantic import Field

from doable.http.schemas import Color, Input, InstantText, Output
from doable.owned.schemas import FollowedRead, IdText, Name, Revision, UpdatedAt, UserId
from doable.tasks.orders import Sort

FilterName = Annotated[Name, Field(examples=["At home"])]
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

    name: FilterName
    query: Query
    sort: Order | None = None
    color: Color | None = None


class FilterPatch(Input):
    """A JSON merge patch (RFC 7396): only the named fields change, `null` clears."""

    # Default factories, and not None, because null is neither; nothing reads them, since only fields that were set are written.
    name: FilterName = Field(default_factory=str)
    query: Query = Field(default_factory=str)
    sort: Order | None = None
    color: Color | None = None


class FilterRead(FollowedRead):
    """A saved filter."""

    version: ClassVar = 1

    id: IdText = Field(examples=["c2a1f5d8-7b5e-4a0c-8d6e-2f1b0a9c8e7d"])
    name: str = Field(examples=["At home"])
    query: str = Field(description="As it was written.", examples=["today & @home"])
    sort: str | None = Field(examples=["-updated_at"])
    color: str | None = Field(examples=["#2a9d8f"])
    position: str = Field(
        description="Compared byte by byte, positions are the order of filters.", examples=["000000000011"]
    )
    user_id: UserId
    created_at: InstantText
    updated_at: UpdatedAt
    revision: Revision = Field(examples=[11])


class FiltersRead(Output):
    """All of the filters, by their positions."""

    filters: list[FilterRead]
