"""The export over HTTP."""

from functools import partial
from typing import cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from doable.accounts.dependencies import BearerRoute, CurrentCredential, CurrentGate
from doable.accounts.gate.credentials import Scope
from doable.errors import Unauthenticated
from doable.export.document import write
from doable.export.repository import ExportRepository
from doable.export.schemas import ExportRead
from doable.http.documentation import errors
from doable.http.downloads import Download
from doable.kinds import FOLLOWED


class ExportRoute(BearerRoute):
    """A route that takes API tokens with the scopes of everything in an export."""

    scopes_to_read = cast("tuple[Scope, ...]", ("account", *dict.fromkeys(kind.scopes[0] for kind in FOLLOWED)))


router = APIRouter(prefix="/api/auth", tags=["accounts"], route_class=ExportRoute)


@router.get(
    "/me/export",
    summary="Everything that is stored about you",
    response_model=ExportRead,
    response_description="All of it, as a file.",
    responses={
        **errors(Unauthenticated),
        200: {
            "headers": {
                "Content-Disposition": {
                    "schema": {"type": "string"},
                    "example": 'attachment; filename="doable-export.json"',
                }
            }
        },
    },
)
async def export_current_user(request: Request, gate: CurrentGate, credential: CurrentCredential) -> Response:
    """One JSON document with everything except the parts of which a credential could be made.

    It is sent as it is read, and is not one snapshot: a thing that changes meanwhile is in it as it was or as it is. Ask
    `/changes` since its `revision` for the rest. If it cannot be sent to its end, the connection is cut.
    """
    export = ExportRepository(request.app.state.database, credential.user_id)
    user = await export.user()
    return Download(write(export, user, partial(gate.check, credential)), "doable-export.json")
