"""The time of day stays where clocks change, and what is still to come is known by the clock of the task's zone."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from doable import clock
from doable.tasks.recurrence import series
from support.users import User

Task = dict[str, Any]


@pytest.mark.parametrize(
    ("zone", "dates", "instants"),
    [
        ("Europe/Berlin", ["2027-03-27", "2027-03-28"], ["2027-03-27T08", "2027-03-28T07"]),
        ("America/New_York", ["2027-11-06", "2027-11-07"], ["2027-11-06T13", "2027-11-07T14"]),
        # By half an hour.
        ("Australia/Lord_Howe", ["2027-04-03", "2027-04-04"], ["2027-04-02T22:00", "2027-04-03T22:30"]),
    ],
)
def test_nine_stays_nine(one_user: User, zone: str, dates: list[str], instants: list[str]) -> None:
    due = {"date": dates[0], "time": "09:00:00", "timezone": zone}
    task = one_user.new_task(due=due, recurrence={"rule": "FREQ=DAILY"})
    skipped = one_user.post(f"/api/me/tasks/{task['id']}/skip").json()
    for moment, date, instant in zip((task["due"], skipped["due"]), dates, instants, strict=True):
        assert moment == {**due, "date": date, "at": moment["at"]}
        assert moment["at"].startswith(instant)


def test_a_time_that_is_skipped_is_moved_and_the_day_is_not_left_out(one_user: User) -> None:
    due = {"date": "2027-03-27", "time": "02:30:00", "timezone": "Europe/Berlin"}
    task = one_user.new_task(due=due, recurrence={"rule": "FREQ=DAILY"})
    moments = [one_user.post(f"/api/me/tasks/{task['id']}/skip").json()["due"] for _ in range(2)]
    assert [each["time"] for each in moments] == ["02:30:00"] * 2
    assert [each["at"] for each in moments] == ["2027-03-28T01:30:00.000000Z", "2027-03-29T00:30:00.000000Z"]


@pytest.mark.parametrize(
    ("now", "next_date"),
    [
        # In Tokyo it is 08:59 and 09:00 on the 2nd: before it has come, today's is still to come.
        ("2026-12-01T23:59:59", "2026-12-02"),
        ("2026-12-02T00:00:00", "2026-12-03"),
        # Completed early.
        ("2026-11-20T12:00:00", "2026-12-02"),
    ],
)
def test_the_next_one_is_still_to_come(monkeypatch: pytest.MonkeyPatch, now: str, next_date: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(now).replace(tzinfo=UTC))
    row: Any = {
        "due_local": "2026-12-01T09:00:00",
        "due_timezone": "Asia/Tokyo",
        "recurrence": "FREQ=DAILY",
        "recurs_from": "due",
        "occurrence": "2026-12-01",
        "exceptions": None,
    }
    tx: Any = None  # a zone of the task's own needs no preferences
    found = asyncio.run(series.following(tx, row))
    assert found is not None
    assert str(found.occurrence) == next_date


@pytest.mark.parametrize(
    ("now", "next_date"), [("2026-12-01T14:59:59", "2026-12-04"), ("2026-12-01T15:00:00", "2026-12-05")]
)
def test_the_day_of_completion_is_that_of_the_zone(monkeypatch: pytest.MonkeyPatch, now: str, next_date: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(now).replace(tzinfo=UTC))
    row: Any = {
        "due_local": "2026-11-01T09:00:00",
        "due_timezone": "Asia/Tokyo",
        "recurrence": "FREQ=DAILY;INTERVAL=3",
        "recurs_from": "completion",
        "occurrence": "2026-11-01",
        "exceptions": None,
    }
    tx: Any = None
    found = asyncio.run(series.following(tx, row))
    assert found is not None
    assert str(found.occurrence) == next_date
