"""Every kind of thing that an owner has. The feed, batches, exports and their tests are made from this list."""

from typing import Final

from doable.lists.kind import LIST
from doable.owned.kind import Kind
from doable.tasks.kind import TASK

KINDS: Final[tuple[Kind, ...]] = (TASK, LIST)
"""A client of the first contract knows only the first."""
