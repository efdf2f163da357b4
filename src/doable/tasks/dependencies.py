"""The current user's tasks."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.tasks.repository import TaskRepository


async def task_repository(request: Request, owner_id: CurrentOwnerId) -> TaskRepository:
    """A repository made for one owner, which cannot reach anybody else's tasks."""
    return TaskRepository(request.app.state.database, owner_id, request.app.state.limits)


Tasks = Annotated[TaskRepository, Depends(task_repository)]
TaskId = Annotated[UUID, Path(description="The task's id, a UUID.", examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])]
