"""Lists and sections, and the tasks that are in them."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from doable.database.types import instant_to_text
from doable.owned.tables import owners
from support.changes import listed, pages
from support.schema import on_connection, settings_of
from support.server import Server
from support.users import User

Thing = dict[str, Any]


def new_list(user: User, name: str = "Groceries") -> Thing:
    answer = user.post("/api/me/lists", json={"name": name})
    assert answer.status_code == 201, answer.text
    made: Thing = answer.json()
    return made


def new_section(user: User, a_list: Thing, name: str = "Dairy") -> Thing:
    answer = user.post("/api/me/sections", json={"list_id": a_list["id"], "name": name})
    assert answer.status_code == 201, answer.text
    made: Thing = answer.json()
    return made


def path_of(thing: Thing) -> str:
    """Of a list or a section."""
    return f"/api/me/{'sections' if 'list_id' in thing else 'lists'}/{thing['id']}"


def fill(server: Server, user: User, table: Table, count: int, **columns: Any) -> list[str]:
    """So many rows of a kind, made behind the server's back since as many requests would take seconds: their names.

    `{}` in a column is the number of the row.
    """
    now = datetime.now(UTC)
    names = [str(number) for number in range(count)]

    def write(connection: Connection) -> None:
        instant = instant_to_text(now) if connection.dialect.name == "sqlite" else now
        which = owners.c.owner_id == user.id
        revision: int = connection.execute(select(owners.c.revision).where(which)).scalar_one()
        made = {"owner_id": user.id, "created_at": instant, "updated_at": instant}
        rows = [
            {
                **made,
                "id": str(uuid.uuid4()),
                "sequence": revision + each,
                "revision": revision + each,
                **{key: value.format(name) if isinstance(value, str) else value for key, value in columns.items()},
            }
            for each, name in enumerate(names, 1)
        ]
        connection.execute(insert(table), rows)
        tasks = count if table.name == "tasks" else 0
        moved = {"revision": revision + count, "tasks": owners.c.tasks + tasks}
        connection.execute(update(owners).where(which).values(moved))

    on_connection(settings_of(server), write)
    return names


def of_list(user: User, list_id: str | None) -> list[Thing]:
    """The tasks of a list, None the inbox, by their positions; subtasks are among them."""
    tasks = [task for task in listed(user).values() if task["list_id"] == list_id]
    return sorted(tasks, key=lambda task: task["position"].encode())


def titles(user: User, list_id: str | None) -> list[str]:
    return [task["title"] for task in of_list(user, list_id)]


def written(user: User, since: int) -> list[Thing]:
    """What was written after this revision."""
    return [change for some, _ in pages(user, None, since=since, kinds="all") for change in some]
