"""Sections as they go over the wire."""

from typing import Annotated, ClassVar
from uuid import uuid4

from pydantic import ConfigDict, Field

from doable.http.schemas import Input, InstantText, Move, Output, Reference
from doable.owned.schemas import FollowedRead, IdText, Name, Revision, UpdatedAt, UserId

SectionName = Annotated[Name, Field(examples=["Dairy"])]
ListId = Annotated[Reference, Field(description="Its list, one of yours.")]


class SectionCreate(Input):
    """A new section."""

    list_id: ListId
    name: SectionName


class SectionPatch(Input):
    """A JSON merge patch (RFC 7396): only the named fields change. The list can only be the one that it is in: see move."""

    # Default factories, and not None, because null is neither; nothing reads them, since only fields that were set are written.
    list_id: ListId = Field(default_factory=uuid4)
    name: SectionName = Field(default_factory=str)


class SectionMove(Move):
    """Where it is to stand. In another list, if nothing is said of the place, it is the last."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"place": "first"}]})

    # As above: absent is not null.
    list_id: ListId = Field(default_factory=uuid4)


class SectionRead(FollowedRead):
    """A section."""

    version: ClassVar = 1

    id: IdText = Field(examples=["3f2504e0-4f89-41d3-9a0c-0305e82c3301"])
    list_id: IdText = Field(description="Its list.", examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"])
    name: str = Field(examples=["Dairy"])
    position: str = Field(
        description="Compared byte by byte, positions are the order of the sections of one list.",
        examples=["000000000008"],
    )
    user_id: UserId
    created_at: InstantText
    updated_at: UpdatedAt
    revision: Revision = Field(examples=[8])


class SectionsRead(Output):
    """All of the sections, or those of one list, by their positions."""

    sections: list[SectionRead]
