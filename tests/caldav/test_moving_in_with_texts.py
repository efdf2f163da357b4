"""What CalDAV's clients have put is in the export, and comes back with it; what no client could have put does not."""

import json
from contextlib import closing
from typing import Any

from doable.tasks.objects import COMPONENTS
from support.calendar_storage import Calendars
from support.moving import imported
from support.server import Server
from support.users import User

TEXT = "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:a\r\nSUMMARY:a\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"


def exported(server: Server) -> dict[str, Any]:
    """Of somebody with a list of a client's own, a task in it, one that waits for its parent, and an event."""
    with closing(User(server.url)) as somebody:
        calendars = Calendars(server, somebody)
        made = {"displayname": "Errands", "color": "#FF2968FF"}
        list_id = calendars.write(lambda each, tx: each.make_collection("errands", made, COMPONENTS)(tx))[0].id  # type: ignore[arg-type] # a TypedDict
        calendars.put(list_id, "x.ics", "a", text=TEXT)
        calendars.put(list_id, "y.ics", "b", text=TEXT, parent_uid="c")
        calendars.put_event(list_id, "event.ics", "e")
        document: dict[str, Any] = somebody.get("/api/auth/me/export").json()
    return document


def test_what_was_put_is_there_again(server: Server, alice: User) -> None:
    document = exported(server)
    assert [each["ical_text"] for each in document["ical_objects"]] == ["e"]
    assert [each["dav_name"] for each in document["lists"]] == ["errands"]
    assert imported(alice, json.dumps(document).encode())["not_understood"]["total"] == 0
    calendars = Calendars(server, alice)
    errands = calendars.at("errands")
    assert (errands.displayname, errands.components) == ("Errands", frozenset(COMPONENTS))
    found = calendars.there(errands.id, "x.ics")
    assert (found.uid, found.row["ical_text"], found.is_as_put) == ("a", TEXT, False)
    assert calendars.there(errands.id, "y.ics").parent_uid == "c"


def test_what_no_client_could_have_put_is_not(server: Server, alice: User) -> None:
    document = exported(server)
    document["lists"][0] |= {"dav_name": "../a", "components": "VEVENT,VALARM", "dav_properties": "{"}
    document["tasks"][0] |= {"ical_name": "a/b", "ical_uid": "u" * 1001, "ical_text": "BEGIN:VTODO"}
    document["tasks"][1] |= {"ical_name": 3, "ical_uid": "\0", "ical_parent": "\ud800", "ical_text": {}}
    imported(alice, json.dumps(document).encode())
    calendars = Calendars(server, alice)
    (a_list,) = alice.get("/api/me/lists").json()["lists"]
    errands = calendars.at(a_list["id"])
    assert errands.components == {"VTODO"}
    for task in alice.get(alice.tasks).json()["tasks"]:
        found = calendars.there(errands.id, f"{task['id']}.ics")
        assert (found.uid, found.row["ical_text"], found.parent_uid) == (task["id"], None, None)
