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
_BY_NAME: Final = {kind.name: kind for kind in FOLLOWED}
_NAMES: Final = "|".join(_BY_NAME)

Kinds = Annotated[
    str,
    Query(
        description=f"Of which kinds: some of {', '.join(f'`{name}`' for name in _BY_NAME)}, separated by commas, or `{ALL}`. "
        "Your copy has the kinds that you asked for: to add others, begin from 0."
    ),
    WithJsonSchema({"type": "string", "pattern": f"^({ALL}|({_NAMES})(,({_NAMES}))*)$", "examples": [ALL]}),
]


async def change_repository(
    request: Request, owner_id: CurrentOwnerId, kinds: Kinds = FOLLOWED[0].name
) -> ChangeRepository:
    """A repository made for one owner, which cannot reach anybody else's changes. Raises Invalid for an unknown kind."""
    names = list(_BY_NAME) if kinds == ALL else kinds.split(",")
    if any(name not in _BY_NAME for name in names):
        message = f"Each must be one of {', '.join(_BY_NAME)}, or it is {ALL} alone"
        raise Invalid(message, where=("query", "kinds"))
    return ChangeRepository(request.app.state.database, owner_id, [_BY_NAME[name] for name in names])


OwnChanges = Annotated[ChangeRepository, Depends(change_repository)]
