"""The SQL of a calendar's tasks: open ones that are due and in no archived list, the soonest first, along the indexes of due dates."""

from datetime import date, datetime
from typing import Any, Final, TypedDict

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select

from doable import clock
from doable.database import Database, Statement, Transaction
from doable.tasks.conditions import Is, Not
from doable.tasks.pages import SMALL
from doable.tasks.selecting import FLOATS, OWNER_ID, ZONED, sql
from doable.tasks.tables import IS_OPEN, tasks

MOST: Final = 1000
"""How many tasks a calendar has, and so how many are read of each index."""
DESCRIPTION: Final = 500
"""How many characters of a description are shown."""


class DueRow(TypedDict):
    """What a calendar shows of a task."""

    id: str
    title: str
    description: str | None
    due_local: str
    due_timezone: str | None
    due_at: datetime | None
    start_local: str | None
    start_timezone: str | None
    tags: str | None
    url: str | None
    estimate_minutes: int | None
    recurrence: str | None
    recurs_from: str | None
    occurrence: str | None
    exceptions: str | None
    series_id: str | None
    created_at: datetime
    updated_at: datetime


_READ: Final[tuple[ColumnElement[Any], ...]] = (
    tasks.c.id,
    tasks.c.title,
    # One more, by which it is seen that there is more.
    func.substr(tasks.c.description, 1, DESCRIPTION + 1, type_=tasks.c.description.type).label("description"),
    tasks.c.due_local,
    tasks.c.due_timezone,
    tasks.c.due_at,
    tasks.c.start_local,
    tasks.c.start_timezone,
    tasks.c.tags,
    tasks.c.url,
    tasks.c.estimate_minutes,
    tasks.c.recurrence,
    tasks.c.recurs_from,
    tasks.c.occurrence,
    tasks.c.exceptions,
    tasks.c.series_id,
    tasks.c.created_at,
    tasks.c.updated_at,
)


def _due(column: ColumnElement[Any], where: ColumnElement[bool]) -> Statement[DueRow]:
    since = bindparam("since", type_=column.type)
    return Statement(
        select(*_READ)
        .where(tasks.c.owner_id == OWNER_ID, IS_OPEN, where, column >= since, sql(Not(Is("archived"))))
        .order_by(column, tasks.c.sequence)
        .limit(bindparam("limit", type_=BigInteger()))
    )


FLOATING_TASKS: Final = _due(tasks.c.due_local, FLOATS)
ZONED_TASKS: Final = _due(tasks.c.due_at, ZONED)


async def due_tasks(database: Database, owner_id: str, since: date, zone: str, *, total: int) -> list[DueRow]:
    """The tasks that are due on this day or later: of each index the first ones. `total`: how many tasks the owner has."""

    async def work(tx: Transaction) -> list[DueRow]:
        at = clock.instant(f"{since}", zone)
        return [
            *await tx.all(FLOATING_TASKS, owner_id=owner_id, since=f"{since}", limit=MOST),
            *await tx.all(ZONED_TASKS, owner_id=owner_id, since=at, limit=MOST),
        ]

    return await database.read(work, long=total > SMALL)
