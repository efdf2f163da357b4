"""RELATED-TO names a parent by its UID: also one that is not there yet, in another list, in a circle, or too deep."""

import pytest

from support.calendar_storage import Calendars
from support.filing import new_list
from support.server import Server
from support.undo import undo
from support.users import User


@pytest.fixture
def calendars(server: Server, alice: User) -> Calendars:
    return Calendars(server, alice)


def parent_of(calendars: Calendars, list_id: str, name: str) -> tuple[str | None, str | None]:
    """The UID that RELATED-TO has, and the name of the task that is the parent."""
    found = calendars.there(list_id, name)
    parent_id = found.row.get("parent_id")
    listed = (calendars.there(list_id, each) for each in calendars.names(list_id))
    return found.parent_uid, next((each.name for each in listed if each.row["id"] == parent_id), None)


def test_it_waits_for_its_parent_and_is_put_below_it(calendars: Calendars, alice: User) -> None:
    for name in ("a", "b"):
        calendars.put(alice.id, f"{name}.ics", name, parent_uid="p")
        assert parent_of(calendars, alice.id, f"{name}.ics") == ("p", None)
    token = calendars.at().token
    calendars.put(alice.id, "p.ics", "p")
    for name in ("a", "b"):
        assert parent_of(calendars, alice.id, f"{name}.ics") == ("p", "p.ics")
    assert calendars.since(alice.id, token) == ({"a.ics", "b.ics", "p.ics"}, set())
    # Sent back without one, it is at the top again.
    calendars.put(alice.id, "a.ics", "a", parent_uid=None)
    assert parent_of(calendars, alice.id, "a.ics") == (None, None)


def test_a_parent_in_another_list_is_none_until_it_comes(calendars: Calendars, alice: User) -> None:
    a_list = new_list(alice)["id"]
    calendars.put(a_list, "p.ics", "p")
    calendars.put(alice.id, "a.ics", "a", parent_uid="p")
    assert parent_of(calendars, alice.id, "a.ics") == ("p", None)
    id_ = calendars.there(a_list, "p.ics").row["id"]
    assert alice.post(f"{alice.tasks}/{id_}/move", json={"list_id": None}).status_code == 200
    assert parent_of(calendars, alice.id, "a.ics") == ("p", "p.ics")


def test_one_that_comes_to_where_its_parent_is_is_put_below_it(calendars: Calendars, alice: User) -> None:
    a_list = new_list(alice)["id"]
    calendars.put(a_list, "p.ics", "p")
    calendars.put(alice.id, "a.ics", "a", parent_uid="p")
    calendars.move(alice.id, "a.ics", a_list, "a.ics")
    assert parent_of(calendars, a_list, "a.ics") == ("p", "p.ics")


def test_a_circle_and_what_is_too_deep_waits(calendars: Calendars, alice: User) -> None:
    above = None
    for level in "12345":
        calendars.put(alice.id, f"{level}.ics", level, parent_uid=above)
        above = level
    calendars.put(alice.id, "6.ics", "6", parent_uid="5")
    assert parent_of(calendars, alice.id, "6.ics") == ("5", None)
    calendars.put(alice.id, "1.ics", "1", parent_uid="3")
    assert parent_of(calendars, alice.id, "1.ics") == ("3", None)
    calendars.put(alice.id, "own.ics", "own", parent_uid="own")
    assert parent_of(calendars, alice.id, "own.ics") == ("own", None)


def test_what_is_below_a_task_that_a_client_deletes_stays(calendars: Calendars, alice: User) -> None:
    parent = alice.new_task("Parent")
    child = alice.new_task("Child", parent_id=parent["id"])
    name = f"{child['id']}.ics"
    token = calendars.at().token
    undone = calendars.delete(alice.id, f"{parent['id']}.ics")
    assert parent_of(calendars, alice.id, name) == (parent["id"], None)
    assert calendars.since(alice.id, token) == ({name}, {f"{parent['id']}.ics"})
    undo(alice, undone)
    assert parent_of(calendars, alice.id, name) == (parent["id"], f"{parent['id']}.ics")
    calendars.delete(alice.id, f"{parent['id']}.ics")
    calendars.put(alice.id, "again.ics", parent["id"])
    assert parent_of(calendars, alice.id, name) == (parent["id"], "again.ics")


def test_the_apis_deletion_takes_along_what_is_below(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "p.ics", "p")
    calendars.put(alice.id, "a.ics", "a", parent_uid="p")
    alice.delete(f"{alice.tasks}/{calendars.there(alice.id, 'p.ics').row['id']}")
    assert calendars.names(alice.id) == set()


def test_whoever_is_given_another_parent_waits_no_longer(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "a.ics", "a", parent_uid="p")
    other = alice.new_task("Other")
    id_ = calendars.there(alice.id, "a.ics").row["id"]
    alice.post(f"{alice.tasks}/{id_}/move", json={"parent_id": other["id"]}).raise_for_status()
    alice.post(f"{alice.tasks}/{id_}/move", json={"parent_id": None}).raise_for_status()
    assert parent_of(calendars, alice.id, "a.ics") == (None, None)


def test_where_a_uid_changes_those_that_name_it_change_too(calendars: Calendars, alice: User) -> None:
    a_list = new_list(alice)["id"]
    calendars.put(alice.id, "p.ics", "p")
    calendars.put(a_list, "p.ics", "p")
    calendars.put(a_list, "a.ics", "a", parent_uid="p")
    parent = calendars.there(a_list, "p.ics").row
    token = calendars.at().token
    alice.post(f"{alice.tasks}/{parent['id']}/move", json={"list_id": None}).raise_for_status()
    found = calendars.there(alice.id, "a.ics")
    assert found.parent_uid == parent["id"] == found.row.get("parent_id")
    assert calendars.since(alice.id, token) == ({"a.ics", f"{parent['id']}.ics"}, set())
