"""The current user's sections."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.sections.repository import SectionRepository


async def section_repository(request: Request, owner_id: CurrentOwnerId) -> SectionRepository:
    """A repository made for one owner, which cannot reach anybody else's sections."""
    return SectionRepository(request.app.state.database, owner_id, request.app.state.limits)


Sections = Annotated[SectionRepository, Depends(section_repository)]
SectionId = Annotated[
    UUID, Path(description="The section's id, a UUID.", examples=["3f2504e0-4f89-41d3-9a0c-0305e82c3301"])
]
