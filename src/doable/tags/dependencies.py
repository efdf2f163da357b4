"""The current user's tags."""

from typing import Annotated
from uuid import UUID

from doable.accounts.dependencies import repository_of
from doable.http.notes import Depends, Path
from doable.tags.repository import TagRepository

Tags = Annotated[TagRepository, Depends(repository_of(TagRepository))]
TagId = Annotated[UUID, Path(description="The tag's id, a UUID.", examples=["5b6f1d0e-3f0a-4c38-9a52-64c3f5f0a7d1"])]
