"""Imports as they go over the wire."""

from typing import Final, Literal

from pydantic import Field

from doable.http.schemas import InstantText, Output
from doable.transfer.found import KindName

TOLD: Final = 200
"""Of a long list, so many are told, and the number of all."""

_ID = Field(json_schema_extra={"format": "uuid"}, examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])
_TITLE = Field(description="The title of a task, the name of anything else.", examples=["Buy oat milk"])
_LINE = Field(description="Where it is in the file, from 1; null where that is not known.", examples=[12])

State = Literal["running", "stopped", "done", "undoing", "undone"]
Limit = Literal["tasks", "storage"]
StoppedBy = Literal["tasks", "storage", "error"]


class CountsOfKind(Output):
    """How many things of a kind."""

    found: int = Field(description="In the file.", examples=[120])
    made: int = Field(description="Made by now; in a dry run, those that would be made.", examples=[117])
    there: int = Field(description="There already: they stay as they are.", examples=[2])
    not_taken: int = Field(description="Not taken over.", examples=[1])


class NotUnderstoodRead(Output):
    """Something that is not taken over, or not as it was. The rest of the thing that it belongs to is."""

    what: str = Field(description="A sentence without its full stop.", examples=["the rule `every blue moon`"])
    line: int | None = _LINE
    of: str | None = Field(description="The title of what it belongs to.", examples=["Buy oat milk"])


class SomeNotUnderstood(Output):
    """What is not understood."""

    total: int = Field(examples=[1])
    items: list[NotUnderstoodRead] = Field(description=f"The first {TOLD}.")


class FoundThing(Output):
    """A thing that an import would make, or that is there already."""

    kind: KindName = Field(examples=["task"])
    id: str = _ID
    title: str = _TITLE
    list: str | None = Field(
        description="The name of the list that it will be in; null for the inbox.", examples=["Groceries"]
    )
    line: int | None = _LINE
    is_there: bool = Field(description="It is there already, and stays as it is.", examples=[False])


class DryRunRead(Output):
    """What an import would do. Nothing was written."""

    format: str = Field(description="The format that the file is read by.", examples=["todoist"])
    kinds: dict[KindName, CountsOfKind] = Field(
        examples=[{"task": {"found": 120, "made": 117, "there": 2, "not_taken": 1}}]
    )
    things: list[FoundThing] = Field(description=f"The first {TOLD} things.")
    not_understood: SomeNotUnderstood
    exceeds: Limit | None = Field(description="The limit at which the import would stop.", examples=[None])


class StayedRead(Output):
    """A thing that stayed when the import was undone: it was changed since, or something else needs it."""

    kind: KindName = Field(examples=["task"])
    id: str = _ID
    title: str = _TITLE


class SomeStayed(Output):
    """What stayed."""

    total: int = Field(examples=[1])
    items: list[StayedRead] = Field(description=f"The first {TOLD}.")


class ImportRead(Output):
    """An import, and how far it has come."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["9b1f0a34-5c0e-4f37-8f27-4f0d5a1b2c3d"])
    filename: str = Field(examples=["todoist.zip"])
    format: str = Field(examples=["todoist"])
    state: State = Field(
        description="`running`; `stopped`, and goes on when the same file is sent again; `done`; `undoing`; `undone`.",
        examples=["running"],
    )
    created_at: InstantText
    expires_at: InstantText = Field(description="Until then it can be undone.")
    total: int = Field(description="The number of things in the file.", examples=[120])
    done: int = Field(description="How many of them were seen to.", examples=[100])
    kinds: dict[KindName, CountsOfKind] = Field(
        examples=[{"task": {"found": 120, "made": 97, "there": 2, "not_taken": 1}}]
    )
    not_understood: SomeNotUnderstood
    stopped_by: StoppedBy | None = Field(
        description="The limit that has stopped it, or an error of the server, which its log has.", examples=[None]
    )
    removed: int = Field(description="How many things undoing it has removed.", examples=[0])
    stayed: SomeStayed


class ImportsRead(Output):
    """The imports of the last days, the newest first."""

    imports: list[ImportRead]


class AcceptedRead(Output):
    """An import that has begun."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["9b1f0a34-5c0e-4f37-8f27-4f0d5a1b2c3d"])
