"""What a client puts becomes a task, whatever the API would refuse of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from doable.tasks.filed_under import tags as tag_rows
from doable.tasks.tags import MAX_TAGS
from support.calendar_storage import Calendars
from support.filing import fill
from support.server import Server
from support.users import User

DUE = {"date": "2126-12-01", "time": None, "timezone": None}
WEEKLY = {"rule": "FREQ=WEEKLY", "from_": "due"}
LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)


@pytest.fixture
def calendars(server: Server, alice: User) -> Calendars:
    return Calendars(server, alice)


def task_of(calendars: Calendars, alice: User, name: str = "a.ics") -> dict[str, Any]:
    found = alice.get(f"{alice.tasks}/{calendars.there(alice.id, name).row['id']}")
    return {**found.json()}


def test_a_new_one_is_as_old_as_it_says(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "a.ics", "a", created_at=LONG_AGO, is_completed=True, completed_at=LONG_AGO, priority=3)
    task = task_of(calendars, alice)
    assert task["created_at"] == task["completed_at"] == "2001-02-03T00:00:00.000000Z"
    assert (task["is_completed"], task["priority"]) == (True, "high")
    ahead = datetime(2199, 1, 1, tzinfo=UTC)
    calendars.put(alice.id, "b.ics", "b", created_at=ahead, is_completed=True, completed_at=ahead)
    assert max(task_of(calendars, alice, "b.ics")[name] for name in ("created_at", "completed_at")) < "2199"


def test_it_is_completed_reopened_and_cancelled(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "a.ics", "a")
    calendars.put(alice.id, "below.ics", "below", parent_uid="a")
    put = calendars.put(alice.id, "a.ics", "a", is_completed=True, completed_at=LONG_AGO, is_cancelled=False)
    task = task_of(calendars, alice)
    assert (task["completed_at"], task["revision"]) == ("2001-02-03T00:00:00.000000Z", put.revision)
    assert task_of(calendars, alice, "below.ics")["is_completed"] is False
    calendars.put(alice.id, "a.ics", "a", is_completed=False, completed_at=None, is_cancelled=False)
    assert task_of(calendars, alice)["completed_at"] is None
    calendars.put(alice.id, "a.ics", "a", is_completed=True, completed_at=None, is_cancelled=True)
    task = task_of(calendars, alice)
    assert (task["is_completed"], task["is_cancelled"]) == (True, True)
    assert calendars.there(alice.id, "a.ics").is_as_put


def test_one_that_recurs_and_is_completed_answers_its_successor(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "a.ics", "a", due=DUE, recurrence=WEEKLY)
    put = calendars.put(alice.id, "a.ics", "a", is_completed=True)
    assert (put.revision, put.is_new) == (None, False)
    tasks = alice.get(alice.tasks).json()["tasks"]
    assert sorted((each["is_completed"], each["due"]["date"]) for each in tasks) == [
        (False, "2126-12-08"),
        (True, "2126-12-01"),
    ]


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;BYDAY=XX", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "X" * 1000])
def test_a_rule_that_cannot_be_followed_stays_in_the_text(calendars: Calendars, alice: User, rule: str) -> None:
    recurrence = {"rule": rule, "from_": "due"}
    calendars.put(alice.id, "a.ics", "a", text=rule, due=DUE, recurrence=recurrence)
    assert calendars.there(alice.id, "a.ics").row["ical_text"] == rule
    calendars.put(alice.id, "a.ics", "a", text="b", title="Other", recurrence=recurrence)
    calendars.put(alice.id, "a.ics", "a", text="c", is_completed=True)
    calendars.put(alice.id, "a.ics", "a", text="d", recurrence=recurrence, due=DUE)
    assert calendars.there(alice.id, "a.ics").row["ical_text"] == "d"


def test_without_a_date_nothing_recurs(calendars: Calendars, alice: User) -> None:
    calendars.put(alice.id, "a.ics", "a", recurrence=WEEKLY)
    calendars.put(alice.id, "b.ics", "b", due=DUE, recurrence=WEEKLY)
    calendars.put(alice.id, "b.ics", "b", due=None)
    for name in ("a.ics", "b.ics"):
        assert task_of(calendars, alice, name)["recurrence"] is None


def test_tags_that_would_be_too_many_stay_in_the_text(server: Server, calendars: Calendars, alice: User) -> None:
    alice.post("/api/me/tags", json={"name": "there"}).raise_for_status()
    fill(server, alice, tag_rows, MAX_TAGS - 2, name="{}", key="{}", position="{}")
    calendars.put(alice.id, "a.ics", "a", tags=["THERE", "one", "two"])
    assert task_of(calendars, alice)["tags"] == ["one", "there"]
    calendars.put(alice.id, "a.ics", "a", tags=["one", "two"])
    assert task_of(calendars, alice)["tags"] == ["one"]
