"""A task that recurs is completed: what comes after it."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from doable.tasks.tables import tasks
from support.calendar_storage import bytes_kept
from support.changes import batch, listed, pages
from support.filing import fill
from support.kinds import stored_bytes
from support.server import Server
from support.users import User, assert_error
from support.writes import assert_detailed_error

Task = dict[str, Any]

TODAY = datetime.now(UTC).date()
FAR = TODAY + timedelta(days=400)


def path_of(task: Task) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


def recurring(user: User, rule: str = "FREQ=DAILY", *, due: date = FAR, **members: Any) -> Task:
    body = {"title": "Water the plants", "due": {"date": f"{due}"}, "recurrence": {"rule": rule}, **members}
    answer = user.post(user.tasks, json=body)
    assert answer.status_code == 201, answer.text
    made: Task = answer.json()
    return made


def found(user: User, **query: str) -> dict[str, Task]:
    """The tasks that are listed so, by their ids."""
    return {each["id"]: each for each in user.get(user.tasks, params=query).json()["tasks"]}


def complete(task: Task, user: User) -> tuple[Task, Task]:
    """The task and its successor."""
    answer = user.patch(f"{path_of(task)}/complete", json={"is_completed": True})
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert done["is_completed"]
    assert done["recurrence"] is None
    return done, user.get(f"{user.tasks}/{done['next_id']}").json()


def test_the_successor_is_the_task_at_its_next_date(alice: User) -> None:
    members: Task = {
        "description": "All of them",
        "priority": "high",
        "start": {"date": f"{FAR - timedelta(days=2)}", "time": "08:00", "timezone": "Europe/Berlin"},
        "tags": ["home"],
        "estimate_minutes": 10,
        "url": "https://example.com/plants",
    }
    task = recurring(alice, "FREQ=DAILY;INTERVAL=3", **members)
    assert task["recurrence"] == {
        "rule": "FREQ=DAILY;INTERVAL=3",
        "from": "due",
        "occurrence": f"{FAR}",
        "is_supported": True,
    }
    assert (task["series_id"], task["next_id"]) == (task["id"], None)
    other = alice.new_task()
    done, successor = complete(task, alice)
    stamp = {"completed_at": done["completed_at"], "updated_at": done["updated_at"], "revision": task["revision"] + 2}
    assert done == {**task, **stamp, "is_completed": True, "recurrence": None, "next_id": successor["id"]}
    assert successor["id"] == str(uuid.uuid5(uuid.UUID(task["id"]), "next"))
    next_day = FAR + timedelta(days=3)
    assert successor == {
        **task,
        "id": successor["id"],
        "due": {**task["due"], "date": f"{next_day}"},
        "start": {**task["start"], "date": f"{FAR + timedelta(days=1)}", "at": successor["start"]["at"]},
        "recurrence": {**task["recurrence"], "occurrence": f"{next_day}"},
        "created_at": successor["created_at"],
        "updated_at": successor["created_at"],
        "revision": done["revision"] + 2,  # what it is called in CalDAV goes from the one to the other
    }
    assert successor["created_at"] > task["created_at"]
    assert successor["position"] < other["position"]
    assert set(found(alice, tag="home")) == {task["id"], successor["id"]}


def test_completing_twice_is_once(alice: User) -> None:
    done, successor = complete(recurring(alice), alice)
    for body in ({"is_completed": True}, {"completed": True}):
        again = alice.patch(f"{path_of(done)}/complete", json=body).json()
        assert again["next_id"] == successor["id"]
    alice.patch(path_of(done), json={"is_completed": True, "recurrence": None})
    assert set(listed(alice)) == {done["id"], successor["id"]}


@pytest.mark.parametrize(
    "way",
    [
        lambda user, task: user.patch(f"{path_of(task)}/complete"),
        lambda user, task: user.patch(path_of(task), json={"is_completed": True}),
        lambda user, task: batch(user, {"op": "complete", "id": task["id"]}),
        lambda user, task: batch(user, {"op": "update", "id": task["id"], "task": {"is_completed": True}}),
        lambda user, task: user.patch(
            path_of(task), json={"is_completed": True, "due": {"date": f"{FAR}"}, "recurrence": {"rule": "FREQ=DAILY"}}
        ),
    ],
)
def test_every_way_of_completing_makes_one(one_user: User, way: Callable[[User, Task], Any]) -> None:
    task = recurring(one_user, "FREQ=DAILY;COUNT=2")
    way(one_user, task)
    done = one_user.get(path_of(task)).json()
    successor = one_user.get(f"{one_user.tasks}/{done['next_id']}").json()
    assert (done["is_completed"], done["recurrence"], successor["is_completed"]) == (True, None, False)
    assert successor["due"]["date"] == f"{FAR + timedelta(days=1)}"


def test_a_series_goes_on_until_its_count_is_used_up(alice: User) -> None:
    task = recurring(alice, "FREQ=WEEKLY;COUNT=3")
    series = [task]
    while (done := complete(series[-1], alice) if series[-1]["recurrence"]["rule"][-1] != "1" else None) is not None:
        series.append(done[1])
    last = alice.patch(f"{path_of(series[-1])}/complete").json()
    assert (last["is_completed"], last["next_id"], last["recurrence"]) == (True, None, None)
    assert [each["recurrence"]["rule"][-1] for each in series] == ["3", "2", "1"]
    assert {each["series_id"] for each in series} == {task["id"]}


def test_done_late_it_goes_on_in_the_future_and_missed_dates_count(alice: User) -> None:
    task = recurring(alice, "FREQ=DAILY;COUNT=20", due=TODAY - timedelta(days=10))
    successor = complete(task, alice)[1]
    # The test may run over midnight.
    days = (date.fromisoformat(successor["due"]["date"]) - TODAY).days
    assert days in {1, 2}
    assert successor["recurrence"]["rule"] == f"FREQ=DAILY;COUNT={20 - 10 - days}"
    over = recurring(alice, "FREQ=DAILY;COUNT=5", due=TODAY - timedelta(days=10))
    assert alice.patch(f"{path_of(over)}/complete").json()["next_id"] is None


def test_moving_the_date_moves_this_one_alone(alice: User) -> None:
    task = recurring(alice, "FREQ=WEEKLY")
    early = alice.patch(path_of(task), json={"due": {"date": f"{FAR - timedelta(days=2)}"}}).json()
    assert early["recurrence"] == task["recurrence"]
    assert complete(early, alice)[1]["due"]["date"] == f"{FAR + timedelta(days=7)}"
    task = recurring(alice, "FREQ=WEEKLY")
    late = alice.patch(path_of(task), json={"due": {"date": f"{FAR + timedelta(days=8)}"}}).json()
    assert complete(late, alice)[1]["due"]["date"] == f"{FAR + timedelta(days=14)}"


def test_from_completion_the_next_date_counts_from_today(alice: User) -> None:
    rule = {"rule": "FREQ=DAILY;INTERVAL=3", "from": "completion"}
    late = recurring(alice, due=TODAY - timedelta(days=10), recurrence=rule)
    days = (date.fromisoformat(complete(late, alice)[1]["due"]["date"]) - TODAY).days
    assert days in {3, 4}
    early = recurring(alice, recurrence=rule)
    assert complete(early, alice)[1]["due"]["date"] == f"{FAR + timedelta(days=3)}"


def test_cancelling_ends_the_series(alice: User) -> None:
    task = recurring(alice)
    for path in (path_of(task), f"{path_of(task)}/complete"):
        cancelled = alice.patch(path, json={"is_cancelled": True}).json()
        assert (cancelled["is_cancelled"], cancelled["next_id"], cancelled["recurrence"]) == (True, None, None)
        assert alice.patch(f"{path_of(task)}/complete").json()["recurrence"] == task["recurrence"]


def test_its_subtasks_are_copied_and_a_subtask_closed_with_it_has_no_successor(alice: User) -> None:
    task = recurring(alice)
    first = recurring(alice, title="first", parent_id=task["id"], due=FAR - timedelta(days=1), tags=["home"])
    second = alice.new_task("second", parent_id=task["id"])
    below = alice.new_task("below", parent_id=first["id"])
    alice.patch(f"{path_of(second)}/complete")
    _, successor = complete(task, alice)
    closed = [alice.get(path_of(each)).json() for each in (first, second, below)]
    assert [(each["is_completed"], each["next_id"]) for each in closed] == [(True, None)] * 3
    copies = {each["title"]: each for each in found(alice, completed="false").values()}
    assert copies.keys() == {task["title"], "first", "second", "below"}
    assert all(copies[name]["parent_id"] == successor["id"] for name in ("first", "second"))
    assert copies["below"]["parent_id"] == copies["first"]["id"]
    assert copies["first"]["position"] < copies["second"]["position"]
    for old in closed:
        assert copies[old["title"]]["id"] == str(uuid.uuid5(uuid.UUID(successor["id"]), old["id"]))
    assert copies["first"]["due"]["date"] == f"{FAR}"
    # A rule that was copied begins a series of its own.
    assert copies["first"]["recurrence"] == {
        "rule": "FREQ=DAILY",
        "from": "due",
        "occurrence": f"{FAR}",
        "is_supported": True,
    }
    assert copies["first"]["series_id"] == copies["first"]["id"]
    assert set(found(alice, tag="home")) == {first["id"], copies["first"]["id"]}


def test_what_was_left_open_is_copied_too_and_no_two_have_a_position(alice: User) -> None:
    task = recurring(alice)
    alice.new_task("below", parent_id=task["id"])
    alice.patch(f"{path_of(task)}/complete", json={"subtasks": "leave"})
    positions = [each["position"] for each in found(alice, completed="false").values()]
    assert len(positions) == len(set(positions)) == 3


def test_a_subtask_that_recurs_is_copied_once(alice: User) -> None:
    task = recurring(alice)
    subtask = recurring(alice, title="below", parent_id=task["id"])
    again = complete(subtask, alice)[1]
    assert again["parent_id"] == task["id"]
    alice.new_task("of what is done", parent_id=subtask["id"])
    _, successor = complete(task, alice)
    copies = [each for each in found(alice, completed="false").values() if each["parent_id"] is not None]
    assert [(each["title"], each["parent_id"]) for each in copies] == [("below", successor["id"])]


def test_reopening_takes_an_untouched_successor_away(alice: User) -> None:
    task = recurring(alice, "FREQ=DAILY;COUNT=9")
    below = alice.new_task("below", parent_id=task["id"])
    done, successor = complete(task, alice)
    opened = alice.patch(f"{path_of(task)}/complete", json={"is_completed": False}).json()
    stamp = {"updated_at": opened["updated_at"], "revision": opened["revision"]}
    assert opened == {**task, **stamp}
    assert set(listed(alice)) == {task["id"], below["id"]}
    assert_error(alice.get(path_of(successor)), 404, "task_not_found")
    gone = [each["id"] for some, _ in pages(alice, since=done["revision"] + 1) for each in some if each["deleted"]]
    assert gone[0] == successor["id"]
    assert len(gone) == 2
    assert complete(opened, alice)[1]["id"] == successor["id"]


@pytest.mark.parametrize(
    "touch",
    [
        lambda user, successor, _: user.patch(path_of(successor), json={"title": "Water them all"}),
        lambda user, successor, _: user.patch(path_of(successor), json={}),
        lambda user, successor, _: user.new_task("more", parent_id=successor["id"]),
        lambda user, _, below: user.patch(path_of(below), json={"title": "first"}),
        lambda user, _, below: user.patch(f"{path_of(below)}/complete"),
        lambda user, successor, _: user.patch(f"{path_of(successor)}/complete"),
        lambda user, successor, _: user.delete(path_of(successor)),
    ],
)
def test_a_touched_successor_stays_and_the_task_is_by_itself(one_user: User, touch: Callable[..., Any]) -> None:
    task = recurring(one_user)
    one_user.new_task("below", parent_id=task["id"])
    _, successor = complete(task, one_user)
    (below,) = found(one_user, parent=successor["id"]).values()
    touch(one_user, successor, below)
    before = listed(one_user)
    opened = one_user.patch(f"{path_of(task)}/complete").json()
    assert (opened["recurrence"], opened["series_id"], opened["next_id"]) == (None, None, None)
    after = listed(one_user)
    assert {id_: after[id_] for id_ in before if id_ != task["id"]} == {
        id_: before[id_] for id_ in before if id_ != task["id"]
    }
    assert opened["position"] == max(each["position"] for each in after.values())
    # A rule that it is given then is another series.
    again = one_user.patch(path_of(task), json={"recurrence": {"rule": "FREQ=DAILY"}}).json()
    has_a_rule = [each for each in listed(one_user).values() if each["recurrence"] is not None]
    assert again["series_id"] is not None
    assert len({each["series_id"] for each in has_a_rule}) == len(has_a_rule)


def test_reopening_a_subtask_reopens_what_recurs_above_it(alice: User) -> None:
    task = recurring(alice)
    below = alice.new_task("below", parent_id=task["id"])
    complete(task, alice)
    alice.patch(f"{path_of(below)}/complete")
    assert set(listed(alice)) == {task["id"], below["id"]}
    assert alice.get(path_of(task)).json()["recurrence"] == task["recurrence"]


def test_a_derived_id_that_is_taken_is_not_used(alice: User, bob: User) -> None:
    for user in (alice, bob):
        task = recurring(alice)
        derived = uuid.uuid5(uuid.UUID(task["id"]), "next")
        headers = {"If-None-Match": "*"}
        assert user.put(f"{user.tasks}/{derived}", json={"title": "mine"}, headers=headers).status_code == 201
        done, successor = complete(task, alice)
        assert done["next_id"] == successor["id"] != str(derived)
        assert user.get(f"{user.tasks}/{derived}").json()["title"] == "mine"


def test_reminders_of_its_dates_go_along(server: Server, alice: User) -> None:
    reminders: list[Task] = [{"offset": "-P1D"}, {"at": "2126-12-01T07:30:00.000000Z"}]
    task = recurring(alice, reminders=reminders)
    below = alice.new_task("below", parent_id=task["id"], due={"date": f"{FAR}"}, reminders=reminders)
    done, successor = complete(task, alice)
    assert [each["remind_at"] for each in done["reminders"]] == [None, None]
    (copy,) = found(alice, parent=successor["id"]).values()
    for old, new in ((task, successor), (below, copy)):
        (reminder,) = new["reminders"]
        assert reminder == {**old["reminders"][0], "remind_at": f"{FAR}T09:00:00.000000Z"}
    usage = alice.get("/api/auth/me/usage").json()
    kept = bytes_kept(server, alice)
    assert usage["stored_bytes"] == stored_bytes(listed(alice).values()) + kept


def test_undo_brings_the_rule_back(alice: User) -> None:
    task = recurring(alice)
    answer = alice.patch(f"{path_of(task)}/complete", headers={"Undo": "1"})
    successor = answer.json()["next_id"]
    assert alice.post(f"/api/{alice.id}/undo/{answer.headers['undo-token']}").json()["conflicts"] == []
    opened = alice.get(path_of(task)).json()
    assert opened == {**task, "updated_at": opened["updated_at"], "revision": opened["revision"]}
    assert set(listed(alice)) == {task["id"]}
    # Where the successor is somebody's by now, it keeps the rule.
    answer = alice.patch(f"{path_of(task)}/complete", headers={"Undo": "1"})
    alice.patch(f"{alice.tasks}/{successor}", json={"title": "another"})
    conflicts = alice.post(f"/api/{alice.id}/undo/{answer.headers['undo-token']}").json()["conflicts"]
    assert {each["id"] for each in conflicts} == {task["id"], successor}
    opened = alice.get(path_of(task)).json()
    assert (opened["is_completed"], opened["recurrence"]) == (False, None)
    assert alice.get(f"{alice.tasks}/{successor}").json()["recurrence"] is not None


def test_a_tree_has_room_for_its_successors(server: Server, alice: User) -> None:
    parent = alice.new_task()
    task = recurring(alice, parent_id=parent["id"])
    fill(server, alice, tasks, 498, title="{}", parent_id=parent["id"])
    answer = alice.patch(f"{path_of(task)}/complete")
    assert_detailed_error(answer, 409, "too_many", limit="subtasks")
    assert alice.get(path_of(task)).json() == task


def test_a_client_of_before_sees_it_completed(alice: User) -> None:
    task = recurring(alice)
    answer = alice.patch(f"{path_of(task)}/complete", json={"completed": True}).json()
    assert (answer["id"], answer["is_completed"]) == (task["id"], True)
    assert alice.get(f"{alice.tasks}?completed=false").json()["total"] is None
    told = [each for some, _ in pages(alice) for each in some]
    assert [each["id"] for each in told] == [task["id"], answer["next_id"]]


def test_a_series_and_what_recurs_can_be_listed(alice: User) -> None:
    task, other = recurring(alice, "FREQ=DAILY;COUNT=3"), recurring(alice)
    plain = alice.new_task()
    done, successor = complete(task, alice)
    assert set(found(alice, series=task["series_id"])) == {done["id"], successor["id"]}
    assert set(found(alice, series=task["series_id"], completed="false", sort="due")) == {successor["id"]}
    assert (
        set(found(alice, recurring="true")) == set(found(alice, filter="recurring")) == {successor["id"], other["id"]}
    )
    assert set(found(alice, recurring="false")) == {done["id"], plain["id"]}
    assert found(alice, series=plain["id"]) == {}
