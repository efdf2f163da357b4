"""Moments, as functions: which texts are one, and what they are in a zone at an instant."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable.clock import timezones
from doable.tasks.moments import WEEKDAYS, Moment, Present, WeekStart, parse

# A Thursday, 06:30 in Berlin.
NOW: Final = datetime(2026, 11, 26, 5, 30, 0, 250_000, UTC)
BERLIN: Final = Present(NOW, "Europe/Berlin")

ZONES: Final = st.sampled_from(sorted(timezones()))
INSTANTS: Final = st.integers(86_400 * 365, 7_200_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
PRESENTS: Final = st.builds(Present, INSTANTS, ZONES, st.sampled_from(["monday", "saturday", "sunday"]))
DAYS: Final = st.dates(date(1970, 1, 1), date(2200, 12, 31)).map(str)
BASES: Final = st.sampled_from(["now", "today", "tomorrow", "yesterday", "week", "month", *WEEKDAYS]) | DAYS
SHIFTS: Final = st.builds("{:+d}{}".format, st.integers(-9999, 9999), st.sampled_from("dwmDWM"))


@pytest.mark.parametrize(
    ("text", "local", "instant"),
    [
        ("2026-12-01", "2026-12-01", "2026-11-30T23:00:00+00:00"),
        ("now", "2026-11-26T06:30:00.250000", "2026-11-26T05:30:00.250000+00:00"),
        ("now+1d", "2026-11-27T06:30:00.250000", "2026-11-27T05:30:00.250000+00:00"),
        ("today", "2026-11-26", "2026-11-25T23:00:00+00:00"),
        ("tomorrow", "2026-11-27", "2026-11-26T23:00:00+00:00"),
        ("yesterday", "2026-11-25", "2026-11-24T23:00:00+00:00"),
        ("today+7d", "2026-12-03", "2026-12-02T23:00:00+00:00"),
        ("+7d", "2026-12-03", "2026-12-02T23:00:00+00:00"),
        ("-0d", "2026-11-26", "2026-11-25T23:00:00+00:00"),
        ("THURSDAY", "2026-11-26", "2026-11-25T23:00:00+00:00"),
        ("wednesday", "2026-12-02", "2026-12-01T23:00:00+00:00"),
        ("friday-1w", "2026-11-20", "2026-11-19T23:00:00+00:00"),
        ("week", "2026-11-23", "2026-11-22T23:00:00+00:00"),
        ("week+1W", "2026-11-30", "2026-11-29T23:00:00+00:00"),
        ("month", "2026-11-01", "2026-10-31T23:00:00+00:00"),
        ("month+1m", "2026-12-01", "2026-11-30T23:00:00+00:00"),
        ("2026-12-31+2m", "2027-02-28", "2027-02-27T23:00:00+00:00"),
        ("2028-03-31-1m", "2028-02-29", "2028-02-28T23:00:00+00:00"),
        ("2026-12-01T09:00:00Z", "2026-12-01T10:00:00", "2026-12-01T09:00:00+00:00"),
        ("2026-12-01t00:00:00.123456789+01:00", "2026-12-01T00:00:00.123456", "2026-11-30T23:00:00.123456+00:00"),
        # The last day that has summer time, and the first.
        ("2026-10-25", "2026-10-25", "2026-10-24T22:00:00+00:00"),
        ("2027-03-28+1d", "2027-03-29", "2027-03-28T22:00:00+00:00"),
    ],
)
def test_what_a_moment_is(text: str, local: str, instant: str) -> None:
    found = BERLIN.resolve(parse(text))
    assert (found.local, found.instant.isoformat()) == (local, instant)


@pytest.mark.parametrize(
    ("text", "zone", "local", "instant"),
    [
        # Midnight is skipped: the day begins at one o'clock.
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00+00:00"),
        # Midnight comes twice: the day begins the first time.
        ("2026-11-01", "America/Havana", "2026-11-01", "2026-11-01T04:00:00+00:00"),
        # A day that was skipped whole: it would have begun when the next one did.
        ("2011-12-30", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00+00:00"),
        # Half past two is skipped, and the offset of before is taken.
        ("now+121d", "Europe/Berlin", "2027-03-28T02:30:00", "2027-03-28T01:30:00+00:00"),
    ],
)
def test_a_gap_and_a_fold(text: str, zone: str, local: str, instant: str) -> None:
    found = Present(datetime(2026, 11, 27, 1, 30, tzinfo=UTC), zone).resolve(parse(text))
    assert (found.local, found.instant.isoformat()) == (local, instant)


def test_now_is_the_instant_though_its_hour_comes_twice() -> None:
    for now in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        assert Present(now, "Europe/Berlin").resolve(parse("now")) == ("2026-10-25T02:30:00", now)


@pytest.mark.parametrize(("starts_on", "first"), [("monday", "23"), ("saturday", "21"), ("sunday", "22")])
def test_the_week_begins_when_its_user_says(starts_on: WeekStart, first: str) -> None:
    assert Present(NOW, "UTC", starts_on).resolve(parse("week")).local == f"2026-11-{first}"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "+", "7d", "today+", "today+7", "today7d", "today+7y", "today+12345d", "today+1d+1d", "today ", "week end",
        "now+1h", "someday", "mon", "2026-12-01T09:00:00", "2026-12-01T09:00Z", "2026-12-01T24:00:00Z",
        "2026-12-01T09:00:60Z", "2026-12-01T09:00:00+24:00", "2026-12-01T09:00:00Z+1d", "2026-12-01 09:00:00Z",
        "2026-1-1", "20261201", "\N{FULLWIDTH DIGIT TWO}026-12-01", "wee\N{KELVIN SIGN}", "today\n", "2026-12-01\n",
    ],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a date such as"):
        parse(text)


@pytest.mark.parametrize("text", ["2026-02-30", "1969-12-31", "2201-01-01", "0000-01-01+1d", "1969-12-31T00:00:00Z"])
def test_days_that_no_task_can_have(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a day that there is, of the years 1970 to 2200$"):
        parse(text)


@given(st.text(max_size=40) | st.from_regex(r"\d{4}-\d\d-\d\d([+-]\d{1,4}[dwm]|T\d\d:\d\d:\d\dZ)?", fullmatch=True))
def test_any_text_is_a_moment_or_refused_with_a_reason(text: str) -> None:
    try:
        moment = parse(text)
    except ValueError as error:
        assert str(error).startswith("a d")  # noqa: PT017 - it may be one as well
    else:
        assert BERLIN.resolve(moment)


@given(BASES, SHIFTS | st.just(""), PRESENTS)
def test_a_moment_of_any_present_is_one_that_a_date_can_be_compared_with(
    base: str, shift: str, present: Present
) -> None:
    moment = parse(base + shift)
    found = present.resolve(moment)
    local = datetime.fromisoformat(found.local)
    assert found.instant.tzinfo is UTC
    assert date(1969, 12, 30) <= local.date() <= date(2201, 1, 3)
    assert abs(found.instant.replace(tzinfo=None) - local) < timedelta(days=1)
    if moment.is_day:
        assert len(found.local) == len("2026-12-01")
        # No time of the day before it is later, and the day begins then: the local time is past midnight only in a gap.
        begins = found.instant.astimezone(ZoneInfo(present.zone)).replace(tzinfo=None)
        assert begins == local or begins - local == _gap_before(found.instant, present.zone)


def _gap_before(instant: datetime, zone: str) -> timedelta:
    """How far clocks were put forward there, at the most half a day before."""

    def offset(at: datetime) -> timedelta:
        return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()

    return offset(instant) - offset(instant - timedelta(hours=12))


@given(DAYS, st.integers(-9999, 9999))
def test_months_later_is_the_same_day_or_the_months_last(day: str, months: int) -> None:
    found = date.fromisoformat(BERLIN.resolve(parse(f"{day}{months:+d}m")).local)
    before = date.fromisoformat(day)
    if date(1970, 1, 1) <= found <= date(2200, 12, 31):
        assert (found.year - before.year) * 12 + found.month - before.month == months
        assert found.day == min(before.day, monthrange(found.year, found.month)[1])


@given(DAYS, st.integers(-9999, 9999), st.sampled_from("dw"))
def test_days_and_weeks_later_are_counted_in_days(day: str, number: int, unit: str) -> None:
    found = date.fromisoformat(BERLIN.resolve(parse(f"{day}{number:+d}{unit}")).local)
    if date(1970, 1, 1) <= found <= date(2200, 12, 31):
        assert (found - date.fromisoformat(day)).days == number * (7 if unit == "w" else 1)


@given(PRESENTS, st.sampled_from(WEEKDAYS))
def test_a_weekday_is_one_of_the_next_seven_days_and_the_week_began_in_the_last_seven(
    present: Present, name: str
) -> None:
    today, day, week = (date.fromisoformat(present.resolve(Moment(base)).local) for base in ("today", name, "week"))
    assert 0 <= (day - today).days < 7
    assert 0 <= (today - week).days < 7
    assert (WEEKDAYS[day.weekday()], WEEKDAYS[week.weekday()]) == (name, present.week_starts_on)


@given(PRESENTS, BASES.filter(lambda base: base != "now"), SHIFTS)
def test_the_next_day_is_the_day_after(present: Present, base: str, shift: str) -> None:
    moment = parse(base + shift)
    day, after = (date.fromisoformat(present.resolve(each).local) for each in (moment, moment.next_day))
    assert after - day == timedelta(days=1) or day in {date(1969, 12, 30), date(2201, 1, 3)}
