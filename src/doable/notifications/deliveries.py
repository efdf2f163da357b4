"""The SQL of deliveries: what is still to be sent of notifications, and digests. Each is sent at least once, with an id that stays."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import BigInteger, bindparam, case, delete, func, literal, select, update

from doable import clock
from doable.accounts.tables import users
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.protocol import Work
from doable.database.types import Ids, one_of
from doable.notifications.quiet import quiet_until
from doable.notifications.tables import deliveries, notifications
from doable.outbox.repository import pause_after
from doable.push.tables import push_subscriptions
from doable.tasks.filed_under import lists
from doable.tasks.preferred import DEFAULTS, preferences
from doable.tasks.tables import TaskRow, tasks

PUSH: Final = "push"
EMAIL: Final = "email"
DIGEST: Final = "digest"
CHANNELS: Final = (PUSH, EMAIL, DIGEST)

TOO_LATE: Final = timedelta(hours=24)
"""Nobody is told any longer, by whatever channel, of what should have come so long ago."""

_OWN: Final = deliveries.c.owner_id == bindparam("owner_id")
_THIS: Final = (_OWN, deliveries.c.id == bindparam("delivery_id"))
_PREFERRED: Final = (
    preferences.c.timezone,
    preferences.c.quiet_from,
    preferences.c.quiet_until,
    preferences.c.reminder_channels,
    preferences.c.language,
)
# One row for each subscription, and one without any if there is none; nothing for who is no user of Doable's.
WANTED: Final = Statement(
    select(push_subscriptions.c.id.label("subscription_id"), *_PREFERRED)
    .select_from(
        users.outerjoin(preferences, preferences.c.owner_id == users.c.id).outerjoin(
            push_subscriptions, push_subscriptions.c.owner_id == users.c.id
        )
    )
    .where(users.c.id == bindparam("owner_id"))
)
FORGET_OLDER: Final = Statement(
    delete(deliveries).where(_OWN, one_of(deliveries.c.task_id, bindparam("task_ids", type_=Ids())))
)
ADD: Final = Statement(insert_row(deliveries))
ANY_DUE: Final = Statement(
    select(deliveries.c.id)
    .where(
        deliveries.c.channel.in_([literal(channel) for channel in CHANNELS]), deliveries.c.due_at <= bindparam("now")
    )
    .limit(1)
)
TAKE: Final = Statement(
    select(deliveries)
    .where(deliveries.c.channel == bindparam("channel"), deliveries.c.due_at <= bindparam("now"))
    .order_by(deliveries.c.due_at)
    .limit(bindparam("limit", type_=BigInteger()))
    .with_for_update(skip_locked=True)
)
TAKEN: Final = Statement(
    update(deliveries).where(*_THIS).values(due_at=bindparam("new_due_at"), attempts=deliveries.c.attempts + 1)
)
PUT_OFF: Final = Statement(update(deliveries).where(*_THIS).values(due_at=bindparam("new_due_at")))
REMOVE: Final = Statement(delete(deliveries).where(*_THIS))
# What waits for the end of quiet hours was not tried.
_TRIED: Final[Any] = case((deliveries.c.attempts > 0, deliveries.c.created_at))
WAITING: Final = Statement(
    select(func.count().label("number"), func.min(_TRIED).label("oldest")).select_from(deliveries)
)


class ToldRow(TaskRow):
    """A task of which somebody is to be told, and what decides whether that is still wanted."""

    reminder_id: str
    remind_at: datetime
    seen_at: datetime | None
    list_name: str | None
    is_archived: bool | None
    email: str | None
    email_verified_at: datetime | None
    timezone: str | None
    quiet_from: str | None
    quiet_until: str | None
    reminder_channels: str | None
    language: str | None


TOLD: Final = Statement[ToldRow](
    select(
        *tasks.c,
        notifications.c.reminder_id,
        notifications.c.remind_at,
        notifications.c.seen_at,
        lists.c.name.label("list_name"),
        lists.c.is_archived,
        users.c.email,
        users.c.email_verified_at,
        *_PREFERRED,
    )
    .select_from(
        deliveries.join(
            notifications,
            (notifications.c.owner_id == deliveries.c.owner_id) & (notifications.c.id == deliveries.c.notification_id),
        )
        .join(tasks, (tasks.c.owner_id == deliveries.c.owner_id) & (tasks.c.id == deliveries.c.task_id))
        .join(users, users.c.id == deliveries.c.owner_id)
        .outerjoin(lists, (lists.c.owner_id == tasks.c.owner_id) & (lists.c.id == tasks.c.list_id))
        .outerjoin(preferences, preferences.c.owner_id == deliveries.c.owner_id)
    )
    .where(*_THIS)
)


async def make(tx: Transaction, owner_id: str, newest: Mapping[str, str], now: datetime) -> bool:
    """A step of the transaction that makes notifications: have their owner told of them. `newest` has that of each task, by the task's id.

    What waits of an older one of these tasks goes. Answers whether there is something to send.
    """
    wanted = await tx.all(WANTED, owner_id=owner_id)
    channels = channels_of(wanted[0]["reminder_channels"]) if wanted else []
    subscriptions = [row["subscription_id"] for row in wanted if row["subscription_id"] is not None]
    ways = [(PUSH, each) for each in subscriptions if PUSH in channels] + [(EMAIL, None)] * (EMAIL in channels)
    if not ways:
        return False
    due_at = quiet_until(wanted[0], now) or now
    await tx.one(FORGET_OLDER, owner_id=owner_id, task_ids=[*newest])
    for task_id, notification_id in newest.items():
        for channel, subscription_id in ways:
            await tx.one(
                ADD,
                owner_id=owner_id,
                id=str(uuid.uuid5(uuid.UUID(notification_id), subscription_id or channel)),
                notification_id=notification_id,
                task_id=task_id,
                channel=channel,
                subscription_id=subscription_id,
                created_at=now,
                attempts=0,
                due_at=due_at,
            )
    return True


def channels_of(stored: str | None) -> list[str]:
    """The channels in preferences; those of no preferences if there are none."""
    channels: list[str] = from_json(stored or DEFAULTS["reminder_channels"])
    return channels


async def is_any_due(database: Database) -> bool:
    """Whether something is to be sent now."""
    return await database.one(ANY_DUE, now=clock.now()) is not None


async def take(database: Database, channel: str, number: int) -> list[Row]:
    """The next of a channel that are due, for this process alone. For the others they are due again after a pause.

    So a process that dies with them delays them, and loses nothing. It takes no owner's row: that comes first in every
    other transaction, and so would be waited for the wrong way round.
    """

    async def work(tx: Transaction) -> list[Row]:
        now = clock.now()
        rows = await tx.all(TAKE, channel=channel, now=now, limit=number)
        for row in rows:
            these = {"owner_id": row["owner_id"], "delivery_id": row["id"]}
            await tx.one(TAKEN, **these, new_due_at=now + pause_after(row))
        return rows

    return await database.write(work)


async def told(database: Database, row: Row) -> ToldRow | None:
    """What a delivery is about, as it is now. None if it is gone, as with its user, or taken back by a newer one."""
    return await database.one(TOLD, owner_id=row["owner_id"], delivery_id=row["id"])


async def put_off(database: Database, row: Row, until: datetime) -> None:
    """Have it be due again then, and not before."""
    await database.write(_step(PUT_OFF, row, new_due_at=until))


async def remove(database: Database, row: Row) -> None:
    """Remove one that was sent, is no longer wanted, or could not be sent for too long."""
    await database.write(_step(REMOVE, row))


def _step(statement: Statement, row: Row, **values: object) -> Work[None]:
    async def work(tx: Transaction) -> None:
        await tx.one(statement, owner_id=row["owner_id"], delivery_id=row["id"], **values)

    return work
