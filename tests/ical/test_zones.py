"""A zone is found by whatever name it has, and what is written of one is understood by others as it is."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from doable.clock import timezones
from doable.ical import zones
from doable.ical.definitions import definition, definitions
from doable.ical.described import Described
from doable.ical.lines import Line, components

TRICKY = (
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Nuuk",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Moscow",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
)


def calendar(text: str) -> str:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{text}END:VCALENDAR\r\n"


def described(text: str) -> Described:
    (found,) = components(calendar(text))[0].components
    return Described(found)


@pytest.mark.parametrize("name", [*TRICKY, *sorted(timezones())[::150]])
def test_a_definition_says_what_the_zone_does(name: str) -> None:
    zone, written = ZoneInfo(name), described(definition(name))
    at = datetime(2000, 1, 2, 0, 30, tzinfo=UTC)
    while at.year < 2099:
        local = at.astimezone(zone).replace(tzinfo=None, fold=0)
        # A time that comes twice, or never, may be either.
        if local.replace(tzinfo=zone).utcoffset() == local.replace(tzinfo=zone, fold=1).utcoffset():
            assert written.utcoffset(local) == local.replace(tzinfo=zone).utcoffset(), local
        at += timedelta(hours=17 * 24 + 1)
    assert len(definition(name)) < 5000


def test_another_program_reads_a_definition() -> None:
    (zone,) = Calendar.from_ical(calendar(definition("America/New_York"))).timezones
    tz = zone.to_tz()
    assert datetime(2026, 7, 1, 12, tzinfo=tz).utcoffset() == timedelta(hours=-4)
    assert datetime(2026, 12, 1, 12, tzinfo=tz).utcoffset() == timedelta(hours=-5)
    assert datetime(2026, 3, 8, 1, 59, tzinfo=tz).utcoffset() == timedelta(hours=-5)
    assert datetime(2026, 3, 8, 3, 1, tzinfo=tz).utcoffset() == timedelta(hours=-4)


def test_the_usual_definition_is_small_and_what_nobody_knows_has_none() -> None:
    assert len(definition("Europe/Berlin")) < 500
    assert definitions(["Nowhere/Atall", "UTC"]) == definition("UTC")


@pytest.mark.parametrize(
    ("tzid", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/mozilla.org/20071231_1/America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Paris", "Europe/Paris"),
        ("/citadel.org/20190914_1/Asia/Tokyo", "Asia/Tokyo"),
        ('"Tokyo Standard Time"', "Asia/Tokyo"),
        ("My own", None),
        ("", None),
    ],
)
def test_a_zone_has_many_names(tzid: str, name: str | None) -> None:
    assert zones.name_of(tzid, {}) == name


@pytest.mark.parametrize("alias", ["X-LIC-LOCATION:Europe/Berlin", "TZID-ALIAS-OF:Europe/Berlin"])
def test_a_definition_may_say_which_zone_it_is(alias: str) -> None:
    text = f"BEGIN:VTIMEZONE\r\nTZID:Mine\r\n{alias}\r\nEND:VTIMEZONE\r\n"
    root = components(calendar(text))[0]
    assert zones.name_of("Mine", zones.zones(root)) == "Europe/Berlin"
    assert zones.zone_of(root) == ZoneInfo("Europe/Berlin")


MINE = (
    "BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:16011028T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\n"
    "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
)


@pytest.mark.parametrize(("local", "utc"), [("20260701T120000", 10), ("20261201T120000", 11), ("20260101T120000", 11)])
def test_a_time_in_a_zone_that_is_only_described_is_in_utc(local: str, utc: int) -> None:
    own = zones.zones(components(calendar(MINE))[0])
    value = zones.moment(Line("DUE", ";TZID=Mine", local, 0, 0), own)
    assert isinstance(value, datetime)
    assert (value.tzinfo, value.hour) == (UTC, utc)
    zone = zones.zone_of(components(calendar(MINE))[0])
    assert datetime(2026, 7, 1, 12, tzinfo=zone).utcoffset() == timedelta(hours=2)
    assert datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(zone).hour == 14


def test_an_observance_ends_where_it_says() -> None:
    # As in RFC 5545, section 3.6.5: a rule holds until the next one comes.
    zone = described(
        "BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:DAYLIGHT\r\nDTSTART:19870405T020000\r\n"
        "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4;UNTIL=20060402T070000Z\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\n"
        "END:DAYLIGHT\r\nBEGIN:STANDARD\r\nDTSTART:19711031T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"
        "TZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    assert zone.utcoffset(datetime(2006, 4, 2, 3)) == timedelta(hours=-4)  # noqa: DTZ001 - by the clock
    assert zone.utcoffset(datetime(2007, 7, 1)) == timedelta(hours=-5)  # noqa: DTZ001 - by the clock
    assert zone.utcoffset(datetime(1970, 7, 1)) == timedelta(hours=-4)  # noqa: DTZ001 - by the clock


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYDAY=9SU",
        "FREQ",
        "=;;=",
    ],
)
def test_no_rule_of_a_zone_takes_long_or_fails(rule: str) -> None:
    zone = described(
        f"BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:00010101T000000\r\nRRULE:{rule}\r\nTZOFFSETFROM:+9959\r\n"
        "TZOFFSETTO:-9999\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    for year in (1, 2026, 9999):
        assert zone.utcoffset(datetime(year, 7, 1)) is not None  # noqa: DTZ001 - by the clock


@pytest.mark.parametrize(
    ("value", "head", "found"),
    [
        ("20261201", ";VALUE=DATE", date(2026, 12, 1)),
        ("20261201", "", date(2026, 12, 1)),
        ("20261201T090000", "", datetime(2026, 12, 1, 9)),  # noqa: DTZ001 - it floats
        ("20261201T090000", ";TZID=Nowhere", datetime(2026, 12, 1, 9)),  # noqa: DTZ001 - as above
        ("20261201t090060z", "", datetime(2026, 12, 1, 9, 0, 59, tzinfo=UTC)),
        ("20261201T090000Z", ";TZID=Europe/Berlin", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("20260229", "", None),
        ("20261201T0900", "", None),
        ("2026-12-01", "", None),
        ("٢٠٢٦١٢٠١", "", None),
        ("", "", None),
    ],
)
def test_a_date_is_read_as_it_is_written(value: str, head: str, found: date | None) -> None:
    assert zones.moment(Line("DUE", head, value, 0, 0), {}) == found


def test_several_dates_are_in_one_line() -> None:
    line = Line(
        "RDATE", ";VALUE=PERIOD;TZID=Europe/Berlin", "20261201T090000/PT1H,x,20261202T090000Z/20261202T100000Z", 0, 0
    )
    assert zones.moments(line, {}) == [
        datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 12, 2, 9, tzinfo=UTC),
    ]


def test_thousands_of_dates_in_a_zone_that_is_only_described_are_read_in_a_moment() -> None:
    part = "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRDATE:{}\r\nEND:STANDARD\r\n"
    own = part.format(",".join(["20000101T000000"] * 400)) * 100
    (found,) = components(calendar(f"BEGIN:VTIMEZONE\r\nTZID:x\r\n{own}END:VTIMEZONE\r\n"))
    described_ones, line = zones.zones(found), Line("EXDATE", ";TZID=x", "20270101T000000", 0, 0)
    began = time.process_time()
    for _ in range(1000):
        assert zones.moment(line, described_ones) == datetime(2026, 12, 31, 22, tzinfo=UTC)
    assert time.process_time() - began < 3


def test_a_zone_that_names_hundreds_of_days_is_read_in_a_moment() -> None:
    rule = f"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;BYMONTHDAY={','.join(['31'] * 500)}"
    part = f"BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n{rule}\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\n"
    zone = described(f"BEGIN:VTIMEZONE\r\nTZID:x\r\n{part * 100}END:VTIMEZONE\r\n")
    began = time.process_time()
    for year in range(1970, 2200):
        assert zone.utcoffset(datetime(year, 7, 1)) == timedelta(hours=2)  # noqa: DTZ001 - by the clock
    assert time.process_time() - began < 3


@pytest.mark.parametrize("tzid", ["x" * 1_000_000, f"{'x/' * 500_000}Europe/Berlin"])
def test_what_is_too_long_for_a_name_is_not_kept(tzid: str) -> None:
    known = zones._iana.cache_info().currsize  # noqa: SLF001 - what stays in memory
    assert zones.iana(tzid) is None
    assert zones._iana.cache_info().currsize == known  # noqa: SLF001
