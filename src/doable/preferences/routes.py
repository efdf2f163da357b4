"""Preferences over HTTP."""

from starlette.responses import Response

from doable.accounts.dependencies import OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.errors import ChannelNotVerified
from doable.http.documentation import CHANGED, ETAG, read_errors, write_errors
from doable.http.preconditions import IfMatch, IfNoneMatch, expected_revisions, unless_unchanged
from doable.http.requests import Routes
from doable.preferences.dependencies import Preferences
from doable.preferences.kind import PREFERENCES
from doable.preferences.schemas import PreferencesPatch, PreferencesRead
from doable.tasks.following import FOLLOWED

router = Routes(prefix="/api/{user_id}/preferences", tags=["preferences"], route_class=OwnedRoute)


@router.get(
    "",
    summary="Read your preferences",
    response_model=PreferencesRead,
    response_description="The preferences.",
    responses={
        **read_errors(),
        200: {"headers": ETAG},
        304: {"description": "You have them already.", "headers": ETAG},
    },
)
async def get_preferences(preferences: Preferences, if_none_match: IfNoneMatch = None) -> Response:
    """What you prefer: the defaults, at revision 0, until you set any."""
    row = await preferences.get()
    return unless_unchanged(row, PREFERENCES.etag(row["revision"]), if_none_match)


@router.patch(
    "",
    summary="Change your preferences",
    response_model=PreferencesRead,
    response_description="The preferences as they are now.",
    responses={
        **write_errors(ChannelNotVerified, current=[PreferencesRead]),
        200: {"headers": CHANGED},
    },
)
async def patch_preferences(
    preferences: Preferences, write: CurrentWrites, body: PreferencesPatch, if_match: IfMatch = None
) -> Response:
    """Change the named fields and nothing else (JSON merge patch, RFC 7396).

    With another `timezone` or `day_reminder_at` the reminders of open tasks whose dates float come by that. If those are more than 499
    tasks, it is done in parts, the preferences last: the same request once more goes on with what is left.
    """
    changes, expected = body.model_dump(exclude_unset=True, by_alias=True), expected_revisions(if_match)
    work = preferences.change(changes, expected=expected)
    if FOLLOWED.isdisjoint(changes):
        return to_response(await write(work, PREFERENCES.changed))
    part = preferences.change_part(changes, expected=expected)
    return to_response(await write.in_parts(work, part, PREFERENCES.changed))
