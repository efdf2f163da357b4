"""The outbox: mail that was asked for, written in the transaction that asks for it, and sent by the process that takes it."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, bindparam, delete, func, select, update

from doable import clock
from doable.database import Database, Row, Statement, Transaction, insert_row
from doable.database.protocol import Work
from doable.outbox.tables import outbox

RESET: Final = "reset"
VERIFY: Final = "verify"
CHANGE: Final = "change"
NOTICE: Final = "notice"

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600))
"""The pauses after the first attempts; the last of them follows every later one."""
GIVEN_UP: Final = timedelta(hours=24)

ADD = Statement(insert_row(outbox))
NEXT = Statement(select(outbox.c.id).where(outbox.c.due_at <= bindparam("now")).order_by(outbox.c.due_at).limit(1))
_WAITING: Any = select(func.count().label("number"), func.min(outbox.c.created_at).label("oldest"))
WAITING = Statement(_WAITING.select_from(outbox))
TAKE = Statement(
    select(outbox)
    .where(outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.due_at)
    .limit(bindparam("limit", type_=BigInteger()))
    .with_for_update(skip_locked=True)
)
PUT_OFF = Statement(
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"))
    .values(due_at=bindparam("new_due_at"), attempts=outbox.c.attempts + 1)
)
REMOVE = Statement(delete(outbox).where(outbox.c.id == bindparam("row_id")))
REMOVE_OF_USER = Statement(
    delete(outbox).where(outbox.c.user_id == bindparam("user_id"), outbox.c.kind == bindparam("kind"))
)


def queue(kind: str, address: str, user_id: str | None = None) -> Work[None]:
    """A mail to be sent. Without a user it is for the user with this address; if there is none, nothing is sent."""
    row_id, now = str(uuid.uuid4()), clock.now()

    async def work(tx: Transaction) -> None:
        await tx.one(
            ADD, id=row_id, kind=kind, user_id=user_id, address=address, created_at=now, attempts=0, due_at=now
        )

    return work


async def is_any_due(database: Database) -> bool:
    """Whether there is a mail to be sent now."""
    return await database.one(NEXT, now=clock.now()) is not None


async def take(database: Database, number: int) -> list[Row]:
    """The next mails that are due, for this process alone. For the others they are due again after a pause.

    So a process that dies with them delays them, and loses nothing.
    """

    async def work(tx: Transaction) -> list[Row]:
        now = clock.now()
        rows = await tx.all(TAKE, now=now, limit=number)
        for row in rows:
            await tx.one(PUT_OFF, row_id=row["id"], new_due_at=now + pause_after(row))
        return rows

    return await database.write(work)


async def remove(database: Database, row: Row) -> None:
    """Remove a mail that was sent, is no longer wanted, or could not be sent for too long."""

    async def work(tx: Transaction) -> None:
        await tx.one(REMOVE, row_id=row["id"])

    await database.write(work)


def name_of(row: Row) -> str:
    """The name of a mail's file, so that files are in the order in which they were asked for."""
    return f"{row['created_at']:%Y%m%dT%H%M%SZ}-{row['id']}"


def pause_after(row: Row) -> timedelta:
    """The pause after its present attempt."""
    attempts: int = row["attempts"]
    return PAUSES[min(attempts, len(PAUSES) - 1)]


def is_hopeless(row: Row) -> bool:
    """Whether the next attempt would come more than 24 hours after the mail was asked for."""
    created_at: datetime = row["created_at"]
    return clock.now() + pause_after(row) > created_at + GIVEN_UP
