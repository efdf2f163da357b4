"""The current user's feed."""

from typing import Annotated, Final

from pydantic import WithJsonSchema
from starlette.requests import Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.errors import Invalid
from doable.http.notes import Depends, Query
from doable.kinds import FOLLOWED
from doable.sync.repository import ChangeRepository

ALL: Final = "all"
_NAMES: Final = tuple(kind.name for kind in FOLLOWED)
_ONE: Final = "|".join(_NAMES)

Kinds = Annotated[
    str,
    Query(
        description=f"Of which kinds: some of {', '.join(f'`{name}`' for name in _NAMES)}, separated by commas, or `{ALL}`. "
        "Your copy has the kinds that you asked for: to add others, begin from 0."
    ),
    WithJsonSchema({"type": "string", "pattern": f"^({ALL}|({_ONE})(,({_ONE}))*)$", "examples": [ALL]}),
]


async def change_repository(
    request: Request, owner_id: CurrentOwnerId, kinds: Kinds = FOLLOWED[0].name
) -> ChangeRepository:
    """A repository made for one owner, which cannot reach anybody else's changes. Raises Invalid for an unknown kind."""
    names = frozenset(_NAMES if kinds == ALL else kinds.split(","))
    if not names.issubset(_NAMES):
        message = f"Each must be one of {', '.join(_NAMES)}, or it is {ALL} alone"
        raise Invalid(message, where=("query", "kinds"))
    return ChangeRepository(request.app.state.database, owner_id, names)


OwnChanges = Annotated[ChangeRepository, Depends(change_repository)]
