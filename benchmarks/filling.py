"""Accounts of chosen sizes in one database, filled fast: their tasks go past the repositories and HTTP, in bulk."""

import asyncio
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from benchmarks.instances import Backend
from benchmarks.workload import PASSWORD, description, email, title
from doable import clock
from doable.accounts.passwords.hashing import Passwords
from doable.accounts.users.repository import UserRepository
from doable.database import Database
from doable.database.sqlite.driver import connect
from doable.database.types import instant_to_text
from doable.owned.tables import owners
from doable.tasks.dates import WHOLE_DAY
from doable.tasks.tables import tasks

COLUMNS: Final = ["owner_id", "sequence", "id", "title", "description", "created_at", "updated_at", "revision"]
"""Those of a plain task. All others have a default, and older versions of Doable lack them."""
FILED: Final = [*COLUMNS, "list_id", "parent_id", "completed_at", "priority", "due_local", "tags"]
LIST_ID: Final = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
"""Of every user."""
COUNT: Final = f"UPDATE {owners.name} SET revision = $1, tasks = $1 WHERE owner_id = $2"  # noqa: S608 - a table's name

TAG: Final = "home"
FILE: Final = (
    f"INSERT INTO lists (owner_id, sequence, id, name, is_archived, position, created_at, updated_at, revision) SELECT owner_id, 0, '{LIST_ID}', 'Home', 0, '0', created_at, updated_at, 0 FROM tasks WHERE sequence = 1",  # noqa: S608 - our own
    (
        "INSERT INTO tags (owner_id, sequence, id, name, key, position, created_at, updated_at, revision) "
        "SELECT owner_id, 0, id, 'home', 'home', '0', created_at, updated_at, 0 FROM tasks WHERE sequence = 1"
    ),
    "INSERT INTO task_tags (owner_id, tag, sequence) SELECT owner_id, 0, sequence FROM tasks WHERE tags IS NOT NULL",
)
"""The list and the tag that the tasks have, of each user."""


def is_in_list(number: int) -> bool:
    """Each third task is in the list, the others in the inbox."""
    return number % 3 == 0


def is_open(number: int) -> bool:
    """Four of five tasks are complete."""
    return number % 5 == 0


def has_parent(number: int) -> bool:
    """One of thirty is a subtask of the one before it, both of them in the inbox and complete."""
    return number % 30 == 2


async def add_users(database: Database, count: int) -> list[str]:
    """Add so many users, all with the same password; their ids."""
    passwords = Passwords()
    password_hash = await passwords.hash(PASSWORD)
    passwords.close()
    users = UserRepository(database)
    rows = [
        await database.write(users.add(email=email(number), name=f"User {number}", password_hash=password_hash))
        for number in range(count)
    ]
    return [row["id"] for row in rows]


def fill(backend: Backend, sizes: Sequence[int], columns: list[str] = COLUMNS) -> list[list[str]]:
    """Add a user for each size, with so many tasks; the ids of each user's, the oldest first. FILED: filed in every way."""
    owner_ids = asyncio.run(_open_and_add_users(backend, len(sizes)))
    ids: dict[str, list[str]] = {owner_id: [] for owner_id in owner_ids}
    counts = list(zip(sizes, owner_ids, strict=True))
    now = clock.now()
    # One after the other, so that a million never is in memory at once.
    if backend.url is None:
        _fill_sqlite(backend, _tasks(ids, sizes, columns, instant_to_text(now)), columns, counts)
    else:
        asyncio.run(_fill_postgresql(backend.url, _tasks(ids, sizes, columns, now), columns, counts))
    return list(ids.values())


async def _open_and_add_users(backend: Backend, count: int) -> list[str]:
    async with backend.open() as database:
        return await add_users(database, count)


def _tasks(
    ids: Mapping[str, list[str]], sizes: Sequence[int], columns: list[str], now: datetime | str
) -> Iterator[tuple[Any, ...]]:
    """The tasks as if all accounts had grown over the same time: what lies beside a task is mostly somebody else's.

    Their ids go to those of their owners. All have the same instant.
    """
    today = clock.now()
    # Of the open ones a third is due today, and a third was yesterday.
    due = {place: f"{today - timedelta(days=days):%Y-%m-%d}{WHOLE_DAY}" for place, days in ((0, 0), (5, 1))}
    values = itemgetter(*columns)
    steps = min(sizes)
    for step in range(steps):
        for size, (owner_id, own) in zip(sizes, ids.items(), strict=True):
            for number in range(size * step // steps, size * (step + 1) // steps):
                id_ = str(uuid.uuid4())
                own.append(id_)
                yield values(
                    {
                        "owner_id": owner_id,
                        "sequence": number + 1,
                        "id": id_,
                        "title": title(number),
                        "description": description(number),
                        "created_at": now,
                        "updated_at": now,
                        "revision": number + 1,
                        "list_id": LIST_ID if is_in_list(number) else None,
                        "parent_id": own[-2] if has_parent(number) else None,
                        "completed_at": None if is_open(number) else now,
                        "priority": 0 if number % 10 else 1,
                        "due_local": due.get(number % 15),
                        "tags": None if number % 2 else f'["{TAG}"]',
                    }
                )


def _fill_sqlite(
    backend: Backend, rows: Iterator[tuple[Any, ...]], columns: list[str], counts: list[tuple[int, str]]
) -> None:
    marks = ", ".join("?" for _ in columns)
    connection = connect(backend.folder / "data" / "doable.db")
    try:
        # Ids are in no order: with a small cache each would be a page read and another one written.
        connection.execute("PRAGMA cache_size=-500000").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO {tasks.name} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608 - names of columns
        connection.executemany(COUNT.replace("$", "?"), counts)
        for statement in FILE if columns == FILED else ():
            connection.execute(statement)
        connection.execute("COMMIT")
        # As a server's log is, which copies it into the database again and again.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


async def _fill_postgresql(
    url: str, rows: Iterator[tuple[Any, ...]], columns: list[str], counts: list[tuple[int, str]]
) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.copy_records_to_table(tasks.name, records=rows, columns=columns)
        await connection.executemany(COUNT, counts)
        for statement in FILE if columns == FILED else ():
            await connection.execute(statement)
        # As PostgreSQL does by itself within minutes, and should not while it is measured.
        for command in ("VACUUM ANALYZE", "CHECKPOINT"):
            await connection.execute(command)
    finally:
        await connection.close()
