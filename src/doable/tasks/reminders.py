"""The reminders of a task: as clients send them, as they are stored and sent, and when each comes. Knows no database."""

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple, Self
from zoneinfo import ZoneInfoNotFoundError

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError, from_json, to_json

from doable import clock
from doable.database.types import instant_to_text
from doable.errors import ReminderNotFound
from doable.http.schemas import Input, InstantText, Output, Reference, Whole
from doable.tasks import dates
from doable.tasks.fields import AnsweredOnly

MAX_REMINDERS: Final = 20
MAX_SNOOZE: Final = 10_080
"""Minutes: a week."""
MAX_OFFSET: Final = timedelta(days=400)

_WEEKS, _DAYS, _HOURS, _MINUTES = "[0-9]{1,2}W", "[0-9]{1,3}D", "[0-9]{1,4}H", "[0-9]{1,6}M"
_TIME: Final = f"T({_HOURS}({_MINUTES})?|{_MINUTES})"
_OFFSET: Final = f"^[+-]?P(({_WEEKS}({_DAYS})?|{_DAYS})({_TIME})?|{_TIME})$"
_PARTS: Final = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?T?(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?", re.ASCII
)
_AT: Final = (
    "^(19[7-9][0-9]|2[01][0-9]{2}|2200)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)

Reminder = Mapping[str, Any]
"""`id`, `offset`, `relative_to`, `at` and `remind_at`, as they are stored and sent."""


def _offset(text: str) -> str:
    if not re.fullmatch(_OFFSET[1:-1], text):
        kind, message = "offset_unknown", "must be a duration of weeks, days, hours and minutes, such as -PT30M or -P1D"
        raise PydanticCustomError(kind, message)
    days, minutes = _parts(text)
    if abs(timedelta(days=days, minutes=minutes)) > MAX_OFFSET:
        kind, message = "offset_too_long", "must be at most 400 days"
        raise PydanticCustomError(kind, message)
    return text


def _no_instant() -> PydanticCustomError:
    kind, message = "no_instant", "must be an instant of the years 1970 to 2200 in UTC, such as 2026-12-01T09:00:00Z"
    return PydanticCustomError(kind, message)


def _at(text: str) -> str:
    if not re.fullmatch(_AT[1:-1], text) or not dates.is_date(text[:10]):
        raise _no_instant()
    # What is finer than microseconds is nowhere stored.
    at = instant_to_text(datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)))
    if not dates.is_date(at[:10]):  # in UTC, as it will be sent back
        raise _no_instant()
    return at


Offset = Annotated[
    str,
    AfterValidator(_offset),
    Field(
        description="How long before (`-`) or after: an ISO 8601 duration of weeks, days, hours and minutes, at most 400 days.",
        examples=["-PT30M"],
        json_schema_extra={"pattern": _OFFSET},
    ),
]
At = Annotated[
    str,
    AfterValidator(_at),
    Field(
        description="When it comes, whatever the task's dates are.",
        examples=["2126-12-01T07:30:00.000000Z"],
        json_schema_extra={"format": "date-time", "pattern": _AT},
    ),
]


class ReminderIn(Input):
    """An `offset` from when the task is due or may be begun, or an instant `at`."""

    id: Reference | None = Field(
        default=None,
        description="One that the task has already stays the same reminder. Absent, there is a new one.",
        examples=["1b4e28ba-2fa1-4d2e-883f-0016d3cca427"],
    )
    offset: Offset | None = None
    relative_to: Literal["due", "start"] | None = Field(
        default=None, description="Only with `offset`; absent, `due`.", examples=["due"]
    )
    at: At | None = None
    remind_at: AnsweredOnly = Field(default=None, examples=["2126-12-01T07:30:00.000000Z"])

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.offset is None) == (self.at is None):
            kind, message = "reminder_incomplete", "needs either offset or at, and not both"
            raise PydanticCustomError(kind, message)
        if self.at is not None and self.relative_to is not None:
            kind, message = "reminder_incomplete", "relative_to goes with offset only"
            raise PydanticCustomError(kind, message)
        return self


