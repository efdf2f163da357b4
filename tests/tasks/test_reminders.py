"""The member `reminders` of a task: what it may be, when each comes, and what moves that."""

import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable.clock import timezones
from doable.tasks.reminders import Whereabouts, comes_at
from support.changes import batch, changes
from support.kinds import stored_bytes
from support.reminders import alarms_of, awaited, of
from support.server import Server
from support.undo import UNDO, undo
from support.users import User, assert_error

Task = dict[str, Any]

BERLIN: Final = {"date": "2126-12-01", "time": "09:00:00", "timezone": "Europe/Berlin"}
FLOATING: Final = {"date": "2126-12-01", "time": "09:00:00"}
WHOLE_DAY: Final = {"date": "2126-12-01"}
HALF_AN_HOUR: Final = {"offset": "-PT30M"}
ID: Final = "1b4e28ba-2fa1-4d2e-883f-0016d3cca427"


def path_of(task: Task) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


def whole(reminder: Task) -> Task:
    """All that is answered of it, but its id and when it comes."""
    relative_to = "due" if reminder.get("offset") else None
    return {"offset": None, "relative_to": relative_to, "at": None, **reminder}


def test_every_way_in_takes_them(alice: User) -> None:
    sent = [HALF_AN_HOUR, {"offset": "P0D", "relative_to": "start"}, {"at": "2126-12-01T08:00:00+01:00", "id": ID}]
    expected = [whole(sent[0]), whole(sent[1]), whole({**sent[2], "at": "2126-12-01T07:00:00.000000Z"})]
    come = ["2126-12-01T07:30:00.000000Z", "2126-11-30T09:00:00.000000Z", "2126-12-01T07:00:00.000000Z"]
    body = {"title": "a", "due": BERLIN, "start": {"date": "2126-11-30"}, "reminders": sent}
    only_new = {"If-None-Match": "*"}
    made = [
        alice.post(alice.tasks, json=body).json(),
        alice.put(f"{alice.tasks}/{uuid.uuid4()}", json=body, headers=only_new).json(),
        batch(alice, {"op": "create", "task": body})[0]["task"],
    ]
    plain = {**body, "reminders": []}
    ways: dict[str, Callable[[str], Task]] = {
        "put": lambda path: alice.put(path, json={"reminders": sent}).json(),
        "patch": lambda path: alice.patch(path, json={"reminders": sent}).json(),
        "batch": lambda path: batch(alice, {"op": "update", "id": path[-36:], "task": {"reminders": sent}})[0]["task"],
    }
    for way in ways.values():
        task = alice.post(alice.tasks, json=plain).json()
        assert task["reminders"] == []
        made.append(way(path_of(task)))
    for task in made:
        assert [{**each, "id": None, "remind_at": None} for each in task["reminders"]] == [
            {**each, "id": None, "remind_at": None} for each in expected
        ]
        assert of(task) == come
        assert task["reminders"][2]["id"] == ID
        assert task == alice.get(path_of(task)).json()
        assert task in alice.get(alice.tasks).json()["tasks"]
        assert list(task["reminders"][0]) == ["id", "offset", "relative_to", "at", "remind_at"]


def test_what_was_read_can_be_sent_back(alice: User) -> None:
    task = alice.new_task(due=BERLIN, reminders=[HALF_AN_HOUR, {"at": "2126-12-01T08:00:00Z"}])
    again = alice.patch(path_of(task), json={"reminders": task["reminders"]}).json()
    assert again == {**task, "revision": again["revision"], "updated_at": again["updated_at"]}
    without = alice.patch(path_of(task), json={"reminders": []}).json()
    assert without["reminders"] == []
    assert alice.get("/api/auth/me/usage").json()["stored_bytes"] == stored_bytes([without])


def test_what_they_take_is_counted(alice: User) -> None:
    task = alice.new_task(due=BERLIN, reminders=[HALF_AN_HOUR])
    usage = "/api/auth/me/usage"
    assert alice.get(usage).json()["stored_bytes"] == stored_bytes([task])
    task = alice.patch(path_of(task), json={"due": None}).json()
    assert of(task) == [None]
    assert alice.get(usage).json()["stored_bytes"] == stored_bytes([task])
    task = alice.patch(f"{path_of(task)}/complete").json()
    assert alice.get(usage).json()["stored_bytes"] == stored_bytes([task])


