"""Preferences as they go over the wire."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from doable.http.schemas import Input, InstantText, LocalTime, Output, Timezone
from doable.owned.schemas import FollowedRead, Name, Revision, UserId

Minute = Annotated[
    str,
    StringConstraints(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    Field(description="`HH:MM`.", examples=["22:00"]),
]
Channel = Literal["push", "email"]
StartPage = Annotated[
    Name,
    Field(description="With what a client opens, in its own word; 1 to 100 characters.", examples=["inbox"]),
]


def _each_once(channels: list[Channel]) -> list[Channel]:
    if len(set(channels)) != len(channels):
        kind, message = "repeated", "each of them once"
        raise PydanticCustomError(kind, message)
    return channels


class QuietPatch(Input):
    """The quiet hours. What is absent stays."""

    from_: Minute = Field(alias="from", default_factory=str)
    until: Minute = Field(default_factory=str, examples=["07:00"])


class PreferencesPatch(Input):
    """A JSON merge patch (RFC 7396): only the named fields change, `null` clears."""

    # Default factories, and not None, because null is neither; nothing reads them, since only fields that were set are written.
    timezone: Timezone = Field(default_factory=str)
    week_starts_on: Literal["monday", "saturday", "sunday"] = Field(
        default_factory=lambda: "monday", examples=["sunday"]
    )
    day_reminder_at: LocalTime = Field(default_factory=str)
    quiet: QuietPatch | None = Field(default=None, examples=[{"from": "22:00", "until": "07:00"}])
    reminder_channels: Annotated[list[Channel], AfterValidator(_each_once)] = Field(
        default_factory=list, examples=[[]], json_schema_extra={"uniqueItems": True}
    )
    language: Literal["en", "de"] = Field(default_factory=lambda: "en", examples=["de"])
    theme: Literal["system", "light", "dark"] = Field(default_factory=lambda: "system", examples=["dark"])
    # JSON has no UUIDs, so strictness would refuse every one.
    default_list_id: Annotated[UUID, Field(strict=False)] | None = Field(
        default=None, description="One of your lists.", examples=[None]
    )
    start_page: StartPage = Field(default_factory=str)
    digest_at: LocalTime | None = Field(
        default=None, description="When the day's digest is mailed; to a verified address only.", examples=[None]
    )


class QuietRead(Output):
    """The hours of a day without reminders; past midnight if `until` is the earlier one."""

    # `from` is a word of Python's.
    model_config = ConfigDict(serialize_by_alias=True)

    from_: str = Field(alias="from", examples=["22:00"])
    until: str = Field(examples=["07:00"])


class PreferencesRead(FollowedRead):
    """What a user prefers. Whoever has never set any has the defaults, at revision 0."""

    version: ClassVar = 1

    timezone: str = Field(description="Where the user is.", examples=["Europe/Berlin"])
    week_starts_on: Literal["monday", "saturday", "sunday"] = Field(examples=["monday"])
    day_reminder_at: str = Field(
        description="`HH:MM:SS`: when a reminder comes that is of a whole day.", examples=["09:00:00"]
    )
    quiet: QuietRead | None = Field(description="When no reminder is sent.")
    reminder_channels: list[Channel] = Field(description="How reminders are sent.", examples=[["push"]])
    language: Literal["en", "de"] = Field(examples=["en"])
    theme: Literal["system", "light", "dark"] = Field(examples=["system"])
    default_list_id: str | None = Field(
        json_schema_extra={"format": "uuid"},
        description="The list in which quick add and clients make new tasks; null for the inbox, and again when that list is deleted.",
        examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"],
    )
    start_page: str = Field(description="With what a client opens.", examples=["today"])
    digest_at: str | None = Field(description="`HH:MM:SS`: when the day's digest comes.", examples=["07:00:00"])
    user_id: UserId = Field(description="Whose they are.")
    updated_at: InstantText | None = Field(description="Moves with every change; null while none were set.")
    revision: Revision = Field(examples=[7])
