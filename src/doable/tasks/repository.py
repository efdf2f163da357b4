"""The SQL of tasks. Every statement names the owner."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, NoReturn

from sqlalchemy import Column, Label, bindparam, case, delete, func, literal, null, select, type_coerce, update
from sqlalchemy.dialects.postgresql import insert

from doable import clock
from doable.database import Database, Row, Statement, Transaction
from doable.database.protocol import Work
from doable.database.types import Instant, InstantText
from doable.errors import Forbidden, PreconditionFailed, TaskNotFound, Unauthenticated
from doable.owned.owners import BURY, THIS_OWNER, UNBURY, advance
from doable.owned.tables import owners
from doable.tasks.schemas import TaskRead
from doable.tasks.tables import tasks


def _sent(column: Column[datetime]) -> Label[Any]:
    return type_coerce(column, InstantText()).label(column.key)


READ: Final[tuple[Column[Any] | Label[Any], ...]] = (
    tasks.c.id,
    tasks.c.title,
    tasks.c.description,
    tasks.c.completed_at.is_not(None).label("is_completed"),
    _sent(tasks.c.completed_at),
    tasks.c.owner_id.label("user_id"),
    _sent(tasks.c.created_at),
    _sent(tasks.c.updated_at),
    tasks.c.revision,
)
SHORT_OFFSET = 1000
KIND: Final = "task"
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
    .on_conflict_do_nothing(index_elements=[tasks.c.owner_id, tasks.c.id])
    .returning(*READ)
)
GET = Statement(select(*READ).where(*THIS_ONE))
SOMEBODY_ELSES = Statement(
    select(literal(1).label("found")).where(
        tasks.c.id == bindparam("task_id"), tasks.c.owner_id != bindparam("owner_id")
    )
)


TOTAL = select(owners.c.tasks.label("total")).where(THIS_OWNER)
# One statement, so that page and total are of one snapshot.
PAGE = Statement(
    select(TOTAL.scalar_subquery().label("total"), *READ)
    .where(tasks.c.owner_id == bindparam("owner_id"))
    .order_by(tasks.c.sequence.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
TOTAL_ALONE = Statement(TOTAL)
REMOVE = Statement(delete(tasks).where(*THIS_ONE).returning(tasks.c.id))

Revisions = frozenset[int]
"""The revisions of which a task must be at one."""

KEEP: Final = "keep"
COMPLETED_AT: Final = {
    True: func.coalesce(tasks.c.completed_at, NOW),
    False: null(),
    # Whichever it is not.
    None: case((tasks.c.completed_at.is_(None), NOW), else_=None),
    KEEP: tasks.c.completed_at,
}


@cache
def update_of(fields: frozenset[str], *, state: bool | str | None) -> Statement:
    """The update of exactly these columns and of the completion: compiled once for each shape, of which there are 16."""
    return Statement(
        update(tasks)
        .where(*THIS_ONE)
        .values(
            **{field: bindparam(f"new_{field}") for field in fields},
            completed_at=COMPLETED_AT[state],
            updated_at=NOW,
            revision=bindparam("new_revision"),
        )
        .returning(*READ)
    )


class TaskRepository:
    """One owner's tasks.

    What reads is awaited. What writes answers a work, for `Database.write` to run: alone, with others, or once only.
    Where a task is named that is not the owner's, everything raises Forbidden if it is somebody else's, TaskNotFound if
    there is none; and where revisions are expected, PreconditionFailed if the task is at another one. Where the owner
    is no more, lists and writes raise Unauthenticated.
    """

    def __init__(self, database: Database, owner_id: str) -> None:
        self._database = database
        self._owner_id = owner_id

    async def get(self, task_id: str) -> Row:
        """One task."""
        return await self._get(self._database, task_id)

    async def page(self, *, limit: int, offset: int) -> tuple[list[Row], int]:
        """Some of the tasks, newest first, and how many there are in all."""

        async def work(tx: Transaction) -> list[Row]:
            return await tx.all(PAGE, owner_id=self._owner_id, limit=limit, offset=offset)

        # The database walks over everything that is left out.
        rows = await (self._database.read(work, long=True) if offset > SHORT_OFFSET else work(self._database))
        # Nothing on the page: it is past the end, or there is no such owner any more.
        first = rows[0] if rows else await self._database.one(TOTAL_ALONE, owner_id=self._owner_id)
        if first is None:
            raise Unauthenticated
        total: int = first["total"]
        return rows, total

    def add(self, *, title: str, description: str | None, task_id: str | None = None) -> Work[Row]:
        """A new task, first in the list.

        With an id of the client's own it raises PreconditionFailed if the task exists; a deleted one's id is free again.
        """
        owner_id, now = self._owner_id, clock.now()
        chosen, task_id = task_id is not None, task_id or str(uuid.uuid4())

        async def work(tx: Transaction) -> Row:
            revision = await advance(tx, owner_id, tasks=+1)
            if chosen:
                await self._look_elsewhere(tx, task_id)
                await tx.one(UNBURY, owner_id=owner_id, kind=KIND, id=task_id)
            row = await tx.one(
                ADD,
                owner_id=owner_id,
                task_id=task_id,
                title=title,
                description=description,
                now=now,
                revision=revision,
            )
            if row is None:
                raise PreconditionFailed(current=TaskRead.model_validate(await self._get(tx, task_id)))
            return row

        return work

    def update(self, task_id: str, changes: Mapping[str, Any], *, expected: Revisions | None = None) -> Work[Row]:
        """Change what is named and nothing else.

        `is_completed` is True to complete, False to reopen, None for whichever it is not; a task that is complete keeps
        its instant.
        """
        owner_id, now = self._owner_id, clock.now()
        values = {f"new_{field}": value for field, value in changes.items() if field != "is_completed"}
        fields = frozenset(changes) - {"is_completed"}
        statement = update_of(fields, state=changes.get("is_completed", KEEP))

        async def work(tx: Transaction) -> Row:
            revision = await advance(tx, owner_id)
            await self._expect(tx, task_id, expected)
            row = await tx.one(statement, owner_id=owner_id, task_id=task_id, now=now, new_revision=revision, **values)
            # Raising undoes the revision that was taken.
            return row if row is not None else await self._refuse(tx, task_id)

        return work

    def complete(self, task_id: str, *, state: bool | None, expected: Revisions | None = None) -> Work[Row]:
        """Complete the task, reopen it, or with None whichever it is not."""
        return self.update(task_id, {"is_completed": state}, expected=expected)

    def remove(self, task_id: str, *, expected: Revisions | None = None) -> Work[Row]:
        """Remove the task for good. Answers the id and the revision of what is left, the tombstone."""
        owner_id, now = self._owner_id, clock.now()

        async def work(tx: Transaction) -> Row:
            revision = await advance(tx, owner_id, tasks=-1)
            await self._expect(tx, task_id, expected)
            if await tx.one(REMOVE, owner_id=owner_id, task_id=task_id) is None:
                await self._refuse(tx, task_id)
            await tx.one(
                BURY, owner_id=owner_id, revision=revision, kind=KIND, id=task_id, list_id=None, removed_at=now
            )
            return {"id": task_id, "revision": revision}

        return work

    async def _expect(self, tx: Transaction, task_id: str, expected: Revisions | None) -> None:
        # The owner's row is taken, so nobody can change the task between this and the statement that follows.
        if expected is not None:
            current = await self._get(tx, task_id)
            if current["revision"] not in expected:
                raise PreconditionFailed(current=TaskRead.model_validate(current))

    async def _get(self, tx: Transaction, task_id: str) -> Row:
        row = await tx.one(GET, owner_id=self._owner_id, task_id=task_id)
        return row if row is not None else await self._refuse(tx, task_id)

    async def _refuse(self, tx: Transaction, task_id: str) -> NoReturn:
        await self._look_elsewhere(tx, task_id)
        raise TaskNotFound

    async def _look_elsewhere(self, tx: Transaction, task_id: str) -> None:
        """Raise Forbidden for the id of somebody else's task. Two owners who choose one id at the same instant get it both."""
        if await tx.one(SOMEBODY_ELSES, owner_id=self._owner_id, task_id=task_id):
            raise Forbidden
