"""What a write leaves behind, and what it says when it is refused."""

from typing import Any

import httpx

from support.users import User, assert_error


def state_of(user: User) -> dict[str, Any]:
    """Everything that the API tells of a user's data: the list, its total, every change and the revision."""
    page = user.get(user.tasks, params={"limit": 100}).json()
    feed = user.get(f"/api/{user.id}/changes").json()
    assert not feed["has_more"]
    return {"tasks": page["tasks"], "total": page["total"], "changes": feed["changes"], "revision": feed["revision"]}


def assert_detailed_error(answer: httpx.Response, status: int, code: str, **details: Any) -> None:
    """The answer is this error, with exactly these details beside what every error has."""
    body = answer.json()
    assert {name: body.pop(name, None) for name in details} == details
    assert_error(httpx.Response(answer.status_code, headers=answer.headers, json=body), status, code)
