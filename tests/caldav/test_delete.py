"""An object is deleted, and what is below a task stays."""

import pytest

from support.dav import Phone, assert_refused
from support.ical import event, make, make_calendar, put, task_of, todo


def test_a_task(phone: Phone) -> None:
    path = make(phone, phone.inbox)
    task = task_of(phone)
    assert phone.dav("DELETE", path).status_code == 204
    assert phone.user.get(f"{phone.user.tasks}/{task['id']}").status_code == 404
    assert_refused(phone.get(path), 404)
    assert_refused(phone.dav("DELETE", path), 404)


def test_a_name_is_free_again(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a"), "a.ics")
    phone.dav("DELETE", path)
    assert put(phone, path, todo("b"), If_None_Match="*").status_code == 201
    assert put(phone, f"{phone.inbox}other.ics", todo("a"), If_None_Match="*").status_code == 201


def test_only_at_a_revision(phone: Phone) -> None:
    path = make(phone, phone.inbox)
    tag = phone.get(path).headers["etag"]
    phone.user.patch(f"{phone.user.tasks}/{task_of(phone)['id']}", json={"priority": "high"})
    said = assert_refused(phone.dav("DELETE", path, If_Match=tag), 412).findtext("{urn:doable}message")
    assert said == "It has been changed, made or deleted in the meantime. Read it again."
    assert phone.dav("DELETE", path, If_Match=phone.get(path).headers["etag"]).status_code == 204
    assert_refused(phone.dav("DELETE", path, If_Match=tag), 412)


def test_subtasks_stay(phone: Phone) -> None:
    parent = make(phone, phone.inbox, todo("parent", "SUMMARY:Parent"), "parent.ics")
    child = make(phone, phone.inbox, todo("child", "SUMMARY:Child", "RELATED-TO:parent"), "child.ics")
    assert task_of(phone, "Child")["parent_id"] == task_of(phone, "Parent")["id"]
    assert phone.dav("DELETE", parent).status_code == 204
    assert task_of(phone, "Child")["parent_id"] is None
    assert "RELATED-TO:parent" in phone.get(child).text
    make(phone, phone.inbox, todo("parent", "SUMMARY:Again"), "again.ics")
    assert task_of(phone, "Child")["parent_id"] == task_of(phone, "Again")["id"]


def test_an_event(phone: Phone) -> None:
    mixed = make_calendar(phone)
    path = make(phone, mixed, event("a", "DTSTART:20270301T100000Z"), "a.ics")
    assert phone.dav("DELETE", path).status_code == 204
    assert_refused(phone.get(path), 404)


def test_it_can_be_undone(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a", "X-ANY:thing"), "a.ics")
    before = phone.get(path).text
    phone.dav("DELETE", path)
    newest = phone.user.get(f"/api/{phone.user.id}/undo").json()["undos"][0]
    assert newest["deleted"] == 1
    assert phone.user.post(f"/api/{phone.user.id}/undo/{newest['token']}").status_code == 200
    assert phone.get(path).text == before


@pytest.mark.parametrize("path", ["nothing.ics", "%00", "a%2Fb"])
def test_where_nothing_is(anns: Phone, path: str) -> None:
    assert anns.dav("DELETE", f"{anns.inbox}{path}").status_code in {400, 404}
