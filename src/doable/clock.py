"""The one source of time, so that a test can move it; and what a clock shows in a time zone."""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LEEWAY: Final = timedelta(seconds=10)
"""By how much two machines' clocks may differ."""


def now() -> datetime:
    """The present instant, aware and in UTC."""
    return datetime.now(UTC)


def later_than(before: datetime | None) -> datetime:
    """The present instant; or the next one after another that is not past, since the clocks of several servers may differ.

    So `updated_at` moves with every change, and never backwards.
    """
    return now() if before is None else max(now(), before + datetime.resolution)


@cache
def timezones() -> frozenset[str]:
    """The names of all time zones: those of the package `tzdata`, so that each server knows the same."""
    # As `zoneinfo.available_timezones`, which takes 30 ms since it walks over the system's files as well. It would find
    # `localtime` there, which is another zone on each machine.
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def is_zone(name: str) -> bool:
    """Whether this server knows it; a newer one may know more."""
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return False
    return True


def known_zone(name: str) -> str:
    """The zone itself, or UTC where only a newer server knows it."""
    return name if is_zone(name) else "UTC"


def instant(local: str, timezone: str) -> datetime:
    """The instant of a local time in a zone, in UTC, by RFC 5545, section 3.3.5.

    A time that comes twice is the first, and one that is skipped is read with the offset of before: that is `fold=0`.
    """
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
