"""Which instants a component that recurs has within a range, and between which all of them are."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from doable.ical.lines import Component, components
from doable.ical.recurring import MOST, Found, Moment, Override, Recurring, bounds, instances, read
from doable.ical.rules import STEPS

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str, zone: ZoneInfo | None = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def said(moment: Moment) -> str:
    return moment.isoformat(sep=" ", timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()


def starts(found: Found) -> list[str]:
    return [said(each.start) for each in found.instances]


def test_a_local_time_stays_across_a_change_of_clocks() -> None:
    daily = Recurring(at("2026-10-24 09:00"), ["FREQ=DAILY"])
    found = instances(daily, utc("2026-10-24 07:00"), utc("2026-10-26 08:00"), zone=UTC)
    assert starts(found) == ["2026-10-24 09:00+02:00", "2026-10-25 09:00+01:00"]
    assert instances(daily, at("2026-10-24 09:00"), at("2026-10-26 09:00"), zone=UTC) == found
    assert found.is_complete


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        # 02:30 does not exist, and is 03:30; it exists twice, and is the first.
        ("2026-03-29 01:00", "2026-03-29 02:00", ["2026-03-29 01:30"]),
        ("2026-03-29 01:31", "2026-03-29 02:00", []),
        ("2026-10-25 00:00", "2026-10-25 01:00", ["2026-10-25 00:30"]),
        ("2026-10-25 00:31", "2026-10-25 02:00", []),
    ],
)
def test_a_time_that_is_skipped_or_comes_twice_is_found(begin: str, end: str, expected: list[str]) -> None:
    nightly = Recurring(at("2026-01-01 02:30"), ["FREQ=DAILY"])
    found = instances(nightly, utc(begin), utc(end), zone=UTC)
    assert [said(each.start.astimezone(UTC))[:16] for each in found.instances if isinstance(each.start, datetime)] == (
        expected
    )


def test_what_floats_and_what_is_a_day_is_read_in_the_zone_that_is_asked() -> None:
    begin, end = utc("2026-12-02 04:00"), utc("2026-12-03 04:00")
    floating = Recurring(at("2026-12-01 23:30", None), ["FREQ=DAILY"])
    assert starts(instances(floating, begin, end, zone=NEW_YORK)) == ["2026-12-01 23:30"]
    assert starts(instances(floating, begin, end, zone=BERLIN)) == ["2026-12-02 23:30"]
    days = Recurring(date(2026, 12, 1), ["FREQ=DAILY"])
    assert starts(instances(days, begin, end, zone=NEW_YORK)) == ["2026-12-02"]


def test_several_rules_dates_and_exceptions_are_one_series() -> None:
    recurring = Recurring(
        at("2026-12-01 09:00"),
        ["FREQ=WEEKLY;COUNT=3", "FREQ=DAILY;INTERVAL=7;COUNT=4"],
        dates=[at("2026-12-03 10:00"), (at("2026-12-04 10:00"), timedelta(hours=2)), utc("2026-12-08 08:00")],
        exceptions=[utc("2026-12-15 08:00"), at("2026-12-03 10:00")],
    )
    found = instances(recurring, None, None, zone=UTC)
    assert [each[:10] for each in starts(found)] == ["2026-12-01", "2026-12-04", "2026-12-08", "2026-12-22"]
    assert [each.lasts for each in found.instances] == [None, timedelta(hours=2), None, None]
    assert bounds(recurring, UTC) == (utc("2026-12-01 08:00"), utc("2026-12-22 08:00"))


def test_an_exception_that_is_a_day_is_all_of_it() -> None:
    recurring = Recurring(
        at("2026-12-01 09:00", None), ["FREQ=HOURLY;INTERVAL=5;COUNT=10"], exceptions=[date(2026, 12, 2)]
    )
    assert starts(instances(recurring, None, None, zone=UTC)) == [
        *(f"2026-12-01 {hour:02}:00" for hour in (9, 14, 19)),
        *(f"2026-12-03 {hour:02}:00" for hour in (1, 6)),
    ]


def test_an_override_is_where_it_says_and_not_where_the_rule_does() -> None:
    recurring = Recurring(
        at("2026-12-01 09:00"),
        ["FREQ=WEEKLY"],
        overrides=[Override(utc("2026-12-08 08:00"), at("2026-12-09 11:00")), Override(at("2026-12-15 09:00"), None)],
    )
    in_its_place = instances(recurring, utc("2026-12-08 00:00"), utc("2026-12-09 00:00"), zone=UTC)
    assert in_its_place == Found([], is_complete=True)
    found = instances(recurring, utc("2026-12-09 00:00"), utc("2026-12-23 00:00"), zone=UTC)
    assert [(said(each.start)[:16], each.override) for each in found.instances] == [
        ("2026-12-09 11:00", 0),
        ("2026-12-15 09:00", 1),
        ("2026-12-22 09:00", None),
    ]


def test_this_and_future_moves_what_follows() -> None:
    recurring = Recurring(
        at("2026-12-01 09:00"),
        ["FREQ=WEEKLY;COUNT=4"],
        overrides=[Override(at("2026-12-15 09:00"), at("2026-12-16 10:00"), and_future=True)],
    )
    found = instances(recurring, utc("2026-12-16 00:00"), utc("2027-01-01 00:00"), zone=UTC)
    assert starts(found) == ["2026-12-16 10:00+01:00", "2026-12-23 10:00+01:00"]
    assert [said(each.at)[:16] for each in found.instances] == ["2026-12-15 09:00", "2026-12-22 09:00"]
    assert {each.override for each in found.instances} == {0}
    _, ends = bounds(recurring, UTC)
    assert ends is not None
    assert ends >= utc("2026-12-23 09:00")


def test_overrides_alone_are_instances() -> None:
    found = instances(Recurring(None, overrides=[Override(date(2026, 12, 8), None)]), None, None, zone=UTC)
    assert starts(found) == ["2026-12-08"]


@pytest.mark.parametrize(
    ("until", "number"), [("20261203T080000Z", 3), ("20261203T075959Z", 2), ("20261203", 3), ("20261203T090000", 3)]
)
def test_until_is_an_instant_a_local_time_or_a_day(until: str, number: int) -> None:
    recurring = Recurring(at("2026-12-01 09:00"), [f"FREQ=DAILY;UNTIL={until}"])
    found = instances(recurring, None, None, zone=UTC)
    assert len(found.instances) == number
    _, ends = bounds(recurring, UTC)
    assert ends is not None
    assert all(each.start.astimezone(UTC) <= ends for each in found.instances if isinstance(each.start, datetime))
    days = Recurring(date(2026, 12, 1), [f"FREQ=DAILY;BYHOUR=9;UNTIL={until}"])
    assert starts(instances(days, None, None, zone=UTC)) == ["2026-12-01", "2026-12-02", "2026-12-03"]


def test_hours_of_a_day_are_days() -> None:
    assert starts(
        instances(Recurring(date(2026, 12, 1), ["FREQ=HOURLY;INTERVAL=48;COUNT=2"]), None, None, zone=UTC)
    ) == [
        "2026-12-01",
        "2026-12-03",
    ]


def test_more_than_are_wanted_are_told() -> None:
    endless = Recurring(utc("2000-01-01 00:00"), ["FREQ=SECONDLY"])
    found = instances(endless, utc("2099-01-01 00:00"), utc("2099-01-02 00:00"), zone=UTC)
    assert len(found.instances) == MOST
    assert not found.is_complete
    assert instances(endless, utc("2099-01-01 00:00"), utc("2099-01-01 00:16:40"), zone=UTC).is_complete
    assert bounds(endless, UTC) == (utc("2000-01-01 00:00"), None)


@pytest.mark.parametrize(
    "rule", ["FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY;INTERVAL=86400;BYHOUR=3", "nonsense"]
)
def test_what_is_given_up_is_told(rule: str) -> None:
    recurring = Recurring(utc("2000-01-01 00:00"), [rule])
    assert instances(recurring, utc("2099-01-01 00:00"), utc("2099-01-02 00:00"), zone=UTC) == Found(
        [], is_complete=False
    )
    assert bounds(recurring, UTC)[1] is None


def test_exceptions_without_number_cost_no_more_steps() -> None:
    begin = utc("2026-12-01 00:00")
    gone = [begin + timedelta(seconds=each) for each in range(STEPS + 1)]
    recurring = Recurring(begin, ["FREQ=SECONDLY"], exceptions=gone)
    assert instances(recurring, begin, None, zone=UTC) == Found([], is_complete=False)


@pytest.mark.parametrize("day", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
@pytest.mark.parametrize("zone", [NEW_YORK, ZoneInfo("Pacific/Kiritimati"), UTC])
def test_the_ends_of_the_calendar_are_no_error(day: datetime, zone: ZoneInfo) -> None:
    for start in (day, day.replace(tzinfo=zone), day.replace(tzinfo=None), day.date()):
        recurring = Recurring(start, ["FREQ=DAILY;COUNT=2"], overrides=[Override(day, day, and_future=True)])
        assert instances(recurring, None, None, zone=zone).instances
        bounds(recurring, zone)


def test_a_period_may_end_behind_all_years() -> None:
    start = utc("9998-12-01 09:00")
    assert bounds(Recurring(start, dates=[(start, timedelta(days=1000))]), UTC) == (
        start,
        datetime.max.replace(tzinfo=UTC),
    )


def test_components_are_read() -> None:
    calendar = components(
        """\
