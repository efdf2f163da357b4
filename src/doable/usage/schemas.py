"""Usage as it goes over the wire, made from the registration of each kind."""

from typing import Any, Final

from pydantic import Field, create_model

from doable.http.schemas import Output
from doable.kinds import KINDS
from doable.owned.ordering import OrderedRepository

FEW: Final = {kind.plural: kind.repository.most for kind in KINDS if issubclass(kind.repository, OrderedRepository)}
"""The kinds of which one may have so many, whatever the settings say."""

_NUMBERS: Final[dict[str, Any]] = {kind.plural: (int, Field(examples=[12])) for kind in KINDS}
_LIMITS: Final[dict[str, Any]] = {name: (int, Field(examples=[most])) for name, most in FEW.items()}


class _LimitsRead(Output):
    """The most that you may have; null is no limit."""

    tasks: int | None = Field(examples=[10_000])
    stored_bytes: int | None = Field(examples=[104_857_600])
    kept_bytes: int = Field(examples=[67_108_864])


LimitsRead = create_model("LimitsRead", __base__=_LimitsRead, __doc__=_LimitsRead.__doc__, **_LIMITS)


class _UsageRead(Output):
    """How much you have, and may have."""

    stored_bytes: int = Field(
        description="What all of that takes: its texts in UTF-8, and 500 bytes for each thing.", examples=[7400]
    )
    kept_bytes: int = Field(
        description="What the kept answers to your `Idempotency-Key`s take, and what can be undone.", examples=[0]
    )


UsageRead = create_model(
    "UsageRead", __base__=_UsageRead, __doc__=_UsageRead.__doc__, **_NUMBERS, limits=(LimitsRead, ...)
)
