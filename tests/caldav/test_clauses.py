"""Clauses of the RFCs that no other test shows: the ledger, `compat/caldav.md`, names them."""

import pytest

from support.dav import CALDAV, DAV, Phone, assert_refused, elements, request, responses
from support.filters import between, comp
from support.ical import event, make, make_calendar, names, put, query, text_of, todo

NEW_YORK = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VTIMEZONE\nTZID:America/New_York\nBEGIN:STANDARD\n"
    "DTSTART:20001029T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n"
)


def privileges(phone: Phone, path: str, name: str) -> set[str]:
    found = phone.prop(path, name)
    assert found is not None
    return {child.tag for each in found.iter(f"{DAV}privilege") for child in each}


def test_no_cache_keeps_that_a_list_was_made(anns: Phone) -> None:
    answer = anns.dav("MKCALENDAR", f"{anns.home}new/")
    assert answer.status_code == 201
    assert "no-cache" in answer.headers["cache-control"]


def test_what_floats_is_of_the_zone_of_its_list(phone: Phone) -> None:
    mixed = make_calendar(phone)
    make(phone, mixed, event("e", "DTSTART:20270301T100000", "DURATION:PT1H"), "floats")
    asked = comp("VEVENT", between("20270301T150000Z", "20270301T153000Z"))
    assert names(query(phone, mixed, asked)) == set()
    zone = f"<D:set><D:prop><C:calendar-timezone>{NEW_YORK}</C:calendar-timezone></D:prop></D:set>"
    (found,) = responses(phone.dav("PROPPATCH", mixed, request("D:propertyupdate", zone))).values()
    assert set(found.statuses.values()) == {200}
    assert names(query(phone, mixed, asked)) == {"floats"}


@pytest.mark.parametrize("year", ["0001", "1752", "9999"])
def test_all_years_are_within_the_bounds_that_are_told(anns: Phone, year: str) -> None:
    assert anns.text(anns.inbox, "C:min-date-time") == "00010101T000000Z"
    assert anns.text(anns.inbox, "C:max-date-time") == "99991231T235959Z"
    text = todo(f"in {year}", f"DUE:{year}0601T120000Z")
    assert text_of(anns, make(anns, anns.inbox, text, f"{year}.ics")) == text


def test_a_list_is_no_object(anns: Phone) -> None:
    for method in ("GET", "HEAD", "PUT", "POST", "MOVE", "COPY", "LOCK", "ACL"):
        answer = anns.dav(method, anns.inbox, Destination=f"{anns.home}other/")
        assert answer.status_code == 405
        assert method not in answer.headers["allow"].split(", ")


def test_no_list_is_within_a_list(anns: Phone) -> None:
    for method in ("MKCALENDAR", "MKCOL"):
        answer = anns.dav(method, f"{anns.inbox}below/")
        assert_refused(answer, 403, "C:calendar-collection-location-ok")


def test_elements_that_are_not_known_are_passed_over(anns: Phone) -> None:
    odd = '<x:odd xmlns:x="urn:x"><D:prop><D:owner/></D:prop></x:odd>'
    body = request("D:propfind", f"{odd}<D:prop><D:displayname/></D:prop>{odd}").replace("<D:prop>", '<D:prop a="b">')
    (found,) = responses(anns.dav("PROPFIND", anns.inbox, body, Depth="0")).values()
    assert set(found.statuses) == {f"{DAV}displayname"}
    (made,) = responses(
        anns.dav("PROPPATCH", anns.inbox, request("D:propertyupdate", f"{odd}<D:set><D:prop><D:a/></D:prop></D:set>"))
    ).values()
    assert made.statuses == {f"{DAV}a": 200}


def test_a_preference_that_is_not_known_is_passed_over(anns: Phone) -> None:
    headers = {"Prefer": 'wait=10, handling="strict", x; y=z, return=representation'}
    found = anns.propfind(anns.inbox, "D:displayname", "D:nonsense", **headers)[anns.inbox]
    assert found.statuses == {f"{DAV}displayname": 200, f"{DAV}nonsense": 404}


