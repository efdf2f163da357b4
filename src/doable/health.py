"""Whether the process lives, and whether it can serve."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from doable.database import Database
from doable.errors import Misconfigured, Unavailable
from doable.http.documentation import errors
from doable.http.requests import Routes
from doable.http.responses import json_response
from doable.http.schemas import Output

router = Routes(tags=["health"])


class HealthRead(Output):
    """All is well."""

    status: Literal["ok"] = "ok"


@router.get("/health", operation_id="health", summary="Liveness", response_model=HealthRead, responses=errors())
@router.get("/livez", operation_id="livez", summary="Liveness", response_model=HealthRead, responses=errors())
async def live() -> Response:
    """Answers as long as the process lives. It touches nothing, so a slow database never gets the process restarted."""
    return json_response(HealthRead())


@router.get("/readyz", operation_id="readyz", summary="Readiness", response_model=HealthRead, responses=errors())
async def ready(request: Request) -> Response:
    """Whether the database answers and has a schema that this version can serve with; 503 if it does not.

    Also 503 once the process is told that it will be stopped, so that a proxy sends it nothing more.
    """
    database: Database = request.app.state.database
    try:
        schema = await database.schema()
    except Misconfigured as error:
        raise Unavailable from error
    if schema is None or not schema.is_usable or request.app.is_leaving:
        raise Unavailable
    return json_response(HealthRead())
