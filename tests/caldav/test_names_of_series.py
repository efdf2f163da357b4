"""A series is one resource in CalDAV, which moves on: the successor has its name, UID and text, and what is done has others."""

from typing import Any

import pytest

from support.calendar_storage import Calendars
from support.filing import new_list
from support.server import Server
from support.undo import undo, write
from support.users import User

DUE = {"date": "2030-01-01"}
RECURS: dict[str, Any] = {"due": DUE, "recurrence": {"rule": "FREQ=DAILY", "from_": "due"}}
Task = dict[str, Any]


@pytest.fixture
def calendars(server: Server, alice: User) -> Calendars:
    return Calendars(server, alice)


def new_task(user: User, **members: Any) -> Task:
    return user.new_task(due=DUE, recurrence={"rule": "FREQ=DAILY"}, **members)


def complete(user: User, task_id: str, **body: Any) -> tuple[Task, str]:
    """The task, and the token that undoes it."""
    answer, token = write(user, "PATCH", f"tasks/{task_id}/complete", json={"is_completed": True, **body})
    return answer.json(), token


def called(calendars: Calendars) -> dict[str, tuple[str, str, str | None]]:
    """UID, title and text of each resource in the inbox, by its name."""
    found = {}
    for name in calendars.names(calendars.user.id):
        there = calendars.there(calendars.user.id, name)
        found[name] = there.uid, there.row["id"], there.row["ical_text"]
    return found


def test_the_successor_has_the_name_the_uid_and_the_text(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "plants.ics", "plants", text="as it came", **RECURS)
    task = calendars.there(alice.id, "plants.ics").row["id"]
    before = called(calendars)
    token = calendars.at().token
    done, undoing = complete(alice, task)
    assert called(calendars) == {
        "plants.ics": ("plants", done["next_id"], "as it came"),
        f"{task}-done.ics": (f"{task}-done", task, "as it came"),
    }
    assert not any(calendars.there(alice.id, name).is_as_put for name in called(calendars))
    # Who reads changes is told of both, and of no removal.
    assert calendars.since(alice.id, token) == ({"plants.ics", f"{task}-done.ics"}, set())
    undo(alice, undoing)
    assert called(calendars) == before
    assert calendars.there(alice.id, "plants.ics").is_as_put
    assert calendars.since(alice.id, token) == ({"plants.ics"}, {f"{task}-done.ics"})


def test_so_does_that_of_a_task_that_no_client_has_put(calendars: Calendars, alice: User) -> None:
    task = new_task(alice)["id"]
    done, _ = complete(alice, task)
    first = {f"{task}-done.ics": (f"{task}-done", task, None)}
    assert called(calendars) == {f"{task}.ics": (task, done["next_id"], None), **first}
    # And so on.
    again, _ = complete(alice, done["next_id"])
    second = again["id"]
    assert called(calendars) == {
        f"{task}.ics": (task, again["next_id"], None),
        **first,
        f"{second}-done.ics": (f"{second}-done", second, None),
    }


@pytest.mark.parametrize("name", ["plants.ics", None])
def test_reopening_gives_both_back(calendars: Calendars, alice: User, name: str | None) -> None:
    if name is None:
        task = new_task(alice)["id"]
    else:
        calendars.put(alice.id, name, "plants", **RECURS)
        task = calendars.there(alice.id, name).row["id"]
    before = called(calendars)
    complete(alice, task)
    token = calendars.at().token
    alice.patch(f"/api/me/tasks/{task}/complete", json={"is_completed": False})
    assert called(calendars) == before
    assert calendars.since(alice.id, token) == ({*before}, {f"{task}-done.ics"})


def test_where_both_stay_each_keeps_its_own(calendars: Calendars, alice: User) -> None:
    task = new_task(alice)["id"]
    done, _ = complete(alice, task)
    alice.patch(f"/api/me/tasks/{done['next_id']}", json={"title": "touched"})
    path = f"/api/me/tasks/{task}"
    alice.patch(f"{path}/complete", json={"is_completed": False})
    alice.patch(path, json={"recurrence": {"rule": "FREQ=WEEKLY"}})
    again, _ = complete(alice, task)
    revision = again["revision"]
    assert called(calendars) == {
        f"{task}.ics": (task, done["next_id"], None),
        f"{task}-done.ics": (f"{task}-done", again["next_id"], None),
        f"{task}-done-{revision}.ics": (f"{task}-done-{revision}", task, None),
    }


