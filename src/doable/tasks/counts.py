"""How many open tasks there are in each place that a client shows: the SQL, and the day that is today for the owner."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, select

from doable.database import Database, Row, Statement, Transaction
from doable.errors import Unauthenticated
from doable.tasks.asking import parameters_of, present
from doable.tasks.conditions import Between, Condition, Is, Not
from doable.tasks.filed_under import lists, tags
from doable.tasks.listing import SIZE
from doable.tasks.moments import Moment
from doable.tasks.orders import ORDERS
from doable.tasks.pages import SMALL
from doable.tasks.selecting import OWNER_ID, sql
from doable.tasks.shapes import selection_of
from doable.tasks.tables import IS_OPEN, LIST, task_tags, tasks

OPEN: Final = and_(tasks.c.owner_id == OWNER_ID, IS_OPEN)
SHOWN: Final = sql(Not(Is("archived")))

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


def _number_due(condition: Condition) -> Any:
    """Of what is due, along its two indexes: what floats, and what is in a zone."""
    floats, zoned, _ = (_number(*walk.where, sql(condition, walk.known)) for walk in ORDERS["due"].walks)
    return floats + zoned


TODAY: Final = selection_of(Between("due", Moment("today"), Moment("tomorrow")))
DUE: Final = Statement(select(_number_due(TODAY.shape).label("today"), _number_due(Is("overdue")).label("overdue")))


async def counts_of(database: Database, owner_id: str) -> Row:
    """The numbers of open tasks, from one snapshot: of the inbox, of each list that is not archived, of each tag, due today, overdue.

    Raises Unauthenticated if there is no such owner any longer.
    """
    owner = await database.one(SIZE, owner_id=owner_id)
    if owner is None:
        raise Unauthenticated

    async def work(tx: Transaction) -> Row:
        here = await present(tx, owner_id)
        number_in = {row["list_id"]: row["number"] for row in await tx.all(BY_LIST, owner_id=owner_id)}
        shown = [row["id"] for row in await tx.all(LISTS, owner_id=owner_id) if not row["is_archived"]]
        due = await tx.one(DUE, owner_id=owner_id, **parameters_of(here, TODAY.leaves))
        return {
            "inbox": number_in.get(owner_id, 0),
            "lists": {id_: number_in.get(id_, 0) for id_ in shown},
            "tags": {row["name"]: row["number"] for row in await tx.all(BY_TAG, owner_id=owner_id)},
            **(due or {}),
        }

    return await database.read(work, long=owner["total"] > SMALL)
