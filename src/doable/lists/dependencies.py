"""The current user's lists."""

from typing import Annotated
from uuid import UUID

from doable.accounts.dependencies import repository_of
from doable.http.notes import Depends, Path
from doable.lists.repository import ListRepository

Lists = Annotated[ListRepository, Depends(repository_of(ListRepository))]
ListId = Annotated[UUID, Path(description="The list's id, a UUID.", examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"])]
