"""When quiet hours end, whatever the clocks of the zone do meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable.notifications.quiet import quiet_until

MINUTE = timedelta(minutes=1)
TIMES = st.integers(0, 24 * 60 - 1).map(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}")
# About where the clocks of Berlin are put forward and back, and those of Lord Howe, by half an hour.
INSTANTS = st.sampled_from(["2027-03-27", "2027-10-30", "2027-04-03", "2027-10-02"]).flatmap(
    lambda day: st.integers(0, 48 * 60).map(lambda minutes: datetime.fromisoformat(f"{day}T00:00Z") + minutes * MINUTE)
)


def preferred(quiet: tuple[str, str] | None, timezone: str = "Europe/Berlin") -> dict[str, Any]:
    begin, end = quiet or (None, None)
    return {"quiet_from": begin, "quiet_until": end, "timezone": timezone}


@pytest.mark.parametrize(
    ("quiet", "now", "expected"),
    [
        (("22:00", "07:00"), "2026-11-26T20:59:59Z", None),
        (("22:00", "07:00"), "2026-11-26T21:00:00Z", "2026-11-27T06:00:00Z"),
        (("22:00", "07:00"), "2026-11-27T05:59:59Z", "2026-11-27T06:00:00Z"),
        (("22:00", "07:00"), "2026-11-27T06:00:00Z", None),
        (("13:00", "14:30"), "2026-11-26T12:10:00Z", "2026-11-26T13:30:00Z"),
        (("13:00", "14:30"), "2026-11-26T13:30:00Z", None),
        # The night in which clocks are put forward is an hour shorter, the one in which they are put back an hour longer.
        (("22:00", "07:00"), "2027-03-27T22:00:00Z", "2027-03-28T05:00:00Z"),
        (("22:00", "07:00"), "2027-10-30T22:00:00Z", "2027-10-31T06:00:00Z"),
        # 02:30 is skipped; and comes twice.
        (("22:00", "02:30"), "2027-03-28T00:30:00Z", "2027-03-28T01:00:00Z"),
        (("22:00", "02:30"), "2027-10-31T00:20:00Z", "2027-10-31T00:30:00Z"),
        (("22:00", "02:30"), "2027-10-31T01:20:00Z", "2027-10-31T01:30:00Z"),
        (None, "2026-11-26T23:00:00Z", None),
    ],
)
def test_when_they_end(quiet: tuple[str, str] | None, now: str, expected: str | None) -> None:
    until = quiet_until(preferred(quiet), datetime.fromisoformat(now))
    assert until == (None if expected is None else datetime.fromisoformat(expected))


def test_a_zone_that_only_a_newer_server_knows_is_utc() -> None:
    until = quiet_until(preferred(("22:00", "07:00"), "Europe/Atlantis"), datetime.fromisoformat("2026-11-26T23:00Z"))
    assert until == datetime(2026, 11, 27, 7, tzinfo=UTC)


@given(
    st.tuples(TIMES, TIMES).filter(lambda each: each[0] != each[1]),
    INSTANTS,
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe"]),
)
def test_it_is_quiet_until_then(quiet: tuple[str, str], now: datetime, timezone: str) -> None:
    """By the clock: minute after minute it shows a time that is quiet, and then one that ends it, or skips that."""
    begin, end = quiet

    def is_quiet(at: datetime) -> bool:
        shown = f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"
        return begin <= shown < end if begin < end else shown >= begin or shown < end

    until = quiet_until(preferred(quiet, timezone), now)
    assert (until is not None) == is_quiet(now)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        minutes = [now + number * MINUTE for number in range(int((until - now) / MINUTE))]
        assert all(is_quiet(each) for each in minutes)
