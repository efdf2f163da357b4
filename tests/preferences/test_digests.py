"""When a digest is due: once a day, at the same time by the clock where the user is."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable.preferences.digests import due_after

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("after", "digest_at", "zone", "due"),
    [
        ("2026-11-26T05:59:59.999999Z", "07:00:00", "Europe/Berlin", "2026-11-26T06:00Z"),
        ("2026-11-26T06:00Z", "07:00:00", "Europe/Berlin", "2026-11-27T06:00Z"),
        ("2026-11-26T06:00Z", "07:00:00", "America/New_York", "2026-11-26T12:00Z"),
        # It is the day after there already.
        ("2026-11-26T20:00Z", "07:00:00", "Asia/Tokyo", "2026-11-26T22:00Z"),
        # The clocks are put forward from two to three: half past two is half past three.
        ("2027-03-27T23:00Z", "02:30:00", "Europe/Berlin", "2027-03-28T01:30Z"),
        ("2027-03-28T01:30Z", "02:30:00", "Europe/Berlin", "2027-03-29T00:30Z"),
        # They are put back from three to two: it is the first of two.
        ("2026-10-24T23:00Z", "02:30:00", "Europe/Berlin", "2026-10-25T00:30Z"),
        ("2026-10-25T00:30Z", "02:30:00", "Europe/Berlin", "2026-10-26T01:30Z"),
        ("2026-10-25T01:15Z", "02:30:00", "Europe/Berlin", "2026-10-26T01:30Z"),
        # They are put forward from eleven in the evening to midnight: half past eleven is half past midnight.
        ("2027-03-27T01:30Z", "23:30:00", "America/Nuuk", "2027-03-28T01:30Z"),
        ("2027-03-28T01:29:59.999999Z", "23:30:00", "America/Nuuk", "2027-03-28T01:30Z"),
        ("2027-03-28T01:30Z", "23:30:00", "America/Nuuk", "2027-03-29T00:30Z"),
        # A day that there was not, and a zone that only a newer server knows.
        ("2011-12-30T09:30Z", "07:00:00", "Pacific/Apia", "2011-12-30T17:00Z"),
        ("2026-11-26T07:00Z", "07:00:00", "Europe/Atlantis", "2026-11-27T07:00Z"),
    ],
)
def test_the_first_instant_after(after: str, digest_at: str, zone: str, due: str) -> None:
    assert due_after(at(after), digest_at, zone) == at(due)


def test_none_is_due_without_a_time() -> None:
    assert due_after(at("2026-11-26T07:00Z"), None, "UTC") is None


@given(
    st.integers(0, 10 * 366 * 24 * 60).map(
        lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.times().map(lambda each: each.replace(microsecond=0)),
    st.sampled_from(ZONES),
)
def test_there_is_one_on_each_day(after: datetime, digest_at: time, zone: str) -> None:
    due = due_after(after, f"{digest_at}", zone)
    assert due is not None
    assert after < due <= after + timedelta(hours=26)
    following = due_after(due, f"{digest_at}", zone)
    assert following is not None
    days = [each.astimezone(ZoneInfo(zone)) for each in (due, following)]
    assert days[1].date() == days[0].date() + timedelta(days=1)
    # Where the clocks are put forward, a time that is left out is one of after that.
    is_left_out = (
        due.astimezone(ZoneInfo(zone)).utcoffset() != (due - timedelta(hours=3)).astimezone(ZoneInfo(zone)).utcoffset()
    )
    assert days[0].time() == digest_at or is_left_out
