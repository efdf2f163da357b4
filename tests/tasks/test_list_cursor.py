"""Reading GET /api/{user_id}/tasks by cursors, while others write."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import httpx
import pytest

from support.users import User, assert_error

Task = dict[str, Any]


def cursor_of(user: User, **query: str) -> str:
    found: str = user.get(user.tasks, params={**query, "limit": "1"}).json()["next_cursor"]
    return found


def parts(cursor: str) -> list[Any]:
    found: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return found


def made_of(*of: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(of).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"sort": "created_at"},
        {"completed": "false", "list": "inbox", "sort": "position"},
        {"completed": "false", "list": "inbox"},
        {"completed": "true", "sort": "-completed_at"},
        {"completed": "true", "sort": "updated_at"},
        {"sort": "due"},
        {"sort": "due", "completed": "false"},
        {"completed": "false", "sort": "due", "due_from": "2020-01-01", "timezone": "Asia/Tokyo"},
        {"sort": "priority"},
        {"sort": "priority", "completed": "false"},
        {"any_tag": "home", "completed": "false"},
    ],
    ids=lambda query: " ".join(query.values()) or "plain",
)
def test_a_task_that_stays_as_it_is_is_on_one_page(alice: User, query: dict[str, str]) -> None:
    """Between any two pages others are made, changed, completed, reopened and deleted: before and behind the place."""
    kinds: tuple[dict[str, Any], ...] = (
        {"due": {"date": "2026-12-01"}, "tags": ["home"]},
        {"priority": "low", "tags": ["home"], "due": {"date": "2026-12-01", "time": "15:00"}},
        {
            "due": {"date": "2026-12-02", "time": "00:00", "timezone": "Europe/Berlin"},
            "tags": ["home"],
            "priority": "high",
        },
        {"tags": ["home"]} if "due_from" not in query else {"due": {"date": "2026-11-30"}},
    )
    tasks = [alice.new_task(str(number), **kinds[number // 2 % 4]) for number in range(24)]
    is_done = query.get("completed") == "true"
    for task in tasks if is_done else ():
        alice.patch(f"{alice.tasks}/{task['id']}/complete", json={"is_completed": True})
    stays = {task["id"] for task in tasks[::2]}
    others = [task["id"] for task in tasks[1::2]]
    seen: list[str] = []
    asked = {**query, "limit": "3"}
    while True:
        page = alice.get(alice.tasks, params=asked).json()
        seen += [task["id"] for task in page["tasks"] if task["id"] in stays]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
        if others:
            front, back = others.pop(0), others.pop()
            alice.new_task("new", **kinds[len(others) % 4])
            alice.patch(f"{alice.tasks}/{front}/complete")
            alice.patch(f"{alice.tasks}/{back}", json={"title": "changed"})
            alice.delete(f"{alice.tasks}/{back}")
    assert sorted(seen) == sorted(stays)


def test_pages_that_are_read_beside_writers_miss_nothing(alice: User) -> None:
    stays = {alice.new_task(str(number))["id"] for number in range(30)}

    def write() -> None:
        for _ in range(15):
            made = alice.new_task("new")
            alice.patch(f"{alice.tasks}/{made['id']}/complete")
            alice.delete(f"{alice.tasks}/{made['id']}")

    def read() -> list[str]:
        found: list[str] = []
        asked: dict[str, str] = {"limit": "2"}
        while True:
            page = alice.get(alice.tasks, params=asked).json()
            found += [task["id"] for task in page["tasks"] if task["id"] in stays]
            if page["next_cursor"] is None:
                return found
            asked["cursor"] = page["next_cursor"]

    with ThreadPoolExecutor(4) as threads:
        writing = [threads.submit(write) for _ in range(2)]
        reading = [threads.submit(read) for _ in range(2)]
        for each in writing:
            each.result()
        for found in reading:
            assert sorted(found.result()) == sorted(stays)


def test_a_cursor_is_of_one_question(one_user: User) -> None:
    inbox = {"list": "inbox", "completed": "false"}
    for number in range(3):
        one_user.new_task(str(number))
    plain, of_inbox = cursor_of(one_user), cursor_of(one_user, **inbox, sort="position")
    # How many there are on a page, and whether all are counted, is not what is asked for.
    more = one_user.get(one_user.tasks, params={"cursor": plain, "limit": 100, "total": "true"})
    assert [task["title"] for task in more.json()["tasks"]] == ["1", "0"]
    version, digest, last = parts(plain)
    _, digest_of_inbox, position, sequence = parts(of_inbox)
    no_sequence: tuple[Any, ...] = (None, True, -1, 2**53, 10**30, 1.5, "1", [1], {})
    for query, cursor in (
        ({"sort": "created_at"}, plain),
        ({"completed": "false"}, plain),
        (inbox, plain),
        ({}, of_inbox),
        ({}, ""),
        ({}, "a"),
        ({}, "é"),
        ({}, "!!!!"),
        ({}, plain + "A"),
        ({}, base64.urlsafe_b64encode(b"\xff").decode()),
        ({}, base64.urlsafe_b64encode(b"[" * 300).decode()),
        ({}, made_of()),
        ({}, made_of(version, digest)),
        ({}, made_of(version, digest, last, last)),
        ({}, made_of(version + 1, digest, last)),
        ({}, made_of(version, digest.upper() + "0", last)),
        *(({}, made_of(version, digest, value)) for value in no_sequence),
        *(
            ({**inbox, "sort": "position"}, made_of(version, digest_of_inbox, value, sequence))
            for value in (None, 1, "", "\x00", "\ud800", "é", "a" * 101, ["a"])
        ),
        ({**inbox, "sort": "position"}, made_of(version, digest_of_inbox, sequence, position)),
    ):
        answer = one_user.get(one_user.tasks, params={**query, "cursor": cursor})
        error = assert_error(answer, 422, "cursor_invalid")
        assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["query", "cursor"], "cursor_invalid")]


def test_an_instant_in_a_cursor_is_one(alice: User) -> None:
    query = {"completed": "true", "sort": "-completed_at"}
    for number in range(2):
        alice.patch(f"{alice.tasks}/{alice.new_task(str(number))['id']}/complete")
    version, digest, instant, sequence = parts(cursor_of(alice, **query))
    for value in (
        None,
        1,
        "",
        "2026",
        "2026-13-01T00:00:00.000000Z",
        instant[:-1],
        f"{instant}\x00",
        "0000" + instant[4:],
    ):
        cursor = made_of(version, digest, value, sequence)
        assert_error(alice.get(alice.tasks, params={**query, "cursor": cursor}), 422, "cursor_invalid")
    for value in (f"0001{instant[4:]}", f"9999{instant[4:]}"):
        cursor = made_of(version, digest, value, sequence)
        assert alice.get(alice.tasks, params={**query, "cursor": cursor}).status_code == 200


def test_every_key_of_a_cursor_has_its_range(alice: User) -> None:
    """What no row has is no question for a database, in whose columns it may have no place."""
    for number in range(4):
        due = {"date": "2026-12-01", **({"time": "10:00", "timezone": "UTC"} if number % 2 else {})}
        alice.new_task(str(number), priority="high", due=due)
    numbers: tuple[Any, ...] = (-(2**63), -(2**53), 2**15, 2**31, 2**53 - 1, 2**53, 2**63, 10**30, 1.5, None, True)
    texts = (
        "",
        "~",
        "0001-01-01T00:00:00",
        "9999-99-99T99:99:99",
        "0000-01-01T00:00:00.000000Z",
        "9999-12-31T23:59:59.999999Z",
    )
    states: tuple[dict[str, str], ...] = ({}, {"completed": "false"})
    for sort, state in product(("-created_at", "created_at", "-updated_at", "updated_at", "due", "priority"), states):
        query = {**state, "sort": sort}
        version, digest, *values = parts(cursor_of(alice, **query))
        for place, value in product(range(len(values)), (*numbers, *texts)):
            cursor = made_of(version, digest, *values[:place], value, *values[place + 1 :])
            answer = alice.get(alice.tasks, params={**query, "cursor": cursor})
            if answer.status_code != 200:
                assert_error(answer, 422, "cursor_invalid")
            else:
                assert (sort, place) != ("priority", 0), value


def test_a_cursor_of_somebody_elses_shows_nothing_of_theirs(alice: User, bob: User) -> None:
    mine = [alice.new_task(str(number)) for number in range(3)]
    for number in range(9):
        bob.new_task(f"his {number}")
    page = alice.get(alice.tasks, params={"cursor": cursor_of(bob)}).json()
    assert page["tasks"] == mine[::-1]


def test_an_offset_beside_a_cursor_is_refused(one_user: User) -> None:
    for number in range(2):
        one_user.new_task(str(number))
    query = httpx.QueryParams({"cursor": cursor_of(one_user), "offset": 0})
    error = assert_error(one_user.get(one_user.tasks, params=query), 422, "validation_error")
    assert error["detail"][0]["loc"] == ["query", "offset"]


def test_a_cursor_of_dates_is_of_one_zone(alice: User) -> None:
    for day in (1, 2, 3):
        alice.new_task("due", due={"date": f"2030-01-0{day}"})
    of_due = cursor_of(alice, sort="due", completed="false")
    assert [
        task["due"]["date"]
        for task in alice.get(alice.tasks, params={"sort": "due", "completed": "false", "cursor": of_due}).json()[
            "tasks"
        ]
    ] == ["2030-01-02", "2030-01-03"]
    # That of the preferences is UTC still, and makes no difference to other orders.
    assert (
        alice.get(
            alice.tasks, params={"sort": "due", "completed": "false", "cursor": of_due, "timezone": "UTC"}
        ).status_code
        == 200
    )
    assert alice.get(alice.tasks, params={"cursor": cursor_of(alice), "timezone": "Asia/Tokyo"}).status_code == 200
    version, digest, local, sequence, *rest = parts(of_due)
    assert (local, rest) == ("2030-01-01T24:00:00", [None, None, None])
    for query, cursor in (
        ({"timezone": "Asia/Tokyo"}, of_due),
        ({"overdue": "false"}, of_due),
        ({}, made_of(version, digest, None, None, None, None, None)),
        ({}, made_of(version, digest, local, None, None, None, None)),
        ({}, made_of(version, digest, local, sequence, None, None)),
        ({}, made_of(version, digest, local, sequence, None, None, None, None)),
        *(
            ({}, made_of(version, digest, value, sequence, None, None, None))
            for value in ("2030-01-01", "\x00", "2030-01-01T24:00:00\n", 1, ["a"])
        ),
        ({}, made_of(version, digest, local, sequence, "2030-01-01", 1, None)),
        ({}, made_of(version, digest, local, sequence, None, None, -1)),
    ):
        answer = alice.get(alice.tasks, params={"sort": "due", "completed": "false", **query, "cursor": cursor})
        assert_error(answer, 422, "cursor_invalid")
    assert alice.patch("/api/me/preferences", json={"timezone": "Asia/Tokyo"}).status_code == 200
    assert_error(
        alice.get(alice.tasks, params={"sort": "due", "completed": "false", "cursor": of_due}), 422, "cursor_invalid"
    )
