"""Imports: sending files, and waiting for what becomes of them."""

import json
import time
from typing import Any

import httpx

from support.users import User

Thing = dict[str, Any]


def send(user: User, content: bytes | Thing, filename: str = "export.json", **query: str) -> httpx.Response:
    """Send a file to be imported: bytes, or a document as JSON."""
    file = content if isinstance(content, bytes) else json.dumps(content).encode()
    return user.post("/api/me/import", params=query, files={"file": (filename, file)})


def ended(user: User, id_: str) -> Thing:
    """The import, once nothing more is done of it."""
    deadline = time.monotonic() + 60
    while True:
        found: Thing = user.get(f"/api/me/imports/{id_}").raise_for_status().json()
        if found["state"] not in {"running", "undoing"}:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def imported(user: User, content: bytes | Thing, filename: str = "export.json", **query: str) -> Thing:
    """The import of a file, at its end."""
    answer = send(user, content, filename, **query)
    assert answer.status_code == 202, answer.text
    return ended(user, answer.json()["id"])


def undone(user: User, id_: str) -> Thing:
    """The import, once it is undone."""
    answer = user.delete(f"/api/me/imports/{id_}")
    assert answer.status_code == 202, answer.text
    return ended(user, id_)


def document(**sections: list[Thing]) -> Thing:
    """An own export with these in it."""
    return {"user": {"id": "6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11"}, **sections}
