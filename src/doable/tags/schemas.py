"""Tags as they go over the wire."""

from typing import Annotated, ClassVar

from pydantic import Field

from doable.http.schemas import Color, Input, InstantText, Output, Reference
from doable.owned.schemas import FollowedRead, IdText, Revision, UpdatedAt, UserId
from doable.tasks.tag_names import TagName

Into = Annotated[Reference, Field(description="The tag that stays, another one of yours.")]


class TagCreate(Input):
    """A new tag."""

    name: TagName
    color: Color | None = None


class TagPatch(Input):
    """A JSON merge patch (RFC 7396): only the named fields change, `null` clears. A new name is one in all of its tasks."""

    # A default factory, and not None, because null is no name; nothing reads it, since only fields that were set are written.
    name: TagName = Field(default_factory=str)
    color: Color | None = None


class TagMerge(Input):
    """Into which tag."""

    into: Into


class TagRead(FollowedRead):
    """A tag."""

    version: ClassVar = 1

    id: IdText = Field(examples=["5b6f1d0e-3f0a-4c38-9a52-64c3f5f0a7d1"])
    name: str = Field(examples=["shop"])
    color: str | None = Field(examples=["#2a9d8f"])
    position: str = Field(
        description="Compared byte by byte, positions are the order of tags.", examples=["000000000009"]
    )
    user_id: UserId
    created_at: InstantText
    updated_at: UpdatedAt
    revision: Revision = Field(examples=[9])


class TagsRead(Output):
    """All of the tags, by their positions."""

    tags: list[TagRead]
