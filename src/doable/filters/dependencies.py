"""The current user's filters."""

from typing import Annotated
from uuid import UUID

from doable.accounts.dependencies import repository_of
from doable.filters.repository import FilterRepository
from doable.http.notes import Depends, Path

Filters = Annotated[FilterRepository, Depends(repository_of(FilterRepository))]
FilterId = Annotated[
    UUID, Path(description="The filter's id, a UUID.", examples=["c2a1f5d8-7b5e-4a0c-8d6e-2f1b0a9c8e7d"])
]
