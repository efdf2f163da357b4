"""Whether what a user's tasks say of tags, and what the database has for finding them, are the same."""

import json
from typing import Any

from sqlalchemy import Connection, select

from doable.tasks.filed_under import tags
from doable.tasks.tables import task_tags, tasks
from doable.tasks.tag_names import key_of
from support import schema
from support.server import Server
from support.users import User

Tag = dict[str, Any]
SPELLINGS = ("Café", "cafe\u0301", "CAFÉ")
"""Of one name."""


def new_tag(user: User, name: str = "shop", **fields: Any) -> Tag:
    """A tag that was just created."""
    answer = user.post("/api/me/tags", json={"name": name, **fields})
    assert answer.status_code == 201, answer.text
    made: Tag = answer.json()
    return made


def path_of(tag: Tag) -> str:
    """Where it is."""
    return f"/api/me/tags/{tag['id']}"


def tags_of(server: Server, user: User) -> list[Tag]:
    """The rows of the user's tags, the oldest first."""

    def read(connection: Connection) -> list[Tag]:
        rows = connection.execute(select(tags).where(tags.c.owner_id == user.id).order_by(tags.c.sequence))
        return [dict(row) for row in rows.mappings()]

    return schema.on_connection(schema.settings_of(server), read)


def assert_in_step(server: Server, user: User) -> None:
    """Each task is filed under the tags that it names, as they are spelled, in the order of their keys, and under no other.

    One that is being renamed may have either name.
    """

    def read(connection: Connection) -> tuple[dict[int, str | None], set[tuple[int, int]]]:
        of_tasks = connection.execute(select(tasks.c.sequence, tasks.c.tags).where(tasks.c.owner_id == user.id))
        filed = connection.execute(select(task_tags.c.tag, task_tags.c.sequence).where(task_tags.c.owner_id == user.id))
        return {row.sequence: row.tags for row in of_tasks}, {(row.tag, row.sequence) for row in filed}

    named, filed = schema.on_connection(schema.settings_of(server), read)
    made = tags_of(server, user)
    assert [tag["key"] for tag in made] == [key_of(tag["name"]) for tag in made]
    there = {name: tag for tag in made for name in (tag["name"], tag["next_name"]) if name is not None}
    expected = set()
    for sequence, text in named.items():
        if text is not None:
            names = json.loads(text)
            assert names == sorted(names, key=lambda name: key_of(name).encode())
            assert len({*map(key_of, names)}) == len(names) > 0
            assert text == json.dumps(names, ensure_ascii=False, separators=(",", ":"))
            expected |= {(there[name]["sequence"], sequence) for name in names}
    assert filed == expected
