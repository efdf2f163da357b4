"""What recurs, in a range of time: each instance counts, and each may be told by itself."""

import pytest

from support.dav import Phone, assert_refused, responses
from support.filters import between, comp, prop, text
from support.ical import calendar, component, data, event, make, make_calendar, names, query, todo

DAILY = event("e", "DTSTART;TZID=Europe/Berlin:20270301T100000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=10")


def expanded(
    phone: Phone, collection: str, start: str, end: str, kind: str = "VEVENT", name: str = "expand"
) -> list[str]:
    """The texts of the objects in the range, with this element in calendar-data."""
    asked = f'<C:calendar-data><C:{name} start="{start}" end="{end}"/></C:calendar-data>'
    answer = query(phone, collection, comp(kind, between(start, end)), prop=asked)
    return [data(found) for found in responses(answer).values()]


def of(told: str, name: str) -> list[str]:
    """The values of a property."""
    return [line.partition(":")[2] for line in told.split("\r\n") if line.partition(":")[0].partition(";")[0] == name]


def test_each_instance_counts(phone: Phone) -> None:
    mixed = make_calendar(phone)
    make(phone, mixed, DAILY, "daily")
    for start, end, is_in in [
        ("20270228T000000Z", "20270301T090000Z", False),
        ("20270305T090000Z", "20270305T090100Z", True),
        ("20270305T095900Z", "20270305T103000Z", True),
        ("20270305T100000Z", "20270306T090000Z", False),
        ("20270310T090000Z", "20270310T093000Z", True),
        ("20270311T000000Z", "20280101T000000Z", False),
    ]:
        assert (names(query(phone, mixed, comp("VEVENT", between(start, end)))) == {"daily"}) is is_in, start


def test_instances_in_utc(phone: Phone) -> None:
    mixed = make_calendar(phone)
    make(phone, mixed, DAILY, "daily")
    (told,) = expanded(phone, mixed, "20270303T000000Z", "20270305T000000Z")
    assert of(told, "DTSTART") == of(told, "RECURRENCE-ID") == ["20270303T090000Z", "20270304T090000Z"]
    assert (of(told, "RRULE"), of(told, "UID")) == ([], ["e", "e"])
    assert "TZID" not in told


def test_what_takes_the_place_of_an_instance(phone: Phone) -> None:
    mixed = make_calendar(phone)
    lines = ["DTSTART:20270301T100000Z", "DTEND:20270301T110000Z"]
    override = ["RECURRENCE-ID:20270303T100000Z", "DTSTART:20270303T200000Z", "DTEND:20270303T210000Z", "SUMMARY:Late"]
    text_of = calendar(
        *component("VEVENT", "e", "SUMMARY:Usual", *lines, "RRULE:FREQ=DAILY;COUNT=5", "EXDATE:20270304T100000Z"),
        *component("VEVENT", "e", *override),
    )
    make(phone, mixed, text_of, "e")

    def is_in(start: str, end: str) -> bool:
        return names(query(phone, mixed, comp("VEVENT", between(start, end)))) == {"e"}

    assert not is_in("20270303T093000Z", "20270303T120000Z")
    assert is_in("20270303T203000Z", "20270303T204000Z")
    assert not is_in("20270304T000000Z", "20270305T000000Z")
    late = comp("VEVENT", prop("SUMMARY", text("late")) + between("20270301T000000Z", "20270302T000000Z"))
    assert names(query(phone, mixed, late)) == set()
    (told,) = expanded(phone, mixed, "20270302T000000Z", "20270306T000000Z")
    assert of(told, "DTSTART") == ["20270302T100000Z", "20270303T200000Z", "20270305T100000Z"]
    assert of(told, "RECURRENCE-ID") == ["20270302T100000Z", "20270303T100000Z", "20270305T100000Z"]
    assert of(told, "SUMMARY") == ["Usual", "Late", "Usual"]
    assert (of(told, "RRULE"), of(told, "EXDATE")) == ([], [])
    (limited,) = expanded(phone, mixed, "20270301T000000Z", "20270302T000000Z", name="limit-recurrence-set")
    assert of(limited, "SUMMARY") == ["Usual"]
    assert of(limited, "RRULE") == ["FREQ=DAILY;COUNT=5"]
    (limited,) = expanded(phone, mixed, "20270303T000000Z", "20270304T000000Z", name="limit-recurrence-set")
    assert of(limited, "SUMMARY") == ["Usual", "Late"]