def test_the_alarms_are_those_of_the_tasks(alice: User, server: Server) -> None:
    """Whatever moves a reminder moves its alarm in the same write."""

    def check(number: int) -> None:
        assert alarms_of(server, alice) == awaited(alice)
        assert len(awaited(alice)) == number

    task = alice.new_task(due=BERLIN, reminders=[HALF_AN_HOUR, {"at": "2126-12-01T08:00:00Z"}])
    check(2)
    path = path_of(task)
    moved = alice.patch(path, json={"due": {"time": "10:00"}}).json()
    assert of(moved) == ["2126-12-01T08:30:00.000000Z", "2126-12-01T08:00:00.000000Z"]
    check(2)
    assert of(alice.patch(path, json={"due": None}).json()) == [None, "2126-12-01T08:00:00.000000Z"]
    check(1)
    alice.patch(path, json={"due": BERLIN})
    assert of(alice.patch(f"{path}/complete").json()) == [None, None]
    check(0)
    assert of(alice.patch(f"{path}/complete").json()) == of(task)
    check(2)
    assert alice.patch(path, json={"title": "b"}).json()["reminders"] == task["reminders"]
    below = alice.new_task(parent_id=task["id"], due=BERLIN, reminders=[HALF_AN_HOUR])
    check(3)
    alice.patch(f"{path}/complete")
    check(0)
    alice.patch(f"{path_of(below)}/complete")
    check(3)
    other = alice.post(f"/api/{alice.id}/lists", json={"name": "Home"}).json()
    alice.post(f"{path}/move", json={"list_id": other["id"]})
    check(3)
    undo = alice.delete(f"/api/{alice.id}/lists/{other['id']}?tasks=delete", headers={"Undo": "1"})
    check(0)
    answer = alice.post(f"/api/{alice.id}/undo/{undo.headers['undo-token']}")
    assert answer.json() == {"undone": 3, "conflicts": []}
    check(3)
    undo = alice.patch(path, json={"reminders": [], "due": None}, headers={"Undo": "1"})
    check(1)
    alice.post(f"/api/{alice.id}/undo/{undo.headers['undo-token']}")
    check(3)
    assert alice.get(path).json()["reminders"] == task["reminders"]
    alice.delete(path)
    check(0)


def test_all_that_a_task_may_have(alice: User, server: Server) -> None:
    task = alice.new_task(due=BERLIN, reminders=[{"offset": f"-PT{n}M"} for n in range(20)])
    assert len(awaited(alice)) == 20
    some = alice.patch(path_of(task), json={"reminders": task["reminders"][5:] + [{"offset": "-P1D"}] * 3}).json()
    assert len(some["reminders"]) == 18
    for change in ({"title": "b"}, {"due": {"time": "10:00"}}, {"is_completed": True}, {"is_completed": False}):
        alice.patch(path_of(task), json=change)
        assert alarms_of(server, alice) == awaited(alice)
    assert len(awaited(alice)) == 18


def test_one_is_put_off(alice: User, server: Server) -> None:
    task = alice.new_task(due=BERLIN, reminders=[HALF_AN_HOUR, {"at": "2020-01-01T00:00:00Z"}])
    first, past = (f"{path_of(task)}/reminders/{each['id']}/snooze" for each in task["reminders"])
    until = "2126-12-02T08:00:00.000000Z"
    snoozed = alice.post(past, json={"until": until})
    assert of(snoozed.json()) == [task["reminders"][0]["remind_at"], until]
    assert snoozed.headers["etag"] == '"2.3"'
    before = datetime.now(UTC)
    again = alice.post(first, json={"minutes": 10}, headers={"If-Match": '"2.3"'}).json()
    at = datetime.fromisoformat(again["reminders"][0]["remind_at"])
    assert before + timedelta(minutes=10) <= at <= datetime.now(UTC) + timedelta(minutes=10)
    assert alarms_of(server, alice) == awaited(alice)
    # Another title, or the same reminders once more, leave it put off; another date does not.
    kept = alice.patch(path_of(task), json={"title": "b", "reminders": again["reminders"]}).json()
    assert kept["reminders"] == again["reminders"]
    moved = alice.patch(path_of(task), json={"due": {"time": "10:00"}}).json()
    assert of(moved) == ["2126-12-01T08:30:00.000000Z", until]
    alice.patch(f"{path_of(task)}/complete")
    assert of(alice.post(first, json={"minutes": 10}).json()) == [None, None]
    assert alarms_of(server, alice) == awaited(alice) == set()


