"""Whether an object matches a filter: components, properties, parameters, texts and times."""

import time
from zoneinfo import ZoneInfo

import pytest

from doable.caldav.filters import read_filter
from doable.caldav.matching import matches
from doable.ical.lines import components
from support.filters import NOT_DEFINED, between, comp, param, prop, read, text
from support.ical import calendar, component, event, journal, todo

BERLIN = ZoneInfo("Europe/Berlin")

TASK = todo(
    "a",
    "SUMMARY;LANGUAGE=de:Äpfel\\, Birnen",
    "DESCRIPTION:One fold",
    "ed line",
    "CATEGORIES:Home,Shop",
    "STATUS:NEEDS-ACTION",
    'ATTENDEE;CN="Ann Lee";MEMBER="mailto:a@example.com","mailto:b@example.com":mailto:ann@example.com',
    "DUE;TZID=Europe/Berlin:20270301T100000",
    *("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-PT1H", "END:VALARM"),
).replace("fold\r\n", "fold\r\n ")


def found(calendar_text: str, inner: str) -> bool:
    (parsed,) = components(calendar_text)
    return matches(read_filter(read(comp("VCALENDAR", inner))), parsed, BERLIN)


@pytest.mark.parametrize(
    ("inner", "is_met"),
    [
        ("", True),
        (comp("VTODO"), True),
        (comp("vtodo"), True),
        (comp("VEVENT"), False),
        (comp("VEVENT", NOT_DEFINED), True),
        (comp("VTODO", NOT_DEFINED), False),
        (comp("VTODO", comp("VALARM")), True),
        (comp("VTODO", comp("VALARM", NOT_DEFINED)), False),
        (comp("VTODO", comp("VALARM", prop("ACTION", text("audio")))), False),
        (prop("VERSION", text("2.0")), True),
        (prop("METHOD"), False),
        (prop("METHOD", NOT_DEFINED), True),
        # What a calendar never has is asked of what is in it, of whatever kind.
        (prop("CATEGORIES", text("Shop")), True),
        (prop("CATEGORIES", text("Work")), False),
        (prop("CATEGORIES", NOT_DEFINED), False),
        (prop("COMPLETED", NOT_DEFINED), True),
        (prop("CATEGORIES", text("Shop")) + comp("VEVENT"), False),
        (between("20270301T000000Z", "20270302T000000Z"), True),
        (between("20270302T000000Z", "20270303T000000Z"), False),
        (between("20270301T000000Z", "20270302T000000Z") + prop("SUMMARY", text("Birnen")), True),
        (between("20270301T000000Z", "20270302T000000Z") + prop("SUMMARY", text("Kirschen")), False),
        (comp("VTODO", prop("COMPLETED", NOT_DEFINED)), True),
        (comp("VTODO", prop("COMPLETED")), False),
        (comp("VTODO", prop("SUMMARY", NOT_DEFINED)), False),
        (comp("VTODO", prop("SUMMARY") + prop("COMPLETED")), False),
        (comp("VTODO", prop("SUMMARY")) + comp("VEVENT"), False),
    ],
)
def test_what_there_is(inner: str, *, is_met: bool) -> None:
    assert found(TASK, inner) is is_met


@pytest.mark.parametrize(
    ("name", "match", "is_met"),
    [
        ("SUMMARY", text("pfel"), True),
        ("SUMMARY", text("PFEL"), True),
        ("SUMMARY", text("äpfel"), False),  # i;ascii-casemap leaves Ä as it is
        ("SUMMARY", text("äpfel", "i;ascii-casemap"), False),
        ("SUMMARY", text("äpfel", "i;unicode-casemap"), True),
        ("SUMMARY", text("ÄPFEL", "i;unicode-casemap"), True),
        ("SUMMARY", text("Äpfel", "i;octet"), True),
        ("SUMMARY", text("äpfel", "i;octet"), False),
        ("SUMMARY", text("pfel", "default"), True),
        ("SUMMARY", text("Äpfel, Birnen", "i;octet"), True),  # without its escapes
        ("SUMMARY", text(""), True),
        ("SUMMARY", text("cherries"), False),
        ("SUMMARY", text("cherries", negate="yes"), True),
        ("SUMMARY", text("pfel", negate="yes"), False),
        ("SUMMARY", text("pfel", negate="no"), True),
        ("LOCATION", text("home", negate="yes"), False),  # there has to be one
        ("DESCRIPTION", text("folded line"), True),
        ("CATEGORIES", text("shop"), True),
        ("STATUS", text("completed", negate="yes"), True),
    ],
)
def test_texts(name: str, match: str, *, is_met: bool) -> None:
    assert found(TASK, comp("VTODO", prop(name, match))) is is_met


