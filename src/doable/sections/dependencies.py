"""The current user's sections."""

from typing import Annotated
from uuid import UUID

from doable.accounts.dependencies import repository_of
from doable.http.notes import Depends, Path
from doable.sections.repository import SectionRepository

Sections = Annotated[SectionRepository, Depends(repository_of(SectionRepository))]
SectionId = Annotated[
    UUID, Path(description="The section's id, a UUID.", examples=["3f2504e0-4f89-41d3-9a0c-0305e82c3301"])
]
