"""The current user's preferences."""

from typing import Annotated

from starlette.requests import Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.http.notes import Depends
from doable.preferences.repository import PreferencesRepository


async def preferences_repository(request: Request, owner_id: CurrentOwnerId) -> PreferencesRepository:
    """A repository made for one owner, which cannot reach anybody else's preferences."""
    return PreferencesRepository(request.app.state.database, owner_id)


Preferences = Annotated[PreferencesRepository, Depends(preferences_repository)]
