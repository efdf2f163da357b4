"""Lists as they go over the wire."""

from typing import Annotated, ClassVar

from pydantic import Field

from doable.http.schemas import Color, Input, InstantText, Output
from doable.owned.schemas import FollowedRead, IdText, Name, Revision, UpdatedAt, UserId

ListName = Annotated[Name, Field(examples=["Groceries"])]
Group = Annotated[Name, Field(description="By which clients gather lists; 1 to 100 characters.", examples=["Home"])]


class ListCreate(Input):
    """A new list."""

    name: ListName
    color: Color | None = None
    group: Group | None = None
    is_archived: bool = Field(default=False, examples=[True])


class ListPatch(Input):
    """A JSON merge patch (RFC 7396): only the named fields change, `null` clears."""

    # Default factories, and not None, because null is neither; nothing reads them, since only fields that were set are written.
    name: ListName = Field(default_factory=str)
    color: Color | None = None
    group: Group | None = None
    is_archived: bool = Field(default_factory=bool, examples=[True])


class ListRead(FollowedRead):
    """A list."""

    version: ClassVar = 1

    id: IdText = Field(examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"])
    name: str = Field(examples=["Groceries"])
    color: str | None = Field(examples=["#2a9d8f"])
    group: str | None = Field(examples=["Home"])
    is_archived: bool = Field(examples=[False])
    position: str = Field(
        description="Compared byte by byte, positions are the order of lists.", examples=["000000000007"]
    )
    user_id: UserId
    created_at: InstantText
    updated_at: UpdatedAt
    revision: Revision = Field(examples=[7])


class ListsRead(Output):
    """All of the lists, by their positions."""

    lists: list[ListRead]
