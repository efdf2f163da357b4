"""Undo over HTTP."""

from typing import Annotated

from starlette.responses import Response

from doable.accounts.dependencies import OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.errors import TooMany, UndoNotFound
from doable.http.documentation import WRITTEN, read_errors, write_errors
from doable.http.notes import Query
from doable.http.requests import Routes
from doable.http.responses import json_response
from doable.owned.answers import answer
from doable.undo.dependencies import Undos, UndoToken
from doable.undo.schemas import UndoneRead, UndosRead

router = Routes(prefix="/api/{user_id}/undo", tags=["undo"], route_class=OwnedRoute)


@router.get(
    "",
    summary="List what can be undone",
    response_model=UndosRead,
    response_description="The writes that can be undone.",
    responses=read_errors(),
)
async def list_undos(
    undos: Undos, *, deleted: Annotated[bool, Query(description="Only those that deleted something.")] = False
) -> Response:
    """Your writes that were sent with `Undo: 1` in the last 30 days and are not undone, the newest first."""
    return json_response({"undos": await undos.all(deleted=deleted)})


@router.post(
    "/{token}",
    summary="Undo a write",
    response_model=UndoneRead,
    response_description="What came of it.",
    responses={**write_errors(UndoNotFound, TooMany, body=False), 200: {"headers": WRITTEN}},
)
async def undo(undos: Undos, write: CurrentWrites, token: UndoToken) -> Response:
    """Bring back what a write changed, as it was: ids, places and instants as well.

    What somebody has changed since stays as it is. Undoing it again changes nothing and answers the same. An undo is a write like any other:
    its things get new revisions, are in the feed, and with `Undo: 1` it can be undone as well.
    """
    write.undoing = str(token)
    left = await undos.left(write.undoing)
    if left == 0:
        write.undo_token = None  # there is nothing in it to undo once more
    write.has_parts = True
    if left > 1:
        while await write.part(undos.all_but_one(write.undoing)):
            pass
    return to_response(await write.in_parts(undos.undo(write.undoing), undos.part(write.undoing), answer))
