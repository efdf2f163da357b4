"""POST /api/{user_id}/tasks/{task_id}/skip: the task moves to its next date."""

import uuid
from typing import Any

import httpx
import pytest

from support.schema import execute, settings_of
from support.server import Server
from support.users import User, assert_error

Task = dict[str, Any]


def path_of(task: Task) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


def recurring(user: User, rule: str, **members: Any) -> Task:
    body = {"title": "Rent", "due": {"date": "2024-01-31"}, "recurrence": {"rule": rule}, **members}
    made: Task = user.post(user.tasks, json=body).json()
    return made


def test_it_moves_to_the_next_date_past_or_not(alice: User) -> None:
    start = {"date": "2024-01-30", "time": "08:00:00", "timezone": "Europe/Berlin"}
    task = recurring(alice, "FREQ=MONTHLY;COUNT=4", start=start)
    alice.new_task("below", parent_id=task["id"])
    skipped = alice.post(f"{path_of(task)}/skip").json()
    assert skipped == {
        **task,
        "due": {**task["due"], "date": "2024-03-31"},
        # At the same time of day, which is summer's by then. 60 days, as `due` is moved.
        "start": {**task["start"], "date": "2024-03-30", "at": "2024-03-30T07:00:00.000000Z"},
        "recurrence": {"rule": "FREQ=MONTHLY;COUNT=3", "from": "due", "occurrence": "2024-03-31", "is_supported": True},
        "updated_at": skipped["updated_at"],
        "revision": task["revision"] + 2,
    }
    assert alice.get(path_of(task)).json() == skipped


def test_skipping_one_date_twice_is_once(alice: User) -> None:
    task = recurring(alice, "FREQ=DAILY")
    body = {"occurrence": "2024-01-31"}
    skipped = alice.post(f"{path_of(task)}/skip", json=body).json()
    assert_error(alice.post(f"{path_of(task)}/skip", json=body), 409, "occurrence_passed")
    assert alice.get(path_of(task)).json() == skipped
    assert alice.post(f"{path_of(task)}/skip", json={"occurrence": None}).json()["due"]["date"] == "2024-02-02"


def test_the_next_date_is_after_the_one_that_it_was_moved_to(alice: User) -> None:
    task = recurring(alice, "FREQ=WEEKLY;COUNT=9")
    alice.patch(path_of(task), json={"due": {"date": "2024-02-15"}})
    skipped = alice.post(f"{path_of(task)}/skip").json()
    assert (skipped["due"]["date"], skipped["recurrence"]["rule"]) == ("2024-02-21", "FREQ=WEEKLY;COUNT=6")


def test_from_completion_on_it_moves_by_the_interval(alice: User) -> None:
    task = recurring(alice, "", recurrence={"rule": "FREQ=MONTHLY;COUNT=2", "from": "completion"})
    skipped = alice.post(f"{path_of(task)}/skip").json()
    assert (skipped["due"]["date"], skipped["recurrence"]["rule"]) == ("2024-02-29", "FREQ=MONTHLY;COUNT=1")


@pytest.mark.parametrize("rule", ["FREQ=DAILY;COUNT=1", "FREQ=DAILY;UNTIL=20240131"])
def test_there_is_nothing_behind_the_last_date(one_user: User, rule: str) -> None:
    task = recurring(one_user, rule)
    assert_error(one_user.post(f"{path_of(task)}/skip"), 409, "no_next_occurrence")
    assert one_user.get(path_of(task)).json() == task


def test_only_what_recurs_can_be_skipped(alice: User) -> None:
    task = alice.new_task(due={"date": "2024-01-31"})
    assert_error(alice.post(f"{path_of(task)}/skip"), 409, "not_recurring")
    task = recurring(alice, "FREQ=DAILY")
    done = alice.patch(f"{path_of(task)}/complete").json()
    assert_error(alice.post(f"{path_of(task)}/skip"), 409, "not_recurring")
    assert alice.get(path_of(task)).json() == done


def test_if_match_decides(alice: User) -> None:
    task = recurring(alice, "FREQ=DAILY")
    headers = {"If-Match": '"0.2"'}
    assert alice.post(f"{path_of(task)}/skip", headers=headers).status_code == 412
    etag = alice.get(path_of(task)).headers["etag"]
    assert alice.post(f"{path_of(task)}/skip", headers={"If-Match": etag}).status_code == 200


def test_undo_and_a_key_hold_for_it(alice: User) -> None:
    task = recurring(alice, "FREQ=DAILY")
    headers = {"Undo": "1", "Idempotency-Key": str(uuid.uuid4())}
    first, again = (alice.post(f"{path_of(task)}/skip", headers=headers) for _ in range(2))
    assert first.json() == again.json()
    alice.post(f"/api/{alice.id}/undo/{first.headers['undo-token']}")
    assert alice.get(path_of(task)).json()["recurrence"] == task["recurrence"]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"occurrence": "31.1.2024"}, ["body", "occurrence"]),
        ({"occurrence": "2024-02-30"}, ["body", "occurrence"]),
        ({"occurrence": 20240131}, ["body", "occurrence"]),
        ({"date": "2024-01-31"}, ["body", "date"]),
        ([], ["body"]),
    ],
)
def test_refuses_what_is_no_date(one_user: User, body: Any, loc: list[str]) -> None:
    task = recurring(one_user, "FREQ=DAILY")
    error = assert_error(one_user.post(f"{path_of(task)}/skip", json=body), 422, "validation_error")
    assert [each["loc"] for each in error["detail"]] == [loc]
    assert one_user.get(path_of(task)).json() == task


def test_refuses_others_and_nobody(alice: User, bob: User) -> None:
    task = recurring(bob, "FREQ=DAILY")
    assert_error(alice.post(f"{alice.tasks}/{task['id']}/skip"), 403, "forbidden")
    assert_error(alice.post(f"{path_of(task)}/skip"), 403, "forbidden")
    assert_error(alice.post(f"{alice.tasks}/{uuid.uuid4()}/skip"), 404, "task_not_found")
    assert_error(httpx.post(f"{bob.base_url}{path_of(task)}/skip"), 401, "unauthenticated")
    assert alice.get(f"{alice.tasks}/{uuid.uuid4()}/skip").headers["allow"] == "OPTIONS, POST"
    assert bob.get(path_of(task)).json() == task


def test_where_other_code_has_left_the_occurrence_out_it_is_the_day_on_which_it_is_due(
    alice: User, server: Server
) -> None:
    skipped, completed = (recurring(alice, "FREQ=MONTHLY;BYMONTHDAY=-1") for _ in range(2))
    execute(settings_of(server), f"UPDATE tasks SET occurrence = NULL WHERE owner_id = '{alice.id}'")  # noqa: S608 - no input
    assert alice.get(path_of(skipped)).json()["recurrence"]["occurrence"] is None
    assert alice.post(f"{path_of(skipped)}/skip").json()["due"]["date"] == "2024-02-29"
    assert alice.patch(f"{path_of(completed)}/complete").json()["next_id"] is not None
