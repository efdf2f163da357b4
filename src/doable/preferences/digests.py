"""When the day's digest is due. That moves on by itself, of which nobody is told: it takes no revision."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, update

from doable import clock
from doable.database import Statement, Transaction
from doable.database.pages import SLICE, Order
from doable.database.types import Instant
from doable.tasks.preferred import preferences

LATEST: Final = timedelta(hours=6)
"""A digest that could not be sent for so long is not sent: a good part of its day is over, and the next one comes."""

ORDER: Final = Order(preferences.c.digest_due_at, preferences.c.owner_id)
DUE: Final = Statement(
    select(*ORDER.columns)
    .where(preferences.c.digest_due_at <= bindparam("now", type_=Instant()), ORDER.is_after)
    .order_by(*ORDER.columns)
    .limit(SLICE)
)
_OF_OWNER: Final = preferences.c.owner_id == bindparam("owner_id")
WHEN: Final = Statement(
    select(preferences.c.digest_at, preferences.c.timezone, preferences.c.digest_due_at).where(_OF_OWNER)
)
MOVE_ON: Final = Statement(
    update(preferences).where(_OF_OWNER).values(digest_due_at=bindparam("new_due_at", type_=Instant()))
)


def due_after(at: datetime, digest_at: str | None, timezone: str) -> datetime | None:
    """The first instant after this one at which it is that time there (RFC 5545, section 3.3.5); None if there is no digest."""
    if digest_at is None:
        return None
    zone = clock.known_zone(timezone)
    day = at.astimezone(ZoneInfo(zone)).date()
    # Yesterday's may be after midnight, where clocks are put forward at the end of a day. The day after tomorrow's is for a
    # zone that leaves out a whole day.
    due = (clock.instant(f"{day + timedelta(days)}T{digest_at}", zone) for days in range(-1, 3))
    return next(each for each in due if each > at)


async def take(tx: Transaction, owner_id: str, now: datetime) -> datetime | None:
    """The instant of the digest that is to be sent now, if any; and have the next one be due. The owner's row is taken.

    There is none where somebody was faster, where all that was missed is too late, or where code that knows no digests has
    written the preferences.
    """
    when = await tx.one(WHEN, owner_id=owner_id)
    if when is None or when["digest_due_at"] is None or when["digest_due_at"] > now:
        return None
    digest_at, timezone = when["digest_at"], when["timezone"]
    await tx.one(MOVE_ON, owner_id=owner_id, new_due_at=due_after(now, digest_at, timezone))
    newest = due_after(max(when["digest_due_at"] - datetime.resolution, now - LATEST), digest_at, timezone)
    return newest if newest is not None and newest <= now else None
