"""What is answered at an object's address: the bytes that were put, with what has changed since in them."""

from email.utils import parsedate_to_datetime

import pytest

from support.dav import Phone, assert_refused
from support.ical import make, put, task_of, text_of, todo


def test_what_the_api_made(phone: Phone) -> None:
    task = phone.user.new_task("Buy oat milk", due={"date": "2027-03-01"}, tags=["Shop"])
    answer = phone.get(f"{phone.inbox}{task['id']}.ics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8; component=VTODO"
    assert answer.headers["etag"] == f'"{task["revision"]}"'
    lines = answer.text.split("\r\n")
    assert {f"UID:{task['id']}", "SUMMARY:Buy oat milk", "DUE;VALUE=DATE:20270301", "CATEGORIES:Shop"} <= {*lines}
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])


def test_equal_etags_are_equal_bytes(phone: Phone) -> None:
    task = phone.user.new_task("Buy oat milk")
    path = f"{phone.inbox}{task['id']}.ics"
    assert phone.get(path).content == phone.get(path).content
    put(phone, path, text_of(phone, path))
    phone.user.patch(f"{phone.user.tasks}/{task['id']}", json={"title": "Buy milk"})
    assert phone.get(path).content == phone.get(path).content


def test_a_change_by_the_api_is_a_change_of_its_line(phone: Phone) -> None:
    text = todo("a", "SUMMARY:Before", "X-ANY:thing", "PRIORITY:3", "DUE:20270301T100000Z")
    path = make(phone, phone.inbox, text, "a.ics")
    before = phone.get(path).headers["etag"]
    task = task_of(phone, "Before")
    assert phone.user.patch(f"{phone.user.tasks}/{task['id']}", json={"title": "After"}).status_code == 200
    answer = phone.get(path)
    assert answer.headers["etag"] != before
    changed = {*answer.text.split("\r\n")} ^ {*text.split("\r\n")}
    assert {line.partition(":")[0] for line in changed} <= {"SUMMARY", "LAST-MODIFIED", "DTSTAMP", "SEQUENCE"}
    assert "SUMMARY:After" in changed


def test_head(phone: Phone) -> None:
    path = make(phone, phone.inbox)
    head, whole = phone.head(path), phone.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length", "last-modified"):
        assert head.headers[name] == whole.headers[name]
    assert parsedate_to_datetime(whole.headers["last-modified"]).tzinfo is not None


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_what_a_program_has_already(anns: Phone, form: str) -> None:
    path = make(anns, anns.inbox)
    tag = anns.get(path).headers["etag"]
    for method in ("GET", "HEAD"):
        answer = anns.dav(method, path, If_None_Match=form.format(tag))
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert anns.dav("GET", path, If_None_Match='"1234567"').status_code == 200


def test_where_nothing_is(anns: Phone) -> None:
    path = make(anns, anns.inbox)
    name = path.rpartition("/")[2]
    for other in (f"{anns.inbox}nothing.ics", f"{anns.home}nowhere/{name}", f"{anns.inbox}{name.upper()}"):
        assert_refused(anns.get(other), 404)
        assert anns.head(other).status_code == 404


def test_a_task_is_only_in_its_own_list(phone: Phone) -> None:
    list_id = phone.user.post(f"/api/{phone.user.id}/lists", json={"name": "Home"}).json()["id"]
    task = phone.user.new_task("Buy oat milk", list_id=list_id)
    assert_refused(phone.get(f"{phone.inbox}{task['id']}.ics"), 404)
    assert phone.get(f"{phone.home}{list_id}/{task['id']}.ics").status_code == 200


def test_renaming_a_tag_changes_what_has_it(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a", "CATEGORIES:Home,Shop"), "a.ics")
    before = phone.get(path).headers["etag"]
    (tag,) = (each for each in phone.user.get(f"/api/{phone.user.id}/tags").json()["tags"] if each["name"] == "Home")
    assert phone.user.patch(f"/api/{phone.user.id}/tags/{tag['id']}", json={"name": "House"}).status_code == 200
    after = phone.get(path)
    assert after.headers["etag"] != before
    (line,) = (each for each in after.text.split("\r\n") if each.startswith("CATEGORIES:"))
    assert {*line.removeprefix("CATEGORIES:").split(",")} == {"House", "Shop"}
