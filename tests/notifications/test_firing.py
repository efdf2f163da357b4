"""Reminders come: once each, as notifications; and what is closed, gone or put away is quiet."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from doable.database.types import instant_to_text
from support.changes import changes
from support.clocks import ClockServer
from support.schema import rows_of, settings_of
from support.users import PASSWORD, User

Thing = dict[str, Any]
PATH = "/api/me/notifications"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(tmp_path: Path, migrated_database_settings: Callable[[], dict[str, str]]) -> Iterator[ClockServer]:
    """One whose clock is moved, so that it is later at once."""
    with ClockServer(tmp_path, **migrated_database_settings()) as running:
        yield running


@pytest.fixture
def alice(server: ClockServer) -> Iterator[User]:
    with closing(User(server.url)) as user:
        yield user


def in_minutes(number: float) -> str:
    return instant_to_text(datetime.now(UTC) + number * MINUTE)


def told(user: User) -> list[Thing]:
    """All that the user was told, the oldest first."""
    listed: list[Thing] = user.get(PATH).json()["notifications"]
    return listed[::-1]


def wait_until_told(user: User, number: int) -> list[Thing]:
    """Wait until the user was told so much."""
    deadline = time.monotonic() + 30
    while len(found := told(user)) < number:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def reminders_of(user: User, task: Thing) -> list[Thing]:
    reminders: list[Thing] = user.get(f"{user.tasks}/{task['id']}").json()["reminders"]
    return reminders


def test_what_comes_and_what_is_quiet(server: ClockServer, alice: User) -> None:
    """The last of them comes after all the others would have."""
    listed = alice.post("/api/me/lists", json={"name": "Home"}).json()
    one = alice.new_task(reminders=[{"at": in_minutes(1)}, {"at": in_minutes(2)}, {"at": in_minutes(100)}])
    done, gone, moved, emptied = (alice.new_task(reminders=[{"at": in_minutes(1)}]) for _ in range(4))
    archived = alice.new_task(list_id=listed["id"], reminders=[{"at": in_minutes(1)}])
    alice.patch(f"{alice.tasks}/{done['id']}/complete")
    alice.delete(f"{alice.tasks}/{gone['id']}")
    alice.patch(f"{alice.tasks}/{moved['id']}", json={"reminders": [{"at": in_minutes(99)}]})
    alice.patch(f"{alice.tasks}/{emptied['id']}", json={"reminders": []})
    alice.patch(f"/api/me/lists/{listed['id']}", json={"is_archived": True})
    last = alice.new_task(reminders=[{"at": in_minutes(3)}])
    since = changes(alice)["revision"]
    usage = alice.get("/api/auth/me/usage").json()
    server.move(4 * 60)
    found = wait_until_told(alice, 3)
    expected = [(one, 0), (one, 1), (last, 0)]
    assert [(each["task_id"], each["reminder_id"], each["remind_at"]) for each in found] == [
        (task["id"], task["reminders"][index]["id"], task["reminders"][index]["remind_at"]) for task, index in expected
    ]
    assert [each["is_seen"] for each in found] == [False] * 3
    assert [each["remind_at"] for each in reminders_of(alice, one)] == [None, None, one["reminders"][2]["remind_at"]]
    for task in (last, archived):
        assert [each["remind_at"] for each in reminders_of(alice, task)] == [None]
    feed = changes(alice, since=since, kinds="all")["changes"]
    assert [each["notification"] for each in feed if each["kind"] == "notification"] == found
    assert {each["id"] for each in feed if each["kind"] == "task"} == {one["id"], last["id"], archived["id"]}
    revisions = [each["revision"] for each in feed]
    assert sorted(set(revisions)) == revisions
    # A `null` takes fewer bytes than an instant.
    shorter = 4 * (len(f'"{in_minutes(1)}"') - len("null"))
    assert alice.get("/api/auth/me/usage").json()["stored_bytes"] == usage["stored_bytes"] - shorter
    # What has come does not come again, whatever is written.
    alice.patch(f"{alice.tasks}/{one['id']}", json={"title": "b"})
    another = alice.new_task(reminders=[{"at": in_minutes(5)}])
    server.move(2 * 60)
    assert wait_until_told(alice, 4)[3]["task_id"] == another["id"]
    waiting = rows_of(settings_of(server), "alarms")
    assert {str(row["task_id"]) for row in waiting} == {one["id"], moved["id"]}


def test_what_was_missed_comes_late_and_once(server: ClockServer, alice: User) -> None:
    task = alice.new_task(reminders=[{"at": in_minutes(1)}, {"at": in_minutes(30 * 60)}])
    server.stop()
    server.move(40 * 3600)
    with server:
        log_in_again(alice)
        found = wait_until_told(alice, 2)
        assert [each["remind_at"] for each in found] == [each["remind_at"] for each in task["reminders"]]
    # They are purged when a process starts, too: none of them is left, and no other has come.
    server.move(30 * 24 * 3600)
    with server:
        log_in_again(alice)
        deadline = time.monotonic() + 30
        while told(alice):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        since = changes(alice)["revision"]
        last = alice.new_task(reminders=[{"at": instant_to_text(server.now() + MINUTE)}])
        server.move(2 * 60)
        assert [each["task_id"] for each in wait_until_told(alice, 1)] == [last["id"]]
        assert len(changes(alice, since=since, kinds="all")["changes"]) == 2


def log_in_again(user: User) -> None:
    """The clock has gone past the end of the session."""
    answer = user.post("/api/auth/login", json={"email": user.email, "password": PASSWORD})
    user.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
