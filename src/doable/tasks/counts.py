"""How many open tasks there are in each place that a client shows: the SQL, and the day that is today for the owner."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, literal_column, or_, select

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.types import Instant, OrderedText
from doable.errors import Unauthenticated
from doable.preferences.tables import preferences
from doable.tasks import dates
from doable.tasks.filed_under import lists, tags
from doable.tasks.listing import SIZE
from doable.tasks.pages import SMALL
from doable.tasks.tables import IS_OPEN, LIST, task_tags, tasks

OWNER_ID: Final[BindParameter[str]] = bindparam("owner_id")
OPEN: Final = and_(tasks.c.owner_id == OWNER_ID, IS_OPEN)
IS_ARCHIVED: Final = lists.c.is_archived == literal_column("1")
SHOWN: Final = or_(
    tasks.c.list_id.is_(None),
    tasks.c.list_id.not_in(select(lists.c.id).where(lists.c.owner_id == OWNER_ID, IS_ARCHIVED)),
)
"""Not in a list that is archived."""

ZONE: Final = Statement(select(preferences.c.timezone).where(preferences.c.owner_id == OWNER_ID))
# Along the index of places, which has the open ones only.
_BY_LIST: Final[Any] = select(LIST.label("list_id"), func.count().label("number")).where(OPEN).group_by(LIST)
BY_LIST: Final = Statement(_BY_LIST)
LISTS: Final = Statement(
    select(lists.c.id, lists.c.is_archived)
    .where(lists.c.owner_id == OWNER_ID)
    .order_by(lists.c.position, lists.c.sequence)
)
BY_TAG: Final = Statement(
    select(tags.c.name, func.count(tasks.c.sequence).label("number"))
    .select_from(
        tags.outerjoin(task_tags, and_(task_tags.c.owner_id == OWNER_ID, task_tags.c.tag == tags.c.sequence)).outerjoin(
            tasks, and_(OPEN, tasks.c.sequence == task_tags.c.sequence, SHOWN)
        )
    )
    .where(tags.c.owner_id == OWNER_ID)
    .group_by(tags.c.sequence, tags.c.name, tags.c.position)
    .order_by(tags.c.position, tags.c.sequence)
)


def _number(*conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(tasks).where(OPEN, SHOWN, *conditions).scalar_subquery()


def _local(name: str) -> Any:
    return bindparam(name, type_=OrderedText())


def _instant(name: str) -> Any:
    return bindparam(name, type_=Instant())


# As the two indexes have them: whole days and times that float, and instants in a zone.
FLOATS: Final = and_(tasks.c.due_local.is_not(None), tasks.c.due_at.is_(None))
DUE: Final = Statement(
    select(
        (
            _number(FLOATS, tasks.c.due_local >= _local("local_day"), tasks.c.due_local <= _local("local_day_end"))
            + _number(tasks.c.due_at >= _instant("day"), tasks.c.due_at < _instant("next_day"))
        ).label("today"),
        (
            _number(FLOATS, tasks.c.due_local <= _local("local_now"))
            + _number(tasks.c.due_at <= _instant("now"))
        ).label("overdue"),
    )
)  # fmt: skip


def moments(zone: str, now: datetime) -> dict[str, Any]:
    """The parameters of DUE. A whole day is over when it is past, everything else at its time."""
    try:
        local = now.astimezone(ZoneInfo(zone))
    except ZoneInfoNotFoundError:  # a newer server knew it
        return moments("UTC", now)
    today = local.date()
    return {
        "local_day": f"{today}T00:00:00",
        "local_day_end": f"{today}{dates.WHOLE_DAY}",
        "local_now": f"{local:%Y-%m-%dT%H:%M:%S}",
        "day": dates.instant(f"{today}T00:00:00", zone),
        "next_day": dates.instant(f"{today + timedelta(days=1)}T00:00:00", zone),
        "now": now.astimezone(UTC),
    }


async def counts_of(database: Database, owner_id: str) -> Row:
    """The numbers of open tasks, from one snapshot: of the inbox, of each list that is not archived, of each tag, due today, overdue.

    Raises Unauthenticated if there is no such owner any longer.
    """
    owner = await database.one(SIZE, owner_id=owner_id)
    if owner is None:
        raise Unauthenticated

    async def work(tx: Transaction) -> Row:
        found = await tx.one(ZONE, owner_id=owner_id)
        zone = "UTC" if found is None else found["timezone"]
        number_in = {row["list_id"]: row["number"] for row in await tx.all(BY_LIST, owner_id=owner_id)}
        shown = [row["id"] for row in await tx.all(LISTS, owner_id=owner_id) if not row["is_archived"]]
        due = await tx.one(DUE, owner_id=owner_id, **moments(zone, clock.now()))
        return {
            "inbox": number_in.get(owner_id, 0),
            "lists": {id_: number_in.get(id_, 0) for id_ in shown},
            "tags": {row["name"]: row["number"] for row in await tx.all(BY_TAG, owner_id=owner_id)},
            **(due or {}),
        }

    return await database.read(work, long=owner["total"] > SMALL)
