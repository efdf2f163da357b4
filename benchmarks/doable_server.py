"""Doable as its users get it: `doable serve` with all of its defaults, but one worker where it has one core, on both databases."""

import asyncio
import platform
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

from benchmarks import all_fields
from benchmarks.all_fields import Place
from benchmarks.filling import add_users
from benchmarks.postgresql import version_of
from benchmarks.server import free_port, process, program, run
from benchmarks.workload import SECRET, TASKS_EACH, USERS, Account, Interface, description, log_in, title
from doable import __version__
from doable.accounts.tables import emails, users
from doable.database import Database, Transaction
from doable.database.sqlite.database import SQLiteDatabase
from doable.database.sqlite.driver import connect, sqlite3
from doable.database.types import from_driver
from doable.lists.repository import ListRepository
from doable.lists.schemas import ListCreate
from doable.owned.limits import Limits
from doable.owned.tables import owners
from doable.sections.repository import SectionRepository
from doable.tasks.repository import TaskRepository
from doable.tasks.schemas import TaskCreate
from doable.tasks.tables import tasks

if TYPE_CHECKING:
    from support.postgresql import PostgreSQL

TOGETHER: Final = 50
"""How many tasks each user gets in one transaction."""

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
    """One `doable serve`, on SQLite unless there is a PostgreSQL. `fields`: its tasks have all of them."""

    def __init__(
        self,
        folder: Path,
        postgresql: "PostgreSQL | None" = None,
        *,
        fields: bool = False,
        workers: int | None = 1,
    ) -> None:
        folder.mkdir()
        self._folder = folder
        self._postgresql = postgresql
        self._fields = fields
        self._workers = [] if workers is None else ["--workers", str(workers)]
        database = version_of(postgresql) if postgresql else f"SQLite {sqlite3.sqlite_version} with synchronous=FULL"
        serving = "as many workers as it takes by itself" if workers is None else f"workers: {workers}"
        self.name = f"Doable{', PostgreSQL' if postgresql else ''}{', all fields' if fields else ''}"
        self.conditions = (
            f"{__version__}, Python {platform.python_version()}, {database}, {serving}, a request log (here to a file); "
            "passwords by argon2id, m=19456, t=2, p=1"
        )

    @contextmanager
    def running(self) -> Iterator[Account]:
        data, mine, others = filled(self._folder.parent, fields=self._fields)
        settings, port = {"DATA_DIR": str(self._folder / "data"), "SECRET_KEY": SECRET}, free_port()
        if self._postgresql:
            settings["DATABASE_URL"] = self._postgresql.new_database()
            run([program("doable"), "migrate"], self._folder, **settings)
            asyncio.run(copy(data / "doable.db", settings["DATABASE_URL"]))
            self._postgresql.sql("VACUUM ANALYZE", settings["DATABASE_URL"].rpartition("/")[2])
        else:
            shutil.copytree(data, settings["DATA_DIR"])
        command = [program("doable"), "serve", "--port", str(port), *self._workers]
        url = f"http://127.0.0.1:{port}"
        with process(command, self._folder, f"{url}/readyz", **settings) as pid:
            user = log_in(url, INTERFACE)
            processes = (pid, self._postgresql.main_process()) if self._postgresql else (pid,)
            token, owner_id = user["access_token"], user["user"]["id"]
            yield Account(INTERFACE, port, processes, token, owner_id, mine.tasks, others.tasks[0], mine.to_doable)


@cache
def filled(folder: Path, *, fields: bool) -> tuple[Path, Place, Place]:
    """A data folder with everything in it, to be copied; where user 0's tasks are, and another user's."""
    data = folder / f"doable-filled{'-fields' if fields else ''}"
    run([program("doable"), "migrate"], folder, DATA_DIR=str(data), SECRET_KEY=SECRET)
    mine, others, *_ = asyncio.run(fill(data / "doable.db", fields=fields))
    return data, mine, others


async def fill(path: Path, *, fields: bool) -> list[Place]:
    """Add the users and their tasks, a task of each user in turn."""
    async with SQLiteDatabase(path) as database:
        owners = await add_users(database, USERS)
        places = [await add_place(database, owner_id) if fields else Place() for owner_id in owners]
        repositories = [TaskRepository(database, owner_id, Limits()) for owner_id in owners]
        for first in range(0, TASKS_EACH, TOGETHER):

            async def add_to_each(tx: Transaction, first: int = first) -> None:
                for number in range(first, first + TOGETHER):
                    for repository, place in zip(repositories, places, strict=True):
                        new = {"title": title(number), "description": description(number), **place.to_doable(number)}
                        task = TaskCreate.model_validate(new).model_dump(exclude_unset=True)
                        place.tasks.append((await repository.add(task)(tx))["id"])

            await database.write(add_to_each, long=True)
        return places


async def add_place(database: Database, owner_id: str) -> Place:
    """A list with a section."""
    added = await database.write(
        ListRepository(database, owner_id, Limits()).add(ListCreate(name=all_fields.LIST).model_dump())
    )
    new = {"name": all_fields.SECTION, "list_id": added["id"]}
    section = await database.write(SectionRepository(database, owner_id, Limits()).add(new))
    return Place(added["id"], section["id"])


async def copy(path: Path, url: str) -> None:
    """Copy what `fill` has added to a PostgreSQL database that has the tables."""
    target = await asyncpg.connect(url)
    try:
        with closing(connect(path)) as source:
            for table in (owners, users, emails, tasks):
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
