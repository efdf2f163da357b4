"""Makes notifications of the reminders that are due: each once, whichever process does it, and whatever becomes of that.

Who has something due is read without a lock, by the instant alone. Then, in one transaction for each of these owners, the owner's
row is taken, the alarms are deleted, and what the statement has deleted becomes notifications. Nothing is deleted twice, so
no reminder comes twice; and none is lost, since both are committed or neither is.
"""

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select

from doable import clock
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.pages import SLICE, Order
from doable.database.protocol import Work
from doable.database.types import Ids, Instant, instant_to_text, one_of
from doable.errors import DoableError, StorageFull, Unauthenticated
from doable.notifications import deliveries
from doable.notifications.tables import notifications
from doable.owned.owners import advance
from doable.tasks.alarms import alarms
from doable.tasks.filed_under import lists
from doable.tasks.reminders import from_text, to_text
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import TaskRow, tasks

logger = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 1.0
"""How often each process looks: a reminder comes within two seconds."""
TOGETHER: Final = 50
"""The tasks of one owner in one transaction: no other write waits long for it."""

ORDER: Final = Order(alarms.c.fire_at, alarms.c.owner_id, alarms.c.task_id, alarms.c.id)
_NOW: Final = bindparam("now", type_=Instant())
DUE: Final = Statement(
    select(*ORDER.columns).where(alarms.c.fire_at <= _NOW, ORDER.is_after).order_by(*ORDER.columns).limit(SLICE)
)
_THESE: Final = (
    alarms.c.owner_id == bindparam("owner_id"),
    one_of(alarms.c.task_id, bindparam("task_ids", type_=Ids())),
    alarms.c.fire_at <= _NOW,
)
TAKE: Final = Statement(delete(alarms).where(*_THESE).returning(alarms.c.task_id, alarms.c.id, alarms.c.fire_at))


class OpenRow(TaskRow):
    """A task, and whether its list is in the archive."""

    is_archived: bool | None


TASKS: Final = Statement[OpenRow](
    select(*tasks.c, lists.c.is_archived)
    .select_from(tasks.outerjoin(lists, (lists.c.owner_id == tasks.c.owner_id) & (lists.c.id == tasks.c.list_id)))
    .where(tasks.c.owner_id == bindparam("owner_id"), one_of(tasks.c.id, bindparam("task_ids", type_=Ids())))
)
NOTIFY: Final = Statement(insert_row(notifications))


class _FasterError(Exception):
    """Another process has made these notifications."""


async def fire(database: Database, wake: Callable[[], None]) -> None:
    """Make the notifications that are due now, and wake whoever sends them.

    What fails of one owner keeps nobody else waiting, and is tried again with the next run.
    """
    now, after = clock.now(), ORDER.start()
    while found := await database.all(DUE, now=now, **after):
        if await _all_come(database, wake, found, now):
            after = ORDER.after(found[-1])
            if len(found) < SLICE:
                return
        elif len({row["owner_id"] for row in found}) == 1:
            return  # the other process is at it, and both would only wait for each other


async def _all_come(database: Database, wake: Callable[[], None], found: list[Row], now: datetime) -> bool:
    """All that was found has come; or else another process was faster with some of it, so that looking again is less work.

    Each process takes the owners in another order, so that they seldom want the same one.
    """
    for some in _parts(found, at_once(database)):
        works = (_come(database, wake, owner_id, task_ids, now) for owner_id, task_ids in some)
        if not all(await asyncio.gather(*works)):
            return False
    return True