def test_undoing_leaves_it_put_off(alice: User, server: Server) -> None:
    """Of whatever write, of one that has come before too; and what was past when it was put off is so again."""
    task = alice.new_task(due=BERLIN, reminders=[HALF_AN_HOUR, {"at": "2020-01-01T00:00:00Z"}])
    first, past = (f"{path_of(task)}/reminders/{each['id']}/snooze" for each in task["reminders"])
    came_again = alice.post(past, json={"until": "2126-12-02T08:00:00Z"}, headers=UNDO)
    undo(alice, came_again.headers["undo-token"])
    assert of(alice.get(path_of(task)).json()) == of(task)
    alice.post(past, json={"until": "2126-12-02T08:00:00Z"})
    until = alice.post(first, json={"until": "2126-11-01T08:00:00Z"}).json()["reminders"]
    for each in (
        partial(alice.patch, path_of(task), json={"title": "b"}),
        partial(alice.patch, path_of(task), json={"due": {"time": "10:00"}}),
        partial(alice.patch, f"{path_of(task)}/complete"),
        partial(alice.post, first, json={"minutes": 10}),
        partial(alice.delete, path_of(task)),
    ):
        undo(alice, each(headers=UNDO).headers["undo-token"])
        assert alice.get(path_of(task)).json()["reminders"] == until
        assert alarms_of(server, alice) == awaited(alice)


def test_what_cannot_be_put_off(one_user: User) -> None:
    task = one_user.new_task(due=BERLIN, reminders=[HALF_AN_HOUR])
    path = f"{path_of(task)}/reminders"
    one = f"{path}/{task['reminders'][0]['id']}/snooze"
    for body, where, kind in (
        ({}, [], "snooze_incomplete"),
        ({"minutes": 10, "until": "2126-12-02T08:00:00Z"}, [], "snooze_incomplete"),
        ({"minutes": 0}, ["minutes"], "greater_than_equal"),
        ({"minutes": 10_081}, ["minutes"], "less_than_equal"),
        ({"minutes": "10"}, ["minutes"], "int_type"),
        ({"until": "tomorrow"}, ["until"], "no_instant"),
        ({"hours": 1}, ["hours"], "extra_forbidden"),
    ):
        error = assert_error(one_user.post(one, json=body), 422, "validation_error")
        assert (error["detail"][0]["loc"], error["detail"][0]["type"]) == (["body", *where], kind)
    body = {"minutes": 10}
    assert_error(one_user.post(f"{path}/{ID}/snooze", json=body), 404, "reminder_not_found")
    assert_error(
        one_user.post(f"{path_of(one_user.new_task())}/reminders/{ID}/snooze", json=body), 404, "reminder_not_found"
    )
    assert_error(one_user.post(f"{one_user.tasks}/{ID}/reminders/{ID}/snooze", json=body), 404, "task_not_found")
    assert one_user.get(path_of(task)).json() == task


def test_two_tasks_may_have_reminders_of_one_id(alice: User, server: Server) -> None:
    for _ in range(2):
        alice.new_task(reminders=[{"id": ID, "at": "2126-12-01T08:00:00Z"}])
    assert len(alarms_of(server, alice)) == 2


def test_what_is_past_does_not_come(alice: User) -> None:
    past = {"date": "2020-01-01", "time": "09:00", "timezone": "UTC"}
    task = alice.new_task(due=past, reminders=[HALF_AN_HOUR, {"at": "2020-01-01T00:00:00Z"}])
    assert of(task) == [None, None]
    assert of(alice.patch(path_of(task), json={"due": BERLIN}).json()) == ["2126-12-01T07:30:00.000000Z", None]


def test_it_is_in_the_feed_and_the_export(alice: User) -> None:
    task = alice.new_task(due=BERLIN, reminders=[HALF_AN_HOUR])
    assert changes(alice)["changes"][0]["task"] == task
    (exported,) = alice.get("/api/auth/me/export").json()["tasks"]
    assert exported["reminders"] == task["reminders"]


