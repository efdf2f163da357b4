"""Every way to write a task, what a write leaves behind, and what it says when it is refused."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from support.users import User, assert_error

Request = dict[str, Any]
"""What `httpx.Client.request` is called with."""


def create(user: User) -> Request:
    return {"method": "POST", "url": user.tasks, "json": {"title": "created", "description": '🧑‍🚀 חלב \\ " é'}}


def create_with_id(user: User) -> Request:
    url = f"{user.tasks}/{uuid.uuid4()}"
    return {"method": "PUT", "url": url, "json": {"title": "created"}, "headers": {"If-None-Match": "*"}}


def put(user: User) -> Request:
    return {"method": "PUT", "url": f"{user.tasks}/{user.new_task()['id']}", "json": {"title": "put"}}


def patch(user: User) -> Request:
    return {"method": "PATCH", "url": f"{user.tasks}/{user.new_task()['id']}", "json": {"description": "patched"}}


def toggle(user: User) -> Request:
    return {"method": "PATCH", "url": f"{user.tasks}/{user.new_task()['id']}/complete"}


def delete(user: User) -> Request:
    return {"method": "DELETE", "url": f"{user.tasks}/{user.new_task()['id']}"}


def batch(user: User) -> Request:
    task_id = user.new_task()["id"]
    operations = [
        {"op": "create", "task": {"title": "in a batch"}},
        {"op": "update", "id": task_id, "task": {"title": "in a batch"}},
    ]
    return {"method": "POST", "url": f"{user.tasks}/batch", "json": {"operations": operations}}


@dataclass(frozen=True, slots=True)
class Write:
    """How to make the request for a user, with the task that it needs, and what comes of it."""

    request: Callable[[User], Request]
    status: int = 200
    revisions: int = 1
    """By how much the owner's revision moves."""
    tasks: int = 0
    """How many tasks more there are."""


WRITES = {
    "create": Write(create, 201, tasks=1),
    "create_with_id": Write(create_with_id, 201, tasks=1),
    "put": Write(put),
    "patch": Write(patch),
    "toggle": Write(toggle),
    "delete": Write(delete, 204, tasks=-1),
    "batch": Write(batch, revisions=2, tasks=1),
}


def with_headers(request: Request, **headers: str) -> Request:
    """The same request, with these headers beside its own."""
    return {**request, "headers": {**request.get("headers", {}), **headers}}


def state_of(user: User) -> dict[str, Any]:
    """Everything that the API tells of a user's data: the list, its total, every change and the revision."""
    page = user.get(user.tasks, params={"limit": 100}).json()
    feed = user.get(f"/api/{user.id}/changes").json()
    assert not feed["has_more"]
    return {"tasks": page["tasks"], "total": page["total"], "changes": feed["changes"], "revision": feed["revision"]}


def etag(revision: int, version: int = 3) -> str:
    """The entity tag of a task at this revision; or of a thing whose form has another version."""
    return f'"{revision}.{version}"'


def first_members(task: dict[str, Any]) -> dict[str, Any]:
    """Of a task what the first contract promised: its first nine members."""
    return dict(list(task.items())[:9])


def assert_detailed_error(answer: httpx.Response, status: int, code: str, **details: Any) -> None:
    """The answer is this error, with exactly these details beside what every error has."""
    body = answer.json()
    assert {name: body.pop(name, None) for name in details} == details
    assert_error(httpx.Response(answer.status_code, headers=answer.headers, json=body), status, code)
