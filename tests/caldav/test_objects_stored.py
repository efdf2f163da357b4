"""Events are kept as they came: they count, can be undone, and are in no feed; and limits hold for all that is put."""

import pytest

from doable.caldav.repository import NameTaken
from doable.errors import TooMany
from doable.owned.limits import Limits
from support.calendar_storage import Calendars
from support.filing import new_list
from support.kinds import everything
from support.server import Server
from support.undo import undo
from support.users import User


@pytest.fixture
def calendars(server: Server, alice: User) -> Calendars:
    return Calendars(server, alice)


def test_an_event_is_no_thing_of_the_api(calendars: Calendars, alice: User) -> None:
    calendars.put_event(alice.id, "e.ics", "e")
    calendars.delete(alice.id, "e.ics")
    calendars.put_event(alice.id, "f.ics", "f")
    assert everything(alice) == []
    assert alice.get(alice.tasks).json()["total"] == 0
    usage = alice.get("/api/auth/me/usage").json()
    assert usage["stored_bytes"] == 500 + len("f.ics" + "f" + "VEVENT" + "f")


def test_what_is_done_to_one_can_be_undone(calendars: Calendars, alice: User) -> None:
    a_list = new_list(alice)["id"]
    calendars.put_event(alice.id, "e.ics", "e")
    undone = calendars.move(alice.id, "e.ics", a_list, "f.ics")
    token = calendars.at(a_list).token
    undo(alice, undone)
    assert (calendars.names(alice.id), calendars.names(a_list)) == ({"e.ics"}, set())
    assert calendars.since(a_list, token) == (set(), {"f.ics"})
    undone = calendars.delete(alice.id, "e.ics")
    undo(alice, undone)
    assert calendars.there(alice.id, "e.ics").row["ical_text"] == "e"
    calendars.put_event(alice.id, "named.ics", "named", text="BEGIN:VEVENT\nSUMMARY;X=a:Lunch\\, late\nEND:VEVENT")
    calendars.delete(alice.id, "named.ics")
    (told,) = alice.get("/api/me/undo?deleted=true").json()["undos"][0]["things"]
    assert (told["kind"], told["title"]) == ("object", "Lunch, late")
    # Its UID is another's by then.
    undone = calendars.delete(alice.id, "e.ics")
    calendars.put(alice.id, "other.ics", "e")
    assert len(undo(alice, undone)["conflicts"]) == 1
    assert calendars.names(alice.id) == {"other.ics"}


def test_one_whose_list_is_gone_does_not_come_back(calendars: Calendars, alice: User) -> None:
    a_list = new_list(alice)["id"]
    calendars.put_event(a_list, "e.ics", "e")
    undone = calendars.delete(a_list, "e.ics")
    alice.delete(f"/api/me/lists/{a_list}").raise_for_status()
    assert len(undo(alice, undone)["conflicts"]) == 1


def test_a_task_takes_the_place_of_an_event_and_the_other_way_round(calendars: Calendars, alice: User) -> None:
    calendars.put_event(alice.id, "a.ics", "a")
    calendars.put(alice.id, "a.ics", "a")
    assert calendars.there(alice.id, "a.ics").is_task
    calendars.put_event(alice.id, "a.ics", "a")
    assert calendars.there(alice.id, "a.ics").component == "VEVENT"
    assert alice.get(alice.tasks).json()["total"] == 0


def test_what_is_in_the_way_of_a_move_goes_or_stays(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "a.ics", "a")
    calendars.put(alice.id, "b.ics", "b")
    with pytest.raises(NameTaken):
        calendars.write(lambda each, tx: each.move(alice.id, "a.ics", alice.id, "b.ics", overwrite=False)(tx))
    calendars.move(alice.id, "a.ics", alice.id, "b.ics")
    assert calendars.there(alice.id, "b.ics").uid == "a"
    assert calendars.names(alice.id) == {"b.ics"}


def test_limits_hold(server: Server, alice: User) -> None:
    few = Calendars(server, alice, Limits(tasks=1, stored_bytes=3000))
    few.put(alice.id, "a.ics", "a")
    with pytest.raises(TooMany) as refused:
        few.put(alice.id, "b.ics", "b")
    assert refused.value.details["limit"] == "tasks"
    for put in (few.put, few.put_event):
        with pytest.raises(TooMany) as refused:
            put(alice.id, "c.ics", "c" * 3000)
        assert refused.value.details["limit"] in {"tasks", "storage"}
    with pytest.raises(TooMany):
        few.put(alice.id, "a.ics", "a", text="x" * 3000)
    assert few.there(alice.id, "a.ics").row["ical_text"] == "a"
