"""Push subscriptions over HTTP.

They take a log-in: an API token that may only write must not have titles sent to it.
"""

from typing import Annotated
from uuid import UUID

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.dependencies import BearerRoute, CurrentCredential, CurrentOwnerId
from doable.accounts.writes import CurrentWrites, to_response
from doable.database import Row
from doable.errors import Forbidden, PushHostRefused, SubscriptionNotFound, TooMany, Unauthenticated
from doable.http.documentation import WRITTEN, errors, write_errors
from doable.http.notes import Depends, Path
from doable.http.requests import Routes
from doable.http.responses import json_response
from doable.owned.answers import Answer, gone
from doable.push.push import Push
from doable.push.schemas import PushRead, PushSubscriptionCreate, PushSubscriptionRead, PushSubscriptionsRead
from doable.push.sealing import Subscription

router = Routes(prefix="/api/{user_id}/push", tags=["push"], route_class=BearerRoute)


def _push(request: Request) -> Push:
    push: Push = request.app.state.push
    return push


CurrentPush = Annotated[Push, Depends(_push)]
SubscriptionId = Annotated[
    UUID, Path(description="The subscription's id.", examples=["f7b1c0de-3c1f-4a0b-9f0e-2f5f8f9f0a11"])
]


@router.get(
    "",
    summary="Read the server's push key",
    response_model=PushRead,
    response_description="The key.",
    responses=errors(Unauthenticated, Forbidden),
)
async def get_push(push: CurrentPush, owner_id: CurrentOwnerId) -> Response:
    """With this key a browser subscribes. It changes only if the server's secret does."""
    del owner_id
    return json_response(PushRead(public_key=push.server_key))


@router.get(
    "/subscriptions",
    summary="List your push subscriptions",
    response_model=PushSubscriptionsRead,
    response_description="The subscriptions.",
    responses=errors(Unauthenticated, Forbidden),
)
async def list_push_subscriptions(push: CurrentPush, owner_id: CurrentOwnerId) -> Response:
    """The browsers that are told of your reminders."""
    rows = await push.subscriptions.all(owner_id)
    return json_response(PushSubscriptionsRead(subscriptions=[PushSubscriptionRead(**row) for row in rows]))


@router.post(
    "/subscriptions",
    summary="Subscribe a browser",
    status_code=201,
    response_model=PushSubscriptionRead,
    response_description="The new subscription.",
    responses={
        **write_errors(TooMany, PushHostRefused),
        200: {
            "model": PushSubscriptionRead,
            "description": "There is one at this endpoint, and now it has these keys.",
            "headers": WRITTEN,
        },
        201: {"headers": WRITTEN},
    },
)
async def create_push_subscription(
    push: CurrentPush, write: CurrentWrites, credential: CurrentCredential, body: PushSubscriptionCreate
) -> Response:
    """Have your reminders sent to this browser. A page that subscribes again each time it is opened loses nothing."""
    push.check(body.endpoint)
    subscription = Subscription(body.endpoint, body.keys.p256dh, body.keys.auth, push.server_key)
    write.undo_token = None  # it is none of what can be undone
    return to_response(await write(push.subscriptions.add(credential, subscription), _added))


@router.delete(
    "/subscriptions/{subscription_id}",
    summary="Unsubscribe a browser",
    status_code=204,
    response_description="Nothing is sent to it any longer.",
    responses={**write_errors(SubscriptionNotFound, body=False), 204: {"headers": WRITTEN}},
)
async def delete_push_subscription(
    push: CurrentPush, write: CurrentWrites, owner_id: CurrentOwnerId, subscription_id: SubscriptionId
) -> Response:
    """Have nothing sent to this browser any longer, as when its user logs out."""
    write.undo_token = None  # as above
    return to_response(await write(push.subscriptions.remove(owner_id, str(subscription_id)), gone))


def _added(result: tuple[Row, bool]) -> Answer:
    row, is_new = result
    return Answer(201 if is_new else 200, to_json(PushSubscriptionRead(**row)))
