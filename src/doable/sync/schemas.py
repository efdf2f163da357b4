"""Changes as they go over the wire, made from the registration of each kind."""

from functools import reduce
from operator import or_
from typing import Any, Final, Literal

from pydantic import BaseModel, Field, create_model

from doable.http.schemas import Output
from doable.kinds import FOLLOWED
from doable.owned.kind import Followed


def _of(kind: Followed) -> type[BaseModel]:
    members: dict[str, Any] = {
        "revision": (int, Field(description="When it changed last.", examples=[7])),
        "kind": (Literal[kind.name], ...),
        "id": (str, Field(json_schema_extra={"format": "uuid"})),
        "deleted": (bool, Field(examples=[False])),
        kind.name: (kind.read | None, Field(description=f"The {kind.name}; null if it was deleted.")),
    }
    doc = "Something that changed, in its newest state."
    return create_model(f"{kind.name.title()}ChangeRead", __base__=Output, __doc__=doc, **members)


CHANGES_READ: Final = tuple(_of(kind) for kind in FOLLOWED)
"""A model for each kind."""

ANY_CHANGE: Any = reduce(or_, CHANGES_READ)


class ChangesRead(Output):
    """Some of what changed, the oldest first."""

    changes: list[ANY_CHANGE]
    revision: int = Field(
        description="The revision that these changes reach: the `since` to ask for next.", examples=[7]
    )
    has_more: bool = Field(description="Whether there are more already. The `Link` header has their address.")