REFUSED: Final[dict[str, tuple[Any, list[str | int], str]]] = {
    "null": (None, [], "list_type"),
    "an object": (HALF_AN_HOUR, [], "list_type"),
    "too many": ([HALF_AN_HOUR] * 21, [], "too_long"),
    "neither": ([{}], [0], "reminder_incomplete"),
    "both": ([{**HALF_AN_HOUR, "at": "2126-12-01T08:00:00Z"}], [0], "reminder_incomplete"),
    "an instant relative to a date": (
        [{"at": "2126-12-01T08:00:00Z", "relative_to": "due"}],
        [0],
        "reminder_incomplete",
    ),
    "another date": ([{**HALF_AN_HOUR, "relative_to": "end"}], [0, "relative_to"], "literal_error"),
    "seconds": ([{"offset": "-PT30S"}], [0, "offset"], "offset_unknown"),
    "months": ([{"offset": "-P1M"}], [0, "offset"], "offset_unknown"),
    "nothing": ([{"offset": "P"}], [0, "offset"], "offset_unknown"),
    "no time": ([{"offset": "P1DT"}], [0, "offset"], "offset_unknown"),
    "a fraction": ([{"offset": "PT1.5H"}], [0, "offset"], "offset_unknown"),
    "other digits": ([{"offset": "PT\N{FULLWIDTH DIGIT SIX}H"}], [0, "offset"], "offset_unknown"),
    "a line end": ([{"offset": "PT6H\n"}], [0, "offset"], "offset_unknown"),
    "minutes as a number": ([{"offset": -30}], [0, "offset"], "string_type"),
    "more than 400 days": ([{"offset": "-P400DT1M"}], [0, "offset"], "offset_too_long"),
    "more than 400 days later": ([{"offset": "P57W2D"}], [0, "offset"], "offset_too_long"),
    "no instant": ([{"at": "2126-12-01"}], [0, "at"], "no_instant"),
    "without an offset": ([{"at": "2126-12-01T08:00:00"}], [0, "at"], "no_instant"),
    "no such day": ([{"at": "2126-02-29T08:00:00Z"}], [0, "at"], "no_instant"),
    "too late": ([{"at": "2201-01-01T08:00:00Z"}], [0, "at"], "no_instant"),
    "too early in UTC": ([{"at": "1970-01-01T00:30:00+01:00"}], [0, "at"], "no_instant"),
    "too late in UTC": ([{"at": "2200-12-31T23:30:00-01:00"}], [0, "at"], "no_instant"),
    "an instant as a number": ([{"at": 1}], [0, "at"], "string_type"),
    "no id": ([{"id": "a", **HALF_AN_HOUR}], [0, "id"], "uuid_parsing"),
    "an id twice": ([{"id": ID, **HALF_AN_HOUR}] * 2, [], "repeated"),
    "a member too many": ([{**HALF_AN_HOUR, "sound": "ping"}], [0, "sound"], "extra_forbidden"),
}


def test_what_cannot_be_is_refused_where_it_is(one_user: User) -> None:
    task = one_user.new_task(reminders=[HALF_AN_HOUR])
    for what, (reminders, where, kind) in REFUSED.items():
        for answer in (
            one_user.post(one_user.tasks, json={"title": "a", "reminders": reminders}),
            one_user.put(path_of(task), json={"reminders": reminders}),
            one_user.patch(path_of(task), json={"reminders": reminders}),
        ):
            error = assert_error(answer, 422, "validation_error")
            loc = ["body", "reminders", *where]
            assert [(each["loc"], each["type"]) for each in error["detail"]] == [(loc, kind)], what
    assert one_user.get(path_of(task)).json() == task
    assert one_user.get(one_user.tasks).json()["total"] == 1


@pytest.mark.parametrize("offset", ["PT0M", "-P0D", "+P1W", "P400D", "-P57W1D", "-P1DT2H3M", "PT9600H", "-PT576000M"])
def test_offsets_that_are_good(one_user: User, offset: str) -> None:
    task = one_user.new_task(due=BERLIN, reminders=[{"offset": offset}])
    assert task["reminders"][0]["offset"] == offset
    assert task["reminders"][0]["remind_at"] is not None


