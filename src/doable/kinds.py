"""Every kind of thing that an owner has. The feed, batches, exports and their tests are made from this list."""

from typing import Any, Final

from doable.filters.kind import FILTER
from doable.lists.kind import LIST
from doable.notifications.kind import NOTIFICATION
from doable.owned.kind import Followed, Kind
from doable.owned.repository import OwnedRepository
from doable.preferences.kind import PREFERENCES
from doable.sections.kind import SECTION
from doable.tags.kind import TAG
from doable.tasks.kind import TASK
from doable.tasks.object_repository import ObjectRepository

KINDS: Final[tuple[Kind, ...]] = (TASK, LIST, SECTION, TAG, FILTER)
"""A client of the first contract knows only the first."""

REPOSITORIES: Final[tuple[type[OwnedRepository[Any]], ...]] = (*(kind.repository for kind in KINDS), ObjectRepository)
"""Of all that an owner has many of and that counts: also what is in the feed, in batches and in the API's documentation not."""

FOLLOWED: Final[tuple[Followed, ...]] = (*KINDS, PREFERENCES, NOTIFICATION)
"""What the feed and the export tell: everything that is in an owner's revisions."""