@pytest.mark.parametrize(
    ("inner", "is_met"),
    [
        (param("CN"), True),
        (param("cn", text("ann")), True),
        (param("CN", text("bob")), False),
        (param("CN", text("bob", negate="yes")), True),
        (param("ROLE"), False),
        (param("ROLE", NOT_DEFINED), True),
        (param("CN", NOT_DEFINED), False),
        (param("MEMBER", text("b@example.com")), True),
        (param("CN", text("ann")) + param("ROLE"), False),
        (text("ann@") + param("CN", text("lee")), True),
        (text("bob@") + param("CN", text("lee")), False),
    ],
)
def test_parameters(inner: str, *, is_met: bool) -> None:
    assert found(TASK, comp("VTODO", prop("ATTENDEE", inner))) is is_met


@pytest.mark.parametrize(
    ("lines", "start", "end", "is_met"),
    [
        # 10:00 in Berlin is 09:00 in UTC.
        (["DUE;TZID=Europe/Berlin:20270301T100000"], "20270301T083000Z", "20270301T090000Z", True),
        (["DUE;TZID=Europe/Berlin:20270301T100000"], "20270301T090000Z", "20270301T093000Z", False),
        (["DUE:20270301T100000Z"], "20270301T093000Z", "20270301T103000Z", True),
        # Whole days and what floats are read in the zone.
        (["DUE:20270301T100000"], "20270301T083000Z", "20270301T090000Z", True),
        (["DUE;VALUE=DATE:20270301"], "20270228T223000Z", "20270228T230000Z", True),
        (["DUE;VALUE=DATE:20270301"], "20270228T230000Z", "20270301T230000Z", False),
        (["DTSTART:20270301T100000Z", "DURATION:PT1H"], "20270301T110000Z", "20270301T120000Z", True),
        (["DTSTART:20270301T100000Z", "DURATION:PT1H"], "20270301T110001Z", "20270301T120000Z", False),
        (["DTSTART:20270301T100000Z", "DUE:20270301T110000Z"], "20270301T110000Z", "20270301T120000Z", False),
        (["DTSTART;VALUE=DATE:20270301"], "20270228T230000Z", "20270301T000000Z", True),
        (["COMPLETED:20270301T100000Z", "CREATED:20260301T100000Z"], "20270101T000000Z", "20270401T000000Z", True),
        (["CREATED:20270301T100000Z"], "20280101T000000Z", None, True),
        (["CREATED:20270301T100000Z"], None, "20270101T000000Z", False),
        ([], "20270301T100000Z", "20270301T100001Z", True),
    ],
)
def test_todos_in_a_range(lines: list[str], start: str | None, end: str | None, *, is_met: bool) -> None:
    assert found(todo("a", *lines), comp("VTODO", between(start, end))) is is_met


@pytest.mark.parametrize(
    ("lines", "start", "end", "is_met"),
    [
        (["DTSTART:20270301T100000Z", "DTEND:20270301T110000Z"], "20270301T105900Z", "20270302T000000Z", True),
        (["DTSTART:20270301T100000Z", "DTEND:20270301T110000Z"], "20270301T110000Z", "20270302T000000Z", False),
        (["DTSTART:20270301T100000Z", "DURATION:PT1H"], "20270301T105900Z", "20270302T000000Z", True),
        (["DTSTART:20270301T100000Z"], "20270301T100000Z", "20270301T100100Z", True),
        (["DTSTART;VALUE=DATE:20270301"], "20270301T220000Z", "20270302T000000Z", True),
        (["DTSTART;VALUE=DATE:20270301"], "20270301T230000Z", "20270302T000000Z", False),
        # Two days of the clock, of which one has 23 hours.
        (["DTSTART;TZID=Europe/Berlin:20270327T120000", "DURATION:P2D"], "20270329T095900Z", "20270401T000000Z", True),
        (["DTSTART;TZID=Europe/Berlin:20270327T120000", "DURATION:P2D"], "20270329T100000Z", "20270401T000000Z", False),
        (
            ["DTSTART;TZID=Europe/Berlin:20270327T120000", "DURATION:PT48H"],
            "20270329T103000Z",
            "20270401T000000Z",
            True,
        ),
    ],
)
def test_events_in_a_range(lines: list[str], start: str, end: str, *, is_met: bool) -> None:
    assert found(event("a", *lines), comp("VEVENT", between(start, end))) is is_met


