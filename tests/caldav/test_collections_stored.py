"""Lists and the inbox as collections: what clients have set of them, and what goes with them."""

import asyncio
import uuid

import pytest

from doable.caldav.repository import (
    CalendarRepository,
    Collection,
    CollectionChanges,
    CollectionExists,
    IsInbox,
    NoSuchCollection,
)
from doable.database import open_database
from doable.owned.answers import gone
from doable.owned.limits import Limits
from doable.owned.writes import Writes
from doable.tasks.tables import tasks
from support.calendar_storage import Calendars
from support.filing import fill, new_list
from support.schema import settings_of
from support.server import Server
from support.undo import undo
from support.users import User

ERRANDS: CollectionChanges = {"displayname": "Errands", "color": "#FF2968FF", "properties": {"{a}b": "<b/>"}}


@pytest.fixture
def calendars(server: Server, alice: User) -> Calendars:
    return Calendars(server, alice)


def made(calendars: Calendars, segment: str, said: CollectionChanges, *components: str) -> Collection:
    return calendars.write(lambda each, tx: each.make_collection(segment, said, components)(tx))[0]


def test_one_that_a_client_makes_is_a_list(calendars: Calendars, alice: User) -> None:
    errands = made(calendars, "errands", ERRANDS, "VTODO")
    (a_list,) = alice.get("/api/me/lists").json()["lists"]
    assert (a_list["id"], a_list["name"], a_list["color"]) == (errands.id, "Errands", "#ff2968")
    assert "dav_name" not in a_list
    assert calendars.at("errands") == errands
    assert (errands.color, errands.components, errands.properties) == (
        "#FF2968FF",
        frozenset({"VTODO"}),
        {"{a}b": "<b/>"},
    )
    chosen = str(uuid.uuid4())
    assert made(calendars, chosen, {}, "VTODO").id == chosen
    for segment in ("errands", "inbox", chosen):
        with pytest.raises(CollectionExists):
            made(calendars, segment, {})
    assert calendars.read(lambda each, tx: each.collection(tx, errands.id)) is None
    assert made(calendars, alice.id, {}).id != alice.id


def test_what_the_api_has_not_changed_is_told_whole(calendars: Calendars, alice: User) -> None:
    long = "x" * 300
    errands = made(calendars, "errands", {"displayname": long, "color": "#FF2968FF"})
    assert (errands.displayname, errands.color) == (long, "#FF2968FF")
    path = f"/api/me/lists/{errands.id}"
    assert alice.get(path).json()["name"] == "x" * 100
    alice.patch(path, json={"name": "Short", "color": "#000000"}).raise_for_status()
    assert (calendars.at("errands").displayname, calendars.at("errands").color) == ("Short", "#000000")


def test_the_inbox_can_be_renamed_and_nobody_else_sees_it(calendars: Calendars, alice: User) -> None:
    before = alice.get("/api/me/preferences").json()
    changed, undone = calendars.write(lambda each, tx: each.change_collection(alice.id, ERRANDS)(tx))
    assert changed == calendars.at()
    assert (changed.displayname, changed.color, changed.properties) == ("Errands", "#FF2968FF", {"{a}b": "<b/>"})
    after = alice.get("/api/me/preferences").json()
    assert after["revision"] > before["revision"]
    moves = {"revision": 0, "updated_at": None}
    assert {**after, **moves} == {**before, **moves}
    removed: CollectionChanges = {"properties": {"{a}b": None}}
    assert calendars.write(lambda each, tx: each.change_collection(alice.id, removed)(tx))[0].properties == {}
    assert alice.patch("/api/me/preferences", json={"theme": "dark"}).status_code == 200
    assert calendars.at().displayname == "Errands"
    assert undo(alice, undone)["conflicts"]


def test_a_list_goes_with_all_that_is_in_it_and_comes_back_with_it(calendars: Calendars, alice: User) -> None:
    errands = made(calendars, "errands", ERRANDS)
    calendars.put(errands.id, "a.ics", "a")
    calendars.put_event(errands.id, "e.ics", "e")
    _, undone = calendars.write(lambda each, tx: each.remove_collection(errands.id)(tx))
    assert alice.get(alice.tasks).json()["total"] == 0
    assert calendars.read(lambda each, tx: each.collection(tx, "errands")) is None
    with pytest.raises(NoSuchCollection):
        calendars.put(errands.id, "a.ics", "a")
    undo(alice, undone)
    assert calendars.names(calendars.at("errands").id) == {"a.ics", "e.ics"}
    # Where another is at its address by then, it is there by its id.
    _, undone = calendars.write(lambda each, tx: each.remove_collection(errands.id)(tx))
    made(calendars, "errands", {})
    undo(alice, undone)
    assert calendars.names(calendars.at(errands.id).id) == {"a.ics", "e.ics"}
    with pytest.raises(IsInbox):
        calendars.write(lambda each, tx: each.remove_collection(alice.id)(tx))


def test_with_a_list_that_the_api_deletes_its_events_go(calendars: Calendars, alice: User) -> None:
    a_list = new_list(alice)["id"]
    calendars.put_event(a_list, "e.ics", "e")
    used = alice.get("/api/auth/me/usage").json()["stored_bytes"]
    alice.delete(f"/api/me/lists/{a_list}").raise_for_status()
    assert calendars.names(alice.id) == set()
    assert alice.get("/api/auth/me/usage").json()["stored_bytes"] < used - 500 * 2
    assert alice.get("/api/auth/me/export").json()["ical_objects"] == []


def test_a_large_one_goes_in_parts(server: Server, calendars: Calendars, alice: User) -> None:
    errands = made(calendars, "errands", {})
    fill(server, alice, tasks, 700, title="{}", list_id=errands.id)
    calendars.put_event(errands.id, "e.ics", "e")
    token = str(uuid.uuid4())

    async def remove() -> None:
        async with open_database(settings_of(server)) as database:
            writes = Writes(database, alice.id, max_kept_bytes=2**26, undo_token=token, name="DELETE errands")
            each = CalendarRepository(database, alice.id, Limits())
            await writes.in_parts(each.remove_collection(errands.id), each.empty_collection(errands.id), gone)

    asyncio.run(remove())
    assert alice.get(alice.tasks).json()["total"] == 0
    undo(alice, token)
    assert len(calendars.names(errands.id)) == 701
