"""The daily digest: has it sent when it is due, once, whichever process does it; and reads what is in it."""

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from doable import clock
from doable.accounts.tables import users
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.pages import SLICE
from doable.database.protocol import Work
from doable.database.types import Ids, instant_to_text, one_of
from doable.errors import DoableError, StorageFull, Unauthenticated
from doable.notifications.deliveries import DIGEST
from doable.notifications.firing import at_once
from doable.notifications.letters import Reader
from doable.notifications.tables import deliveries
from doable.owned.owners import advance
from doable.preferences.digests import DUE, LATEST, ORDER, due_after, take
from doable.preferences.repository import VERIFIED
from doable.tasks.asking import parameters_of, present
from doable.tasks.conditions import Every, Is, Not
from doable.tasks.filter_text import CONDITIONS
from doable.tasks.listing import SIZE, Listing, count_of
from doable.tasks.moments import Present
from doable.tasks.pages import SMALL
from doable.tasks.plans import plan_of
from doable.tasks.preferred import preferences
from doable.tasks.tables import TaskRow, reader, tasks
from doable.tasks.walking import Walking, start

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0
LINES: Final = 50
"""The most tasks that are overdue, and the most that are due on the day."""

ADD: Final = Statement(insert_row(deliveries).on_conflict_do_nothing())
READER: Final = Statement(
    select(users.c.email, preferences.c.language, preferences.c.timezone, preferences.c.digest_at)
    .select_from(users.join(preferences, preferences.c.owner_id == users.c.id))
    .where(users.c.id == bindparam("owner_id"), users.c.email_verified_at.is_not(None))
)
ROWS: Final = Statement[TaskRow](
    select(tasks).where(tasks.c.owner_id == bindparam("owner_id"), one_of(tasks.c.id, bindparam("ids", type_=Ids())))
)

_SHOWN: Final = (Not(Is("completed")), Not(Is("archived")))
OVERDUE: Final = Listing(Every((*_SHOWN, Is("overdue"))), "due")
TODAY: Final = Listing(Every((*_SHOWN, CONDITIONS["today"], Not(Is("overdue")))), "due")

_ID: Final = reader("id")


class Digest(NamedTuple):
    """What is in one, each task once."""

    day: date
    overdue: Sequence[TaskRow]
    today: Sequence[TaskRow]
    recurring: Sequence[TaskRow]
    """What is due on the day, and recurs."""
    more: int
    """How many tasks there was no room for."""


async def make(database: Database, wake: Callable[[], None]) -> None:
    """Make the deliveries of the digests that are due now, and wake whoever sends them.

    What fails of one owner keeps nobody else waiting, and is tried again with the next run.
    """
    now, after, number = clock.now(), ORDER.start(), at_once(database)
    while found := await database.all(DUE, now=now, **after):
        after = ORDER.after(found[-1])
        owners = [row["owner_id"] for row in found]
        random.shuffle(owners)  # so that two processes seldom want the same one
        for first in range(0, len(owners), number):
            some = owners[first : first + number]
            await asyncio.gather(*(_make(database, wake, owner_id, now) for owner_id in some))
        if len(found) < SLICE:
            return


async def _make(database: Database, wake: Callable[[], None], owner_id: str, now: datetime) -> None:
    try:
        if await database.write(_due(owner_id, now), owner_id=owner_id):
            wake()
    except Unauthenticated:
        pass  # the user was removed, and what is left is being deleted
    except StorageFull:
        raise
    except DoableError as error:
        logger.warning("The digest of an owner waits: %s", error.code)


def _due(owner_id: str, now: datetime) -> Work[bool]:
    """The owner's digest is to be sent, and the next one is due. Answers whether there is one to send."""

    async def work(tx: Transaction) -> bool:
        await advance(tx, owner_id, by=0)
        due_at = await take(tx, owner_id, now)
        if due_at is None or await tx.one(VERIFIED, owner_id=owner_id) is None:
            return False
        await tx.one(
            ADD,
            owner_id=owner_id,
            id=str(uuid.uuid5(uuid.UUID(owner_id), f"digest {instant_to_text(due_at)}")),
            notification_id=None,
            task_id=None,
            channel=DIGEST,
            subscription_id=None,
            created_at=due_at,
            attempts=0,
            due_at=now,
        )
        return True

    return work


def is_late(row: Row) -> bool:
    """Whether a delivery could not be sent for so long that it is not wanted any longer."""
    created_at: datetime = row["created_at"]
    return clock.now() - created_at >= LATEST


async def reader_of(database: Database, row: Row) -> Reader | None:
    """Whom this delivery is for; None if the user wants no digest any longer, or at another time, or has no verified address."""
    owner_id, due_at = row["owner_id"], row["created_at"]
    found = await database.one(READER, owner_id=owner_id)
    if found is None or due_after(due_at - datetime.resolution, found["digest_at"], found["timezone"]) != due_at:
        return None
    return Reader(owner_id, found["email"], found["language"], found["timezone"])


async def read(database: Database, owner_id: str) -> Digest | None:
    """What is in the digest of today, where the owner is; None if that is nothing, or the user was removed."""
    owner = await database.one(SIZE, owner_id=owner_id)
    if owner is None:
        return None

    async def work(tx: Transaction) -> Digest | None:
        here = await present(tx, owner_id)
        overdue, more_overdue = await _section(tx, owner_id, here, OVERDUE)
        due, more_due = await _section(tx, owner_id, here, TODAY)
        if not overdue and not due:
            return None
        today = [task for task in due if task["recurrence"] is None]
        recurring = [task for task in due if task["recurrence"] is not None]
        day = here.now.astimezone(ZoneInfo(here.zone)).date()
        return Digest(day, overdue, today, recurring, more_overdue + more_due)

    return await database.read(work, long=owner["total"] > SMALL)


async def _section(tx: Transaction, owner_id: str, here: Present, listing: Listing) -> tuple[list[TaskRow], int]:
    """The first of them, and how many more there are."""
    plan = plan_of(listing)
    known = {"owner_id": owner_id, **parameters_of(here, plan.leaves)}
    walked = await Walking(tx, plan, known, here.zone).page(start(plan, here.zone, None), LINES, 0)
    ids = [*map(_ID, walked.rows)]
    rows = {row["id"]: row for row in await tx.all(ROWS, owner_id=owner_id, ids=ids)} if ids else {}
    counted = await tx.one(count_of(plan.shape), **known) if walked.cursor else None
    return [rows[id_] for id_ in ids], 0 if counted is None else counted["total"] - len(ids)
