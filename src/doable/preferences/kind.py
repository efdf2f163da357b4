"""The registration of preferences: in the feed and the export as a kind is, though a user has them once."""

from typing import Final

from pydantic import Field

from doable.owned.kind import Followed
from doable.preferences.repository import PreferencesRepository
from doable.preferences.schemas import PreferencesRead
from doable.tasks.preferred import preferences

PREFERENCES: Final = Followed(
    repository=PreferencesRepository,
    read=PreferencesRead,
    scopes=("tasks:read", "tasks:write"),
    exported={
        "inbox_properties": (
            preferences.c.inbox_properties,
            (
                str | None,
                Field(
                    description="What CalDAV clients have set of the inbox: JSON in text.",
                    examples=['{"displayname":"Inbox"}'],
                ),
            ),
        )
    },
)