def test_journals_in_a_range() -> None:
    day = between("20270301T000000Z", "20270302T000000Z")
    assert found(journal("a", "DTSTART;VALUE=DATE:20270301"), comp("VJOURNAL", day))
    assert not found(journal("a", "DTSTART;VALUE=DATE:20270303"), comp("VJOURNAL", day))
    assert not found(journal("a"), comp("VJOURNAL", day))


def test_free_busy_in_a_range() -> None:
    day = comp("VFREEBUSY", between("20270301T000000Z", "20270302T000000Z"))
    periods = "FREEBUSY:20270228T000000Z/PT1H,20270301T100000Z/20270301T110000Z"
    assert found(calendar(*component("VFREEBUSY", "a", periods)), day)
    assert not found(calendar(*component("VFREEBUSY", "a", "FREEBUSY:20270228T000000Z/PT1H")), day)
    assert found(calendar(*component("VFREEBUSY", "a", "DTSTART:20270228T000000Z", "DTEND:20270301T000000Z")), day)
    assert not found(calendar(*component("VFREEBUSY", "a")), day)


def alarm(*lines: str) -> list[str]:
    return ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", *lines, "END:VALARM"]


@pytest.mark.parametrize(
    ("text_of", "start", "end", "is_met"),
    [
        (TASK, "20270301T080000Z", "20270301T080001Z", True),  # an hour before it is due
        (TASK, "20270301T080001Z", "20270301T090000Z", False),
        (todo("a", *alarm("TRIGGER;VALUE=DATE-TIME:20270301T100000Z")), "20270301T100000Z", "20270301T100001Z", True),
        (todo("a", *alarm("TRIGGER;VALUE=DATE-TIME:20270301T100000Z")), "20270301T090000Z", "20270301T100000Z", False),
        (todo("a", *alarm("TRIGGER:-PT1H")), "20270301T090000Z", "20270301T100000Z", False),
        (
            event("a", "DTSTART:20270301T100000Z", "DTEND:20270301T120000Z", *alarm("TRIGGER;RELATED=END:PT5M")),
            "20270301T120500Z",
            "20270301T120600Z",
            True,
        ),
        (
            event("a", "DTSTART:20270301T100000Z", *alarm("TRIGGER:PT0S", "REPEAT:2", "DURATION:PT15M")),
            "20270301T103000Z",
            "20270301T103100Z",
            True,
        ),
        (
            event("a", "DTSTART:20270301T100000Z", *alarm("TRIGGER:PT0S", "REPEAT:2", "DURATION:PT15M")),
            "20270301T104500Z",
            "20270301T104600Z",
            False,
        ),
    ],
)
def test_alarms_in_a_range(text_of: str, start: str, end: str, *, is_met: bool) -> None:
    kind = "VTODO" if "VTODO" in text_of else "VEVENT"
    assert found(text_of, comp(kind, comp("VALARM", between(start, end)))) is is_met


def test_alarms_that_ring_for_ever_are_looked_at_in_a_moment() -> None:
    ringing = alarm("TRIGGER:P1D", "REPEAT:1000", "DURATION:P1000W")
    text_of = todo("a", "DTSTART:20000101T000000Z", "DUE:20000101T000000Z", "RRULE:FREQ=DAILY", *ringing * 100)
    began = time.process_time()
    assert found(text_of, comp("VTODO", comp("VALARM", between("19000101T000000Z", "19000102T000000Z"))))  # it gives up
    assert time.process_time() - began < 3


def test_properties_in_a_range() -> None:
    day = between("20270301T000000Z", "20270302T000000Z")
    assert found(todo("a", "COMPLETED:20270301T000000Z"), comp("VTODO", prop("COMPLETED", day)))
    assert not found(todo("a", "COMPLETED:20270302T000000Z"), comp("VTODO", prop("COMPLETED", day)))
    assert not found(todo("a"), comp("VTODO", prop("COMPLETED", day)))
    assert found(todo("a", "DUE;VALUE=DATE:20270302"), comp("VTODO", prop("DUE", day)))  # midnight in Berlin
    assert not found(todo("a", "SUMMARY:20270301"), comp("VTODO", prop("SUMMARY", between("20270301T120000Z"))))


def test_times_at_the_ends_of_all_years() -> None:
    far = todo("a", "DTSTART:99991231T235959Z", "DURATION:P9999D")
    assert found(far, comp("VTODO", between("20270301T000000Z")))
    assert not found(todo("a", "DUE;VALUE=DATE:00010101"), comp("VTODO", between("20270301T000000Z")))
