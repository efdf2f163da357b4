"""Usage as it goes over the wire."""

from pydantic import Field

from doable.http.schemas import Output
from doable.lists.repository import MAX_LISTS


class LimitsRead(Output):
    """The most that you may have; null is no limit."""

    tasks: int | None = Field(examples=[10_000])
    lists: int = Field(examples=[MAX_LISTS])
    stored_bytes: int | None = Field(examples=[104_857_600])
    kept_bytes: int = Field(examples=[67_108_864])


class UsageRead(Output):
    """How much you have, and may have."""

    tasks: int = Field(examples=[12])
    lists: int = Field(examples=[3])
    stored_bytes: int = Field(
        description="What your tasks and lists take: their texts in UTF-8, and 500 bytes for each.", examples=[7400]
    )
    kept_bytes: int = Field(description="What the kept answers to your `Idempotency-Key`s take.", examples=[0])
    limits: LimitsRead
