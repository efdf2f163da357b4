"""What things of every kind have in common on the wire."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from doable.http.schemas import SOME_TEXT, InstantText, Output

IdText = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
"""An id, which the database has read as it is sent."""

UserId = Annotated[IdText, Field(description="Whose it is.", examples=["6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11"])]
UpdatedAt = Annotated[InstantText, Field(description="Moves with every change.")]
Revision = Annotated[
    int, Field(description="Moves with every change, and is never the same for two changes of one user.")
]

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=SOME_TEXT),
    Field(description="1 to 100 characters; white space around it is removed."),
]
"""The name of something, in an input."""


class FollowedRead(Output):
    """The base of what the feed tells. The members that all have are types and not here: a base's would come first."""

    version: ClassVar[int]
    """Moves when a member comes, goes or changes, so that no older copy is taken for the present one."""