BEGIN:VCALENDAR
BEGIN:VTODO
DUE;TZID=Europe/Berlin:20261201T090000
RRULE:FREQ=DAILY;COUNT=4
RDATE;TZID=Europe/Berlin;VALUE=PERIOD:20261210T090000/PT1H30M,20261211T080000/20261211T090000
RDATE:20261212T080000Z
EXDATE;TZID=Europe/Berlin:20261202T090000,20261212T090000
END:VTODO
BEGIN:VTODO
RECURRENCE-ID;RANGE=THISANDFUTURE:20261203T080000Z
DTSTART;TZID=Europe/Berlin:20261203T100000
END:VTODO
END:VCALENDAR
"""
    )[0]
    master, override = calendar.components
    recurring = read(master, [override], {})
    assert recurring == Recurring(
        at("2026-12-01 09:00"),
        ["FREQ=DAILY;COUNT=4"],
        [
            (at("2026-12-10 09:00"), timedelta(minutes=90)),
            (at("2026-12-11 08:00"), timedelta(hours=1)),
            utc("2026-12-12 08:00"),
        ],
        [at("2026-12-02 09:00"), at("2026-12-12 09:00")],
        [Override(utc("2026-12-03 08:00"), at("2026-12-03 10:00"), and_future=True)],
    )
    found = instances(recurring, None, None, zone=UTC)
    assert [said(each.start)[5:16] for each in found.instances] == [
        "12-01 09:00",
        "12-03 10:00",
        "12-04 10:00",
        "12-10 10:00",
        "12-11 09:00",
    ]
    assert read(None, [override], {}).start is None
    assert read(Component("VTODO", override.begin), [], {}) == Recurring(None, [], [], [], [])
    assert bounds(Recurring(None), UTC) == (None, None)
