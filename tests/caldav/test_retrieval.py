"""Parts of texts, as calendar-data wants them."""

from zoneinfo import ZoneInfo

import pytest

from doable.caldav import xml
from doable.caldav.refusals import Refusal
from doable.caldav.retrieval import MOST_ELEMENTS, WHOLE, read_retrieval
from doable.caldav.shaping import shaped
from support.dav import request
from support.ical import calendar, component, todo

BERLIN = ZoneInfo("Europe/Berlin")
ALARM = ["BEGIN:VALARM", "TRIGGER:-PT1H", "END:VALARM"]
TASK = todo("a", "SUMMARY:One fold", "DESCRIPTION:Two", *ALARM).replace("fold\r\n", "fo\r\n ld\r\n")


def wanted(inner: str, attributes: str = "") -> object:
    (found,) = xml.read(request("D:x", f"<C:calendar-data {attributes}>{inner}</C:calendar-data>").encode())
    return read_retrieval(found)


def told(text: str, inner: str) -> str:
    return shaped(text, wanted(inner), BERLIN)[0]  # type: ignore[arg-type] # what was read


def test_all_of_it() -> None:
    assert wanted("") == WHOLE
    assert wanted("", 'content-type="text/calendar" version="2.0"') == WHOLE
    assert told(TASK, '<C:comp name="VCALENDAR"/>') == TASK
    assert told(TASK, '<C:comp name="VCALENDAR"><C:allprop/><C:allcomp/></C:comp>') == TASK


@pytest.mark.parametrize("attributes", ['content-type="application/calendar+json"', 'version="1.0"'])
def test_other_forms(attributes: str) -> None:
    with pytest.raises(Refusal) as refused:
        wanted("", attributes)
    assert (refused.value.status, refused.value.condition) == (403, "C:supported-calendar-data")


def test_more_than_anybody_wants() -> None:
    with pytest.raises(Refusal) as refused:
        wanted('<C:comp name="VCALENDAR">' + '<C:comp name="VTODO"/>' * MOST_ELEMENTS + "</C:comp>")
    assert (refused.value.status, refused.value.condition) == (403, "C:valid-calendar-data")


def test_some_properties() -> None:
    todos = '<C:comp name="VTODO"><C:prop name="summary"/><C:prop name="UID"/></C:comp>'
    assert told(TASK, f'<C:comp name="VCALENDAR"><C:prop name="VERSION"/>{todos}</C:comp>').split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VTODO",
        "UID:a",
        "SUMMARY:One fo",
        " ld",
        "END:VTODO",
        "END:VCALENDAR",
        "",
    ]


def test_without_values() -> None:
    todos = '<C:comp name="VTODO"><C:prop name="SUMMARY" novalue="yes"/></C:comp>'
    assert "\r\nSUMMARY:\r\n" in told(TASK, f'<C:comp name="VCALENDAR">{todos}</C:comp>')


def test_some_components() -> None:
    zone = ["BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "END:VTIMEZONE"]
    text = calendar(*zone, *component("VTODO", "a", "SUMMARY:x", *ALARM))
    todos = '<C:comp name="VTODO"><C:allprop/></C:comp>'
    told_of = told(text, f'<C:comp name="VCALENDAR"><C:allprop/>{todos}</C:comp>')
    assert told_of == calendar(*component("VTODO", "a", "SUMMARY:x"))


def test_periods_in_a_range() -> None:
    lines = ["FREEBUSY:20270301T100000Z/PT1H,20270302T100000Z/PT1H", "FREEBUSY;FBTYPE=FREE:20270310T100000Z/PT1H"]
    limit = '<C:limit-freebusy-set start="20270302T000000Z" end="20270303T000000Z"/>'
    assert told(calendar(*component("VFREEBUSY", "a", *lines)), limit) == calendar(
        *component("VFREEBUSY", "a", "FREEBUSY:20270302T100000Z/PT1H")
    )


def test_in_utc() -> None:
    text = todo(
        "a", "SUMMARY:x", "DTSTART;TZID=Europe/Berlin:20270301T100000", "DUE;TZID=Europe/Berlin:20270301T110000"
    )
    zone = calendar(
        *("BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "END:VTIMEZONE"),
        *text.split("\r\n")[3:-2],
    )
    expand = '<C:expand start="20270301T000000Z" end="20270302T000000Z"/>'
    assert told(zone, expand) == todo("a", "SUMMARY:x", "DTSTART:20270301T090000Z", "DUE:20270301T100000Z")
    assert told(todo("a", "SUMMARY:x", "DUE;VALUE=DATE:20270301"), expand) == todo(
        "a", "SUMMARY:x", "DUE;VALUE=DATE:20270301"
    )


@pytest.mark.parametrize("name", ["expand", "limit-recurrence-set", "limit-freebusy-set"])
@pytest.mark.parametrize("said", ['start="20270301T000000Z"', 'start="20270302T000000Z" end="20270301T000000Z"', ""])
def test_ranges_have_two_ends(name: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        wanted(f"<C:{name} {said}/>")
    assert (refused.value.status, refused.value.condition) == (403, "C:valid-calendar-data")
