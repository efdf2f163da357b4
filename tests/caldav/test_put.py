"""What a calendar program puts is a task, and its bytes are kept."""

import uuid
from contextlib import closing
from xml.etree import ElementTree as ET

import pytest

from support.dav import DAV, Phone, assert_refused
from support.filters import between, comp
from support.ical import ICS, calendar, component, event, make, make_calendar, put, query, task_of, text_of, todo


def new_uid() -> str:
    return str(uuid.uuid4())


def test_a_new_task(phone: Phone) -> None:
    uid = new_uid()
    text = todo(
        uid,
        "SUMMARY:Buy oat milk\\, and eggs",
        "DESCRIPTION:Two\\nof each",
        "DUE;VALUE=DATE:20270301",
        "PRIORITY:1",
        "CATEGORIES:Home,Shop",
        "X-SOMETHING:kept",
    )
    answer = put(phone, f"{phone.inbox}{uid}.ics", text, If_None_Match="*")
    assert (answer.status_code, answer.content) == (201, b"")
    task = task_of(phone, "Buy oat milk, and eggs")
    assert answer.headers["etag"] == f'"{task["revision"]}"'
    assert task["id"] == uid
    assert (task["description"], task["priority"], task["tags"]) == ("Two\nof each", "high", ["Home", "Shop"])
    assert task["due"]["date"] == "2027-03-01"
    found = phone.get(f"{phone.inbox}{uid}.ics")
    assert (found.text, found.headers["etag"]) == (text, answer.headers["etag"])


def test_names_and_uids_of_any_kind(phone: Phone) -> None:
    text = todo("some uid @ a program")
    answer = put(phone, f"{phone.inbox}some%20name%40home", text)
    assert answer.status_code == 201
    assert text_of(phone, f"{phone.inbox}some%20name@home") == text
    assert task_of(phone)["id"] != "some uid @ a program"
    assert phone.get(f"{phone.inbox}Some%20name@home").status_code == 404


def test_a_change(phone: Phone) -> None:
    path = make(phone, phone.inbox)
    before = phone.get(path)
    uid = task_of(phone)["id"]
    text = todo(uid, "SUMMARY:Buy milk", "STATUS:IN-PROCESS")
    answer = put(phone, path, text, If_Match=before.headers["etag"])
    assert answer.status_code == 204
    assert answer.headers["etag"] == phone.get(path).headers["etag"] != before.headers["etag"]
    assert task_of(phone, "Buy milk")["id"] == uid
    assert text_of(phone, path) == text


def test_the_same_twice(phone: Phone) -> None:
    uid = new_uid()
    path, text = f"{phone.inbox}{uid}.ics", todo(uid, "DUE:20270301T100000Z", "CATEGORIES:Home")
    assert put(phone, path, text).status_code == 201
    before = task_of(phone)
    assert put(phone, path, text).status_code == 204
    after = task_of(phone)
    assert {**after, "revision": 0, "updated_at": ""} == {**before, "revision": 0, "updated_at": ""}
    assert text_of(phone, path) == text


def test_without_if_match_the_last_one_wins(phone: Phone) -> None:
    path = make(phone, phone.inbox)
    uid = task_of(phone)["id"]
    phone.user.patch(f"{phone.user.tasks}/{uid}", json={"title": "By somebody else"})
    assert put(phone, path, todo(uid, "SUMMARY:By Tasks.org")).status_code == 204
    assert task_of(phone, "By Tasks.org")["id"] == uid


def test_who_was_slower_is_refused(phone: Phone) -> None:
    path = make(phone, phone.inbox)
    before = phone.get(path).headers["etag"]
    uid = task_of(phone)["id"]
    phone.user.patch(f"{phone.user.tasks}/{uid}", json={"title": "By somebody else"})
    assert_refused(put(phone, path, todo(uid), If_Match=before), 412)
    assert_refused(put(phone, path, todo(uid), If_Match='"12345", "x"'), 412)
    assert_refused(put(phone, path, todo(uid), If_None_Match="*"), 412)
    assert task_of(phone, "By somebody else")["id"] == uid
    assert put(phone, path, todo(uid), If_Match="*").status_code == 204


