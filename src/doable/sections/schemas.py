"""Sections as they go over the wire."""

from typing import Annotated, ClassVar
from uuid import uuid4

from pydantic import ConfigDict, Field, StringConstraints

from doable.http.schemas import SOME_TEXT, Input, InstantText, Move, Output, Reference

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=SOME_TEXT),
    Field(description="1 to 100 characters; white space around it is removed.", examples=["Dairy"]),
]
ListId = Annotated[Reference, Field(description="Its list, one of yours.")]


class SectionCreate(Input):
    """A new section."""

    list_id: ListId
    name: Name


class SectionPatch(Input):
    """A JSON merge patch (RFC 7396): only the named fields change. The list can only be the one that it is in: see move."""

    # Default factories, and not None, because null is neither; nothing reads them, since only fields that were set are written.
    list_id: ListId = Field(default_factory=uuid4)
    name: Name = Field(default_factory=str)


class SectionMove(Move):
    """Where it is to stand. In another list, if nothing is said of the place, it is the last."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"place": "first"}]})

    # As above: absent is not null.
    list_id: ListId = Field(default_factory=uuid4)


class SectionRead(Output):
    """A section."""

    version: ClassVar = 1
    """Moves when a member comes, goes or changes, so that no older copy is taken for the present one."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["3f2504e0-4f89-41d3-9a0c-0305e82c3301"])
    list_id: str = Field(
        json_schema_extra={"format": "uuid"},
        description="Its list.",
        examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"],
    )
    name: str = Field(examples=["Dairy"])
    position: str = Field(
        description="Compared byte by byte, positions are the order of the sections of one list.",
        examples=["000000000008"],
    )
    user_id: str = Field(
        json_schema_extra={"format": "uuid"},
        description="Whose it is.",
        examples=["6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11"],
    )
    created_at: InstantText
    updated_at: InstantText = Field(description="Moves with every change.")
    revision: int = Field(
        description="Moves with every change, and is never the same for two changes of one user.", examples=[8]
    )


class SectionsRead(Output):
    """All of the sections, or those of one list, by their positions."""

    sections: list[SectionRead]
