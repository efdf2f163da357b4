"""Doable as its users get it: `doable serve` on SQLite, with one worker and all of its defaults."""

import asyncio
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.server import free_port, process, program, run
from benchmarks.workload import PASSWORD, TASKS_EACH, USERS, Account, Interface, description, email, title
from doable import __version__
from doable.accounts.passwords import Passwords
from doable.accounts.repository import UserRepository
from doable.database.sqlite import SQLiteDatabase
from doable.database.sqlite_driver import sqlite3
from doable.tasks.repository import TaskRepository

INTERFACE = Interface(
    tasks="/api/me/tasks",
    newest_20="?limit=20",
    completion="/complete",
    page="tasks",
    total="total",
    owner="user_id",
    is_completed="is_completed",
    owner_is_sent=False,
    status_created=201,
    status_not_yours=403,
    status_nobody=401,
)


class DoableServer:
    """One `doable serve`."""

    name = "Doable"
    conditions = (
        f"Doable {__version__}: Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, one worker; "
        "its defaults, among them synchronous=FULL and a request log, here to a file"
    )

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.port = free_port()

    @contextmanager
    def running(self) -> Iterator[Account]:
        data, url = self._folder / "data", f"http://127.0.0.1:{self.port}"
        run([program("doable"), "migrate"], self._folder, DATA_DIR=str(data))
        ids, others_ids = asyncio.run(fill(data / "doable.db"))
        command = [program("doable"), "serve", "--port", str(self.port), "--workers", "1"]
        with process(command, self._folder, f"{url}/readyz", DATA_DIR=str(data)):
            answer = httpx.post(f"{url}/api/auth/login", json={"email": email(0), "password": PASSWORD})
            user = answer.raise_for_status().json()
            yield Account(INTERFACE, url, user["access_token"], user["user"]["id"], ids, others_ids[0])


async def fill(path: Path) -> list[list[str]]:
    """Add the users and their tasks, a task of each user in turn; the ids of user 0's and of user 1's tasks."""
    async with SQLiteDatabase(path) as database:
        passwords = Passwords()
        password_hash = await passwords.hash(PASSWORD)
        passwords.close()
        users, repositories = UserRepository(database), []
        for user in range(USERS):
            add = users.add(email=email(user), name=f"User {user}", password_hash=password_hash)
            row = await database.write(add)
            repositories.append(TaskRepository(database, row["id"]))
        rows = [
            await asyncio.gather(
                *(
                    database.write(tasks.add(title=title(number), description=description(number)))
                    for tasks in repositories
                )
            )
            for number in range(TASKS_EACH)
        ]
        return [[row[user]["id"] for row in rows] for user in (0, 1)]
