"""Objects are moved to other lists and names, and copied to other lists."""

import pytest

from support.dav import DAV, Phone, assert_refused
from support.ical import event, make, make_calendar, put, task_of, text_of, todo


def test_to_another_list(phone: Phone) -> None:
    other = make_calendar(phone, "VTODO")
    text = todo("a", "SUMMARY:Moved", "X-ANY:thing")
    path = make(phone, phone.inbox, text, "a.ics")
    answer = phone.dav("MOVE", path, Destination=f"{other}a.ics")
    assert answer.status_code == 201
    assert_refused(phone.get(path), 404)
    found = phone.get(f"{other}a.ics")
    assert found.headers["etag"] == answer.headers["etag"]
    assert task_of(phone, "Moved")["list_id"] is not None
    assert phone.dav("MOVE", f"{other}a.ics", Destination=path).status_code == 201
    assert task_of(phone, "Moved")["list_id"] is None


def test_to_another_name(phone: Phone) -> None:
    path = make(phone, phone.inbox)
    task = task_of(phone)
    assert phone.dav("MOVE", path, Destination=f"{phone.inbox}b%20c.ics").status_code == 201
    assert_refused(phone.get(path), 404)
    assert f"UID:{task['id']}" in text_of(phone, f"{phone.inbox}b%20c.ics")
    assert task_of(phone)["id"] == task["id"]


def test_whole_addresses(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a"), "a.ics")
    whole = f"{phone.base_url}".rstrip("/") + f"{phone.inbox}b.ics"
    assert phone.dav("MOVE", path, Destination=whole).status_code == 201
    assert phone.get(f"{phone.inbox}b.ics").status_code == 200


def test_over_another(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a", "SUMMARY:A"), "a.ics")
    there = make(phone, phone.inbox, todo("b", "SUMMARY:B"), "b.ics")
    assert_refused(phone.dav("MOVE", path, Destination=there, Overwrite="F"), 412)
    assert text_of(phone, there).count("SUMMARY:B") == 1
    assert phone.dav("MOVE", path, Destination=there, Overwrite="T").status_code == 204
    assert "SUMMARY:A" in text_of(phone, there)
    assert len(phone.user.get(phone.user.tasks).json()["tasks"]) == 1


def test_only_at_a_revision(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a"), "a.ics")
    there = f"{phone.inbox}b.ics"
    assert_refused(phone.dav("MOVE", path, Destination=there, If_Match='"1234567"'), 412)
    assert_refused(phone.dav("COPY", path, Destination=there, If_Match='"1234567"'), 412)
    tag = phone.get(path).headers["etag"]
    assert phone.dav("MOVE", path, Destination=there, If_Match=tag).status_code == 201


@pytest.mark.parametrize("method", ["MOVE", "COPY"])
def test_where_nothing_can_be(anns: Phone, method: str) -> None:
    path = make(anns, anns.inbox)
    for destination, status in [
        ("https://other.example/dav/a.ics", 502),
        (f"https://other.example{anns.inbox}a.ics", 502),
        ("/elsewhere/a.ics", 403),
        (anns.home, 403),
        (f"{anns.home}a.ics", 403),
        (anns.inbox, 403),
        (anns.principal, 403),
        (path, 403),
        (f"{anns.home}nowhere/a.ics", 409),
        (f"/dav/calendars/{path.split('/')[-1][:36]}/inbox/a.ics", 403),
        ("http://[", 400),
    ]:
        assert_refused(anns.dav(method, path, Destination=destination), status)
    assert_refused(anns.dav(method, path), 400)
    assert_refused(anns.dav(method, path, Destination=f"{anns.inbox}b.ics", Overwrite="perhaps"), 400)
    assert_refused(anns.dav(method, f"{anns.inbox}nothing.ics", Destination=f"{anns.inbox}b.ics"), 404)
    assert anns.get(path).status_code == 200


def test_to_a_list_that_does_not_take_it(phone: Phone) -> None:
    mixed, todos = make_calendar(phone), make_calendar(phone, "VTODO")
    path = make(phone, mixed, event("a", "DTSTART:20270301T100000Z"), "a.ics")
    for method in ("MOVE", "COPY"):
        refused = phone.dav(method, path, Destination=f"{todos}a.ics")
        assert_refused(refused, 403, "C:supported-calendar-component")
    other = make_calendar(phone)
    assert phone.dav("MOVE", path, Destination=f"{other}b.ics").status_code == 201
    assert text_of(phone, f"{other}b.ics") == event("a", "DTSTART:20270301T100000Z")


def test_a_uid_is_there_once(phone: Phone) -> None:
    other = make_calendar(phone, "VTODO")
    path = make(phone, phone.inbox, todo("a"), "a.ics")
    there = make(phone, other, todo("a"), "x.ics")
    for method in ("MOVE", "COPY"):
        refused = assert_refused(phone.dav(method, path, Destination=f"{other}b.ics"), 409, "C:no-uid-conflict")
        assert [each.text for each in refused.iter(f"{DAV}href")] == [there]
    assert phone.get(path).status_code == 200
    assert phone.dav("MOVE", path, Destination=there).status_code == 204


def test_with_its_subtasks(phone: Phone) -> None:
    other = make_calendar(phone, "VTODO")
    make(phone, phone.inbox, todo("parent", "SUMMARY:Parent"), "p.ics")
    make(phone, phone.inbox, todo("child", "SUMMARY:Child", "RELATED-TO:parent"), "c.ics")
    assert phone.dav("MOVE", f"{phone.inbox}p.ics", Destination=f"{other}p.ics").status_code == 201
    assert task_of(phone, "Child")["parent_id"] == task_of(phone, "Parent")["id"]
    assert phone.get(f"{other}c.ics").status_code == 200


def test_a_copy(phone: Phone) -> None:
    other = make_calendar(phone, "VTODO")
    text = todo("a", "SUMMARY:Original", "X-ANY:thing", "DUE:20270301T100000Z")
    path = make(phone, phone.inbox, text, "a.ics")
    answer = phone.dav("COPY", path, Destination=f"{other}a.ics")
    assert answer.status_code == 201
    assert answer.headers["etag"] == phone.get(f"{other}a.ics").headers["etag"]
    assert text_of(phone, f"{other}a.ics") == text_of(phone, path) == text
    assert_refused(phone.dav("COPY", path, Destination=f"{other}a.ics", Overwrite="F"), 412)
    put(phone, path, todo("a", "SUMMARY:Changed"))
    assert phone.dav("COPY", path, Destination=f"{other}a.ics").status_code == 204
    assert "SUMMARY:Changed" in text_of(phone, f"{other}a.ics")
    assert_refused(phone.dav("COPY", path, Destination=f"{phone.inbox}b.ics"), 409, "C:no-uid-conflict")


def test_a_copy_of_what_the_api_made(phone: Phone) -> None:
    task = phone.user.new_task("Made by the API")
    other = make_calendar(phone, "VTODO")
    path = f"{phone.inbox}{task['id']}.ics"
    assert phone.dav("COPY", path, Destination=f"{other}{task['id']}.ics").status_code == 201
    copied = text_of(phone, f"{other}{task['id']}.ics")
    assert f"UID:{task['id']}" in copied
    assert len(phone.user.get(phone.user.tasks).json()["tasks"]) == 2
