"""A resource has one name and one UID in its list, wherever it goes; and who reads changes is told when it goes."""

import uuid

import pytest

from doable.caldav.repository import UidTaken
from doable.errors import PreconditionFailed
from support.calendar_storage import Calendars
from support.filing import new_list
from support.server import Server
from support.undo import undo, write
from support.users import User


@pytest.fixture
def calendars(server: Server, alice: User) -> Calendars:
    return Calendars(server, alice)


def moved(user: User, task_id: str, **to: object) -> str:
    """The token that undoes the move."""
    return write(user, "POST", f"tasks/{task_id}/move", json=to)[1]


def test_a_task_of_the_api_is_called_by_its_id(calendars: Calendars, alice: User) -> None:
    task = alice.new_task()
    found = calendars.there(alice.id, f"{task['id']}.ics")
    assert (found.uid, found.revision, found.component) == (task["id"], task["revision"], "VTODO")


def test_a_uid_that_is_an_id_is_the_tasks(calendars: Calendars, alice: User) -> None:
    chosen = str(uuid.uuid4())
    put = calendars.put(alice.id, f"{chosen}.ics", chosen, text="as it came")
    assert put.is_new
    assert alice.get(f"{alice.tasks}/{chosen}").json()["revision"] == put.revision
    row = calendars.there(alice.id, f"{chosen}.ics").row
    assert (row.get("ical_name"), row.get("ical_uid"), row["ical_text"]) == (None, None, "as it came")


def test_in_upper_case_it_is_so_too_and_stays_as_it_is(calendars: Calendars, alice: User) -> None:
    chosen = str(uuid.uuid4())
    calendars.put(alice.id, f"{chosen.upper()}.ics", chosen.upper())
    found = calendars.there(alice.id, f"{chosen.upper()}.ics")
    assert (found.row["id"], found.uid) == (chosen, chosen.upper())
    assert calendars.find(alice.id, f"{chosen}.ics") is None


def test_whoever_has_the_id_already_the_uid_stays(calendars: Calendars, alice: User, bob: User) -> None:
    others, own = bob.new_task()["id"], alice.new_task(list_id=new_list(alice)["id"])["id"]
    for chosen in (others, own):
        calendars.put(alice.id, f"{chosen}.ics", chosen)
        found = calendars.there(alice.id, f"{chosen}.ics")
        assert found.uid == chosen != found.row["id"]


def test_a_uid_is_there_once_among_tasks_and_events(calendars: Calendars, alice: User) -> None:
    task = alice.new_task()
    calendars.put(alice.id, "a.ics", "a")
    calendars.put_event(alice.id, "b.ics", "b")
    for uid, name in ((task["id"], f"{task['id']}.ics"), ("a", "a.ics"), ("b", "b.ics")):
        for put in (calendars.put, calendars.put_event):
            with pytest.raises(UidTaken) as refused:
                put(alice.id, "other.ics", uid)
            assert refused.value.name == name
    with pytest.raises(UidTaken):
        calendars.put(alice.id, "a.ics", "another")
    # In another list it is another one's.
    calendars.put(new_list(alice)["id"], "a.ics", "a")


def test_what_is_expected_is_there(calendars: Calendars, alice: User) -> None:
    put = calendars.put(alice.id, "a.ics", "a")
    revisions = {"a": frozenset({0}), "b": frozenset({put.revision or 0})}
    for uid, expected in (("a", None), *revisions.items()):
        with pytest.raises(PreconditionFailed):
            calendars.put(alice.id, f"{uid}.ics", uid, expected=expected, must_be_new=expected is None)


def test_where_a_name_and_a_uid_are_taken_what_comes_has_others(calendars: Calendars, alice: User) -> None:
    a_list = new_list(alice)["id"]
    calendars.put(alice.id, "a.ics", "a")
    calendars.put(a_list, "a.ics", "a")
    id_ = calendars.there(a_list, "a.ics").row["id"]
    token = calendars.at().token
    undone = moved(alice, id_, list_id=None)
    found = calendars.there(alice.id, f"{id_}.ics")
    assert (found.uid, found.is_as_put) == (id_, False)
    assert calendars.since(alice.id, token) == ({f"{id_}.ics"}, set())
    undo(alice, undone)
    assert calendars.there(a_list, "a.ics").uid == "a"
    assert calendars.names(alice.id) == {"a.ics"}
    assert calendars.since(alice.id, token) == (set(), {f"{id_}.ics"})


def test_where_even_those_by_its_id_are_taken_it_has_none_that_anybody_knows(calendars: Calendars, alice: User) -> None:
    task = alice.new_task(list_id=new_list(alice)["id"])
    calendars.put(alice.id, f"{task['id']}.ics", task["id"])
    moved(alice, task["id"], list_id=None)
    revision = alice.get(f"{alice.tasks}/{task['id']}").json()["revision"]
    found = calendars.there(alice.id, f"{task['id']}-{revision}.ics")
    assert (found.row["id"], found.uid) == (task["id"], f"{task['id']}-{revision}")


