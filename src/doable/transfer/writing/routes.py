"""The export over HTTP."""

from functools import partial
from typing import Annotated, Any, Final, Literal, cast

from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.dependencies import BearerRoute, CurrentCredential, CurrentGate
from doable.accounts.gate.credentials import Scope
from doable.errors import Unauthenticated
from doable.export.schemas import ExportRead
from doable.http.documentation import errors
from doable.http.downloads import Download
from doable.http.notes import Query
from doable.http.requests import Routes
from doable.kinds import FOLLOWED
from doable.transfer.writing.document import file_of


class ExportRoute(BearerRoute):
    """A route that takes API tokens with the scopes of everything in an export."""

    scopes_to_read = cast("tuple[Scope, ...]", ("account", *dict.fromkeys(kind.scopes[0] for kind in FOLLOWED)))


_OTHERS: Final[dict[str, Any]] = {
    media_type: {"schema": {"type": "string"}}
    for media_type in ("text/csv", "text/calendar", "text/plain", "text/markdown")
}

router = Routes(prefix="/api/auth", tags=["accounts"], route_class=ExportRoute)


@router.get(
    "/me/export",
    summary="Everything that is stored about you",
    response_model=ExportRead,
    response_description="All of it, as a file.",
    responses={
        **errors(Unauthenticated),
        200: {
            "content": _OTHERS,
            "headers": {
                "Content-Disposition": {
                    "schema": {"type": "string"},
                    "example": 'attachment; filename="doable-export.json"',
                }
            },
        },
    },
)
async def export_current_user(
    request: Request,
    gate: CurrentGate,
    credential: CurrentCredential,
    *,
    format: Annotated[  # noqa: A002 - its name in the address
        Literal["json", "csv", "ics", "todotxt", "markdown"],
        Query(description="`json` has everything; the others have lists and tasks, as other programs read them."),
    ] = "json",
) -> Response:
    """One JSON document with everything except the parts of which a credential could be made.

    It is sent as it is read, and is not one snapshot: a thing that changes meanwhile is in it as it was or as it is. Ask
    `/changes` since its `revision` for the rest. If it cannot be sent to its end, the connection is cut. The other formats
    are for other programs, and have what these have a place for.
    """
    database = request.app.state.database
    file = await file_of(database, credential.user_id, format, partial(gate.check, credential))
    return Download(file.pieces, file.filename, file.media_type)