def test_whole_days(phone: Phone) -> None:
    mixed = make_calendar(phone)
    make(phone, mixed, event("e", "DTSTART;VALUE=DATE:20270301", "RRULE:FREQ=WEEKLY;COUNT=3"), "e")
    (told,) = expanded(phone, mixed, "20270307T000000Z", "20270309T000000Z")
    assert "DTSTART;VALUE=DATE:20270308\r\n" in told
    assert "RECURRENCE-ID;VALUE=DATE:20270308\r\n" in told


def test_dates_besides_a_rule(phone: Phone) -> None:
    mixed = make_calendar(phone)
    dates = "RDATE;VALUE=PERIOD:20270310T100000Z/PT3H,20270320T100000Z/20270320T103000Z"
    make(phone, mixed, event("e", "DTSTART:20270301T100000Z", "DTEND:20270301T110000Z", dates), "e")
    assert names(query(phone, mixed, comp("VEVENT", between("20270310T123000Z", "20270310T124000Z")))) == {"e"}
    assert names(query(phone, mixed, comp("VEVENT", between("20270320T103000Z", "20270320T110000Z")))) == set()
    (told,) = expanded(phone, mixed, "20270310T000000Z", "20270311T000000Z")
    assert (of(told, "DTSTART"), of(told, "DTEND"), of(told, "RDATE")) == (
        ["20270310T100000Z"],
        ["20270310T130000Z"],
        [],
    )


@pytest.mark.parametrize(
    ("lines", "starts", "dues"),
    [
        (["DUE:20270301T100000Z"], [], ["20270303T100000Z"]),
        (["DTSTART:20270301T100000Z"], ["20270303T100000Z"], []),
        (["DTSTART:20270301T100000Z", "DUE:20270301T120000Z"], ["20270303T100000Z"], ["20270303T120000Z"]),
    ],
)
def test_todos(phone: Phone, lines: list[str], starts: list[str], dues: list[str]) -> None:
    make(phone, phone.inbox, todo("t", *lines, "RRULE:FREQ=DAILY"), "t")
    (told,) = expanded(phone, phone.inbox, "20270303T000000Z", "20270304T000000Z", "VTODO")
    assert (of(told, "DTSTART"), of(told, "DUE")) == (starts, dues)
    assert of(told, "RECURRENCE-ID") == ["20270303T100000Z"]


def test_a_thousand_instances_are_the_most(phone: Phone) -> None:
    mixed = make_calendar(phone)
    make(phone, mixed, event("e", "DTSTART:20270301T000000Z", "DURATION:PT1M", "RRULE:FREQ=HOURLY"), "e")
    asked = '<C:calendar-data><C:expand start="20270301T000000Z" end="{}"/></C:calendar-data>'
    filtered = comp("VEVENT", between("20270301T000000Z", "20270302T000000Z"))
    found = responses(query(phone, mixed, filtered, prop=asked.format("20270411T000000Z")))
    assert len(of(data(found[f"{mixed}e"]), "DTSTART")) == 984
    refused = query(phone, mixed, filtered, prop=asked.format("20270501T000000Z"))
    assert_refused(refused, 403, "C:max-instances")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=99999999",
        "FREQ=SECONDLY;BYHOUR=3;BYMINUTE=1;BYSECOND=1",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-366",
        "NONSENSE",
    ],
)
def test_rules_that_would_take_for_ever(anns: Phone, rule: str) -> None:
    mixed = make_calendar(anns)
    for number in range(5):
        make(anns, mixed, event(f"e{number}", "DTSTART:20000101T000000Z", f"RRULE:{rule}"), f"e{number}")
    # The client waits for 30 seconds.
    query(anns, mixed, comp("VEVENT", between("20990101T000000Z", "20990102T000000Z")))
    asked = '<C:calendar-data><C:expand start="20990101T000000Z" end="20990102T000000Z"/></C:calendar-data>'
    answer = query(anns, mixed, comp("VEVENT", between("20990101T000000Z", "20990102T000000Z")), prop=asked)
    assert answer.status_code in {207, 403}


def test_a_long_text_every_day(anns: Phone) -> None:
    mixed = make_calendar(anns)
    note = ["X-NOTE:" + "x" * 60] * 14_000
    make(anns, mixed, event("e", "DTSTART:20270301T000000Z", "RRULE:FREQ=DAILY", *note), "e")
    asked = '<C:calendar-data><C:expand start="20270301T000000Z" end="{}"/></C:calendar-data>'
    filtered = comp("VEVENT", between("20270301T000000Z", "20270302T000000Z"))
    found = responses(query(anns, mixed, filtered, prop=asked.format("20270311T000000Z")))
    assert len(of(data(found[f"{mixed}e"]), "DTSTART")) == 10
    assert_refused(query(anns, mixed, filtered, prop=asked.format("20271231T000000Z")), 403, "C:max-instances")
