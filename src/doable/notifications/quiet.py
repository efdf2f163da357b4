"""Quiet hours: when they are over."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from doable.clock import known_zone
from doable.tasks import dates


def quiet_until(preferred: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the quiet hours of these preferences end; None if it is not quiet now.

    It is quiet while the clock where the user is shows a time from `quiet_from` on and before `quiet_until`.
    """
    begin, end = preferred["quiet_from"], preferred["quiet_until"]
    if begin is None:
        return None
    zone = known_zone(preferred["timezone"])
    shown = now.astimezone(ZoneInfo(zone))
    time = f"{shown:%H:%M}"
    if not (begin <= time < end if begin < end else time >= begin or time < end):
        return None
    day = shown.date() + timedelta(days=int(time >= end))
    first = dates.first_instant(f"{day}T{end}:00", zone)
    if first > now:
        return first
    # The clocks were put back behind it, and show that time once more.
    return datetime.fromisoformat(f"{day}T{end}:00").replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
