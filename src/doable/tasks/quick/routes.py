"""Quick add over HTTP."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from doable.accounts.dependencies import OwnedRoute
from doable.accounts.writes import CurrentWrites, to_response
from doable.errors import TooMany
from doable.http.documentation import ETAG, LOCATION, WRITTEN, write_errors
from doable.http.requests import Routes
from doable.http.responses import json_response
from doable.owned.answers import Answer
from doable.tasks.dependencies import Tasks
from doable.tasks.kind import TASK
from doable.tasks.quick.adding import Added, add, preview
from doable.tasks.quick.schemas import QuickTask, QuickTaskPreviewRead, QuickTaskRead
from doable.tasks.quick.understanding import Understood

router = Routes(prefix="/api/{user_id}/tasks", tags=["tasks"], route_class=OwnedRoute)


@router.post(
    "/quick",
    summary="Create a task from a line of text",
    status_code=201,
    response_model=QuickTaskRead,
    response_description="The new task, and what was understood.",
    responses={
        **write_errors(TooMany),
        200: {"model": QuickTaskPreviewRead, "description": "What would be made, with `preview`."},
        201: {"headers": {**ETAG, **LOCATION, **WRITTEN}},
    },
)
async def quick_add_task(request: Request, tasks: Tasks, write: CurrentWrites, body: QuickTask) -> Response:
    """Understand a line as people write it, `Pay rent tomorrow 9am #home !high`, and make the task that it is.

    What is not understood stays in the title. With `preview` nothing is written, and the answer is not kept for a key.
    """
    if body.preview:
        new, understood = await request.app.state.database.read(preview(tasks.owner_id, body))
        return json_response(_sent(new, understood))
    return to_response(await write(add(tasks, body), _made))


def _made(added: Added) -> Answer:
    task, understood = added
    return replace(TASK.made(task), body=to_json(_sent(task, understood)))


def _sent(task: Mapping[str, Any], understood: Understood) -> dict[str, Any]:
    return {"task": task, "understood": [piece._asdict() for piece in understood.pieces]}
