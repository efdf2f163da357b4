"""The servers, each with a list of the same tasks: Doable, Radicale and Xandikos as their users get them."""

import asyncio
import platform
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.caldav.client import CREATED, MAKE, MULTISTATUS, OK, Collection
from benchmarks.caldav.texts import Todo, calendar, summary, task
from benchmarks.filling import add_users
from benchmarks.instances import Backend, Instance, serving
from benchmarks.server import free_port, process, program, run
from doable import __version__
from doable.database.sqlite.driver import sqlite3

DOABLE: Final = "Doable"
OF_THE_API: Final = "Doable, made by the API"
RADICALE: Final = "Radicale"
XANDIKOS: Final = "Xandikos"
BATCH: Final = 500
_PASSWORD: Final = "secret"  # noqa: S105 - a benchmark's


@dataclass(slots=True)
class Store:
    """A list of one server, and what must be in it."""

    collection: Collection
    titles: dict[str, str]
    """SUMMARY by the name of the object."""
    processes: tuple[int, ...]
    etags: dict[str, str] = field(default_factory=dict)
    hrefs: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


CONDITIONS: Final = {
    DOABLE: (
        f"{__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} with synchronous=FULL, one "
        "worker, a request log (here to a file); an API token"
    ),
    RADICALE: f"{version('radicale')}, its own server and defaults; one user of a plain htpasswd file, no log",
    XANDIKOS: f"{version('xandikos')}, its own server and defaults; no password: it would need TLS",
}


@contextmanager
def doable(folder: Path, todos: Sequence[Todo]) -> Iterator[dict[str, Store]]:
    """Two accounts: one with these tasks, and one with as many that the API has made."""
    folder.mkdir()
    backend = Backend("SQLite", folder, None, ())
    backend.migrate()
    asyncio.run(_add_accounts(backend, 2))
    with serving(backend) as server:
        ours = account(server, 0, "tasks")
        with ours.session() as session:
            session.ask("MKCALENDAR", ours.path, MAKE, CREATED)
            for todo in todos:
                session.put(f"{ours.path}{todo.name}", todo.text, CREATED)
        others, titles = _made_by_the_api(server, 1, len(todos))
        yield {
            DOABLE: Store(ours, _titles(todos), (server.pid,)),
            OF_THE_API: Store(others, titles, (server.pid,)),
        }


async def _add_accounts(backend: Backend, count: int) -> None:
    async with backend.open() as database:
        await add_users(database, count)


def account(server: Instance, number: int, segment: str) -> Collection:
    """A list of a user, who has a new API token."""
    headers = {"Authorization": f"Bearer {server.log_in(number)}"}
    token = {"name": "phone", "scopes": ["account", "tasks:read", "tasks:write"]}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}/api", headers=headers) as api:
        owner_id = api.get("/auth/me").raise_for_status().json()["id"]
        made = api.post("/auth/tokens", json=token).raise_for_status().json()["token"]
    return Collection(server.port, f"/dav/calendars/{owner_id}/{segment}/", owner_id, made)


def _made_by_the_api(server: Instance, number: int, count: int) -> tuple[Collection, dict[str, str]]:
    """A list of a user, and what must be in it."""
    titles: dict[str, str] = {}
    list_id = str(uuid.uuid4())
    collection = account(server, number, list_id)
    headers = {"Authorization": f"Bearer {collection.password}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}/api/me", headers=headers, timeout=60) as api:
        operations: list[dict[str, Any]] = [{"op": "create", "kind": "list", "id": list_id, "list": {"name": "Tasks"}}]
        operations += ({"op": "create", "task": task(each, list_id)} for each in range(count))
        for first in range(0, len(operations), BATCH):
            answer = api.post("/tasks/batch", json={"operations": operations[first : first + BATCH]}).raise_for_status()
            made = (each["task"] for each in answer.json()["results"] if "task" in each)
            titles |= {f"{each['id']}.ics": each["title"] for each in made}
    return collection, titles


@contextmanager
def radicale(folder: Path, todos: Sequence[Todo]) -> Iterator[dict[str, Store]]:
    """Filled by one PUT of the whole list, which it takes: one by one they would take it half an hour."""
    folder.mkdir()
    port = free_port()
    (folder / "users").write_text(f"user:{_PASSWORD}\n")
    settings = {
        "server-hosts": f"127.0.0.1:{port}",
        "auth-type": "htpasswd",
        "auth-htpasswd-filename": f"{folder / 'users'}",
        "auth-htpasswd-encryption": "plain",
        "storage-filesystem-folder": f"{folder / 'collections'}",
        "logging-level": "error",
    }
    arguments = [argument for name, value in settings.items() for argument in (f"--{name}", value)]
    command = [program("radicale"), "--config", "", *arguments]
    with process(command, folder, f"http://127.0.0.1:{port}/.web/") as pid:
        collection = Collection(port, "/user/tasks/", "user", _PASSWORD)
        with collection.session() as session:
            session.ask("MKCALENDAR", collection.path, MAKE, CREATED)
            whole = calendar("-//Doable//benchmark//EN", "".join(todo.component for todo in todos))
            session.put(collection.path, whole, CREATED)
        yield {RADICALE: Store(collection, _titles(todos), (pid,))}


@contextmanager
def xandikos(folder: Path, todos: Sequence[Todo]) -> Iterator[dict[str, Store]]:
    """Filled by a commit in its repository: one by one they would take it as long as Radicale."""
    folder.mkdir()
    port = free_port()
    command = [
        *(program("xandikos"), "serve", "--directory", f"{folder / 'data'}", "--state-dir", f"{folder / 'state'}"),
        *("--listen-address", "127.0.0.1", "--port", f"{port}", "--no-detect-systemd"),
        *("--defaults", "--current-user-principal", "/user/"),
    ]
    with process(command, folder, f"http://127.0.0.1:{port}/") as pid:
        collection = Collection(port, "/user/calendars/tasks/", "user", _PASSWORD)
        with collection.session() as session:
            session.ask("MKCALENDAR", collection.path, MAKE, CREATED, OK, MULTISTATUS)
        files = folder / "data" / "user" / "calendars" / "tasks"
        for todo in todos:
            (files / todo.name).write_text(todo.text, newline="")
        run([program("dulwich"), "add", *(todo.name for todo in todos)], files)
        run([program("dulwich"), "commit", "--message", "Add tasks"], files, USER="user", HOME=f"{folder}")
        yield {XANDIKOS: Store(collection, _titles(todos), (pid,))}


def _titles(todos: Sequence[Todo]) -> dict[str, str]:
    return {todo.name: summary(todo.text) for todo in todos}


SERVERS: Final = {"doable": doable, "radicale": radicale, "xandikos": xandikos}
