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

BESIDE: Final[tuple[type[OwnedRepository[Any]], ...]] = (ObjectRepository,)
"""Of what is no kind of the API, in no feed and no batch; but it is counted, exported and can be undone."""

REPOSITORIES: Final = (*(kind.repository for kind in KINDS), *BESIDE)
"""Of all that an owner may have many of."""

FOLLOWED: Final[tuple[Followed, ...]] = (*KINDS, PREFERENCES, NOTIFICATION)
"""What the feed and the export tell: everything that is in an owner's revisions."""
