"""A client that keeps a copy of its tasks in step by the feed of changes."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx

from support.users import User

Change = dict[str, Any]
Copy = dict[str, Any]
"""Tasks by their ids."""


def changes(user: User, **params: Any) -> dict[str, Any]:
    """One page of the user's changes."""
    answer = user.get(f"/api/{user.id}/changes", params=params)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def pages(
    user: User, after_each: Callable[[], object] | None = None, **params: Any
) -> Iterator[tuple[list[Change], int]]:
    """Every page, from one `Link` to the next: its changes and its revision. `after_each` is called between two."""
    url: str | httpx.URL = f"/api/{user.id}/changes"
    answer = user.get(url, params=params)
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["has_more"] == ("next" in answer.links)
        yield page["changes"], page["revision"]
        if not page["has_more"]:
            return
        # With more to come, nobody may continue from beyond the last row.
        assert page["revision"] == page["changes"][-1]["revision"]
        if after_each is not None:
            after_each()
        answer = user.get(answer.url.join(answer.links["next"]["url"]))


def read_all(user: User, **params: int) -> list[Change]:
    """The changes of every page."""
    return [change for some, _ in pages(user, None, **params) for change in some]


def apply(copy: Copy, some: Iterable[Change]) -> Copy:
    """Bring the copy up to date."""
    for change in some:
        if change["deleted"]:
            assert change["task"] is None
            copy.pop(change["id"], None)
        else:
            assert (change["task"]["id"], change["task"]["revision"]) == (change["id"], change["revision"])
            copy[change["id"]] = change["task"]
    return copy


def listed(user: User) -> Copy:
    """All of the user's tasks, from the pages of the list."""
    tasks: list[dict[str, Any]] = []
    while page := user.get(user.tasks, params={"limit": 100, "offset": len(tasks)}).json()["tasks"]:
        tasks += page
    copy = {task["id"]: task for task in tasks}
    assert len(copy) == len(tasks)
    return copy


def batch(user: User, *operations: dict[str, Any]) -> list[dict[str, Any]]:
    """The result of each operation."""
    answer = user.post(f"{user.tasks}/batch", json={"operations": operations})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results