@pytest.mark.parametrize("if_match", ['"1"', "*"])
def test_what_is_gone_is_no_longer_at_any_revision(anns: Phone, if_match: str) -> None:
    path = f"{anns.inbox}{new_uid()}.ics"
    assert_refused(put(anns, path, todo(new_uid()), If_Match=if_match), 412)
    assert anns.get(path).status_code == 404


def test_one_uid_is_there_once(phone: Phone) -> None:
    path = make(phone, phone.inbox)
    uid = task_of(phone)["id"]
    refused = assert_refused(put(phone, f"{phone.inbox}other.ics", todo(uid)), 409, "C:no-uid-conflict")
    assert [each.text for each in refused.iter(f"{DAV}href")] == [path]
    refused = assert_refused(put(phone, path, todo("another")), 409, "C:no-uid-conflict")
    assert [each.text for each in refused.iter(f"{DAV}href")] == [path]
    assert phone.get(f"{phone.inbox}other.ics").status_code == 404
    assert task_of(phone)["id"] == uid


def test_one_uid_in_two_collections(phone: Phone) -> None:
    make(phone, phone.inbox, todo("the one"), "a.ics")
    other = make_calendar(phone, "VTODO")
    make(phone, other, todo("the one"), "a.ics")
    assert text_of(phone, f"{other}a.ics") == text_of(phone, f"{phone.inbox}a.ics")


def test_a_task_that_the_api_made_is_found_by_its_id(phone: Phone) -> None:
    task = phone.user.new_task("Made by the API", description="Mine")
    path = f"{phone.inbox}{task['id']}.ics"
    text = text_of(phone, path).replace("SUMMARY:Made by the API", "SUMMARY:Changed by a phone")
    assert put(phone, path, text).status_code == 204
    changed = task_of(phone, "Changed by a phone")
    assert (changed["id"], changed["description"]) == (task["id"], "Mine")
    assert_refused(put(phone, f"{phone.inbox}other.ics", todo(task["id"])), 409, "C:no-uid-conflict")


@pytest.mark.parametrize(
    ("body", "condition"),
    [
        ("", "C:valid-calendar-data"),
        ("hello", "C:valid-calendar-data"),
        (b"\xff\xfe", "C:valid-calendar-data"),
        (todo("a").replace("END:VTODO\r\n", ""), "C:valid-calendar-data"),
        (todo("a", "DTSTART;VALUE=DATE:20270101", "DUE:20270102T100000Z"), "C:valid-calendar-data"),
        (calendar("METHOD:PUBLISH", *component("VTODO", "a")), "C:valid-calendar-object-resource"),
        (calendar(*component("VTODO", "a"), *component("VTODO", "b")), "C:valid-calendar-object-resource"),
        (
            calendar(*component("VTODO", "a"), *component("VEVENT", "a", "DTSTART:20270101T100000Z")),
            "C:valid-calendar-object-resource",
        ),
        (calendar("BEGIN:VTODO", "SUMMARY:no uid", "END:VTODO"), "C:valid-calendar-object-resource"),
        (event("a", "DTSTART:20270101T100000Z"), "C:supported-calendar-component"),
    ],
)
def test_what_is_no_object_is_refused(anns: Phone, body: str | bytes, condition: str) -> None:
    path = f"{anns.inbox}{new_uid()}.ics"
    assert_refused(anns.dav("PUT", path, body, Content_Type=ICS), 403, condition)
    assert anns.get(path).status_code == 404


def test_media_types(anns: Phone) -> None:
    for media_type in ("text/calendar", 'text/calendar; charset="utf-8"; component=VTODO', "TEXT/CALENDAR"):
        uid = new_uid()
        answer = anns.dav("PUT", f"{anns.inbox}{uid}.ics", todo(uid), Content_Type=media_type)
        assert answer.status_code == 201
    uid = new_uid()
    path = f"{anns.inbox}{uid}.ics"
    without = anns.build_request("PUT", path, content=todo(uid).encode())
    assert "content-type" not in without.headers
    assert anns.send(without).status_code == 201
    for media_type in ("text/plain", "application/calendar+json", "text/vcard"):
        answer = anns.dav("PUT", f"{anns.inbox}x.ics", todo(new_uid()), Content_Type=media_type)
        assert_refused(answer, 415, "C:supported-calendar-data")


