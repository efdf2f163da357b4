"""The registration of notifications: in the feed and the export as a kind is, though none can be made over HTTP."""

from typing import Final

from pydantic import Field

from doable.http.schemas import Instant
from doable.notifications.repository import NotificationRepository
from doable.notifications.schemas import NotificationRead
from doable.notifications.tables import notifications
from doable.owned.kind import Followed

NOTIFICATION: Final = Followed(
    repository=NotificationRepository,
    read=NotificationRead,
    scopes=("tasks:read", "tasks:write"),
    exported={"seen_at": (notifications.c.seen_at, (Instant | None, Field(description="When it was marked as seen.")))},
)
