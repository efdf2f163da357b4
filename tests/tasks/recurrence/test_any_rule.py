"""Tasks that calendar programs have made recur by rules and exceptions which the API does not take: kept, and followed."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic_core import to_json

from doable.errors import NoNextOccurrence
from doable.tasks import dates
from doable.tasks.recurrence import any_rule
from doable.tasks.recurrence.stored import moved_on
from support.calendar_storage import Calendars
from support.server import Server
from support.users import User, assert_error

BERLIN = "Europe/Berlin"
NEVER = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"


def row(rule: str, due: str, start: str | None = None, *, zone: str | None = BERLIN, **exceptions: Any) -> Any:
    """A task that is due then, which is a day or a time."""

    def stored(name: str, text: str | None) -> Mapping[str, Any]:
        if text is None:
            return dates.stored(name, None, None)
        day, _, time = text.partition(" ")
        return dates.stored(
            name, {"date": day, "time": f"{time}:00", "timezone": zone} if time else {"date": day}, None
        )

    first = start if exceptions.get("by_start") and start else due
    return {
        **stored("due", due),
        **stored("start", start),
        "recurrence": rule,
        "recurs_from": "due",
        "occurrence": first[:10],
        "exceptions": to_json(exceptions).decode() if exceptions else None,
    }


def shown(task: Mapping[str, Any], name: str = "due") -> str | None:
    local = task[f"{name}_local"]
    return None if local is None else local.removesuffix(dates.WHOLE_DAY)[:16].replace("T", " ")


def next_of(task: Any, now: str | None) -> Any:
    at = None if now is None else datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = any_rule.next_of(task, BERLIN, at)
    return None if found is None else {**task, **moved_on(task, found)}


@pytest.mark.parametrize(
    ("task", "now", "due", "rule"),
    [
        # Times move as well where the rule is of hours, and a count goes down by all that have passed.
        (row("FREQ=HOURLY;INTERVAL=6;COUNT=9", "2026-12-01 09:00"), "2026-12-01 08:30", "2026-12-01 15:00", "COUNT=8"),
        (row("FREQ=HOURLY;INTERVAL=6;COUNT=9", "2026-12-01 09:00"), "2026-12-02 08:30", "2026-12-02 15:00", "COUNT=4"),
        # Local time, across a change of clocks.
        (row("FREQ=HOURLY;INTERVAL=24", "2026-10-24 09:00"), "2026-10-24 09:00", "2026-10-25 09:00", "INTERVAL=24"),
        (row("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2026-12-28"), "2026-12-28 12:00", "2027-01-04", "BYWEEKNO=1"),
        (row("FREQ=YEARLY;BYYEARDAY=-1", "2026-12-31"), "2026-12-01 12:00", "2027-12-31", "BYYEARDAY"),
        # A day is to come when it is behind today, in the zone.
        (row("FREQ=DAILY", "2026-12-01", exdates=["2026-12-05"]), "2026-12-03 23:30", "2026-12-06", "DAILY"),
        # Exceptions are passed over, and counted; dates besides are taken, and the rule goes on from where it was.
        (row("FREQ=DAILY;COUNT=4", "2026-12-01 09:00", exdates=["2026-12-02T09:00:00"]), "2026-12-01 08:30",
         "2026-12-03 09:00", "COUNT=2"),
        (row("FREQ=WEEKLY;COUNT=4", "2026-12-01 09:00", rdates=["2026-12-03T10:00:00"]), "2026-12-01 08:30",
         "2026-12-03 10:00", "COUNT=4"),
        (row("FREQ=SECONDLY", "2000-01-01 09:00"), "2099-01-01 08:30", "2099-01-01 09:30", "SECONDLY"),
        (row("FREQ=MINUTELY;UNTIL=20261201T082000Z;INTERVAL=20", "2026-12-01 09:00"), "2026-12-01 08:00",
         "2026-12-01 09:20", "UNTIL"),
    ],
)  # fmt: skip
def test_the_next_one(task: Any, now: str, due: str, rule: str) -> None:
    found = next_of(task, now)
    assert (shown(found), rule in found["recurrence"]) == (due, True)


def test_a_date_besides_the_rule_does_not_move_it() -> None:
    task = row("FREQ=WEEKLY", "2026-12-01 09:00", rdates=["2026-12-03T10:00:00"])
    besides = next_of(task, None)
    assert (shown(besides), besides["occurrence"]) == ("2026-12-03 10:00", "2026-12-01")
    again = next_of({**besides, "due_local": "2026-12-03T09:00:00"}, "2026-12-03 12:00")
    assert (shown(again), again["occurrence"]) == ("2026-12-08 09:00", "2026-12-08")


def test_a_rule_of_the_start_moves_the_due_date_by_as_much() -> None:
    task = row("FREQ=MONTHLY;BYDAY=1MO", "2026-12-11 17:00", "2026-12-07 08:00", by_start=True)
    found = next_of(task, "2026-12-08 12:00")
    assert (shown(found, "start"), shown(found), found["occurrence"]) == (
        "2027-01-04 08:00",
        "2027-01-08 17:00",
        "2027-01-04",
    )
    # Its due date is what is still to come: that of today is, though its start is past.
    daily = row("FREQ=DAILY", "2026-12-01 17:00", "2026-12-01 08:00", by_start=True)
    assert shown(next_of(daily, "2026-12-03 12:00")) == "2026-12-03 17:00"
    assert shown(next_of(daily, "2026-12-03 16:00")) == "2026-12-04 17:00"
    # Who takes the start away has a rule of the due date left.
    assert shown(next_of({**daily, **dates.stored("start", None, None)}, "2026-12-03 16:00")) == "2026-12-04 17:00"


@pytest.mark.parametrize(
    "rule", ["FREQ=HOURLY;UNTIL=20261201T090000", "FREQ=HOURLY;COUNT=1", "FREQ=SECONDLY;INTERVAL=999999999"]
)
def test_it_ends(rule: str) -> None:
    task = row(rule, "2026-12-01 09:00" if "999" not in rule else "2200-12-31 23:00")
    assert next_of(task, None) is None


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY;INTERVAL=86400;BYHOUR=3", "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=3;BYMINUTE=7"]
)
def test_what_is_not_found_is_told(rule: str) -> None:
    with pytest.raises(NoNextOccurrence):
        next_of(row(rule, "2026-12-01 09:00"), None)


Putting = Callable[..., dict[str, Any]]


@pytest.fixture
def put(server: Server, alice: User) -> Putting:
    """Has a calendar program put a task into the inbox, and answers it as the API does."""
    calendars = Calendars(server, alice)

    def put(name: str = "a.ics", **fields: Any) -> dict[str, Any]:
        calendars.put(alice.id, name, name, **fields)
        found: dict[str, Any] = alice.get(f"/api/me/tasks/{calendars.there(alice.id, name).row['id']}").json()
        return found

    return put


def day(number: int) -> dict[str, Any]:
    return {"date": f"{date(2030, 1, 1) + timedelta(days=number)}", "time": "09:00:00", "timezone": BERLIN}


def recurs(rule: str) -> dict[str, str]:
    return {"rule": rule, "from_": "due"}


def test_it_is_told_and_taken_back_unchanged(alice: User, put: Putting) -> None:
    task = put(due=day(0), recurrence=recurs("FREQ=HOURLY;INTERVAL=36"))
    said: dict[str, Any] = {
        "rule": "FREQ=HOURLY;INTERVAL=36",
        "from": "due",
        "occurrence": "2030-01-01",
        "is_supported": False,
    }
    assert task["recurrence"] == said
    path = f"/api/me/tasks/{task['id']}"
    writable = {name: task[name] for name in ("title", "due", "recurrence", "tags")}
    for answer in (
        alice.patch(path, json={"recurrence": said}),
        alice.put(path, json={**writable, "title": "b"}),
        alice.patch(path, json={"recurrence": {"rule": said["rule"].lower()}}),
    ):
        assert (answer.status_code, answer.json()["recurrence"]) == (200, said)
    operation = {"op": "update", "id": task["id"], "task": {"recurrence": said}}
    assert alice.post("/api/me/tasks/batch", json={"operations": [operation]}).status_code == 200
    assert [each["recurrence"] for each in alice.get("/api/me/tasks").json()["tasks"]] == [said]
    # Another one is not taken, and neither is this one from elsewhere.
    assert_error(
        alice.patch(path, json={"recurrence": {"rule": "FREQ=HOURLY;INTERVAL=35"}}), 422, "recurrence_unsupported"
    )
    assert_error(alice.patch(path, json={"recurrence": {"from": "completion"}}), 422, "recurrence_unsupported")
    other = {"title": "c", "due": day(0), "recurrence": said}
    assert_error(alice.post("/api/me/tasks", json=other), 422, "recurrence_unsupported")
    # With the due date, it goes by that from then on.
    moved = alice.patch(path, json={"recurrence": said, "due": {"date": "2030-02-01"}}).json()
    assert moved["recurrence"]["occurrence"] == "2030-02-01"
    ended = alice.patch(path, json={"recurrence": None}).json()
    assert ended["recurrence"] is None


def test_its_successor_goes_on_with_it(alice: User, put: Putting) -> None:
    task = put(due=day(0), start=day(-1), recurrence=recurs("FREQ=HOURLY;INTERVAL=36;COUNT=3"))
    done = alice.patch(f"/api/me/tasks/{task['id']}/complete").json()
    after = alice.get(f"/api/me/tasks/{done['next_id']}").json()
    assert (after["due"]["date"], after["due"]["time"]) == ("2030-01-02", "21:00:00")
    assert (after["start"]["date"], after["start"]["time"]) == ("2030-01-01", "21:00:00")
    assert after["recurrence"]["rule"] == "FREQ=HOURLY;INTERVAL=36;COUNT=2"
    skipped = alice.post(f"/api/me/tasks/{after['id']}/skip", json={"occurrence": "2030-01-02"}).json()
    assert (skipped["due"]["date"], skipped["recurrence"]["rule"]) == ("2030-01-04", "FREQ=HOURLY;INTERVAL=36;COUNT=1")
    last = alice.patch(f"/api/me/tasks/{after['id']}/complete").json()
    assert (last["is_completed"], last["next_id"]) == (True, None)


def test_exceptions_of_a_rule_that_is_supported_are_honoured_until_there_is_another(alice: User, put: Putting) -> None:
    exceptions = {"exdates": ["2030-01-02T09:00:00"], "rdates": ["2030-01-03T12:00:00"]}
    task = put(due=day(0), recurrence=recurs("FREQ=DAILY"), exceptions=exceptions)
    assert task["recurrence"]["is_supported"] is False
    done = alice.patch(f"/api/me/tasks/{task['id']}/complete").json()
    after = alice.get(f"/api/me/tasks/{done['next_id']}").json()
    assert (after["due"]["date"], after["due"]["time"]) == ("2030-01-03", "09:00:00")
    path = f"/api/me/tasks/{after['id']}"
    besides = alice.post(f"{path}/skip").json()
    assert besides["due"]["time"] == "12:00:00"
    again = alice.patch(path, json={"recurrence": {"rule": "FREQ=WEEKLY"}}).json()
    assert again["recurrence"]["is_supported"] is True


def test_where_none_is_found_nothing_changes(alice: User, put: Putting) -> None:
    task = put(due=day(0), recurrence=recurs("FREQ=HOURLY;INTERVAL=24;BYHOUR=3"))
    path = f"/api/me/tasks/{task['id']}"
    for answer in (
        alice.patch(f"{path}/complete"),
        alice.patch(path, json={"is_completed": True}),
        alice.post(f"{path}/skip"),
        alice.post("/api/me/tasks/batch", json={"operations": [{"op": "complete", "id": task["id"]}]}),
    ):
        assert answer.status_code == 409
        assert answer.json()["code"] == "no_next_occurrence"
    assert alice.get(path).json() == task
    # It can be cancelled, and it can be ended.
    assert alice.patch(path, json={"is_cancelled": True}).json()["is_completed"] is True


def test_a_calendar_program_moves_the_rule_with_the_date(alice: User, put: Putting) -> None:
    task = put(due=day(0), recurrence=recurs("FREQ=WEEKLY"), exceptions={"exdates": ["2030-01-10T09:00:00"]})
    assert put(due=day(2))["recurrence"]["occurrence"] == "2030-01-03"
    done = alice.patch(f"/api/me/tasks/{task['id']}/complete").json()
    assert alice.get(f"/api/me/tasks/{done['next_id']}").json()["due"]["date"] == "2030-01-17"


def test_what_is_no_rule_at_all_is_none(put: Putting) -> None:
    assert put(due=day(0), recurrence=recurs("FREQ=FORTNIGHTLY"))["recurrence"] is None
    assert (
        put("b.ics", due=day(0), recurrence=recurs("FREQ=HOURLY;BYMINUTE=" + ",".join(["30"] * 99)))["recurrence"]
        is None
    )
