"""Writes that can be undone."""

from typing import Any

import httpx

from support.kinds import Thing
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
