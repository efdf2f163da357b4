"""Two writers of one owner on PostgreSQL: who waits for the owner's row must not go by what was there before.

A statement sees what was committed when it began. One that waits for a lock goes on with the newest version of the row that it has
waited for, and with all other rows as they were. So the owner's row is taken by one statement, and what is written is read by
the next: were they one, whatever the other writer has done would be overwritten, since rows are written whole.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from sqlalchemy import bindparam, select, update

from database.works import add, new_id, run_with
from doable.database import Row, Statement
from doable.database.postgresql.database import PostgreSQLDatabase
from doable.database.protocol import Work
from doable.owned.limits import Limits
from doable.owned.owners import THIS_OWNER
from doable.owned.tables import owners
from doable.settings import Settings
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import tasks

WAITS = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
ALL = Statement(select(*tasks.c).where(tasks.c.owner_id == bindparam("owner_id")))
taken = (
    update(owners)
    .where(THIS_OWNER)
    .values(revision=owners.c.revision + 1)
    .returning(owners.c.owner_id, owners.c.revision)
    .cte("taken")
)
JOINED = Statement(
    select(taken.c.revision, tasks.c.title).join_from(taken, tasks, tasks.c.owner_id == taken.c.owner_id)
)
"""What must not be."""


async def after_the_other(settings: Settings, changes: list[tuple[str, Any]], call: Callable[[], Any]) -> Any:
    """Begin the call while another writer has the owner's row, has done this, and commits only when the call waits."""
    other = await asyncpg.connect(settings.postgresql_url)
    watching = await asyncpg.connect(settings.postgresql_url)
    try:
        async with other.transaction():
            for statement, values in changes:
                await other.execute(statement, *values)
            calling = asyncio.ensure_future(call())
            while not await watching.fetchval(WAITS):
                assert not calling.done(), "it did not wait"
                await asyncio.sleep(0.001)
        return await calling
    finally:
        await other.close()
        await watching.close()


async def owner_with_task(database: PostgreSQLDatabase) -> tuple[str, str]:
    owner_id = await database.write(add(new_id()))
    made = await database.write(TaskRepository(database, owner_id, Limits()).add({"title": "milk"}))
    return owner_id, made["id"]


RENAME = (
    "WITH taken AS (UPDATE owners SET revision = revision + 1 WHERE owner_id = $1 RETURNING revision) "
    "UPDATE tasks SET title = 'oat milk', revision = taken.revision FROM taken WHERE owner_id = $1"
)
ADD_BELOW = (
    "WITH taken AS (UPDATE owners SET revision = revision + 1, tasks = tasks + 1 WHERE owner_id = $1 RETURNING *) "
    "INSERT INTO tasks (owner_id, sequence, revision, id, title, parent_id, created_at, updated_at) "
    "SELECT owner_id, revision, revision, $3, 'below', $2, now(), now() FROM taken"
)


def test_a_statement_that_takes_the_row_and_reads_would_read_what_was_before(postgresql_settings: Settings) -> None:
    async def test(database: PostgreSQLDatabase) -> None:
        owner_id, _ = await owner_with_task(database)

        async def call() -> Row | None:
            return await database.write(lambda tx: tx.one(JOINED, owner_id=owner_id))

        found = await after_the_other(postgresql_settings, [(RENAME, [owner_id])], call)
        # The newest revision, and a title that nobody has any longer.
        assert found == {"revision": 3, "title": "milk"}

    run_with(postgresql_settings, test)


def test_a_change_keeps_what_another_has_changed_meanwhile(postgresql_settings: Settings) -> None:
    async def test(database: PostgreSQLDatabase) -> None:
        owner_id, task_id = await owner_with_task(database)
        change = TaskRepository(database, owner_id, Limits()).change(task_id, {"description": "two litres"})
        written = await after_the_other(
            postgresql_settings, [(RENAME, [owner_id])], lambda: database.write(change, owner_id=owner_id)
        )
        assert (written["title"], written["description"], written["revision"]) == ("oat milk", "two litres", 3)

    run_with(postgresql_settings, test)


@pytest.mark.parametrize("what", ["remove", "complete"])
def test_what_another_has_put_below_goes_along(postgresql_settings: Settings, what: str) -> None:
    async def test(database: PostgreSQLDatabase) -> None:
        owner_id, task_id = await owner_with_task(database)
        repository = TaskRepository(database, owner_id, Limits())
        work: Work[Row] = repository.remove(task_id) if what == "remove" else repository.complete(task_id, state=True)
        below = [(ADD_BELOW, [owner_id, task_id, new_id()])]
        await after_the_other(postgresql_settings, below, lambda: database.write(work, owner_id=owner_id))
        left = await database.all(ALL, owner_id=owner_id)
        assert [row["completed_at"] is None for row in left] == ([] if what == "remove" else [False, False])

    run_with(postgresql_settings, test)
