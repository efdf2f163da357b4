"""`is_cancelled`: a task that is complete since it will not be done."""

from typing import Any

import pytest

from doable.tasks.tables import tasks
from support.changes import listed
from support.filing import fill
from support.server import Server
from support.users import User, assert_error

Task = dict[str, Any]


def path_of(task: Task) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


def state(task: Task) -> tuple[bool, bool, bool]:
    return task["is_completed"], task["is_cancelled"], task["completed_at"] is not None


OPEN, DONE, CANCELLED = (False, False, False), (True, False, True), (True, True, True)


def test_cancelling_completes_and_reopening_clears_it(alice: User) -> None:
    task = alice.new_task()
    cancelled = alice.patch(path_of(task), json={"is_cancelled": True}).json()
    assert state(cancelled) == CANCELLED
    assert cancelled["completed_at"] == cancelled["updated_at"]
    again = alice.patch(path_of(task), json={"is_completed": True}).json()
    assert again == {**cancelled, "updated_at": again["updated_at"], "revision": cancelled["revision"] + 1}
    # It is done after all, and was then already.
    done = alice.patch(path_of(task), json={"is_cancelled": False}).json()
    assert (state(done), done["completed_at"]) == (DONE, cancelled["completed_at"])
    cancelled = alice.patch(path_of(task), json={"is_cancelled": True, "is_completed": True}).json()
    assert (state(cancelled), cancelled["completed_at"]) == (CANCELLED, done["completed_at"])
    assert state(alice.patch(path_of(task), json={"is_completed": False}).json()) == OPEN
    assert state(alice.patch(path_of(task), json={"is_cancelled": False}).json()) == OPEN
    assert state(alice.get(path_of(task)).json()) == OPEN


@pytest.mark.parametrize(
    ("body", "from_open", "from_cancelled"),
    [
        ({"is_cancelled": True}, CANCELLED, CANCELLED),
        ({"is_completed": True, "is_cancelled": True}, CANCELLED, CANCELLED),
        ({"completed": True, "is_cancelled": True}, CANCELLED, CANCELLED),
        ({"is_completed": True}, DONE, CANCELLED),
        ({"is_completed": True, "is_cancelled": False}, DONE, DONE),
        ({"is_cancelled": False}, DONE, DONE),
        ({"is_completed": False}, OPEN, OPEN),
        ({"is_completed": False, "is_cancelled": False}, OPEN, OPEN),
        ({}, DONE, OPEN),
        (None, DONE, OPEN),
    ],
)
def test_complete_takes_it(alice: User, body: Task | None, from_open: Any, from_cancelled: Any) -> None:
    task = alice.new_task()
    path = f"{path_of(task)}/complete"
    assert state(alice.patch(path, json=body).json()) == from_open
    alice.patch(path_of(task), json={"is_cancelled": True})
    assert state(alice.patch(path, json=body).json()) == from_cancelled
    assert state(alice.get(path_of(task)).json()) == from_cancelled


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"is_completed": False, "is_cancelled": True}),
        ("/complete", {"is_completed": False, "is_cancelled": True}),
        ("/complete", {"completed": False, "is_cancelled": True}),
    ],
)
def test_nothing_is_open_and_cancelled(one_user: User, path: str, body: Task) -> None:
    task = one_user.new_task()
    error = assert_error(one_user.patch(path_of(task) + path, json=body), 422, "validation_error")
    assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["body"], "contradiction")]
    for not_valid in (None, 1, "true"):
        error = assert_error(
            one_user.patch(path_of(task) + path, json={"is_cancelled": not_valid}), 422, "validation_error"
        )
        assert [each["loc"] for each in error["detail"]] == [["body", "is_cancelled"]]
    assert_error(one_user.put(path_of(task), json={"is_cancelled": True}), 422, "validation_error")
    assert one_user.get(path_of(task)).json() == task


def test_a_batch_cancels(alice: User) -> None:
    task = alice.new_task()
    operation = {"op": "update", "id": task["id"], "task": {"is_cancelled": True}}
    (result,) = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]}).json()["results"]
    assert state(result["task"]) == CANCELLED


def test_an_older_version_has_reopened_it(server: Server, alice: User) -> None:
    """It does not know that there is something to clear."""
    fill(server, alice, tasks, 1, title="{}", is_cancelled=True)
    (task,) = listed(alice).values()
    assert state(task) == state(alice.get(path_of(task)).json()) == OPEN
    assert state(alice.patch(path_of(task), json={"is_completed": True}).json()) == DONE