def test_a_name_that_somebody_has_is_not_taken(calendars: Calendars, alice: User) -> None:
    task = new_task(alice)["id"]
    calendars.put(alice.id, f"{task}-done.ics", "somebody's")
    done, _ = complete(alice, task)
    assert calendars.there(alice.id, f"{task}-done-{done['revision']}.ics").row["id"] == task
    assert calendars.there(alice.id, f"{task}-done.ics").uid == "somebody's"


def test_a_put_that_completes_it_has_no_etag(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "plants.ics", "plants", **RECURS)
    put = calendars.put(alice.id, "plants.ics", "plants", text="done by a client", is_completed=True)
    assert put.revision is None
    successor = calendars.there(alice.id, "plants.ics")
    assert (successor.row["ical_text"], successor.is_as_put) == ("done by a client", False)
    done = calendars.there(alice.id, f"{alice.get('/api/me/tasks?completed=true').json()['tasks'][0]['id']}-done.ics")
    assert (done.row["ical_text"], done.is_as_put) == ("done by a client", False)


@pytest.mark.parametrize("subtasks", ["complete", "leave"])
def test_who_names_it_as_parent_is_written(calendars: Calendars, alice: User, subtasks: str) -> None:
    task = new_task(alice, list_id=new_list(alice)["id"])
    below = [alice.new_task(parent_id=task["id"]) for _ in range(2)]
    alice.patch(f"/api/me/tasks/{below[0]['id']}/complete")
    deeper = alice.new_task(parent_id=below[1]["id"])
    done, undoing = complete(alice, task["id"], subtasks=subtasks)
    for each in below:
        now = alice.get(f"/api/me/tasks/{each['id']}").json()
        assert now["revision"] > done["revision"]
        assert calendars.there(task["list_id"], f"{each['id']}.ics").parent_uid == f"{task['id']}-done"
    if subtasks == "leave":
        assert alice.get(f"/api/me/tasks/{deeper['id']}").json() == deeper
    # Its copies are below the successor, and have names of their own.
    copies = alice.get(f"/api/me/tasks?parent={done['next_id']}").json()["tasks"]
    assert {calendars.there(task["list_id"], f"{each['id']}.ics").parent_uid for each in copies} == {task["id"]}
    undo(alice, undoing)
    assert calendars.there(task["list_id"], f"{below[0]['id']}.ics").parent_uid == task["id"]


@pytest.mark.parametrize("name", ["plants.ics", None])
def test_what_is_undone_is_called_otherwise_where_the_successor_stays(
    calendars: Calendars, alice: User, name: str | None
) -> None:
    if name is None:
        task = new_task(alice)["id"]
    else:
        calendars.put(alice.id, name, "plants", **RECURS)
        task = calendars.there(alice.id, name).row["id"]
    uid = "plants" if name else task
    done, undoing = complete(alice, task)
    alice.patch(f"/api/me/tasks/{done['next_id']}", json={"is_cancelled": True})
    undo(alice, undoing)
    resources = [calendars.there(alice.id, each) for each in calendars.names(alice.id)]
    ids = {each.row["id"]: each.uid for each in resources}
    assert len(resources) == len(ids) == 2
    assert ids.pop(done["next_id"]) == uid
    assert ids != {task: uid}


def test_what_is_reopened_below_is_answered_as_it_is(alice: User) -> None:
    parent = new_task(alice)["id"]
    below = new_task(alice, parent_id=parent)["id"]
    complete(alice, parent)
    # Its parent is called as before then, which a subtask says in CalDAV.
    opened = alice.patch(f"/api/me/tasks/{below}/complete", json={"is_completed": False})
    there = alice.get(f"/api/me/tasks/{below}")
    assert (there.json(), there.headers["etag"]) == (opened.json(), opened.headers["etag"])
