"""The current user's notifications."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints, WithJsonSchema
from starlette.requests import Request

from doable.accounts.dependencies import CurrentOwnerId
from doable.http.notes import Depends, Path, Query
from doable.notifications.repository import NotificationRepository

CURSOR = r"^[1-9][0-9]{0,14}$"


async def notification_repository(request: Request, owner_id: CurrentOwnerId) -> NotificationRepository:
    """A repository made for one owner, which cannot reach anybody else's notifications."""
    return NotificationRepository(request.app.state.database, owner_id)


Notifications = Annotated[NotificationRepository, Depends(notification_repository)]
NotificationId = Annotated[
    UUID, Path(description="The notification's id, a UUID.", examples=["5e1d2f3a-6b7c-4d8e-9f0a-1b2c3d4e5f60"])
]
Seen = Annotated[
    bool | None,
    Query(description="Only those that were seen, or only those that were not."),
    WithJsonSchema({"type": "boolean"}),
]
Cursor = Annotated[
    Annotated[str, StringConstraints(pattern=CURSOR)] | None,
    Query(description="The `next_cursor` of a page: begin after it."),
    WithJsonSchema({"type": "string", "pattern": CURSOR}),
]
