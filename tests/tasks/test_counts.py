"""GET /api/{user_id}/counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from doable.tasks.asking import parameters_of
from doable.tasks.counts import TODAY
from doable.tasks.moments import Present
from support.users import User, assert_error


def counts(user: User) -> dict[str, Any]:
    answer = user.get(f"/api/{user.id}/counts")
    assert answer.status_code == 200, answer.text
    assert "etag" not in answer.headers
    found: dict[str, Any] = answer.json()
    return found


def new_list(user: User, **fields: Any) -> str:
    made: str = user.post(f"/api/{user.id}/lists", json={"name": "Groceries", **fields}).json()["id"]
    return made


def finish(user: User, task: dict[str, Any]) -> None:
    assert user.patch(f"{user.tasks}/{task['id']}/complete", json={"is_completed": True}).status_code == 200


def noon_is_now(now: datetime) -> tuple[str, datetime]:
    """A zone in which it is about noon, so that no midnight comes while a test runs; and the local time in it."""
    hours = 12 - now.hour
    # Its sign is the other way round.
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT", now + timedelta(hours=hours)


def test_nothing_is_there_at_first(alice: User) -> None:
    assert counts(alice) == {"inbox": 0, "lists": {}, "tags": {}, "today": 0, "overdue": 0}


def test_open_tasks_are_counted_where_they_are(alice: User, bob: User) -> None:
    full, empty, archived = new_list(alice), new_list(alice), new_list(alice, is_archived=True)
    bob.new_task("his", tags=["shop", "his"], due={"date": "2020-01-01"})
    parent = alice.new_task("in the inbox", tags=["Shop", "home"])
    alice.new_task("below it", parent_id=parent["id"])
    alice.new_task("in the list", list_id=full, tags=["shop"])
    finish(alice, alice.new_task("done", tags=["shop", "done"], due={"date": "2020-01-01"}))
    finish(alice, alice.new_task("done in the list", list_id=full))
    alice.new_task("put away", list_id=archived, tags=["shop"], due={"date": "2020-01-01"})
    found = counts(alice)
    assert found == {
        "inbox": 2,
        "lists": {full: 1, empty: 0},
        "tags": {"Shop": 2, "home": 1, "done": 0},
        "today": 0,
        "overdue": 0,
    }
    assert alice.patch(f"/api/me/lists/{archived}", json={"is_archived": False}).status_code == 200
    assert counts(alice) == found | {
        "lists": {full: 1, empty: 0, archived: 1},
        "tags": {"Shop": 3, "home": 1, "done": 0},
        "overdue": 1,
    }


def test_today_and_what_is_overdue_are_those_of_the_users_zone(alice: User) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    zone, local = noon_is_now(now)
    assert alice.patch("/api/me/preferences", json={"timezone": zone}).status_code == 200
    day, day_before, day_after = (f"{local + timedelta(days=days):%Y-%m-%d}" for days in (0, -1, 1))
    elsewhere = now + timedelta(hours=9)  # in Tokyo
    hour = timedelta(hours=1)
    for due, today, overdue in (
        ({"date": day}, 1, 0),
        ({"date": day, "time": "00:00"}, 1, 1),
        ({"date": day, "time": "23:59:59"}, 1, 0),
        ({"date": day_before}, 0, 1),
        ({"date": day_before, "time": "23:59:59"}, 0, 1),
        ({"date": day_after}, 0, 0),
        ({"date": day_after, "time": "00:00"}, 0, 0),
        ({"date": day, "time": "09:00", "timezone": zone}, 1, 1),
        ({"date": day, "time": "23:59:59", "timezone": zone}, 1, 0),
        ({"date": day_after, "time": "00:00", "timezone": zone}, 0, 0),
        ({"date": day_before, "time": "23:59:59", "timezone": zone}, 0, 1),
        *(
            ({"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M:%S}", "timezone": "Asia/Tokyo"}, 1, is_past)
            for at, is_past in ((elsewhere - 2 * hour, 1), (elsewhere + 2 * hour, 0))
        ),
    ):
        before = counts(alice)
        task = alice.new_task("due", due=due)
        after = counts(alice)
        assert (after["today"] - before["today"], after["overdue"] - before["overdue"]) == (today, overdue), due
        finish(alice, task)
        assert counts(alice) == {**before}, due


@pytest.mark.parametrize(
    ("zone", "now", "day", "next_day", "local_now"),
    [
        ("UTC", "2026-12-01T00:00:00.9", "2026-12-01T00:00:00", "2026-12-02T00:00:00", "2026-12-01T00:00:00"),
        # A day of 25 hours, one of 23, and one that begins at 01:00.
        ("Europe/Berlin", "2026-10-25T12:00:00", "2026-10-24T22:00:00", "2026-10-25T23:00:00", "2026-10-25T13:00:00"),
        ("Europe/Berlin", "2027-03-28T12:00:00", "2027-03-27T23:00:00", "2027-03-28T22:00:00", "2027-03-28T14:00:00"),
        ("Asia/Beirut", "2027-03-28T12:00:00", "2027-03-27T22:00:00", "2027-03-28T21:00:00", "2027-03-28T15:00:00"),
        (
            "Pacific/Kiritimati",
            "2026-12-01T10:30:00",
            "2026-12-01T10:00:00",
            "2026-12-02T10:00:00",
            "2026-12-02T00:30:00",
        ),
    ],
)
def test_a_day_is_as_long_as_it_is_in_its_zone(zone: str, now: str, day: str, next_day: str, local_now: str) -> None:
    found = parameters_of(Present(datetime.fromisoformat(now).replace(tzinfo=UTC), zone), TODAY.leaves)
    (name,) = TODAY.leaves
    assert found[f"{name}_since_at"] == datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert found[f"{name}_before_at"] == datetime.fromisoformat(next_day).replace(tzinfo=UTC)
    assert found["now_local"][:19] == local_now
    whole_day = f"{local_now[:10]}T24:00:00"
    assert found[f"{name}_since_local"] == local_now[:10] < whole_day < found[f"{name}_before_local"]


def test_refuses_everybody_else(alice: User, bob: User) -> None:
    assert_error(alice.get(f"/api/{bob.id}/counts"), 403, "forbidden")
    assert_error(httpx.get(f"{alice.base_url}/api/me/counts"), 401, "unauthenticated")
    assert_error(alice.post("/api/me/counts"), 405, "method_not_allowed")
