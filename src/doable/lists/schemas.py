"""Lists as they go over the wire."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from doable.http.schemas import SOME_TEXT, Color, Input, InstantText, Output

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=SOME_TEXT),
    Field(description="1 to 100 characters; white space around it is removed.", examples=["Groceries"]),
]
Group = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=SOME_TEXT),
    Field(description="By which clients gather lists; 1 to 100 characters.", examples=["Home"]),
]


class ListCreate(Input):
    """A new list."""

    name: Name
    color: Color | None = None
    group: Group | None = None
    is_archived: bool = Field(default=False, examples=[True])


class ListPatch(Input):
    """A JSON merge patch (RFC 7396): only the named fields change, `null` clears."""

    # Default factories, and not None, because null is neither; nothing reads them, since only fields that were set are written.
    name: Name = Field(default_factory=str)
    color: Color | None = None
    group: Group | None = None
    is_archived: bool = Field(default_factory=bool, examples=[True])


class ListRead(Output):
    """A list."""

    version: ClassVar = 1
    """Moves when a member comes, goes or changes, so that no older copy is taken for the present one."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"])
    name: str = Field(examples=["Groceries"])
    color: str | None = Field(examples=["#2a9d8f"])
    group: str | None = Field(examples=["Home"])
    is_archived: bool = Field(examples=[False])
    position: str = Field(
        description="Compared byte by byte, positions are the order of lists.", examples=["000000000007"]
    )
    user_id: str = Field(
        json_schema_extra={"format": "uuid"},
        description="Whose it is.",
        examples=["6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11"],
    )
    created_at: InstantText
    updated_at: InstantText = Field(description="Moves with every change.")
    revision: int = Field(
        description="Moves with every change, and is never the same for two changes of one user.", examples=[7]
    )


class ListsRead(Output):
    """All of the lists, by their positions."""

    lists: list[ListRead]
