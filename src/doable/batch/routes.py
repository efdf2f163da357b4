"""Batches over HTTP."""

from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.dependencies import CurrentOwnerId, OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.batch.operations import Batch, BatchRead, is_long, perform
from doable.errors import TooMany
from doable.http.documentation import WRITTEN, write_errors
from doable.http.requests import Routes
from doable.kinds import KINDS
from doable.owned.answers import answer


class BatchRoute(OwnedRoute):
    """A route whose body holds up to 500 things."""

    max_body_bytes = 5 * 1024 * 1024


router = Routes(prefix="/api/{user_id}/tasks", tags=["tasks"], route_class=BatchRoute)


@router.post(
    "/batch",
    summary="Do many things at once",
    response_model=BatchRead,
    response_description="The result of each operation, in their order.",
    responses={
        **write_errors(
            *(error for kind in KINDS for error in (kind.repository.not_found, *kind.refusals)),
            TooMany,
            current=[kind.read for kind in KINDS],
        ),
        200: {"headers": WRITTEN},
    },
)
async def batch_tasks(request: Request, owner_id: CurrentOwnerId, write: CurrentWrites, body: Batch) -> Response:
    """Do up to 500 things in one transaction: all of them, or none if one fails.

    The error then has the `index` of the operation that failed.
    """
    state = request.app.state
    work = perform(state.database, owner_id, state.limits, body.operations)
    return to_response(await write(work, answer, long=is_long(body.operations)))
