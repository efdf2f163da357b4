"""Writes that can be undone."""

import uuid
from typing import Any

import httpx

from doable import clock
from support.kinds import Thing
from support.schema import execute, settings_of
from support.server import Server
from support.users import User
from support.writes import Request, with_headers

UNDO = {"Undo": "1"}


def write(user: User, method: str, path: str, **options: Any) -> tuple[httpx.Response, str]:
    """A write that succeeds, and its undo token. `path` is below the user's."""
    return send(user, {"method": method, "url": f"/api/me/{path}", **options})


def send(user: User, request: Request) -> tuple[httpx.Response, str]:
    """The same for a request that was made already."""
    answer = user.request(**with_headers(request, **UNDO))
    assert answer.is_success, answer.text
    return answer, answer.headers["undo-token"]


def undo(user: User, token: str, **headers: str) -> Thing:
    """What came of undoing it."""
    answer = user.post(f"/api/me/undo/{token}", headers=headers)
    assert answer.status_code == 200, answer.text
    body: Thing = answer.json()
    return body


def but_stamps(things: list[Thing]) -> list[Thing]:
    """The things without what every write moves."""
    return [
        {name: value for name, value in thing.items() if name not in {"revision", "updated_at"}} for thing in things
    ]


def fill(server: Server, user: User, count: int) -> None:
    """Have so many writes of the user's more that can be undone, and changed nothing, newer than the last one."""
    revision = user.get("/api/me/changes").json()["revision"] + 1
    columns = "owner_id, id, revision, created_at, tasks, stored_bytes, kept_bytes, rows"
    now = clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
    rows = (f"('{user.id}', '{uuid.uuid4()}', {revision}, '{now}', 0, 0, 0, '[]')" for _ in range(count))
    execute(settings_of(server), f"INSERT INTO undos ({columns}) VALUES {', '.join(rows)}")  # noqa: S608 - no input
