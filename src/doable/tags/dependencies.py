"""The current user's tags."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.tags.repository import TagRepository


async def tag_repository(request: Request, owner_id: CurrentOwnerId) -> TagRepository:
    """A repository made for one owner, which cannot reach anybody else's tags."""
    return TagRepository(request.app.state.database, owner_id, request.app.state.limits)


Tags = Annotated[TagRepository, Depends(tag_repository)]
TagId = Annotated[UUID, Path(description="The tag's id, a UUID.", examples=["5b6f1d0e-3f0a-4c38-9a52-64c3f5f0a7d1"])]
