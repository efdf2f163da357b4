"""The current user's lists."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.lists.repository import ListRepository


async def list_repository(request: Request, owner_id: CurrentOwnerId) -> ListRepository:
    """A repository made for one owner, which cannot reach anybody else's lists."""
    return ListRepository(request.app.state.database, owner_id, request.app.state.limits)


Lists = Annotated[ListRepository, Depends(list_repository)]
ListId = Annotated[UUID, Path(description="The list's id, a UUID.", examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"])]
