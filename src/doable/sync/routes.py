"""Changes over HTTP: in pages, or live."""

import re
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.dependencies import CurrentCredential, OwnedRoute
from doable.errors import Invalid, ResyncRequired, TooManyStreams
from doable.http.documentation import read_errors
from doable.http.event_stream import EventStream
from doable.http.notes import Header, Query
from doable.http.requests import Routes
from doable.http.responses import json_response
from doable.http.schemas import MAX_INTEGER, header
from doable.sync.dependencies import OwnChanges
from doable.sync.events import Position
from doable.sync.followers import Followers
from doable.sync.schemas import CHANGES_READ, ChangesRead

router = Routes(prefix="/api/{user_id}", tags=["sync"], route_class=OwnedRoute)

MAX_LIMIT: Final = 500

Since = Annotated[
    int,
    Query(ge=0, le=MAX_INTEGER, description="The revision that you know already; 0 is for the whole account."),
]
Start = Annotated[
    int,
    Query(
        ge=0,
        le=MAX_INTEGER,
        description="For the further pages of a reading from 0; the `Link` header of each page has it.",
    ),
]
_EVENT_ID: Final = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:-[1-9][0-9]{0,14})?")
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="The `id` of the last event that you got. It overrides `since`.",
    ),
    header(f"^{_EVENT_ID.pattern}$", "7"),
]
LINK: Final[dict[str, Any]] = {
    "Link": {
        "schema": {"type": "string"},
        "description": "There if `has_more`: the address of the next page (RFC 8288).",
        "example": '</api/me/changes?since=500&limit=500&start=7000>; rel="next"',
    }
}

EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "pattern": f"^{_EVENT_ID.pattern}$"},
        "event": {"const": "change"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"oneOf": [{"$ref": f"#/components/schemas/{each.__name__}"} for each in CHANGES_READ]},
        },
    },
}


@router.get(
    "/changes",
    summary="What has changed",
    response_model=ChangesRead,
    response_description="What has changed, the oldest first.",
    responses={**read_errors(ResyncRequired), 200: {"headers": LINK}},
)
async def list_changes(
    request: Request,
    changes: OwnChanges,
    since: Since = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many to answer at most.")] = MAX_LIMIT,
    start: Start = 0,
) -> Response:
    """Everything that changed since a revision, each thing once and in its newest state.

    410 `resync_required` if the changes are no longer known: then read everything again, from 0.
    """
    found = await changes.since(since, limit=limit, start=start)
    response = json_response({"changes": found.rows, "revision": found.revision, "has_more": found.has_more})
    if found.has_more:
        query: dict[str, Any] = {"since": found.revision, "limit": limit}
        if kinds := request.query_params.get("kinds"):
            query["kinds"] = kinds
        if start := found.start_after(found.revision):
            query["start"] = start
        next_page = request.app.state.link(f"/api/{request.path_params['user_id']}/changes?{urlencode(query)}")
        response.headers["Link"] = f'<{next_page}>; rel="next"'
    return response


@router.get(
    "/events",
    summary="Follow what changes",
    response_class=Response,
    response_description="Server-sent events `change`; `id` is how far you are, `data` is a change.",
    responses={
        **read_errors(ResyncRequired, TooManyStreams),
        200: {"content": {"text/event-stream": {"schema": EVENT}}},
    },
)
async def follow_changes(
    request: Request,
    credential: CurrentCredential,
    changes: OwnChanges,
    since: Since = 0,
    last_event_id: LastEventId = None,
) -> Response:
    """Everything that you missed, and then each change within 200 ms.

    Comments keep the connection alive. The stream ends with the token; connect again with a new one and `Last-Event-ID`.
    A user may have 20 of them in one worker process; another one is 429 `too_many_streams`.
    """
    if last_event_id is None:
        position = Position(since)
    elif _EVENT_ID.fullmatch(last_event_id):
        position = Position.of(last_event_id)
    else:
        raise Invalid("This must be the id of an event", where=("header", "Last-Event-ID"))
    followers: Followers = request.app.state.followers
    follower = followers.admit(credential, changes, position)  # before it reads: one too many is to cost nothing
    try:
        first = await follower.first()
    except BaseException:
        follower.end()
        raise
    return EventStream(follower, first)
