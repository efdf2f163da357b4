"""calendar-query: what is asked of a collection, and what is told of what matches."""

import pytest

from support.changes import batch
from support.dav import CALDAV, DAV, Phone, assert_refused, request, responses
from support.filters import NOT_DEFINED, between, comp, param, prop, text
from support.ical import data, event, journal, make, make_calendar, names, put, query, text_of, todo


def test_by_components(phone: Phone) -> None:
    mixed = make_calendar(phone)
    make(phone, mixed, todo("t"), "t")
    make(phone, mixed, event("e", "DTSTART:20270301T100000Z"), "e")
    make(phone, mixed, journal("j", "DTSTART:20270301T100000Z"), "j")
    assert names(query(phone, mixed, "")) == {"t", "e", "j"}
    assert names(query(phone, mixed, comp("VTODO"))) == {"t"}
    assert names(query(phone, mixed, comp("VEVENT"))) == {"e"}
    assert names(query(phone, mixed, comp("VJOURNAL"))) == {"j"}
    assert names(query(phone, mixed, comp("VEVENT", NOT_DEFINED))) == {"t", "j"}
    assert names(query(phone, mixed, comp("VEVENT") + comp("VTODO"))) == set()
    assert names(query(phone, mixed, comp("VFREEBUSY"))) == set()
    assert names(query(phone, mixed, comp("X-UNKNOWN"))) == set()


def test_open_tasks_as_programs_ask_for_them(phone: Phone) -> None:
    make(phone, phone.inbox, todo("a"), "open")
    make(phone, phone.inbox, todo("b", "STATUS:NEEDS-ACTION"), "needs-action")
    make(phone, phone.inbox, todo("c", "STATUS:COMPLETED", "COMPLETED:20270101T000000Z"), "done")
    made, done = phone.user.new_task("Open"), phone.user.new_task("Done")
    phone.user.patch(f"{phone.user.tasks}/{done['id']}", json={"is_completed": True})
    assert names(query(phone, phone.inbox, comp("VTODO", prop("COMPLETED", NOT_DEFINED)))) == {
        "open",
        "needs-action",
        f"{made['id']}.ics",
    }
    assert names(query(phone, phone.inbox, comp("VTODO", prop("COMPLETED")))) == {"done", f"{done['id']}.ics"}
    not_done = prop("STATUS", text("COMPLETED", negate="yes"))
    assert names(query(phone, phone.inbox, comp("VTODO", prop("COMPLETED", NOT_DEFINED) + not_done))) >= {
        "needs-action"
    }


def test_what_the_api_has_changed_is_what_is_asked(phone: Phone) -> None:
    make(phone, phone.inbox, todo("a", "SUMMARY:Before"), "a")
    (task,) = phone.user.get(phone.user.tasks).json()["tasks"]
    phone.user.patch(f"{phone.user.tasks}/{task['id']}", json={"title": "After"})
    assert names(query(phone, phone.inbox, comp("VTODO", prop("SUMMARY", text("before"))))) == set()
    assert names(query(phone, phone.inbox, comp("VTODO", prop("SUMMARY", text("after"))))) == {"a"}


def test_by_time(phone: Phone) -> None:
    mixed = make_calendar(phone)
    make(phone, mixed, event("e", "DTSTART:20270301T100000Z", "DTEND:20270301T110000Z"), "early")
    make(phone, mixed, event("l", "DTSTART:20270401T100000Z", "DURATION:PT1H"), "late")
    make(phone, mixed, event("w", "DTSTART;VALUE=DATE:20270301"), "whole")
    make(phone, mixed, todo("t", "DUE:20270301T100000Z"), "due")
    day = between("20270301T000000Z", "20270302T000000Z")
    assert names(query(phone, mixed, comp("VEVENT", day))) == {"early", "whole"}
    assert names(query(phone, mixed, comp("VEVENT", between("20270315T000000Z")))) == {"late"}
    assert names(query(phone, mixed, comp("VEVENT", between(None, "20270301T103000Z")))) == {"early", "whole"}
    assert names(query(phone, mixed, comp("VTODO", day))) == {"due"}


def test_the_zone_of_the_query(phone: Phone) -> None:
    mixed = make_calendar(phone)
    make(phone, mixed, event("e", "DTSTART:20270301T100000", "DURATION:PT1H"), "floats")
    asked = comp("VEVENT", between("20270301T150000Z", "20270301T153000Z"))
    assert names(query(phone, mixed, asked)) == set()
    zone = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VTIMEZONE\nTZID:America/New_York\nBEGIN:STANDARD\n"
        "DTSTART:20001029T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n"
    )
    assert names(query(phone, mixed, asked, more=f"<C:timezone>{zone}</C:timezone>")) == {"floats"}
    assert names(query(phone, mixed, asked, more="<C:timezone-id>America/New_York</C:timezone-id>")) == {"floats"}
    phone.user.patch(f"/api/{phone.user.id}/preferences", json={"timezone": "America/New_York"})
    assert names(query(phone, mixed, asked)) == {"floats"}