def test_reading_when_one_is_busy_is_a_part_of_reading(anns: Phone) -> None:
    assert f"{CALDAV}read-free-busy" in privileges(anns, anns.inbox, "D:current-user-privilege-set")
    supported = anns.prop(anns.inbox, "D:supported-privilege-set")
    assert supported is not None
    (reading,) = (
        each
        for each in supported.iter(f"{DAV}supported-privilege")
        if each.find(f"{DAV}privilege/{DAV}read") is not None
    )
    assert reading.find(f"{DAV}supported-privilege/{DAV}privilege/{CALDAV}read-free-busy") is not None


def test_collations_and_types_are_told(anns: Phone) -> None:
    collations = anns.prop(anns.inbox, "C:supported-collation-set")
    assert collations is not None
    assert {each.text for each in collations} == {"i;ascii-casemap", "i;octet", "i;unicode-casemap"}
    types = anns.prop(anns.inbox, "C:supported-calendar-data")
    assert types is not None
    assert [each.attrib for each in types] == [{"content-type": "text/calendar", "version": "2.0"}]


def test_the_server_says_who_one_is(anns: Phone) -> None:
    path = make(anns, anns.inbox)
    for each in ("/dav/", anns.principal, anns.home, anns.inbox, path):
        (found,) = anns.propfind(each, "D:current-user-principal").values()
        assert found.hrefs(f"{DAV}current-user-principal") == [anns.principal]
    wish = "<D:set><D:prop><D:current-user-principal/></D:prop></D:set>"
    (refused,) = responses(anns.dav("PROPPATCH", anns.inbox, request("D:propertyupdate", wish))).values()
    assert refused.conditions == {f"{DAV}current-user-principal": f"{DAV}cannot-modify-protected-property"}


def test_a_principal_of_oneself_is_in_no_group(anns: Phone) -> None:
    (found,) = anns.propfind(
        anns.principal, "D:resourcetype", "D:alternate-URI-set", "D:group-member-set", "D:group-membership"
    ).values()
    assert f"{DAV}principal" in elements(found.properties[f"{DAV}resourcetype"])
    assert found.hrefs(f"{DAV}group-member-set") == found.hrefs(f"{DAV}group-membership") == []
    assert set(found.statuses.values()) == {200}


def test_a_list_of_privileges_is_not_to_be_changed(anns: Phone) -> None:
    """There is one owner, and nothing to grant: what RFC 3744 has beyond what one may do is not there, and not said to be."""
    assert "access-control" not in anns.dav("OPTIONS", anns.inbox).headers["dav"]
    (found,) = anns.propfind(anns.inbox, "D:acl", "D:acl-restrictions").values()
    assert set(found.statuses.values()) == {404}
    body = request("D:acl-principal-prop-set", "<D:prop><D:displayname/></D:prop>")
    assert_refused(anns.dav("REPORT", anns.inbox, body), 403, "D:supported-report")


def test_a_last_change_and_a_tag_are_those_of_get(anns: Phone) -> None:
    path = make(anns, anns.inbox)
    (found,) = anns.propfind(path, "D:getetag", "D:getlastmodified", "D:getcontentlength", "D:getcontenttype").values()
    for method in ("GET", "HEAD"):
        answer = anns.dav(method, path)
        assert found.text(f"{DAV}getetag") == answer.headers["etag"]
        assert not answer.headers["etag"].startswith("W/")
        assert found.text(f"{DAV}getlastmodified") == answer.headers["last-modified"]
        assert found.text(f"{DAV}getcontentlength") == answer.headers["content-length"]
        assert found.text(f"{DAV}getcontenttype") == answer.headers["content-type"]


def test_a_put_that_moves_a_series_on_says_no_tag(phone: Phone) -> None:
    """Its address answers the next occurrence, and not what was put (RFC 4791, section 5.3.4)."""
    uid = "3b241101-e2bb-4255-8caf-4136c566a962"
    series = ["DTSTART;VALUE=DATE:20270301", "DUE;VALUE=DATE:20270301", "RRULE:FREQ=DAILY"]
    path = make(phone, phone.inbox, todo(uid, *series), f"{uid}.ics")
    answer = put(phone, path, todo(uid, *series, "STATUS:COMPLETED", "COMPLETED:20270301T100000Z"))
    assert answer.status_code == 204
    assert "etag" not in answer.headers
    assert "DUE;VALUE=DATE:20270302" in text_of(phone, path)
    assert "STATUS:COMPLETED" not in text_of(phone, path)
    assert names(query(phone, phone.inbox, comp("VTODO"))) == {f"{uid}.ics", f"{uid}-done.ics"}
