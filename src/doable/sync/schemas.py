"""What goes over the wire about changes, made from what is registered of each kind."""

from functools import reduce
from operator import or_
from typing import Any, Final, Literal

from pydantic import BaseModel, Field, create_model

from doable.http.schemas import Output
from doable.kinds import KINDS
from doable.owned.kind import Kind


class ChangeRead(Output):
    """Something that changed, in its newest state."""

    revision: int = Field(description="When it changed last.", examples=[7])
    id: str = Field(json_schema_extra={"format": "uuid"})
    deleted: bool = Field(examples=[False])


def _of(kind: Kind) -> type[BaseModel]:
    which: Any = (Literal[kind.name], ...)
    thing: Any = (kind.read | None, Field(description=f"The {kind.name}; null if it was deleted."))
    name = f"{kind.name.title()}ChangeRead"
    return create_model(name, __base__=ChangeRead, __doc__=ChangeRead.__doc__, kind=which, **{kind.name: thing})


CHANGES_READ: Final = tuple(_of(kind) for kind in KINDS)
"""A model for each kind."""

ANY_CHANGE: Any = reduce(or_, CHANGES_READ)


class ChangesRead(Output):
    """Some of what changed, the oldest first."""

    changes: list[ANY_CHANGE]
    revision: int = Field(description="Up to where this goes: the `since` to ask for next.", examples=[7])
    has_more: bool = Field(description="Whether there is more already. The `Link` header has the address of it.")
