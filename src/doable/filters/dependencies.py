"""The current user's filters."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.filters.repository import FilterRepository


async def filter_repository(request: Request, owner_id: CurrentOwnerId) -> FilterRepository:
    """A repository made for one owner, which cannot reach anybody else's filters."""
    return FilterRepository(request.app.state.database, owner_id, request.app.state.limits)


Filters = Annotated[FilterRepository, Depends(filter_repository)]
FilterId = Annotated[
    UUID, Path(description="The filter's id, a UUID.", examples=["c2a1f5d8-7b5e-4a0c-8d6e-2f1b0a9c8e7d"])
]
