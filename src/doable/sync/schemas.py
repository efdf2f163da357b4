"""What goes over the wire about changes."""

from typing import Literal

from pydantic import Field

from doable.database import Row
from doable.http.schemas import Output
from doable.tasks.schemas import TaskRead


class ChangeRead(Output):
    """Something that changed, in its newest state."""

    revision: int = Field(description="When it changed last.", examples=[7])
    kind: Literal["task"] = "task"
    id: str = Field(json_schema_extra={"format": "uuid"})
    deleted: bool = Field(examples=[False])
    task: TaskRead | None = Field(description="The task; null if it was deleted.")

    @classmethod
    def of(cls, row: Row) -> "ChangeRead":
        """The change that a row of the feed is."""
        deleted = bool(row["deleted"])
        task = None if deleted else TaskRead.model_validate(row)
        return cls(revision=row["revision"], id=row["id"], deleted=deleted, task=task)


class ChangesRead(Output):
    """Some of what changed, the oldest first."""

    changes: list[ChangeRead]
    revision: int = Field(description="Up to where this goes: the `since` to ask for next.", examples=[7])
    has_more: bool = Field(description="Whether there is more already. The `Link` header has the address of it.")
