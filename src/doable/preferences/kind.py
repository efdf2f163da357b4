"""The registration of preferences: in the feed and the export as a kind is, though a user has them once."""

from typing import Final

from doable.owned.kind import Followed
from doable.preferences.repository import PreferencesRepository
from doable.preferences.schemas import PreferencesRead

PREFERENCES: Final = Followed(
    repository=PreferencesRepository,
    read=PreferencesRead,
    scopes=("tasks:read", "tasks:write"),
)
