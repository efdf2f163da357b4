"""Notifications over HTTP."""

from fastapi import APIRouter
from starlette.responses import Response

from doable.accounts.dependencies import OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.database import Transaction
from doable.errors import NotificationNotFound, TooManyRows
from doable.http.documentation import CHANGED, WRITTEN, read_errors, write_errors
from doable.http.pagination import Limit
from doable.http.preconditions import IfMatch, expected_revisions
from doable.http.responses import json_response
from doable.http.schemas import MAX_INTEGER
from doable.notifications.dependencies import Cursor, NotificationId, Notifications, Seen
from doable.notifications.kind import NOTIFICATION
from doable.notifications.schemas import (
    NotificationPatch,
    NotificationRead,
    NotificationsRead,
    NotificationsSeen,
    SeenRead,
)
from doable.owned.answers import answer

router = APIRouter(prefix="/api/{user_id}/notifications", tags=["notifications"], route_class=OwnedRoute)


@router.get(
    "",
    summary="List notifications",
    response_model=NotificationsRead,
    response_description="Some of the notifications.",
    responses=read_errors(),
)
async def list_notifications(
    notifications: Notifications, *, seen: Seen = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Your notifications of the last 30 days, the newest first."""
    before = MAX_INTEGER if cursor is None else int(cursor)
    rows = await notifications.page(seen=seen, limit=limit + 1, before=before)
    sequences = [row.pop("sequence") for row in rows]
    next_cursor = str(sequences[limit - 1]) if len(rows) > limit else None
    return json_response({"notifications": rows[:limit], "next_cursor": next_cursor})


@router.patch(
    "/{notification_id}",
    summary="Mark a notification as seen",
    response_model=NotificationRead,
    response_description="The notification as it is now.",
    responses={**write_errors(NotificationNotFound, current=[NotificationRead]), 200: {"headers": CHANGED}},
)
async def patch_notification(
    notifications: Notifications,
    write: CurrentWrites,
    notification_id: NotificationId,
    body: NotificationPatch,
    if_match: IfMatch = None,
) -> Response:
    """Mark it as seen, or as not seen (JSON merge patch, RFC 7396)."""
    changes = body.model_dump(exclude_unset=True)
    changed = notifications.change(str(notification_id), changes, expected=expected_revisions(if_match))
    return to_response(await write(changed, NOTIFICATION.changed))


@router.post(
    "/seen",
    summary="Mark notifications as seen",
    response_model=SeenRead,
    response_description="How many were not seen before.",
    responses={**write_errors(), 200: {"headers": WRITTEN}},
)
async def see_notifications(notifications: Notifications, write: CurrentWrites, body: NotificationsSeen) -> Response:
    """Mark all as seen whose revision is not above this one. They are in the feed again, each with a new revision."""
    seen: set[str] = set()
    part = notifications.see(body.up_to, seen)

    async def last(tx: Transaction) -> dict[str, int]:
        if await part(tx):
            raise TooManyRows
        return {"seen": len(seen)}

    return to_response(await write.in_parts(last, part, answer))
