"""Dates as a model writes them, and as it reads them: where the user is."""

from datetime import UTC, datetime

import pytest

from doable.errors import Invalid
from doable.mcp import dates
from doable.tasks.moments import Present

NOW = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
BERLIN = Present(NOW, "Europe/Berlin")
"""Where it is the 27th already."""


@pytest.mark.parametrize(
    ("said", "date", "time", "timezone"),
    [
        ("2026-12-01", "2026-12-01", None, None),
        ("2026-12-01T09:00", "2026-12-01", "09:00:00", None),
        ("2026-12-01 09:00:30", "2026-12-01", "09:00:30", None),
        ("today", "2026-11-27", None, None),
        ("Tomorrow", "2026-11-28", None, None),
        (" tomorrow 18:00 ", "2026-11-28", "18:00:00", None),
        ("2026-12-01T09:00Z", "2026-12-01", "10:00:00", "Europe/Berlin"),
        ("2026-12-01T23:30:00.000+00:00", "2026-12-02", "00:30:00", "Europe/Berlin"),
        ("2026-12-01T09:00-08:00", "2026-12-01", "18:00:00", "Europe/Berlin"),
        # The clocks are put back: half past two comes twice, and the second has no name there.
        ("2026-10-25T02:30+02:00", "2026-10-25", "02:30:00", "Europe/Berlin"),
        ("2026-10-25T02:30+01:00", "2026-10-25", "01:30:00", "UTC"),
    ],
)
def test_what_may_be_said(said: str, date: str, time: str | None, timezone: str | None) -> None:
    assert dates.parts(said, BERLIN, "due") == {"date": date, "time": time, "timezone": timezone}


@pytest.mark.parametrize(
    "said",
    [
        "next friday",
        "2026-02-30",
        "26.11.2026",
        "2026-12-01T24:00",
        "2026-12-01T09",
        "1969-12-31",
        "2201-01-01",
        "",
        "٢٠٢٦-12-01",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-14:00",
        "2026-12-01T09:00+25:00",
        "today, at nine",
        "\x00",
    ],
)
def test_anything_else_is_told_what_may_be(said: str) -> None:
    with pytest.raises(Invalid) as refused:
        dates.parts(said, BERLIN, "due")
    assert str(refused.value).startswith("must be YYYY-MM-DD")
    assert str(refused.value).endswith("Today is Fri 27 Nov 2026, 2026-11-27")


@pytest.mark.parametrize(
    ("date", "time", "at", "told", "words"),
    [
        ("2027-03-01", None, None, "2027-03-01", "Mon 1 Mar 2027, in 94 days"),
        ("2026-11-27", None, None, "2026-11-27", "Fri 27 Nov 2026, today"),
        ("2026-11-28", "09:00:00", None, "2026-11-28T09:00", "Sat 28 Nov 2026 09:00, tomorrow"),
        ("2026-11-26", "09:00:30", None, "2026-11-26T09:00:30", "Thu 26 Nov 2026 09:00, yesterday"),
        ("2026-11-24", None, None, "2026-11-24", "Tue 24 Nov 2026, 3 days ago"),
        # Elsewhere it is another day.
        ("2026-11-30", "20:00:00", "2026-12-01T04:00:00Z", "2026-12-01T05:00+01:00", "Tue 1 Dec 2026 05:00, in 4 days"),
    ],
)
def test_what_is_told(date: str, time: str | None, at: str | None, told: str, words: str) -> None:
    said = {"date": date, "time": time, "timezone": at and "America/Los_Angeles", "at": at}
    assert dates.told(said, BERLIN) == (told, words)
    assert dates.parts(told, BERLIN)["date"] == told[:10]


@pytest.mark.parametrize(
    ("said", "rule", "first"),
    [
        ("every monday", "FREQ=WEEKLY;BYDAY=MO", "2026-11-30"),
        ("Daily", "FREQ=DAILY", "2026-11-27"),
        ("every 2 weeks on friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-11-27"),
        ("jeden Montag", "FREQ=WEEKLY;BYDAY=MO", "2026-11-30"),
        ("RRULE:FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3", None),
        ("freq=daily", "freq=daily", None),
    ],
)
def test_how_it_may_repeat(said: str, rule: str, first: str | None) -> None:
    found, begins = dates.rule(said, BERLIN)
    assert found["rule"] == rule
    assert (begins and begins["date"]) == first


@pytest.mark.parametrize("said", ["bananas", "every bananas", "on monday", "every monday buy milk", "tomorrow"])
def test_what_is_no_rule(said: str) -> None:
    with pytest.raises(Invalid, match="must be words such as every monday"):
        dates.rule(said, BERLIN)