HERE: Final = Whereabouts("Europe/Berlin", "08:15:00")


def at(local: str, zone: str | None, offset: str, here: Whereabouts = HERE) -> str | None:
    """When a reminder of a task that is due then comes, to the minute."""
    due_at = None if zone is None else datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    row = {"due_local": local, "due_timezone": zone, "due_at": due_at}
    found = comes_at(row, {"at": None, "offset": offset, "relative_to": "due"}, here)
    return None if found is None else f"{found:%Y-%m-%dT%H:%M}"


def test_days_are_nominal_and_hours_exact() -> None:
    # Clocks are put forward on 2027-03-28 at 02:00 in Berlin, and back on 2027-10-31 at 03:00.
    assert at("2027-03-28T09:00:00", "Europe/Berlin", "PT0M") == "2027-03-28T07:00"
    assert at("2027-03-28T09:00:00", "Europe/Berlin", "-P1D") == "2027-03-27T08:00"
    assert at("2027-03-28T09:00:00", "Europe/Berlin", "-PT24H") == "2027-03-27T07:00"
    assert at("2027-10-31T09:00:00", None, "-P1W") == "2027-10-24T07:00"
    assert at("2027-10-31T09:00:00", None, "-P1DT1H") == "2027-10-30T06:00"
    # The day before has no 02:30: it is 03:30 there.
    assert at("2027-03-29T02:30:00", "Europe/Berlin", "-P1D") == "2027-03-28T01:30"
    # Half an hour is a change of clocks at Lord Howe.
    assert at("2027-10-03T09:00:00", "Australia/Lord_Howe", "-P1D") == "2027-10-01T22:30"


def test_a_whole_day_counts_from_its_own_time() -> None:
    assert at("2027-06-01T24:00:00", None, "PT0M") == "2027-06-01T06:15"
    assert at("2027-06-01T24:00:00", None, "-P1D") == "2027-05-31T06:15"
    assert at("2027-06-01T24:00:00", None, "PT6H", Whereabouts("America/New_York", "00:00:00")) == "2027-06-01T10:00"


def test_a_zone_of_a_newer_server() -> None:
    """Its instant is known."""
    row = {
        "due_local": "2027-06-01T09:00:00",
        "due_timezone": "Mars/Base",
        "due_at": datetime(2027, 6, 1, 7, tzinfo=UTC),
    }
    reminder = {"at": None, "offset": "-P1DT1H", "relative_to": "due"}
    assert comes_at(row, reminder, HERE) == datetime(2027, 5, 31, 6, tzinfo=UTC)


@given(
    st.datetimes(
        datetime.fromisoformat("1970-01-01"),
        datetime.fromisoformat("2200-12-31"),
    ).map(lambda at: at.replace(microsecond=0)),
    st.sampled_from(sorted(timezones())),
    st.integers(-400, 400),
    st.integers(-1440, 1440),
)
def test_the_same_time_by_the_clock(local: datetime, zone: str, days: int, minutes: int) -> None:
    """So many days later, wherever that time is there; then so many minutes."""
    sign = "-" if days < 0 or minutes < 0 else ""
    days, minutes = (-abs(days), -abs(minutes)) if sign else (days, minutes)
    row = {"due_local": local.isoformat(), "due_timezone": None, "due_at": None}
    offset = f"{sign}P{abs(days)}DT{abs(minutes)}M"
    found = comes_at(row, {"at": None, "offset": offset, "relative_to": "due"}, Whereabouts(zone, "09:00:00"))
    assert found is not None
    shown = (found - timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    there = local + timedelta(days=days)
    exists = (
        there.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == there
    )
    assert shown == there or not exists


def test_nobody_elses(alice: User, bob: User, server: Server) -> None:
    """A reminder of the same id at a task of the same name is another one."""
    one, other = (each.new_task(reminders=[{"id": ID, "at": "2126-12-01T08:00:00Z"}]) for each in (alice, bob))
    bob.delete(path_of(other))
    assert alarms_of(server, alice) == awaited(alice) != set()
    assert alice.get(path_of(one)).json() == one
    with closing(bob):
        assert alarms_of(server, bob) == set()