def test_what_leaves_a_list_by_whatever_way_is_told(calendars: Calendars, alice: User) -> None:
    a_list, another = new_list(alice)["id"], new_list(alice)["id"]
    ids = {}
    for name in ("moved", "batched", "deleted", "filed", "below"):
        calendars.put(a_list, f"{name}.ics", name)
        ids[name] = calendars.there(a_list, f"{name}.ics").row["id"]
    moved(alice, ids["below"], parent_id=ids["moved"])
    token, there = calendars.at(a_list).token, calendars.at(another).token
    undone = moved(alice, ids["moved"], list_id=another)
    operation = {"op": "move", "kind": "task", "id": ids["batched"], "to": {"list_id": another}}
    assert alice.post(f"{alice.tasks}/batch", json={"operations": [operation]}).status_code == 200
    assert alice.delete(f"{alice.tasks}/{ids['deleted']}").status_code == 204
    assert calendars.since(a_list, token) == (set(), {"moved.ics", "batched.ics", "deleted.ics", "below.ics"})
    assert calendars.since(another, there) == ({"moved.ics", "batched.ics", "below.ics"}, set())
    undo(alice, undone)
    assert calendars.since(a_list, token) == ({"moved.ics", "below.ics"}, {"batched.ics", "deleted.ics"})
    inbox = calendars.at().token
    assert alice.delete(f"/api/me/lists/{a_list}").status_code == 204
    assert calendars.since(alice.id, inbox) == ({"filed.ics", "moved.ics", "below.ics"}, set())


def test_a_deleted_one_that_is_made_again_elsewhere_is_gone_from_where_it_was(
    calendars: Calendars, alice: User
) -> None:
    a_list = new_list(alice)["id"]
    task = alice.new_task(list_id=a_list)
    token = calendars.at(a_list).token
    alice.delete(f"{alice.tasks}/{task['id']}")
    made = alice.put(f"{alice.tasks}/{task['id']}", json={"title": "Again"}, headers={"If-None-Match": "*"})
    assert made.status_code == 201
    assert calendars.since(a_list, token) == (set(), {f"{task['id']}.ics"})
    assert calendars.at(a_list).token > token


def test_a_move_of_a_clients(calendars: Calendars, alice: User) -> None:
    a_list = new_list(alice)["id"]
    calendars.put(alice.id, "a.ics", "a")
    calendars.put(alice.id, "below.ics", "below", parent_uid="a")
    calendars.put_event(alice.id, "event.ics", "event")
    token = calendars.at().token
    for name in ("a.ics", "event.ics"):
        calendars.move(alice.id, name, a_list, f"new-{name}")
    assert calendars.names(a_list) == {"new-a.ics", "below.ics", "new-event.ics"}
    assert calendars.since(alice.id, token) == (set(), {"a.ics", "event.ics", "below.ics"})
    there = calendars.at(a_list).token
    calendars.move(a_list, "new-a.ics", a_list, "a.ics")
    assert calendars.since(a_list, there) == ({"a.ics"}, {"new-a.ics"})
    assert calendars.there(a_list, "below.ics").parent_uid == "a"


def test_an_undo_brings_names_texts_and_the_very_bytes_back(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "a.ics", "a", text="all of it")
    undone = calendars.delete(alice.id, "a.ics")
    assert calendars.names(alice.id) == set()
    undo(alice, undone)
    found = calendars.there(alice.id, "a.ics")
    assert (found.uid, found.row["ical_text"], found.is_as_put) == ("a", "all of it", True)
    undone = calendars.delete(alice.id, "a.ics")
    calendars.put(alice.id, "a.ics", "a", text="another")
    undo(alice, undone)
    assert calendars.there(alice.id, "a.ics").row["ical_text"] == "another"
    assert calendars.there(alice.id, f"{found.row['id']}.ics").row["ical_text"] == "all of it"


def test_what_comes_back_is_called_otherwise_if_its_name_or_uid_is_anothers(calendars: Calendars, alice: User) -> None:
    first, second = (alice.new_task()["id"] for _ in range(2))
    undone = [calendars.delete(alice.id, f"{each}.ics") for each in (first, second)]
    calendars.put(alice.id, f"{first}.ics", "other")
    calendars.put_event(alice.id, "event.ics", second)
    for each in undone:
        undo(alice, each)
    assert calendars.there(alice.id, f"{first}.ics").uid == "other"
    found = {each.row["id"]: each for each in calendars.read(lambda each, tx: each.resources(tx, alice.id))}
    assert len({each.name for each in found.values()}) == len({each.uid for each in found.values()}) == 4
    assert found[first].uid == first
    assert found[second].name == f"{second}.ics"


def test_the_api_leaves_texts_and_names_alone(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "a.ics", "a", text="all of it", priority=3, created_at=None)
    row = calendars.there(alice.id, "a.ics").row
    changed = alice.patch(f"{alice.tasks}/{row['id']}", json={"title": "Other", "priority": "high"})
    found = calendars.there(alice.id, "a.ics")
    assert (found.uid, found.row["ical_text"], found.is_as_put) == ("a", "all of it", False)
    assert found.revision == changed.json()["revision"]
    assert found.row.get("priority") == 3