def test_a_mebibyte(anns: Phone) -> None:
    uid = new_uid()
    path, line = f"{anns.inbox}{uid}.ics", f"X-NOTE:{'x' * 60}"
    lines = (1024 * 1024 - len(todo(uid))) // (len(line) + 2)
    assert put(anns, path, todo(uid, *[line] * lines)).status_code == 201
    assert_refused(put(anns, path, todo(uid, *[line] * (lines + 1))), 413, "C:max-resource-size")
    assert len(text_of(anns, path).splitlines()) > lines


def test_no_collection_above_it(anns: Phone) -> None:
    assert_refused(put(anns, f"{anns.home}nowhere/a.ics", todo("a")), 409)


def test_a_read_only_token(anns: Phone) -> None:
    path = make(anns, anns.inbox)
    with closing(Phone(anns.user, "tasks:read")) as reader:
        assert reader.get(path).status_code == 200
        assert_refused(put(reader, path, todo("a")), 403, "D:need-privileges")
        assert_refused(reader.dav("DELETE", path), 403, "D:need-privileges")
        assert_refused(reader.dav("MOVE", path, Destination=f"{anns.inbox}x"), 403, "D:need-privileges")
        assert_refused(reader.dav("COPY", path, Destination=f"{anns.inbox}x"), 403, "D:need-privileges")


def test_what_is_too_long_for_a_task_stays_in_the_text(phone: Phone) -> None:
    uid = new_uid()
    path = f"{phone.inbox}{uid}.ics"
    text = todo(
        uid,
        f"SUMMARY:{'long ' * 100}",
        f"DESCRIPTION:{'x' * 5000}",
        f"CATEGORIES:{','.join(f't{n}' for n in range(80))}",
    )
    assert put(phone, path, text).status_code == 201
    assert text_of(phone, path) == text
    (task,) = phone.user.get(phone.user.tasks).json()["tasks"]
    assert len(task["title"]) <= 200
    changed = phone.user.patch(f"{phone.user.tasks}/{uid}", json={"priority": "high"})
    assert changed.status_code == 200
    lines = [line for line in text_of(phone, path).split("\r\n") if line not in text.split("\r\n")]
    assert {line.partition(":")[0] for line in lines} <= {"PRIORITY", "LAST-MODIFIED", "DTSTAMP", "SEQUENCE"}


def test_events_and_journals_are_kept_as_they_came(phone: Phone) -> None:
    mixed = make_calendar(phone)
    text = event("an event", "DTSTART:20270101T100000Z", "DTEND:20270101T110000Z", "X-ANY:thing")
    answer = put(phone, f"{mixed}e.ics", text)
    assert answer.status_code == 201
    found = phone.get(f"{mixed}e.ics")
    assert (found.text, found.headers["etag"]) == (text, answer.headers["etag"])
    assert found.headers["content-type"] == "text/calendar; charset=utf-8; component=VEVENT"
    changed = text.replace("Meet Ann", "Meet Bob")
    assert put(phone, f"{mixed}e.ics", changed, If_Match=answer.headers["etag"]).status_code == 204
    assert text_of(phone, f"{mixed}e.ics") == changed
    make(phone, mixed, todo("a task", "SUMMARY:In a mixed one"), "t.ics")
    assert task_of(phone, "In a mixed one")["list_id"] is not None
    assert_refused(put(phone, f"{mixed}x.ics", text), 409, "C:no-uid-conflict")
    assert_refused(put(phone, f"{mixed}x.ics", event("a task", "DTSTART:20270101T100000Z")), 409, "C:no-uid-conflict")


