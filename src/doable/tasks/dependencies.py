"""The current user's tasks."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from doable.accounts.dependencies import BearerRoute, CurrentOwnerId
from doable.tasks.repository import TaskRepository


class TasksRoute(BearerRoute):
    """A route about tasks, for API tokens as well.

    What a write answers is the task that it has written, which a token that only writes may see.
    """

    scopes_to_read = ("tasks:read",)
    scopes_to_write = ("tasks:write",)


async def task_repository(request: Request, owner_id: CurrentOwnerId) -> TaskRepository:
    """A repository made for one owner, which cannot reach anybody else's tasks."""
    return TaskRepository(request.app.state.database, owner_id)


Tasks = Annotated[TaskRepository, Depends(task_repository)]
TaskId = Annotated[UUID, Path(description="The task's id, a UUID.", examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])]