class ReminderSnooze(Input):
    """For how long it is put off, or until when."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minutes": 10}]})

    minutes: Annotated[int, Field(ge=1, le=MAX_SNOOZE), Whole] | None = Field(default=None, examples=[10])
    until: At | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.minutes is None) == (self.until is None):
            kind, message = "snooze_incomplete", "say either minutes or until"
            raise PydanticCustomError(kind, message)
        return self

    @property
    def instant(self) -> datetime:
        """When it comes again."""
        if self.until is not None:
            return datetime.fromisoformat(self.until)
        return clock.now() + timedelta(minutes=self.minutes or 0)


def _each_once(reminders: list[ReminderIn]) -> list[ReminderIn]:
    ids = [each.id for each in reminders if each.id is not None]
    if len(set(ids)) != len(ids):
        kind, message = "repeated", "each id once"
        raise PydanticCustomError(kind, message)
    return reminders


Reminders = Annotated[
    list[ReminderIn],
    Field(max_length=MAX_REMINDERS, fail_fast=True),
    AfterValidator(_each_once),
    Field(
        description="When to be reminded of it, while it is open.",
        examples=[
            [
                {
                    "id": "1b4e28ba-2fa1-4d2e-883f-0016d3cca427",
                    "offset": None,
                    "relative_to": None,
                    "at": "2126-12-01T07:30:00.000000Z",
                    "remind_at": "2126-12-01T07:30:00.000000Z",
                }
            ]
        ],
    ),
]


class ReminderRead(Output):
    """A reminder."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["1b4e28ba-2fa1-4d2e-883f-0016d3cca427"])
    offset: str | None = Field(description="Null with `at`.", examples=["-PT30M"])
    relative_to: Literal["due", "start"] | None = Field(description="Null with `at`.", examples=["due"])
    at: InstantText | None = Field(description="Null with `offset`.")
    remind_at: InstantText | None = Field(
        description="When it will come; null where it has, where the date is missing, and while the task is complete."
    )


class Whereabouts(NamedTuple):
    """What decides when a reminder of a floating date comes."""

    timezone: str
    """One that this server knows."""
    day_reminder_at: str


class Alarm(NamedTuple):
    """When a reminder comes, and what that follows of where the owner is: as much of it as makes a difference."""

    fire_at: datetime
    timezone: str | None = None
    day_reminder_at: str | None = None


def as_stored(reminders: Sequence[Reminder]) -> str | None:
    """The text in which a task keeps them: JSON as it is sent, None for none. When they come is not known yet."""
    return to_text([_whole(each) for each in reminders])


def _whole(said: Reminder) -> Reminder:
    offset, at = said.get("offset"), said.get("at")
    relative_to = None if offset is None else said.get("relative_to") or "due"
    id_ = said.get("id") or str(uuid.uuid4())
    return {"id": id_, "offset": offset, "relative_to": relative_to, "at": at, "remind_at": None}


def to_text(reminders: Sequence[Reminder]) -> str | None:
    """They are one text; none are None."""
    return to_json(reminders).decode() if reminders else None


def from_text(text: str | None) -> list[dict[str, Any]]:
    """The same for the way back."""
    return [] if text is None else from_json(text)


def of_dates(text: str | None) -> str | None:
    """Those that go by a date of the task, and so along with another one."""
    return to_text([each for each in from_text(text) if each["at"] is None])


def snoozed(text: str | None, id_: str, until: datetime) -> str | None:
    """The text in which this one comes then. Raises ReminderNotFound."""
    reminders = from_text(text)
    if not any(each["id"] == id_ for each in reminders):
        raise ReminderNotFound
    remind_at = instant_to_text(until)
    return to_text([{**each, "remind_at": remind_at} if each["id"] == id_ else each for each in reminders])


def comes_at(row: Mapping[str, Any], reminder: Reminder, here: Whereabouts) -> datetime | None:
    """When it comes by the dates of the task, in UTC; None if there is no such date.

    Days are nominal, the same time by the clock, while hours and minutes are exact: as in RFC 5545, section 3.3.6. On a
    whole day it is the time that the user has chosen for that.
    """
    if reminder["at"] is not None:
        return datetime.fromisoformat(reminder["at"])
    name = reminder["relative_to"]
    local, timezone, at = (row[f"{name}_{part}"] for part in ("local", "timezone", "at"))
    if local is None:
        return None
    days, minutes = _parts(reminder["offset"])
    shown = datetime.fromisoformat(f"{local[:10]}T{here.day_reminder_at if dates.is_whole_day(local) else local[11:]}")
    later = (shown + timedelta(days=days)).isoformat()
    try:
        return clock.instant(later, timezone or here.timezone) + timedelta(minutes=minutes)
    except ZoneInfoNotFoundError:  # a newer server knew it
        exact: datetime = at
        return exact.astimezone(UTC) + timedelta(days=days, minutes=minutes)


def alarm(row: Mapping[str, Any], reminder: Reminder, here: Whereabouts) -> Alarm | None:
    """That of a reminder of this task, if it is to come. What was put off follows nothing."""
    if reminder["remind_at"] is None:
        return None
    fire_at = datetime.fromisoformat(reminder["remind_at"])
    if reminder["at"] is not None or comes_at(row, reminder, here) != fire_at:
        return Alarm(fire_at)
    local, timezone = (row[f"{reminder['relative_to']}_{part}"] for part in ("local", "timezone"))
    return Alarm(
        fire_at,
        here.timezone if timezone is None else None,
        here.day_reminder_at if dates.is_whole_day(local) else None,
    )


def _parts(offset: str) -> tuple[int, int]:
    """Its days, and its minutes besides."""
    found = _PARTS.fullmatch(offset)
    assert found is not None  # noqa: S101 - it was checked when it came
    weeks, days, hours, minutes = (int(found[name] or 0) for name in ("weeks", "days", "hours", "minutes"))
    sign = -1 if found["sign"] == "-" else 1
    return sign * (weeks * 7 + days), sign * (hours * 60 + minutes)