def test_subtasks_by_the_uid_of_their_parent(phone: Phone) -> None:
    make(phone, phone.inbox, todo("child", "SUMMARY:Child", "RELATED-TO:parent"), "child.ics")
    assert task_of(phone, "Child")["parent_id"] is None
    make(phone, phone.inbox, todo("parent", "SUMMARY:Parent"), "parent.ics")
    parent = task_of(phone, "Parent")["id"]
    assert task_of(phone, "Child")["parent_id"] == parent
    assert "RELATED-TO:parent\r\n" in text_of(phone, f"{phone.inbox}child.ics")
    put(phone, f"{phone.inbox}child.ics", todo("child", "SUMMARY:Child"))
    assert task_of(phone, "Child")["parent_id"] is None


def test_completing_a_parent_leaves_its_subtasks(phone: Phone) -> None:
    make(phone, phone.inbox, todo("parent", "SUMMARY:Parent"), "parent.ics")
    make(phone, phone.inbox, todo("child", "SUMMARY:Child", "RELATED-TO;RELTYPE=PARENT:parent"), "child.ics")
    done = todo("parent", "SUMMARY:Parent", "STATUS:COMPLETED", "COMPLETED:20261101T090000Z")
    assert put(phone, f"{phone.inbox}parent.ics", done).status_code == 204
    assert task_of(phone, "Parent")["completed_at"] == "2026-11-01T09:00:00.000000Z"
    assert not task_of(phone, "Child")["is_completed"]


@pytest.mark.parametrize(
    "lines", [["STATUS:COMPLETED"], ["COMPLETED:20270101T090000Z"], ["PERCENT-COMPLETE:100"], ["STATUS:CANCELLED"]]
)
def test_completed_and_reopened(anns: Phone, lines: list[str]) -> None:
    uid = new_uid()
    path = make(anns, anns.inbox, todo(uid, f"SUMMARY:{uid}"), f"{uid}.ics")
    put(anns, path, todo(uid, f"SUMMARY:{uid}", *lines))
    task = task_of(anns, uid)
    assert (task["is_completed"], task["is_cancelled"]) == (True, lines == ["STATUS:CANCELLED"])
    put(anns, path, todo(uid, f"SUMMARY:{uid}", "STATUS:NEEDS-ACTION"))
    assert not task_of(anns, uid)["is_completed"]


def test_every_write_can_be_undone(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a", "SUMMARY:Before"), "a.ics")
    before = text_of(phone, path)
    put(phone, path, todo("a", "SUMMARY:After"))
    newest = phone.user.get(f"/api/{phone.user.id}/undo").json()["undos"][0]
    assert phone.user.post(f"/api/{phone.user.id}/undo/{newest['token']}").status_code == 200
    assert task_of(phone, "Before")
    assert text_of(phone, path) == before


def test_an_error_names_its_condition_in_xml(anns: Phone) -> None:
    answer = put(anns, f"{anns.inbox}a.ics", "hello")
    root = ET.fromstring(answer.content)  # noqa: S314 - the server's own
    assert root[0].tag == "{urn:ietf:params:xml:ns:caldav}valid-calendar-data"


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART;TZID=Asia/Tokyo:00010101T000000", "DUE;TZID=Europe/Berlin:20270302T100000"],
        ["DTSTART;TZID=Europe/Berlin:20270301T100000", "DUE;TZID=America/New_York:99991231T235959"],
        ["DTSTART;TZID=Europe/Berlin:20270301T100000", "DUE:99991231T235959Z", "RRULE:FREQ=DAILY"],
        ["DUE;VALUE=DATE:99991231", "RRULE:FREQ=DAILY"],
        ["COMPLETED:00010101T000000Z", "CREATED:99991231T235959Z"],
    ],
)
def test_at_the_ends_of_all_years(anns: Phone, lines: list[str]) -> None:
    uid = new_uid()
    path, text = f"{anns.inbox}{uid}.ics", todo(uid, *lines)
    assert put(anns, path, text).status_code == 201
    assert text_of(anns, path) == text
    for start, end in (
        ("00010101T000000Z", "00010102T000000Z"),
        ("20270301T000000Z", "20270401T000000Z"),
        ("99991230T000000Z", "99991231T235959Z"),
    ):
        asked = f'<C:calendar-data><C:expand start="{start}" end="{end}"/></C:calendar-data>'
        answer = query(anns, path, comp("VTODO", between(start, end)), prop=asked)
        assert answer.status_code in {207, 403}
