"""Tasks over HTTP."""

from fastapi import APIRouter
from starlette.responses import Response

from doable.accounts.dependencies import BearerRoute
from doable.errors import Forbidden, Invalid, TaskNotFound, Unauthenticated
from doable.http.documentation import errors
from doable.http.pagination import Limit, Offset
from doable.http.responses import json_response
from doable.tasks.dependencies import TaskId, Tasks
from doable.tasks.schemas import TaskComplete, TaskCreate, TaskPageRead, TaskRead, TaskUpdate

router = APIRouter(prefix="/api/{user_id}/tasks", tags=["tasks"], route_class=BearerRoute)

# What can be done next with the task that was just created (OpenAPI 3.1, section 4.8.20).
LINKS = {
    operation: {
        "operationId": operation,
        "parameters": {"user_id": "$request.path.user_id", "task_id": "$response.body#/id"},
    }
    for operation in ("get_task", "update_task", "complete_task", "delete_task")
}


@router.post(
    "",
    summary="Create a task",
    status_code=201,
    response_model=TaskRead,
    response_description="The new task.",
    responses={**errors(Unauthenticated, Forbidden, body=True), 201: {"links": LINKS}},
)
async def create_task(tasks: Tasks, body: TaskCreate) -> Response:
    """Add a task to the front of your list."""
    row = await tasks.add(title=body.title, description=body.description)
    return json_response(TaskRead.model_validate(row), 201)


@router.get(
    "",
    summary="List tasks",
    response_model=TaskPageRead,
    response_description="Some of the tasks and the number of all.",
    responses=errors(Unauthenticated, Forbidden, Invalid),
)
async def list_tasks(tasks: Tasks, limit: Limit = 50, offset: Offset = 0) -> Response:
    """Your tasks, newest first. An offset past the end gives an empty list and the true total."""
    rows, total = await tasks.page(limit=limit, offset=offset)
    read = [TaskRead.model_validate(row) for row in rows]
    return json_response(TaskPageRead(tasks=read, total=total, limit=limit, offset=offset))


@router.get(
    "/{task_id}",
    summary="Read a task",
    response_model=TaskRead,
    response_description="The task.",
    responses=errors(Unauthenticated, Forbidden, TaskNotFound, Invalid),
)
async def get_task(tasks: Tasks, task_id: TaskId) -> Response:
    """One of your tasks."""
    return json_response(TaskRead.model_validate(await tasks.get(str(task_id))))


@router.put(
    "/{task_id}",
    summary="Update a task",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses=errors(Unauthenticated, Forbidden, TaskNotFound, body=True),
)
async def update_task(tasks: Tasks, task_id: TaskId, body: TaskUpdate) -> Response:
    """Change title or description or both. What is absent stays; `null` clears the description."""
    row = await tasks.update(str(task_id), body.model_dump(exclude_unset=True))
    return json_response(TaskRead.model_validate(row))


@router.patch(
    "/{task_id}/complete",
    summary="Complete or reopen a task",
    response_model=TaskRead,
    response_description="The task as it is now.",
    responses=errors(Unauthenticated, Forbidden, TaskNotFound, body=True),
)
async def complete_task(tasks: Tasks, task_id: TaskId, body: TaskComplete | None = None) -> Response:
    """Set whether the task is complete; with no body, toggle it. Completing a complete task keeps `completed_at`."""
    row = await tasks.complete(str(task_id), state=body.state if body else None)
    return json_response(TaskRead.model_validate(row))


@router.delete(
    "/{task_id}",
    summary="Delete a task",
    status_code=204,
    response_class=Response,
    response_description="It is gone.",
    responses=errors(Unauthenticated, Forbidden, TaskNotFound, Invalid),
)
async def delete_task(tasks: Tasks, task_id: TaskId) -> Response:
    """Delete a task for good. Deleting it again is 404."""
    await tasks.remove(str(task_id))
    return Response(status_code=204)
