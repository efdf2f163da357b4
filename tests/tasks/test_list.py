"""GET /api/{user_id}/tasks."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from support.users import User, assert_error

MANY = 1100


def test_is_empty_at_first(alice: User) -> None:
    answer = alice.get(alice.tasks)
    assert answer.status_code == 200
    assert answer.json() == {"tasks": [], "total": 0, "limit": 50, "offset": 0, "next_cursor": None}


def test_is_newest_first(alice: User) -> None:
    tasks = [alice.new_task(str(number), description=f"the {number}th") for number in range(5)]
    newest_first = {"tasks": tasks[::-1], "total": 5, "limit": 50, "offset": 0, "next_cursor": None}
    assert alice.get(alice.tasks).json() == newest_first
    assert alice.get("/api/me/tasks").json() == newest_first


def test_keeps_its_order_when_a_task_changes(alice: User) -> None:
    old, new = alice.new_task("old"), alice.new_task("new")
    changed = alice.put(f"{alice.tasks}/{old['id']}", json={"title": "older"}).json()
    completed = alice.patch(f"{alice.tasks}/{new['id']}/complete").json()
    assert alice.get(alice.tasks).json()["tasks"] == [completed, changed]


@pytest.mark.parametrize(
    ("limit", "offset", "expected"),
    [
        (None, None, ["4", "3", "2", "1", "0"]),
        (2, None, ["4", "3"]),
        (None, 3, ["1", "0"]),
        (2, 2, ["2", "1"]),
        (100, 4, ["0"]),
        (1, 5, []),
        (100, 6, []),
        (1, 1001, []),
        (1, 2**53 - 1, []),
    ],
)
def test_answers_the_page_that_was_asked_for(
    alice: User, limit: int | None, offset: int | None, expected: list[str]
) -> None:
    for number in range(5):
        alice.new_task(str(number))
    asked = {name: value for name, value in {"limit": limit, "offset": offset}.items() if value is not None}
    page = alice.get(alice.tasks, params=asked).json()
    assert [task["title"] for task in page["tasks"]] == expected
    assert {key: page[key] for key in ("total", "limit", "offset")} == {"total": 5, "limit": 50, "offset": 0, **asked}
    is_the_end = (offset or 0) + len(expected) >= 5
    assert (page["next_cursor"] is None) == is_the_end


def test_more_than_a_thousand_tasks_can_be_paged_through(alice: User) -> None:
    with ThreadPoolExecutor(8) as threads:
        created = list(threads.map(alice.new_task, map(str, range(MANY))))
    # The revision is the order in which they were made, however the requests overlapped.
    newest_first = sorted(created, key=lambda task: task["revision"], reverse=True)
    listed = []
    for offset in range(0, MANY + 100, 100):
        page = alice.get(alice.tasks, params={"limit": 100, "offset": offset}).json()
        assert page["total"] == MANY
        listed += page["tasks"]
    assert listed == newest_first
    assert len({task["revision"] for task in listed}) == MANY
    for offset in (1000, 1001, MANY - 1, MANY, 2**53 - 1):
        page = alice.get(alice.tasks, params={"limit": 10, "offset": offset}).json()
        assert page["tasks"] == newest_first[offset : offset + 10]
        assert page["total"] == MANY


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("limit", "0", "greater_than_equal"),
        ("limit", "-1", "greater_than_equal"),
        ("limit", "101", "less_than_equal"),
        ("limit", str(2**53), "less_than_equal"),
        ("limit", str(10**30), "less_than_equal"),
        ("limit", "9" * 5000, "int_parsing_size"),
        ("limit", "a", "int_parsing"),
        ("limit", "", "int_parsing"),
        ("limit", "1e1", "int_parsing"),
        ("limit", "1.5", "int_parsing"),
        ("limit", "1.0", "int_parsing"),
        ("limit", "+1", "int_parsing"),
        ("limit", " 1", "int_parsing"),
        ("limit", "1_0", "int_parsing"),
        ("limit", "\N{FULLWIDTH DIGIT ONE}", "int_parsing"),
        ("limit", "0x10", "int_parsing"),
        ("limit", "\x00", "int_parsing"),
        ("limit", "null", "int_parsing"),
        ("offset", "-1", "greater_than_equal"),
        ("offset", str(2**53), "less_than_equal"),
        ("offset", str(2**63), "less_than_equal"),
        ("offset", "a", "int_parsing"),
        ("offset", "1e3", "int_parsing"),
        ("offset", "true", "int_parsing"),
    ],
)
def test_refuses_what_is_no_page(alice: User, name: str, value: str, kind: str) -> None:
    error = assert_error(alice.get(alice.tasks, params={name: value}), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["query", name], kind)]


def test_names_each_wrong_parameter(alice: User) -> None:
    error = assert_error(alice.get(alice.tasks, params={"limit": 0, "offset": -1}), 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [["query", "limit"], ["query", "offset"]]


def test_holds_the_owners_tasks_alone(alice: User, bob: User) -> None:
    mine, his = alice.new_task("mine"), bob.new_task("his")
    assert pages_of(alice) == ([mine], 1)
    assert pages_of(bob) == ([his], 1)


@pytest.mark.parametrize("offset", [0, 1001])
def test_refuses_another_owners_path(alice: User, bob: User, offset: int) -> None:
    bob.new_task("his")
    assert_error(alice.get(bob.tasks, params={"offset": offset}), 403, "forbidden")


def test_refuses_nobody(alice: User) -> None:
    assert_error(httpx.get(f"{alice.base_url}{alice.tasks}"), 401, "unauthenticated")
    assert_error(httpx.get(f"{alice.base_url}/api/me/tasks?limit=a"), 401, "unauthenticated")


def pages_of(user: User) -> tuple[list[dict[str, Any]], int]:
    page = user.get(user.tasks).json()
    return page["tasks"], page["total"]