def at_once(database: Database) -> int:
    """How much of the background's work goes on at the same time: what shares a COMMIT, or else a third of the connections."""
    pool = database.load().connections
    return 16 if pool is None else max(1, sum(pool) // 3)


def _parts(found: list[Row], most: int) -> Iterator[list[tuple[str, list[str]]]]:
    """Owners with their tasks, so many tasks in a part: an owner of many has a part alone, since others' writes wait for a part."""
    of: dict[str, dict[str, None]] = {}
    for row in found:
        of.setdefault(row["owner_id"], {})[row["task_id"]] = None
    owners = [(owner_id, [*task_ids]) for owner_id, task_ids in of.items()]
    random.shuffle(owners)
    part: list[tuple[str, list[str]]] = []
    number = 0
    for owner_id, task_ids in owners:
        if part and number + len(task_ids) > most:
            yield part
            part, number = [], 0
        part.append((owner_id, task_ids))
        number += len(task_ids)
    yield part


async def _come(
    database: Database, wake: Callable[[], None], owner_id: str, task_ids: list[str], now: datetime
) -> bool:
    try:
        for first in range(0, len(task_ids), TOGETHER):
            some = task_ids[first : first + TOGETHER]
            if await database.write(come(owner_id, some, now), owner_id=owner_id, long=len(some) > 1):
                wake()
    except _FasterError:
        return False
    except Unauthenticated:
        pass  # the user was removed, and what is left is being deleted
    except StorageFull:
        raise
    except DoableError as error:
        logger.warning("Reminders of an owner wait: %s", error.code)
    return True


def come(owner_id: str, task_ids: list[str], now: datetime) -> Work[bool]:
    """The reminders of these tasks that are due have come: each is told, and has no `remind_at` any longer.

    One of a task in an archived list comes quietly. Code that knows no reminders may have completed the task, or moved its
    date: then what the alarm was for is no longer there. Answers whether something is to be sent.
    """

    async def work(tx: Transaction) -> bool:
        await advance(tx, owner_id, by=0)
        taken = await tx.all(TAKE, owner_id=owner_id, task_ids=task_ids, now=now)
        if not taken:
            raise _FasterError
        came = {(row["task_id"], row["id"]): instant_to_text(row["fire_at"]) for row in taken}
        there = {row["id"]: row for row in await tx.all(TASKS, owner_id=owner_id, task_ids=task_ids)}
        told, changed = [], []
        for task in there.values():
            reminders = from_text(task["reminders"])
            due = [each for each in reminders if came.get((task["id"], each["id"]), 0) == each["remind_at"]]
            if not due:
                continue
            if not task["is_archived"] and task["completed_at"] is None:
                told += [(each["remind_at"], task["id"], each["id"]) for each in due]
            left = [{**each, "remind_at": None} if each in due else each for each in reminders]
            changed.append((task, to_text(left)))
        newest = await _write(tx, owner_id, sorted(told), changed)
        return bool(newest) and await deliveries.make(tx, owner_id, newest, clock.now())

    return work


async def _write(
    tx: Transaction, owner_id: str, told: list[tuple[str, str, str]], changed: list[tuple[OpenRow, str | None]]
) -> dict[str, str]:
    """Write the notifications and the tasks. Answers, by the tasks' ids, the newest notification of each that somebody should still be told of."""
    size = TaskRepository.statements.size
    new = [(task, {**task, "reminders": text}) for task, text in changed]
    by, more = len(told) + len(changed), sum(size(after) - size(before) for before, after in new)
    owner = await advance(tx, owner_id, by=by, more=more)
    revision, now = owner["revision"] - by, clock.now()
    newest = {}
    for remind_at, task_id, reminder_id in told:
        revision += 1
        id_, at = str(uuid.uuid4()), datetime.fromisoformat(remind_at)
        await tx.one(
            NOTIFY,
            owner_id=owner_id,
            sequence=revision,
            id=id_,
            task_id=task_id,
            reminder_id=reminder_id,
            remind_at=at,
            seen_at=None,
            created_at=now,
            updated_at=now,
            revision=revision,
        )
        if at > now - deliveries.TOO_LATE:
            newest[task_id] = id_
    for task, row in new:
        revision += 1
        stamp = {"updated_at": clock.later_than(task["updated_at"]), "revision": revision}
        await tx.one(TaskRepository.statements.write, this_owner=owner_id, this_id=task["id"], **row | stamp)
    return newest
