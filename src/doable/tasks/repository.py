"""The SQL of tasks. Every statement names the owner."""

import uuid
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any, NoReturn

from sqlalchemy import bindparam, case, delete, func, insert, literal, select, true, update
from sqlalchemy.sql.dml import ReturningUpdate

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.types import Instant
from doable.errors import Forbidden, TaskNotFound, Unauthenticated
from doable.feed.repository import advance
from doable.feed.tables import owners
from doable.tasks.tables import tasks

READ = (
    tasks.c.id,
    tasks.c.title,
    tasks.c.description,
    tasks.c.completed_at.is_not(None).label("is_completed"),
    tasks.c.completed_at,
    tasks.c.owner_id.label("user_id"),
    tasks.c.created_at,
    tasks.c.updated_at,
    tasks.c.revision,
)
SHORT_OFFSET = 1000
NOW = bindparam("now", type_=Instant())
THIS_ONE = (tasks.c.owner_id == bindparam("owner_id"), tasks.c.id == bindparam("task_id"))

ADD = Statement(
    insert(tasks)
    .values(
        owner_id=bindparam("owner_id"),
        sequence=bindparam("revision"),
        id=bindparam("task_id"),
        title=bindparam("title"),
        description=bindparam("description"),
        created_at=NOW,
        updated_at=NOW,
        revision=bindparam("revision"),
    )
    .returning(*READ)
)
GET = Statement(select(*READ).where(*THIS_ONE))
SOMEBODY_ELSES = Statement(
    select(literal(1).label("found")).where(
        tasks.c.id == bindparam("task_id"), tasks.c.owner_id != bindparam("owner_id")
    )
)


def _page() -> Statement:
    """The newest-first page beside the total, in one statement and so from one snapshot.

    The owner's row comes first: it holds the total, and without it (the user was removed) there is no row at all. With
    it there is at least one, whose task is null where the page is empty.
    """
    page = (
        select(*READ, tasks.c.sequence)
        .where(tasks.c.owner_id == bindparam("owner_id"))
        .order_by(tasks.c.sequence.desc())
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
        .subquery()
    )
    return Statement(
        select(owners.c.tasks.label("total"), *(column for column in page.c if column.key != "sequence"))
        .select_from(owners.outerjoin(page, true()))
        .where(owners.c.owner_id == bindparam("owner_id"))
        .order_by(page.c.sequence.desc())
    )


PAGE = _page()
REMOVE = Statement(delete(tasks).where(*THIS_ONE).returning(tasks.c.id))


def _change() -> ReturningUpdate[Any]:
    return update(tasks).where(*THIS_ONE).values(updated_at=NOW, revision=bindparam("new_revision")).returning(*READ)


SET_STATE = {
    True: Statement(_change().values(completed_at=func.coalesce(tasks.c.completed_at, NOW))),
    False: Statement(_change().values(completed_at=None)),
    None: Statement(_change().values(completed_at=case((tasks.c.completed_at.is_(None), NOW), else_=None))),
}


@cache
def update_of(fields: frozenset[str]) -> Statement:
    """The update of exactly these columns: compiled once for each shape, of which there are four."""
    return Statement(_change().values({field: bindparam(f"new_{field}") for field in fields}))


class TaskRepository:
    """One owner's tasks. Each method is one transaction.

    Where a task is named that is not the owner's, every method raises Forbidden if it is somebody else's, TaskNotFound
    if there is none. Where the owner is no more, lists and writes raise Unauthenticated.
    """

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id

    async def add(self, *, title: str, description: str | None) -> Row:
        """A new task, first in the list."""
        owner_id, task_id, now = self._owner_id, str(uuid.uuid4()), clock.now()

        async def work(tx: Transaction) -> Row | None:
            revision = await advance(tx, owner_id, tasks=+1)
            return await tx.one(
                ADD,
                owner_id=owner_id,
                task_id=task_id,
                title=title,
                description=description,
                now=now,
                revision=revision,
            )

        return await self._write(work, task_id)

    async def get(self, task_id: str) -> Row:
        """One task."""
        row = await self._database.one(GET, owner_id=self._owner_id, task_id=task_id)
        return row if row is not None else await self._refuse(self._database, task_id)

    async def page(self, *, limit: int, offset: int) -> tuple[list[Row], int]:
        """Some of the tasks, newest first, and how many there are in all."""

        async def work(tx: Transaction) -> list[Row]:
            return await tx.all(PAGE, owner_id=self._owner_id, limit=limit, offset=offset)

        # One statement is a snapshot by itself. The database walks over everything that is left out, though.
        rows = await (self._database.read(work, long=True) if offset > SHORT_OFFSET else work(self._database))
        if not rows:
            raise Unauthenticated
        total: int = rows[0]["total"]
        return [row for row in rows if row["id"] is not None], total

    async def update(self, task_id: str, changes: Row) -> Row:
        """Change the named columns and no other."""
        values = {f"new_{field}": value for field, value in changes.items()}
        return await self._change(update_of(frozenset(changes)), task_id, **values)

    async def complete(self, task_id: str, *, state: bool | None) -> Row:
        """Complete the task, reopen it, or with None whichever it is not. One that is complete keeps its instant."""
        return await self._change(SET_STATE[state], task_id)

    async def remove(self, task_id: str) -> None:
        """Remove the task for good."""

        async def work(tx: Transaction) -> Row | None:
            await advance(tx, self._owner_id, tasks=-1)
            return await tx.one(REMOVE, owner_id=self._owner_id, task_id=task_id)

        await self._write(work, task_id)

    async def _change(self, statement: Statement, task_id: str, **values: Any) -> Row:
        owner_id, now = self._owner_id, clock.now()

        async def work(tx: Transaction) -> Row | None:
            revision = await advance(tx, owner_id)
            return await tx.one(statement, owner_id=owner_id, task_id=task_id, now=now, new_revision=revision, **values)

        return await self._write(work, task_id)

    async def _write(self, work: Callable[[Transaction], Coroutine[Any, Any, Row | None]], task_id: str) -> Row:
        async def refuse_if_missing(tx: Transaction) -> Row:
            row = await work(tx)
            # Raising here undoes the revision that was taken.
            return row if row is not None else await self._refuse(tx, task_id)

        return await self._database.write(refuse_if_missing, owner_id=self._owner_id)

    async def _refuse(self, tx: Transaction, task_id: str) -> NoReturn:
        found = await tx.one(SOMEBODY_ELSES, owner_id=self._owner_id, task_id=task_id)
        raise Forbidden if found else TaskNotFound
