"""A client that knows only the first contract: what it does not name stays as it is, and it sees nothing that it does not know."""

from collections.abc import Callable
from typing import Any

import pytest

from doable.kinds import KINDS
from doable.tasks.kind import TASK
from doable.tasks.schemas import TaskCreate
from support.changes import batch, changes
from support.kinds import everything, new
from support.users import User

Task = dict[str, Any]

MEMBERS = {
    *("id", "title", "description", "is_completed", "completed_at", "user_id", "created_at", "updated_at", "revision"),
}
"""Of a task in the first contract."""

WRITES: dict[str, Callable[[User, str], Any]] = {
    "PUT": lambda user, path: user.put(path, json={"title": "changed"}),
    "PUT of all that it knows": lambda user, path: user.put(path, json={"title": "changed", "description": None}),
    "PATCH": lambda user, path: user.patch(path, json={"title": "changed"}),
    "PATCH that completes": lambda user, path: user.patch(path, json={"is_completed": True}),
    "complete": lambda user, path: user.patch(f"{path}/complete", json={"completed": True}),
    "toggle": lambda user, path: user.patch(f"{path}/complete"),
    "batch": lambda user, path: batch(
        user,
        {"op": "update", "id": path.rpartition("/")[2], "task": {"title": "changed"}},
        {"op": "complete", "id": path.rpartition("/")[2]},
        {"op": "reopen", "id": path.rpartition("/")[2]},
    ),
}


COMPLETING = WRITES.keys() - {"PUT", "PATCH"}
"""What these do to a task that recurs is in tests/tasks/recurrence."""


def full(user: User, **members: Any) -> Task:
    """A task that has everything which the first contract does not know."""
    list_id = new(user, next(kind for kind in KINDS if kind.name == "list"))["id"]
    section_id = new(user, next(kind for kind in KINDS if kind.name == "section"), list_id=list_id)["id"]
    parent = user.new_task("parent", list_id=list_id)
    made = new(user, TASK, parent_id=parent["id"], section_id=section_id, tags=["shop"], **members)
    plain = user.new_task()
    for name in TaskCreate.model_fields:
        assert made[name] != plain[name] or name in {*MEMBERS, *members}, f"{name} is as it is by itself"
    return made


def unknown(task: Task) -> Task:
    """What it does not know of the task. When a reminder comes follows from the state."""
    of_others = {name: value for name, value in task.items() if name not in MEMBERS}
    return {**of_others, "reminders": [{**each, "remind_at": None} for each in task["reminders"]]}


@pytest.mark.parametrize("way", WRITES)
def test_what_it_does_not_name_stays(alice: User, way: str) -> None:
    task = full(alice, **({"recurrence": None} if way in COMPLETING else {}))
    before = {change["id"]: change for change in everything(alice)}
    WRITES[way](alice, f"{alice.tasks}/{task['id']}")
    after = {change["id"]: change for change in everything(alice)}
    changed = after.pop(task["id"])["task"]
    assert unknown(changed) == unknown(task)
    assert changed["revision"] > task["revision"]
    del before[task["id"]]
    assert after == before


def test_what_it_does_to_a_parent_its_subtasks_follow_and_nothing_else_does(alice: User) -> None:
    parent, other = alice.new_task("parent"), full(alice)
    child = new(alice, TASK, parent_id=parent["id"])
    below = new(alice, TASK, parent_id=child["id"])
    since = changes(alice)["revision"]
    alice.delete(f"{alice.tasks}/{parent['id']}")
    seen = changes(alice, since=since)["changes"]
    assert {(each["kind"], each["id"], each["deleted"]) for each in seen} == {
        ("task", each["id"], True) for each in (parent, child, below)
    }
    assert changes(alice, since=since, kinds="all")["changes"] == seen
    assert alice.get(f"{alice.tasks}/{other['id']}").json() == other


def test_it_is_told_of_tasks_alone(alice: User) -> None:
    full(alice)
    alice.patch("/api/me/preferences", json={"theme": "dark"})
    assert {each["kind"] for each in changes(alice)["changes"]} == {"task"}
    assert {each["kind"] for each in everything(alice)} >= {"task", "list", "section", "preferences"}
