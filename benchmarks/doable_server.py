"""Doable as its users get it: `doable serve` with one worker and all of its defaults, on SQLite and on PostgreSQL."""

import asyncio
import platform
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from benchmarks.filling import add_users
from benchmarks.postgresql import version_of
from benchmarks.server import free_port, process, program, run
from benchmarks.workload import SECRET, TASKS_EACH, USERS, Account, Interface, description, log_in, title
from doable import __version__
from doable.accounts.tables import users
from doable.database import Row, Transaction
from doable.database.sqlite.database import SQLiteDatabase
from doable.database.sqlite.driver import connect, sqlite3
from doable.database.types import from_driver
from doable.owned.limits import Limits
from doable.owned.tables import owners
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import tasks

if TYPE_CHECKING:
    from support.postgresql import PostgreSQL

INTERFACE = Interface(
    tasks="/api/me/tasks",
    newest_20="?limit=20",
    update_method="PUT",
    completion="/complete",
    page="tasks",
    total="total",
    owner="user_id",
    is_completed="is_completed",
    owner_is_sent=False,
    status_created=201,
    status_not_yours=403,
    status_nobody=401,
    log_in="/api/auth/login",
)


class DoableServer:
    """One `doable serve`, on SQLite unless there is a PostgreSQL."""

    def __init__(self, folder: Path, postgresql: "PostgreSQL | None" = None) -> None:
        folder.mkdir()
        self._folder = folder
        self._postgresql = postgresql
        database = version_of(postgresql) if postgresql else f"SQLite {sqlite3.sqlite_version} with synchronous=FULL"
        self.name = "Doable, PostgreSQL" if postgresql else "Doable"
        self.conditions = (
            f"{__version__}, Python {platform.python_version()}, {database}, one worker, a request log (here to a file); "
            "passwords by argon2id, m=19456, t=2, p=1"
        )

    @contextmanager
    def running(self) -> Iterator[Account]:
        data, ids, others_id = filled(self._folder.parent)
        settings, port = {"DATA_DIR": str(self._folder / "data"), "SECRET_KEY": SECRET}, free_port()
        if self._postgresql:
            settings["DATABASE_URL"] = self._postgresql.new_database()
            run([program("doable"), "migrate"], self._folder, **settings)
            asyncio.run(copy(data / "doable.db", settings["DATABASE_URL"]))
            self._postgresql.sql("VACUUM ANALYZE", settings["DATABASE_URL"].rpartition("/")[2])
        else:
            shutil.copytree(data, settings["DATA_DIR"])
        command = [program("doable"), "serve", "--port", str(port), "--workers", "1"]
        url = f"http://127.0.0.1:{port}"
        with process(command, self._folder, f"{url}/readyz", **settings) as pid:
            user = log_in(url, INTERFACE)
            processes = (pid, self._postgresql.main_process()) if self._postgresql else (pid,)
            yield Account(INTERFACE, port, processes, user["access_token"], user["user"]["id"], ids, others_id)


@cache
def filled(folder: Path) -> tuple[Path, list[str], str]:
    """A data folder with everything in it, to be copied; the ids of user 0's tasks, and that of another user's."""
    data = folder / "doable-filled"
    run([program("doable"), "migrate"], folder, DATA_DIR=str(data), SECRET_KEY=SECRET)
    ids, others_ids = asyncio.run(fill(data / "doable.db"))
    return data, ids, others_ids[0]


async def fill(path: Path) -> list[list[str]]:
    """Add the users and their tasks, a task of each user in turn; the ids of user 0's and of user 1's tasks."""
    async with SQLiteDatabase(path) as database:
        repositories = [TaskRepository(database, owner_id, Limits()) for owner_id in await add_users(database, USERS)]
        ids: list[list[str]] = [[], []]
        for number in range(TASKS_EACH):

            async def add_to_each(tx: Transaction, number: int = number) -> list[Row]:
                new = [each.add({"title": title(number), "description": description(number)}) for each in repositories]
                return [await work(tx) for work in new]

            rows = await database.write(add_to_each, long=True)
            for user in (0, 1):
                ids[user].append(rows[user]["id"])
        return ids


async def copy(path: Path, url: str) -> None:
    """Copy what `fill` has added to a PostgreSQL database that has the tables."""
    target = await asyncpg.connect(url)
    try:
        with closing(connect(path)) as source:
            for table in (owners, users, tasks):
                names = [column.name for column in table.columns]
                rows = source.execute(f"SELECT {', '.join(names)} FROM {table.name}").fetchall()  # noqa: S608 - of names
                to_value = [from_driver("sqlite", column.type) for column in table.columns]
                records = [
                    [
                        value if value is None or convert is None else convert(value)
                        for convert, value in zip(to_value, row, strict=True)
                    ]
                    for row in rows
                ]
                await target.copy_records_to_table(table.name, records=records, columns=names)
    finally:
        await target.close()
