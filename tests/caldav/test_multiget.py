"""Many objects in one answer."""

from contextlib import closing

from support.dav import CALDAV, DAV, Phone, assert_refused, request, responses
from support.ical import data, event, make, make_calendar, multiget, text_of, todo
from support.users import User


def test_what_is_there_and_what_is_not(phone: Phone) -> None:
    first = make(phone, phone.inbox, todo("a", "SUMMARY:Eggs < & >"), "a b.ics".replace(" ", "%20"))
    second = make(phone, phone.inbox, todo("b"), "b@home.ics")
    made = phone.user.new_task("Made by the API")
    third = f"{phone.inbox}{made['id']}.ics"
    gone = f"{phone.inbox}gone.ics"
    found = responses(multiget(phone, phone.inbox, first, second, third, gone))
    assert list(found) == [f"{phone.inbox}a%20b.ics", f"{phone.inbox}b%40home.ics", third, gone]
    for path in (first, third):
        assert data(found[path]) == text_of(phone, path)
        assert found[path].text(f"{DAV}getetag") == phone.get(path).headers["etag"]
    assert (found[gone].status, found[gone].properties) == (404, {})


def test_line_ends_are_those_of_icalendar(anns: Phone) -> None:
    path = make(anns, anns.inbox)
    answer = multiget(anns, anns.inbox, path)
    assert b"BEGIN:VCALENDAR&#13;\n" in answer.content


def test_addresses_in_any_form(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a"), "a@b.ics")
    whole = f"{phone.base_url}".rstrip("/") + path
    for href in (path, whole, path.replace("@", "%40"), f"\n  {path}\n"):
        found = responses(multiget(phone, phone.inbox, href))
        assert {each: of.status for each, of in found.items()} == {f"{phone.inbox}a%40b.ics": None}
    assert len(responses(multiget(phone, phone.inbox, path, whole))) == 1


def test_nobody_elses(phone: Phone) -> None:
    with closing(User(f"{phone.base_url}")) as other, closing(Phone(other)) as others:
        path = make(others, others.inbox)
        name = path.rpartition("/")[2]
        found = responses(
            multiget(phone, phone.inbox, path, f"{phone.inbox}{name}", f"{phone.home}x/{name}", "/", "::")
        )
        assert [each.status for each in found.values()] == [404] * 5


def test_only_in_the_collection_of_the_report(phone: Phone) -> None:
    mixed = make_calendar(phone)
    path = make(phone, mixed, event("a", "DTSTART:20270301T100000Z"), "a.ics")
    assert responses(multiget(phone, phone.inbox, path))[path].status == 404
    assert data(responses(multiget(phone, mixed, path))[path]).startswith("BEGIN:VCALENDAR")
    assert data(responses(multiget(phone, path, path))[path]).startswith("BEGIN:VCALENDAR")


def test_other_properties(anns: Phone) -> None:
    path = make(anns, anns.inbox)
    asked = "<D:getcontenttype/><D:getcontentlength/><D:resourcetype/><D:getlastmodified/><D:owner/><D:nothing/>"
    found = responses(multiget(anns, anns.inbox, path, prop=asked))[path]
    assert found.text(f"{DAV}getcontenttype") == "text/calendar; charset=utf-8; component=VTODO"
    assert found.text(f"{DAV}getcontentlength") == str(len(anns.get(path).content))
    assert found.text(f"{DAV}getlastmodified") == anns.get(path).headers["last-modified"]
    assert list(found.properties[f"{DAV}resourcetype"]) == []
    assert found.hrefs(f"{DAV}owner") == [anns.principal]
    assert found.statuses[f"{DAV}nothing"] == 404
    body = f"<D:prop>{asked}</D:prop><D:href>{path}</D:href>"
    minimal = anns.dav("REPORT", anns.inbox, request("C:calendar-multiget", body), Prefer="return=minimal")
    assert f"{DAV}nothing" not in responses(minimal)[path].statuses


def test_all_properties(anns: Phone) -> None:
    path = make(anns, anns.inbox)
    for asked, has_values in (("allprop", True), ("propname", False)):
        body = request("C:calendar-multiget", f"<D:{asked}/><D:href>{path}</D:href>")
        found = responses(anns.dav("REPORT", anns.inbox, body))[path]
        assert f"{DAV}getetag" in found.properties
        assert (found.text(f"{DAV}getetag") is not None) is has_values
        assert f"{CALDAV}calendar-data" not in found.properties


def test_many(phone: Phone) -> None:
    paths = [make(phone, phone.inbox, todo(f"u{number}")) for number in range(30)]
    made = [phone.user.new_task(f"Task {number}")["id"] for number in range(30)]
    hrefs = [*paths, *(f"{phone.inbox}{id_}.ics" for id_ in made)]
    many = [f"{phone.inbox}none-{number}.ics" for number in range(1500)]
    found = responses(multiget(phone, phone.inbox, *many, *hrefs))
    assert [href for href, each in found.items() if each.status is None] == hrefs
    assert len(found) == 1560


def test_a_body_that_is_too_long(anns: Phone) -> None:
    href = f"{anns.inbox}{'x' * 200}.ics"
    assert_refused(multiget(anns, anns.inbox, *[href] * (4 * 1024 * 1024 // 250)), 413)


def test_no_collection(anns: Phone) -> None:
    assert_refused(multiget(anns, f"{anns.home}nowhere/", f"{anns.inbox}a.ics"), 404)
    assert_refused(multiget(anns, f"{anns.inbox}nothing.ics", f"{anns.inbox}nothing.ics"), 404)
