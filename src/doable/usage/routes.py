"""Usage over HTTP."""

from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.dependencies import CurrentCredential, OwnedRoute
from doable.errors import Unauthenticated
from doable.http.documentation import errors
from doable.http.requests import Routes
from doable.http.responses import json_response
from doable.usage.repository import usage_of
from doable.usage.schemas import FEW, UsageRead

router = Routes(prefix="/api/auth", tags=["accounts"], route_class=OwnedRoute)


@router.get(
    "/me/usage",
    summary="How much you have",
    response_model=UsageRead,
    response_description="How much you have, and may have.",
    responses=errors(Unauthenticated),
)
async def get_usage(request: Request, credential: CurrentCredential) -> Response:
    """How much you have of what is limited. Beyond a limit, a write that would add something is 409 `too_many`."""
    state = request.app.state
    limits = {
        "tasks": state.limits.tasks,
        **FEW,
        "stored_bytes": state.limits.stored_bytes,
        "kept_bytes": state.max_kept_bytes,
    }
    return json_response({**await usage_of(state.database, credential.user_id), "limits": limits})
