"""The calendar over HTTP: its address, for whoever is logged in, and what is at it, for calendar programs."""

from datetime import timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from doable import clock
from doable.accounts.dependencies import BearerRoute, CurrentCredential, CurrentGate, CurrentOwnerId
from doable.calendar import tokens
from doable.calendar.document import write
from doable.calendar.repository import due_tasks
from doable.calendar.schemas import CalendarRead
from doable.errors import Forbidden, StorageFull, Unauthenticated
from doable.http.documentation import errors
from doable.http.notes import Path
from doable.http.preconditions import IfNoneMatch, is_unchanged
from doable.http.requests import Routes
from doable.http.responses import credentials_response
from doable.tasks.preferred import DEFAULTS

router = Routes(prefix="/api/{user_id}/calendar-token", tags=["calendar"], route_class=BearerRoute)
# Not in the OpenAPI document: nothing that speaks the API asks for it.
public = Routes(is_documented=False)

ADDRESS: Final = "/calendar/{file}"
ENDING: Final = ".ics"
VERSION: Final = 1
"""Of what is made of tasks."""
SINCE: Final = timedelta(days=366)
"""How long overdue tasks are shown."""


@router.post(
    "",
    summary="Make your calendar's address",
    status_code=201,
    response_model=CalendarRead,
    response_description="The new address. It is shown this once.",
    responses=errors(Unauthenticated, Forbidden, StorageFull),
)
async def create_calendar_token(request: Request, owner_id: CurrentOwnerId, credential: CurrentCredential) -> Response:
    """Make an address at which calendar programs find your due dates. The one before is good no longer.

    API tokens cannot: whoever has the address reads your tasks without logging in.
    """
    state = request.app.state
    token = await state.database.write(tokens.replace(credential), owner_id=owner_id)
    path = ADDRESS.replace("{file}", f"{token.text}{ENDING}")
    return credentials_response(CalendarRead(url=state.link(path, whole=True)), 201)


@router.delete(
    "",
    summary="Delete your calendar's address",
    status_code=204,
    response_description="There is no calendar any longer.",
    responses=errors(Unauthenticated, Forbidden, StorageFull),
)
async def delete_calendar_token(request: Request, owner_id: CurrentOwnerId) -> Response:
    """Delete it: whoever asks there is told that there is nothing, from now on."""
    await request.app.state.database.write(tokens.remove(owner_id), owner_id=owner_id)
    return Response(status_code=204)


@public.get(ADDRESS)
async def read_calendar(
    request: Request, file: Annotated[str, Path()], gate: CurrentGate, if_none_match: IfNoneMatch = None
) -> Response:
    """The due dates, for whoever has the address."""
    state = request.app.state
    owner = await tokens.find(state.database, file.removesuffix(ENDING) if file.endswith(ENDING) else "")
    await gate.count(owner["owner_id"], request.scope)
    zone = clock.known_zone(owner["timezone"] or DEFAULTS["timezone"])
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    # With the day, from which on later dates are shown. A zone is of the preferences, and so in the revision.
    etag = f'"{owner["revision"]}.{VERSION}{today.toordinal()}"'
    if is_unchanged(etag, if_none_match):
        return Response(status_code=304, headers={"ETag": etag})
    async with state.calendars.turn():
        found = await due_tasks(state.database, owner["owner_id"], today - SINCE, zone, total=owner["tasks"])
        body = await write(request.app.document.title, found, today, zone)
    headers = {"ETag": etag, "Content-Disposition": 'inline; filename="doable.ics"'}
    return Response(body, headers=headers, media_type="text/calendar")