def test_what_is_told(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a", "SUMMARY:One"), "a")
    found = responses(query(phone, phone.inbox, comp("VTODO"), prop="<D:getetag/><C:calendar-data/>"))[path]
    assert data(found) == text_of(phone, path)
    assert found.text(f"{DAV}getetag") == phone.get(path).headers["etag"]
    some = '<C:comp name="VCALENDAR"><C:comp name="VTODO"><C:prop name="SUMMARY"/></C:comp></C:comp>'
    found = responses(query(phone, phone.inbox, comp("VTODO"), prop=f"<C:calendar-data>{some}</C:calendar-data>"))[path]
    assert data(found).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "BEGIN:VTODO",
        "SUMMARY:One",
        "END:VTODO",
        "END:VCALENDAR",
        "",
    ]


def test_a_limit(phone: Phone) -> None:
    for number in range(5):
        make(phone, phone.inbox, todo(f"u{number}"), f"n{number}")
    limit = "<D:limit><D:nresults>{}</D:nresults></D:limit>"
    found = responses(query(phone, phone.inbox, comp("VTODO"), more=limit.format(3)))
    assert found.pop(phone.inbox).status == 507
    assert len(found) == 3
    assert len(responses(query(phone, phone.inbox, comp("VTODO"), more=limit.format(5)))) == 5
    for wrong in ("0", "-1", "many", ""):
        assert_refused(query(phone, phone.inbox, comp("VTODO"), more=limit.format(wrong)), 400)


def test_more_than_one_page(phone: Phone) -> None:
    for _ in range(6):
        batch(phone.user, *({"op": "create", "task": {"title": f"Task {number}"}} for number in range(100)))
    assert len(responses(query(phone, phone.inbox, comp("VTODO")))) == 600
    assert len(responses(query(phone, phone.inbox, comp("VTODO", prop("SUMMARY", text("task 7")))))) == 66


def test_one_object(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a", "SUMMARY:One"), "a")
    make(phone, phone.inbox, todo("b", "SUMMARY:One"), "b")
    assert names(query(phone, path, comp("VTODO"))) == {"a"}
    assert names(query(phone, path, comp("VTODO", prop("SUMMARY", text("two"))))) == set()
    assert_refused(query(phone, f"{phone.inbox}c", comp("VTODO")), 404)


def test_depth(anns: Phone) -> None:
    path = make(anns, anns.inbox)
    body = request(
        "C:calendar-query", f"<D:prop><D:getetag/></D:prop><C:filter>{comp('VCALENDAR', comp('VTODO'))}</C:filter>"
    )
    assert path in responses(anns.dav("REPORT", anns.inbox, body))
    assert path in responses(anns.dav("REPORT", anns.inbox, body, Depth="infinity"))
    assert responses(anns.dav("REPORT", anns.inbox, body, Depth="0")) == {}


@pytest.mark.parametrize(
    ("inner", "condition"),
    [
        ("<C:filter/>", "C:valid-filter"),
        ("", "C:valid-filter"),
        (f"<C:filter>{comp('VTODO')}</C:filter>", "C:valid-filter"),
        (f"<C:filter>{comp('VCALENDAR', '<C:what/>')}</C:filter>", "C:supported-filter"),
        (
            f"<C:filter>{comp('VCALENDAR', comp('VTODO', prop('SUMMARY', text('a', 'i;basic'))))}</C:filter>",
            "C:supported-collation",
        ),
        (
            f"<C:filter>{comp('VCALENDAR', comp('VTODO', prop('SUMMARY', param('X', text('a', 'i;basic')))))}</C:filter>",
            "C:supported-collation",
        ),
        (f"<C:filter>{comp('VCALENDAR')}</C:filter><C:timezone>no</C:timezone>", "C:valid-calendar-data"),
        (f"<C:filter>{comp('VCALENDAR')}</C:filter><C:timezone-id>Mars/One</C:timezone-id>", "C:valid-timezone"),
        (
            f'<D:prop><C:calendar-data version="1.0"/></D:prop><C:filter>{comp("VCALENDAR")}</C:filter>',
            "C:supported-calendar-data",
        ),
    ],
)
def test_what_is_refused(anns: Phone, inner: str, condition: str) -> None:
    body = request("C:calendar-query", inner)
    assert_refused(anns.dav("REPORT", anns.inbox, body, Depth="1"), 403, condition)


def test_other_reports(anns: Phone) -> None:
    assert_refused(anns.dav("REPORT", anns.inbox, request("C:what", "")), 403, "D:supported-report")
    assert_refused(anns.dav("REPORT", anns.home, request("C:calendar-query", "")), 403, "D:supported-report")


def test_every_report_that_is_supported_is_said_so(anns: Phone) -> None:
    found = anns.prop(anns.inbox, "D:supported-report-set")
    assert found is not None
    told = {each.tag for report in found.iter(f"{DAV}report") for each in report}
    assert told >= {
        f"{CALDAV}calendar-multiget",
        f"{CALDAV}calendar-query",
        f"{CALDAV}free-busy-query",
        f"{DAV}sync-collection",
    }


def test_a_change_between_two_pages_is_told_once(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("a", "SUMMARY:One"), "a")
    put(phone, path, todo("a", "SUMMARY:Two"))
    found = responses(query(phone, phone.inbox, comp("VTODO")))
    assert list(found) == [path]
