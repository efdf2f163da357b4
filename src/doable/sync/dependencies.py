"""The current user's feed."""

from typing import Annotated

from fastapi import Depends, Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.sync.repository import ChangeRepository


async def change_repository(request: Request, owner_id: CurrentOwnerId) -> ChangeRepository:
    """A repository made for one owner, which cannot reach anybody else's changes."""
    return ChangeRepository(request.app.state.database, owner_id)


OwnChanges = Annotated[ChangeRepository, Depends(change_repository)]
