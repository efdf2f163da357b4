"""Undos as they go over the wire."""

from pydantic import Field

from doable.http.schemas import InstantText, Output
from doable.kinds import KINDS

_NAMES = ", ".join(f"`{kind.name}`" for kind in KINDS)
_KIND = Field(description=f"One of {_NAMES}; or `object`, an event that a calendar program has put.", examples=["task"])
_ID = Field(json_schema_extra={"format": "uuid"}, examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])


class ConflictRead(Output):
    """A thing that is not as it was before the write."""

    kind: str = _KIND
    id: str = _ID


class UndoneRead(Output):
    """What came of undoing a write."""

    undone: int = Field(
        description="The number of things that were brought back as they were before the write.", examples=[1]
    )
    conflicts: list[ConflictRead] = Field(
        description="The things that stay as they are: somebody has changed them since, or needs them."
    )


class ThingRead(Output):
    """A thing as it was before the write."""

    kind: str = _KIND
    id: str = _ID
    title: str | None = Field(
        description="The title of a task or an event; the name of anything else.", examples=["Buy oat milk"]
    )


class UndoRead(Output):
    """A write that can be undone."""

    token: str = Field(json_schema_extra={"format": "uuid"}, examples=["2f1d4a52-9b7d-4a6e-8d1c-6a1f7f3f9c55"])
    created_at: InstantText
    deleted: int = Field(description="How many things it deleted.", examples=[1])
    things: list[ThingRead] = Field(description="Some of them, at most 20: what it was about, and what went with it.")
    changed: list[ThingRead] = Field(description="Some of what it changed, at most 20.")


class UndosRead(Output):
    """The writes that can be undone, the newest first."""

    undos: list[UndoRead]
