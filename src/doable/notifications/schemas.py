"""Notifications as they go over the wire."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from doable.http.schemas import MAX_INTEGER, Input, InstantText, Output, Whole
from doable.owned.schemas import FollowedRead, IdText, Revision, UpdatedAt, UserId


class NotificationPatch(Input):
    """A JSON merge patch (RFC 7396)."""

    is_seen: bool = Field(default_factory=bool, examples=[True])


class NotificationsSeen(Input):
    """Up to where they were seen."""

    up_to: Annotated[int, Whole] = Field(
        ge=0,
        le=MAX_INTEGER,
        description="A revision: that of the newest notification which is shown, or of the feed.",
        examples=[12],
    )


class NotificationRead(FollowedRead):
    """Something that the user was to be told, and when."""

    version: ClassVar = 1

    id: IdText = Field(examples=["5e1d2f3a-6b7c-4d8e-9f0a-1b2c3d4e5f60"])
    kind: Literal["reminder"] = Field(description="Of what.", examples=["reminder"])
    task_id: IdText = Field(
        description="The task, which may be gone since.", examples=["0f8fad5b-d9cb-469f-a165-70867728950e"]
    )
    reminder_id: IdText = Field(examples=["1b4e28ba-2fa1-4d2e-883f-0016d3cca427"])
    remind_at: InstantText = Field(description="When the reminder was to come.")
    is_seen: bool = Field(examples=[False])
    user_id: UserId
    created_at: InstantText = Field(description="When it came.")
    updated_at: UpdatedAt
    revision: Revision = Field(examples=[12])


class NotificationsRead(Output):
    """Some of the notifications, the newest first."""

    notifications: list[NotificationRead]
    next_cursor: str | None = Field(description="The `cursor` of the next page; null at the end.", examples=["12"])


class SeenRead(Output):
    """How many were not seen before."""

    seen: int = Field(examples=[3])
