"""`recurrence` as a member of a task: set, changed, taken away, and refused."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from support.changes import batch, listed
from support.users import User, assert_error

Task = dict[str, Any]

DUE = {"date": "2028-01-31"}
MONTHLY = {"rule": "FREQ=MONTHLY"}


def path_of(task: Task) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


def test_it_is_answered_in_upper_case_and_with_its_own_date(alice: User) -> None:
    body = {"title": "Rent", "due": DUE, "recurrence": {"rule": "freq=monthly;ByMonthDay=-1"}}
    recurs = {"rule": "FREQ=MONTHLY;BYMONTHDAY=-1", "from": "due", "occurrence": "2028-01-31", "is_supported": True}
    made = alice.post(alice.tasks, json=body).json()
    assert (made["recurrence"], made["series_id"], made["next_id"]) == (recurs, made["id"], None)
    assert alice.get(path_of(made)).json() == made
    assert listed(alice) == {made["id"]: made}


def test_what_was_read_can_be_sent_back(alice: User) -> None:
    made = alice.post(alice.tasks, json={"title": "Rent", "due": DUE, "recurrence": MONTHLY}).json()
    moved = alice.patch(path_of(made), json={"due": {"date": "2028-02-02"}}).json()
    assert moved["recurrence"]["occurrence"] == "2028-01-31"
    for send in (alice.put, alice.patch):
        sent = {name: moved[name] for name in ("title", "due", "recurrence")}
        again = send(path_of(made), json=sent).json()
        assert {name: again[name] for name in sent} == sent
    # With another date or another rule it begins anew.
    for changed in ({"due": {"date": "2028-02-03"}, "recurrence": MONTHLY}, {"recurrence": {"rule": "FREQ=DAILY"}}):
        again = alice.patch(path_of(made), json=changed).json()
        assert again["recurrence"]["occurrence"] == "2028-02-03"
        assert again["series_id"] == made["id"]


def test_a_patch_merges_and_a_put_does_not(alice: User) -> None:
    made = alice.post(alice.tasks, json={"title": "Rent", "due": DUE, "recurrence": MONTHLY}).json()
    from_completion = alice.patch(path_of(made), json={"recurrence": {"from": "completion"}}).json()
    assert from_completion["recurrence"] == {
        "rule": "FREQ=MONTHLY",
        "from": "completion",
        "occurrence": DUE["date"],
        "is_supported": True,
    }
    yearly = alice.patch(path_of(made), json={"recurrence": {"rule": "FREQ=YEARLY"}}).json()
    assert (yearly["recurrence"]["rule"], yearly["recurrence"]["from"]) == ("FREQ=YEARLY", "completion")
    assert alice.put(path_of(made), json={"recurrence": MONTHLY}).json()["recurrence"]["from"] == "due"
    for send, path in ((alice.put, path_of(made)), (alice.patch, path_of(alice.new_task()))):
        error = assert_error(send(path, json={"recurrence": {"from": "due"}}), 422, "validation_error")
        (problem,) = error["detail"]
        assert (problem["loc"], problem["type"]) == (["body", "recurrence", "rule"], "missing")


def test_a_rule_comes_and_goes(alice: User) -> None:
    task = alice.new_task()
    given = alice.patch(path_of(task), json={"due": DUE, "recurrence": MONTHLY}).json()
    assert given["series_id"] == task["id"]
    ended = alice.patch(path_of(task), json={"recurrence": None}).json()
    assert (ended["recurrence"], ended["series_id"]) == (None, task["id"])
    assert alice.patch(f"{path_of(task)}/complete").json()["next_id"] is None
    headers = {"If-None-Match": "*"}
    chosen = f"{alice.tasks}/{uuid.uuid4()}"
    put = alice.put(chosen, json={"title": "Rent", "due": DUE, "recurrence": MONTHLY}, headers=headers)
    assert put.json()["recurrence"] == {**MONTHLY, "from": "due", "occurrence": DUE["date"], "is_supported": True}


def test_an_id_that_was_the_first_of_a_series_begins_another(alice: User) -> None:
    body = {"title": "Rent", "due": DUE, "recurrence": MONTHLY}
    made = alice.post(alice.tasks, json=body).json()
    successor = alice.patch(f"{path_of(made)}/complete").json()["next_id"]
    alice.delete(path_of(made))
    again = alice.put(path_of(made), json=body, headers={"If-None-Match": "*"}).json()
    assert again["series_id"] not in {made["id"], None}
    assert alice.get(f"{alice.tasks}/{successor}").json()["series_id"] == made["id"]


WAYS: list[Callable[[User, Task, Task], httpx.Response]] = [
    lambda user, task, body: user.patch(path_of(task), json=body),
    lambda user, task, body: user.put(path_of(task), json=body),
    lambda user, task, body: user.post(
        f"{user.tasks}/batch", json={"operations": [{"op": "update", "id": task["id"], "task": body}]}
    ),
    lambda user, _, body: user.post(user.tasks, json={"title": "Rent", **body}),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("body", "code", "loc"),
    [
        ({"recurrence": MONTHLY}, "validation_error", ["body", "due"]),
        ({"due": DUE, "recurrence": {"rule": "FREQ=HOURLY"}}, "recurrence_unsupported", ["body", "recurrence", "rule"]),
        ({"due": DUE, "recurrence": {"rule": "x" * 300}}, "recurrence_unsupported", ["body", "recurrence", "rule"]),
        (
            {"due": DUE, "recurrence": {"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}},
            "recurrence_never",
            ["body", "recurrence", "rule"],
        ),
        ({"due": DUE, "recurrence": {}}, "validation_error", ["body", "recurrence", "rule"]),
        ({"due": DUE, "recurrence": {"rule": None}}, "validation_error", ["body", "recurrence", "rule"]),
        ({"due": DUE, "recurrence": {**MONTHLY, "from": "x"}}, "validation_error", ["body", "recurrence", "from"]),
        ({"due": DUE, "recurrence": {**MONTHLY, "from_": "due"}}, "validation_error", ["body", "recurrence", "from_"]),
        ({"due": DUE, "recurrence": "FREQ=DAILY"}, "validation_error", ["body", "recurrence"]),
        (
            {"due": DUE, "recurrence": {"rule": "FREQ=WEEKLY;BYDAY=MO", "from": "completion"}},
            "recurrence_unsupported",
            ["body", "recurrence", "rule"],
        ),
    ],
)
def test_refuses_what_is_no_recurrence(
    one_user: User, way: Callable[..., httpx.Response], body: Task, code: str, loc: list[str]
) -> None:
    task = one_user.new_task()
    before = listed(one_user)
    answer = way(one_user, task, body)
    assert answer.status_code == 422, answer.text
    error = answer.json()
    assert error["code"] == code
    assert [each["loc"][-len(loc) + 1 :] for each in error["detail"]] == [loc[1:]]
    assert "x" * 300 not in answer.text
    assert listed(one_user) == before


def test_the_due_date_of_what_recurs_stays(alice: User) -> None:
    made = alice.post(alice.tasks, json={"title": "Rent", "due": DUE, "recurrence": MONTHLY}).json()
    for send in (alice.patch, alice.put):
        error = assert_error(send(path_of(made), json={"due": None}), 422, "validation_error")
        assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["body", "due"], "recurrence_needs_due")]
    assert alice.get(path_of(made)).json() == made
    assert alice.patch(path_of(made), json={"due": None, "recurrence": None}).json()["due"] is None


def test_a_completed_task_takes_no_rule(alice: User) -> None:
    task = alice.new_task(due=DUE)
    done = alice.patch(f"{path_of(task)}/complete").json()
    for body in ({"recurrence": MONTHLY}, {"recurrence": MONTHLY, "is_completed": True}):
        assert_error(alice.patch(path_of(task), json=body), 409, "task_completed")
    assert_error(alice.put(path_of(task), json={"recurrence": MONTHLY}), 409, "task_completed")
    assert alice.get(path_of(task)).json() == done
    assert alice.patch(path_of(task), json={"recurrence": None}).json()["recurrence"] is None
    opened = alice.patch(path_of(task), json={"is_completed": False, "recurrence": MONTHLY}).json()
    assert opened["series_id"] == task["id"]


def test_a_batch_makes_completes_and_skips_in_one(alice: User) -> None:
    chosen = str(uuid.uuid4())
    body = {"title": "Rent", "due": DUE, "recurrence": MONTHLY}
    made, skipped, done = batch(
        alice,
        {"op": "create", "id": chosen, "task": body},
        {"op": "skip", "id": chosen, "occurrence": "2028-01-31"},
        {"op": "complete", "id": chosen},
    )
    assert made["task"]["series_id"] == chosen
    assert skipped["task"]["due"]["date"] == "2028-03-31"
    assert alice.get(f"{alice.tasks}/{done['task']['next_id']}").json()["due"]["date"] == "2028-05-31"
