"""The usual FastAPI backend, `rivals/usual_fastapi.py`, on SQLite and on PostgreSQL."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx

from benchmarks.postgresql import version_of
from benchmarks.server import RIVALS, free_port, process, program
from benchmarks.workload import (
    PASSWORD,
    SECRET,
    TASKS_EACH,
    USERS,
    Account,
    Interface,
    description,
    email,
    log_in,
    title,
)

if TYPE_CHECKING:
    from support.postgresql import PostgreSQL

INTERFACE = Interface(
    tasks="/tasks",
    newest_20="?limit=20",
    update_method="PATCH",
    completion="",
    page="data",
    total="count",
    owner="owner_id",
    is_completed="is_completed",
    owner_is_sent=False,
    status_created=201,
    status_not_yours=403,
    status_nobody=401,
    log_in="/login",
    identity="username",
    log_in_is_a_form=True,
)
TASK = ("title", "description", "is_completed", "owner_id", "created_at", "updated_at")


class UsualFastAPIServer:
    """Uvicorn with its defaults, on SQLite unless there is a PostgreSQL."""

    def __init__(
        self,
        folder: Path,
        postgresql: "PostgreSQL | None" = None,
        *,
        pragmas: str = "",
        label: str = "",
        workers: int = 1,
    ) -> None:
        folder.mkdir()
        self._folder = folder
        self._postgresql = postgresql
        self._settings = {"SECRET_KEY": SECRET, "SQLITE_PRAGMAS": pragmas}
        self._workers = [] if workers == 1 else ["--workers", str(workers)]
        self.name = "usual FastAPI, PostgreSQL" if postgresql else f"usual FastAPI{label}"
        sqlite = f"aiosqlite, SQLite {sqlite3.sqlite_version} with its defaults{f' but {pragmas}' if pragmas else ''}"
        self.conditions = (
            f"FastAPI {version('fastapi')}, SQLModel {version('sqlmodel')}, SQLAlchemy {version('sqlalchemy')}, "
            f"{f'asyncpg, {version_of(postgresql)}' if postgresql else sqlite}; uvicorn {version('uvicorn')} with its access log (here to a file); "
            "passwords by pwdlib's recommendation, argon2id, m=65536, t=3, p=4"
        )

    @contextmanager
    def running(self) -> Iterator[Account]:
        port, path = free_port(), self._folder / "tasks.db"
        url = self._postgresql.new_database() if self._postgresql else ""
        database_url = url.replace("postgresql:", "postgresql+asyncpg:") or f"sqlite+aiosqlite:///{path}"
        command = [
            program("uvicorn"),
            "usual_fastapi:app",
            "--app-dir",
            str(RIVALS),
            "--port",
            str(port),
        ]
        server = f"http://127.0.0.1:{port}"
        settings = {"DATABASE_URL": database_url, **self._settings}
        if self._workers:  # of several that make the tables at once, one fails, and all end
            with process(command, self._folder, f"{server}/docs", **settings):
                pass
        with process([*command, *self._workers], self._folder, f"{server}/docs", **settings) as pid:
            credentials = {"email": email(0), "password": PASSWORD}
            httpx.post(f"{server}/signup", json=credentials, timeout=30).raise_for_status()
            if self._postgresql:
                asyncio.run(fill_postgresql(url))
                self._postgresql.sql("VACUUM ANALYZE", url.rpartition("/")[2])
            else:
                fill_sqlite(path)
            token = log_in(server, INTERFACE)["access_token"]
            processes = (pid, self._postgresql.main_process()) if self._postgresql else (pid,)
            # Ids are given in turn, and so are tasks to users.
            ids = list(range(1, TASKS_EACH * USERS + 1, USERS))
            yield Account(INTERFACE, port, processes, token, 1, ids, 2)


def users(password_hash: str) -> list[tuple[Any, ...]]:
    """The users but user 0, who has signed up. All have the same password."""
    return [(email(user), password_hash, True) for user in range(1, USERS)]


def tasks(began: datetime) -> Iterator[tuple[Any, ...]]:
    """The tasks, one of each user in turn."""
    for number in range(TASKS_EACH):
        when = began + timedelta(seconds=number)
        for owner_id in range(1, USERS + 1):
            yield title(number), description(number), False, owner_id, when, when


def began() -> datetime:
    """When the first of them was created: before anything that is measured."""
    return datetime.now(UTC) - timedelta(seconds=2 * TASKS_EACH)


def fill_sqlite(path: Path) -> None:
    """Add the users and their tasks."""
    with closing(sqlite3.connect(path)) as database, database:
        ((password_hash,),) = database.execute('SELECT hashed_password FROM "user"').fetchall()
        database.executemany(
            'INSERT INTO "user" (email, hashed_password, is_active) VALUES (?, ?, ?)', users(password_hash)
        )
        # As SQLAlchemy writes instants.
        rows = ((*task[:4], *(f"{when:%Y-%m-%d %H:%M:%S.%f}" for when in task[4:])) for task in tasks(began()))
        database.executemany(f"INSERT INTO task ({', '.join(TASK)}) VALUES (?, ?, ?, ?, ?, ?)", rows)  # noqa: S608 - of constants


async def fill_postgresql(url: str) -> None:
    """Add the users and their tasks."""
    database = await asyncpg.connect(url)
    try:
        password_hash = await database.fetchval('SELECT hashed_password FROM "user"')
        columns = ["email", "hashed_password", "is_active"]
        await database.copy_records_to_table("user", records=users(password_hash), columns=columns)
        await database.copy_records_to_table("task", records=tasks(began()), columns=list(TASK))
    finally:
        await database.close()
