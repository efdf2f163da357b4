"""Notifications over HTTP, and the address in a mail for whoever wants no more of its kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Annotated

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from doable.accounts.dependencies import CurrentGate, OwnedRoute
from doable.accounts.routes.dependencies import FromWhere, Throttling
from doable.accounts.writes import CurrentWrites, to_response
from doable.database import Transaction
from doable.errors import Invalid, NotificationNotFound, TooManyRows, Unauthenticated, UnsubscribingNotFound
from doable.http.documentation import CHANGED, WRITTEN, read_errors, write_errors
from doable.http.notes import Path
from doable.http.pagination import Limit
from doable.http.plain_pages import plain_page
from doable.http.preconditions import IfMatch, expected_revisions
from doable.http.requests import JSONRoute, Routes
from doable.http.responses import json_response
from doable.http.schemas import MAX_INTEGER
from doable.notifications.dependencies import Cursor, NotificationId, Notifications, Seen
from doable.notifications.kind import NOTIFICATION
from doable.notifications.phrases import Mailed, Phrases, phrases_of
from doable.notifications.schemas import (
    NotificationPatch,
    NotificationRead,
    NotificationsRead,
    NotificationsSeen,
    SeenRead,
)
from doable.notifications.unsubscribing import FIELD, PATH, is_one_click
from doable.owned.answers import answer
from doable.preferences.repository import PreferencesRepository


class OneClickRoute(JSONRoute):
    """A route for a form with one field."""

    max_body_bytes = 4 * 1024


# Not in the OpenAPI document: they are for mail programs and people, who have the address from a mail.
public = Routes(is_documented=False, route_class=OneClickRoute)
router = Routes(prefix="/api/{user_id}/notifications", tags=["notifications"], route_class=OwnedRoute)


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


@public.get(PATH)
async def unsubscribing_page(
    request: Request, throttle: Throttling, origin: FromWhere, gate: CurrentGate, token: Annotated[str, Path()]
) -> HTMLResponse:
    """The page with a button: some mail programs open every link to look at it, so opening it changes nothing."""
    name, value = FIELD
    async with throttle.token(origin, wrong=UnsubscribingNotFound):
        unwanted = request.app.state.unsubscribe_tokens.read(token)
        await gate.count(unwanted.owner_id, request.scope)
        preferences = PreferencesRepository(request.app.state.database, unwanted.owner_id)
        with _there_is_a_user():
            phrases = phrases_of((await preferences.get())["language"])
    stop = escape(phrases.endings[unwanted.mailed].stop)
    form = f'<form method="post"><input type="hidden" name="{name}" value="{value}"><button>{stop}</button></form>\n'
    return _page(request, unwanted.mailed, phrases, form)


@public.post(PATH)
async def unsubscribe(
    request: Request, throttle: Throttling, origin: FromWhere, gate: CurrentGate, token: Annotated[str, Path()]
) -> HTMLResponse:
    """What the page's button does, and a mail program at one click (RFC 8058)."""
    state = request.app.state
    async with throttle.token(origin, wrong=UnsubscribingNotFound):
        owner_id, mailed = state.unsubscribe_tokens.read(token)
        await gate.count(owner_id, request.scope)
        if not is_one_click(request.headers.get("content-type", ""), await request.body()):
            raise Invalid("must be One-Click, in a form", where=("body", FIELD[0]))
        work = PreferencesRepository(state.database, owner_id).unsubscribe(mailed)
        with _there_is_a_user():
            phrases = phrases_of(await state.database.write(work, owner_id=owner_id))
    stopped = escape(phrases.endings[mailed].stopped)
    return _page(request, mailed, phrases, f'<p role="status">{stopped}</p>\n')


@contextmanager
def _there_is_a_user() -> Iterator[None]:
    try:
        yield
    except Unauthenticated:
        raise UnsubscribingNotFound from None


def _page(request: Request, mailed: Mailed, phrases: Phrases, main: str) -> HTMLResponse:
    title = request.app.document.title
    return plain_page(title, phrases.endings[mailed].name, main, language=phrases.code)
