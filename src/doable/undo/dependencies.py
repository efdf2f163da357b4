"""The current user's undos."""

from typing import Annotated
from uuid import UUID

from starlette.requests import Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.http.notes import Depends, Path
from doable.undo.repository import UndoRepository


async def undo_repository(request: Request, owner_id: CurrentOwnerId) -> UndoRepository:
    """A repository made for one owner, which cannot undo anybody else's writes."""
    return UndoRepository(request.app.state.database, owner_id, request.app.state.limits)


Undos = Annotated[UndoRepository, Depends(undo_repository)]
UndoToken = Annotated[
    UUID,
    Path(description="The `Undo-Token` of the write's answer.", examples=["2f1d4a52-9b7d-4a6e-8d1c-6a1f7f3f9c55"]),
]
