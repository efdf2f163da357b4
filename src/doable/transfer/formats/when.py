"""Dates, rules and lengths of time, as sources write them and as a task has them."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from doable.database.types import instant_to_text
from doable.tasks import dates
from doable.tasks.quick.understanding import LANGUAGES, understand
from doable.tasks.reminders import MAX_OFFSET
from doable.transfer.found import Reading

Moment = Mapping[str, str | None]
"""A `due` or `start`, as it goes over the wire."""

_MOST_WORDS: Final = 200
"""The characters of a date in words."""
_DATED: Final = re.compile(r"\d{4}-?\d{2}-?\d{2}(?!\d)")


def day(value: date) -> Moment | None:
    """The whole day; None outside of the years that there are here."""
    text = value.isoformat()[:10]
    return {"date": text} if dates.is_date(text) else None


def local(value: datetime, timezone: str | None = None) -> Moment | None:
    """That time by the clock, in the zone if there is one."""
    found = day(value)
    return found and {**found, "time": value.strftime("%H:%M:%S"), "timezone": timezone}


def parsed(text: str) -> datetime | None:
    """An ISO 8601 date or time, with its offset if it has one."""
    text = text.strip()
    if not _DATED.match(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def has_time(text: str) -> bool:
    """Whether a date that was read says a time, too."""
    return ":" in text or "T" in text


def in_zone(value: datetime, timezone: str) -> datetime | None:
    """What a clock in the zone shows at an instant; what has no offset is that already."""
    if value.tzinfo is None:
        return value
    try:
        return value.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    except OverflowError:
        return None


def moment(text: str, timezone: str) -> Moment | None:
    """A date or a time: an instant is the time in this zone, and a time without an offset floats."""
    value = parsed(text)
    if value is None:
        return None
    if not has_time(text):
        return day(value)
    shown = in_zone(value, timezone)
    return None if shown is None else local(shown, None if value.tzinfo is None else timezone)


def instant(value: datetime | None, timezone: str) -> str | None:
    """An instant as an export has it; a time without an offset is in this zone."""
    if value is None:
        return None
    try:
        at = value.replace(tzinfo=ZoneInfo(timezone)) if value.tzinfo is None else value
        text = instant_to_text(at.astimezone(UTC))
    except OverflowError:
        return None
    return text if dates.is_date(text[:10]) else None


def midnight(value: datetime, timezone: str) -> datetime | None:
    """The midnight in the zone that an instant is, or the nearest: somebody may have been elsewhere when they chose the day."""
    shown = in_zone(value, timezone)
    try:
        return shown and (shown + timedelta(hours=12)).replace(hour=0, minute=0, second=0, microsecond=0)
    except OverflowError:
        return None


@lru_cache(1000)
def words(text: str, language: str, reading: Reading) -> Mapping[str, Any] | None:
    """The `due` and the `recurrence` that words say, if quick add understands all of them: "every weekday"."""
    if language not in LANGUAGES or len(text) > _MOST_WORDS:
        return None
    text = re.sub(r"(?<=[^\W\d_])\.", "", text.strip())  # "5. Okt. 2026"
    text = re.sub(r"(?i)^ev(?=!? )", "every", text)
    now = reading.now.astimezone(ZoneInfo(reading.timezone))
    kinds = frozenset({"due", "recurrence"})
    members = understand(f"Task {text}", now=now, language=language, kinds=kinds).members
    return members if members["title"] == "Task" and "due" in members else None


def every(number: int, frequency: str) -> str:
    """A rule of an interval."""
    return f"FREQ={frequency}" if number == 1 else f"FREQ={frequency};INTERVAL={number}"


def offset(length: timedelta) -> str | None:
    """How long before or after, as a reminder has it; None if it is too long."""
    if abs(length) > MAX_OFFSET:
        return None
    minutes = abs(round(length.total_seconds() / 60))
    sign = "-" if length < timedelta() and minutes else ""
    if minutes and minutes % 1440 == 0:
        return f"{sign}P{minutes // 1440}D"
    hours, rest = divmod(minutes, 60)
    parts = f"{f'{hours}H' if hours else ''}{f'{rest}M' if rest or not hours else ''}"
    return f"{sign}PT{parts}"
