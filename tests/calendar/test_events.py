"""Which events a task has: its own, and those of the next dates of its series."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable.calendar import document
from doable.calendar.events import Event, event_of, later_events
from doable.calendar.repository import DueRow
from doable.ical.rules import Budget
from doable.tasks.recurrence import rules
from doable.tasks.recurrence.occurrences import following, upcoming

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TODAY = NOW.date()
SERIES = "0f8fad5b-d9cb-469f-a165-70867728950e"
BERLIN = "Europe/Berlin"


def task(due: str, **members: Any) -> DueRow:
    row: DueRow = {
        "id": SERIES,
        "title": "Water the plants",
        "description": None,
        "due_local": due,
        "due_timezone": None,
        "due_at": None,
        "start_local": None,
        "start_timezone": None,
        "tags": None,
        "url": None,
        "estimate_minutes": None,
        "recurrence": None,
        "recurs_from": None,
        "occurrence": None,
        "exceptions": None,
        "series_id": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    row.update(members)  # type: ignore[typeddict-item]
    return row


def recurring(due: str, rule: str, **members: Any) -> DueRow:
    named = {"recurrence": rule, "recurs_from": "due", "occurrence": due[:10], "series_id": SERIES}
    return task(due, **{**named, **members})


def events_of(row: DueRow, today: date, zone: str) -> list[Event]:
    return [event_of(row, zone), *later_events(row, today, zone, Budget())]


def starts(row: DueRow, zone: str = BERLIN) -> list[str]:
    return [str(event.start) for event in events_of(row, TODAY, zone)]


def test_a_task_is_one_event() -> None:
    assert starts(task("2026-12-01T24:00:00")) == ["2026-12-01"]
    assert starts(task("2026-12-01T09:00:00")) == ["2026-12-01 08:00:00+00:00"]


def test_ten_dates_of_a_series_are_shown() -> None:
    whole_days = starts(recurring("2026-12-01T24:00:00", "FREQ=DAILY"))
    assert whole_days == [f"2026-12-{day:02}" for day in range(1, 11)]


def test_nine_stays_nine_across_daylight_saving() -> None:
    zoned = recurring("2027-03-27T09:00:00", "FREQ=DAILY;COUNT=3", due_timezone=BERLIN)
    zoned["due_at"] = datetime(2027, 3, 27, 8, tzinfo=UTC)
    expected = ["2027-03-27 08:00:00+00:00", "2027-03-28 07:00:00+00:00", "2027-03-29 07:00:00+00:00"]
    assert starts(zoned, "America/New_York") == expected
    assert starts(recurring("2027-03-27T09:00:00", "FREQ=DAILY;COUNT=3")) == expected


def test_missed_dates_are_not_shown_but_count() -> None:
    overdue = recurring("2026-11-20T24:00:00", "FREQ=DAILY;COUNT=9")
    assert starts(overdue) == ["2026-11-20", "2026-11-26", "2026-11-27", "2026-11-28"]
    assert starts(recurring("2026-11-20T24:00:00", "FREQ=DAILY;UNTIL=20261127")) == [
        "2026-11-20",
        "2026-11-26",
        "2026-11-27",
    ]


def test_a_date_that_was_moved_is_shown_once() -> None:
    moved = recurring("2026-12-05T24:00:00", "FREQ=WEEKLY;COUNT=3", occurrence="2026-12-01")
    first, *rest = events_of(moved, TODAY, BERLIN)
    assert (first.start, first.uid) == (date(2026, 12, 5), f"{SERIES}-20261201")
    assert [event.start for event in rest] == [date(2026, 12, 8), date(2026, 12, 15)]


def test_an_event_keeps_its_uid_when_the_series_moves_on() -> None:
    before = [*events_of(recurring("2026-12-01T24:00:00", "FREQ=WEEKLY"), TODAY, BERLIN)]
    successor = recurring("2026-12-08T24:00:00", "FREQ=WEEKLY", id="9b1f0a34-5c0e-4f37-8f27-4f0d5a1b2c3d")
    after = [*events_of(successor, TODAY, BERLIN)]
    assert [event.uid for event in before[1:]] == [event.uid for event in after[:9]]
    assert len({event.uid for event in before}) == 10


@pytest.mark.parametrize(
    "members",
    [
        {"recurs_from": "completion"},
        {"rule": "FREQ=HOURLY;INTERVAL=24;BYHOUR=3"},  # none is found
        {"due_timezone": "Mars/Olympus", "due_at": NOW},
        {"rule": "FREQ=DAILY;COUNT=1"},
    ],
)
def test_only_the_date_itself_is_known(members: dict[str, Any]) -> None:
    rule = members.pop("rule", "FREQ=DAILY")
    assert len([*events_of(recurring("2026-12-01T09:00:00", rule, **members), TODAY, BERLIN)]) == 1


def test_the_rules_of_calendar_programs_are_followed() -> None:
    hourly = recurring("2026-12-01T20:00:00", "FREQ=HOURLY;INTERVAL=2")
    assert starts(hourly)[:4] == [f"2026-12-01 {hour}:00:00+00:00" for hour in (19, 21, 23)] + [
        "2026-12-02 01:00:00+00:00"
    ]
    # Each is an event of its own, which stays the same when the series has come to it.
    before = [event.uid for event in events_of(hourly, TODAY, BERLIN)]
    after = [
        event.uid for event in events_of(recurring("2026-12-01T22:00:00", "FREQ=HOURLY;INTERVAL=2"), TODAY, BERLIN)
    ]
    assert before[1:] == after[:9]
    assert len({*before}) == 10
    excepted = '{"exdates":["2026-12-02"],"rdates":["2026-12-03"]}'
    assert starts(recurring("2026-12-01T24:00:00", "FREQ=DAILY;INTERVAL=1;COUNT=4", exceptions=excepted)) == [
        "2026-12-01",
        "2026-12-03",
        "2026-12-04",
    ]
    by_start = {"exceptions": '{"by_start":true}', "start_local": "2026-11-30", "occurrence": "2026-11-30"}
    assert starts(recurring("2026-12-02T24:00:00", "FREQ=WEEKLY;COUNT=2", **by_start)) == ["2026-12-02", "2026-12-09"]


def test_all_of_them_together_take_no_more_than_they_may() -> None:
    budget = Budget(1000)
    for _ in range(3):
        found = [
            *later_events(recurring("2026-12-01T20:00:00", "FREQ=HOURLY;INTERVAL=24;BYHOUR=3"), TODAY, BERLIN, budget)
        ]
        assert found == []
    assert budget.left < 0


def test_the_last_days_that_there_are() -> None:
    assert starts(recurring("2200-12-30T24:00:00", "FREQ=DAILY")) == ["2200-12-30", "2200-12-31"]


RULES = st.builds(
    "FREQ={};INTERVAL={}{}".format,
    st.sampled_from(["DAILY", "WEEKLY", "WEEKLY;BYDAY=MO,FR", "MONTHLY", "MONTHLY;BYMONTHDAY=-1", "YEARLY"]),
    st.integers(1, 3),
    st.one_of(st.just(""), st.integers(1, 20).map(";COUNT={}".format), st.just(";UNTIL=20271231")),
)


@given(RULES, st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(0, 400))
def test_they_are_the_dates_that_the_series_comes_to(text: str, occurrence: date, days: int) -> None:
    """As completing finds them, one after the other."""
    rule, after = rules.parse(text), occurrence + timedelta(days)
    found: list[date] = []
    anchor, ahead = occurrence, rule
    while len(found) < 9 and (step := following(ahead, anchor, max(after, anchor))) is not None:
        anchor, ahead = step
        found.append(anchor)
    ours = [*upcoming(rule, occurrence, after, 1200)]
    assert ours[:9] == found


def test_later_dates_take_no_room_from_tasks() -> None:
    series = [
        recurring(f"2026-12-{1 + number % 28:02}T24:00:00", "FREQ=DAILY", title="of a series") for number in range(900)
    ]
    single = [task(f"2027-01-{1 + number % 28:02}T24:00:00", title="single") for number in range(600)]
    body = asyncio.run(document.write("Doable", [*single, *series], TODAY, BERLIN))
    titles = re.findall(rb"SUMMARY:(.*)\r\n", body)
    assert titles[:1000] == [b"of a series"] * 900 + [b"single"] * 100
    assert titles[1000:] == [b"of a series"] * len(titles[1000:])
    assert 2000 <= len(titles[1000:]) < 2009
