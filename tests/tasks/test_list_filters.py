"""What GET /api/{user_id}/tasks leaves out, and in which order it answers the rest."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from support.users import User, assert_error

Task = dict[str, Any]
Query = list[tuple[str, str]]


def new_list(user: User) -> str:
    made: str = user.post(f"/api/{user.id}/lists", json={"name": "Groceries"}).json()["id"]
    return made


def finish(user: User, task: Task) -> None:
    assert user.patch(f"{user.tasks}/{task['id']}/complete", json={"is_completed": True}).status_code == 200


def read(user: User, query: Query, limit: int = 100) -> list[Task]:
    """All pages of it, one after the other."""
    found: list[Task] = []
    cursor: Query = []
    while True:
        answer = user.get(user.tasks, params=httpx.QueryParams([*query, ("limit", str(limit)), *cursor]))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["tasks"]
        assert len(page["tasks"]) <= limit
        if page["next_cursor"] is None:
            return found
        cursor = [("cursor", page["next_cursor"])]


def by(*names: str) -> Callable[[Task], tuple[Any, ...]]:
    return lambda task: tuple(task[name] for name in names)


ORDERS: dict[str, Callable[[list[Task]], list[Task]]] = {
    "-created_at": lambda tasks: sorted(tasks, key=by("number"), reverse=True),
    "created_at": lambda tasks: sorted(tasks, key=by("number")),
    "-updated_at": lambda tasks: sorted(tasks, key=by("revision"), reverse=True),
    "updated_at": lambda tasks: sorted(tasks, key=by("revision")),
    "position": lambda tasks: sorted(tasks, key=by("position", "number")),
    "-completed_at": lambda tasks: sorted(tasks, key=by("completed_at", "number"), reverse=True),
}


def test_each_filter_and_each_order_are_what_they_say(alice: User) -> None:
    """Against a model: every question is asked of the same twenty tasks, whole and in pages of three."""
    lists = [new_list(alice), new_list(alice)]
    made: list[Task] = []
    for number in range(20):
        place = {"list_id": [None, *lists][number % 3]} if number < 12 else {"parent_id": made[number % 4]["id"]}
        made.append(alice.new_task(str(number), **place))
    for number in (1, 4, 5, 6, 13, 14, 18, 0):
        finish(alice, made[number])
    # One by one, since the newest page is read by what is tested here.
    tasks = [{**alice.get(f"{alice.tasks}/{each['id']}").json(), "number": int(each["title"])} for each in made]
    parent = made[1]["id"]
    questions: list[tuple[Query, Callable[[Task], bool]]] = [
        ([], lambda _: True),
        ([("completed", "true")], lambda task: task["is_completed"]),
        ([("completed", "false")], lambda task: not task["is_completed"]),
        ([("list", "inbox")], lambda task: task["list_id"] is None),
        ([("list", lists[0])], lambda task: task["list_id"] == lists[0]),
        ([("list", lists[0].upper()), ("completed", "false")], lambda task: task["list_id"] == lists[0] and not task["is_completed"]),
        ([("list", "inbox"), ("completed", "false")], lambda task: task["list_id"] is None and not task["is_completed"]),
        ([("list", "inbox"), ("list", lists[1]), ("list", lists[1])], lambda task: task["list_id"] in {None, lists[1]}),
        ([("list", lists[0]), ("list", lists[1]), ("completed", "true")], lambda task: task["list_id"] in lists and task["is_completed"]),
        ([("parent", "none")], lambda task: task["parent_id"] is None),
        ([("parent", parent)], lambda task: task["parent_id"] == parent),
        ([("parent", parent), ("completed", "true")], lambda task: task["parent_id"] == parent and task["is_completed"]),
        ([("parent", "none"), ("list", lists[1])], lambda task: task["parent_id"] is None and task["list_id"] == lists[1]),
        ([("section", "none"), ("list", "inbox")], lambda task: task["list_id"] is None),
        ([("parent", made[19]["id"])], lambda _: False),
    ]  # fmt: skip
    for query, wanted in questions:
        for sort, ordered in ORDERS.items():
            names = [name for name, _ in query]
            has_place = names.count("list") == 1 or (("parent", "none") not in query and "parent" in names)
            if (sort == "position" and not has_place) or (
                sort == "-completed_at" and ("completed", "true") not in query
            ):
                continue
            asked = [*query, ("sort", sort)] if sort != "-created_at" else query
            expected = [by("title")(task) for task in ordered([task for task in tasks if wanted(task)])]
            assert [by("title")(task) for task in read(alice, asked)] == expected, asked
            assert [by("title")(task) for task in read(alice, asked, limit=3)] == expected, asked
        page = alice.get(alice.tasks, params=httpx.QueryParams([*query, ("total", "true"), ("limit", "1")])).json()
        assert page["total"] == sum(map(wanted, tasks)), query
        unasked = alice.get(alice.tasks, params=httpx.QueryParams([*query, ("limit", "1")])).json()
        assert unasked["total"] == (None if query else len(tasks)), query


def test_an_offset_leaves_out_the_first_of_what_is_asked_for(alice: User) -> None:
    tasks = [alice.new_task(str(number)) for number in range(5)]
    finish(alice, tasks[2])
    query: dict[str, str | int] = {"completed": "false", "limit": 2, "offset": 1}
    page = alice.get(alice.tasks, params=query).json()
    assert ([task["title"] for task in page["tasks"]], page["offset"], page["total"]) == (["3", "1"], 1, None)
    further = alice.get(alice.tasks, params={"completed": "false", "limit": 2, "cursor": page["next_cursor"]}).json()
    assert ([task["title"] for task in further["tasks"]], further["offset"]) == (["0"], None)
    assert further["next_cursor"] is None
    past = alice.get(alice.tasks, params={**query, "offset": 2000, "total": "true"}).json()
    assert (past["tasks"], past["total"], past["next_cursor"]) == ([], 4, None)


@pytest.mark.parametrize("name", ["list", "section", "parent"])
def test_what_is_not_ones_own_does_not_exist(alice: User, bob: User, name: str) -> None:
    his = {"list": new_list(bob), "section": str(uuid.uuid4()), "parent": bob.new_task("his")["id"]}[name]
    bob.new_task("his too", **{f"{name}_id": his} if name != "section" else {})
    # An owner's id stands for the inbox inside, and for nothing outside.
    for id_ in (his, str(uuid.uuid4()), alice.id, bob.id):
        for more in ({}, {"total": "true"}, {"completed": "false"}, {"sort": "position"}):
            if name == "section" and "sort" in more:
                continue
            error = assert_error(alice.get(alice.tasks, params={name: id_, **more}), 422, "validation_error")
            assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["query", name], "not_found")]
    if name == "list":
        both = alice.get(alice.tasks, params=[("list", new_list(alice)), ("list", his)])
        assert assert_error(both, 422, "validation_error")["detail"][0]["type"] == "not_found"


def test_what_is_none_of_the_values_is_refused(one_user: User) -> None:
    for name, value, kind in (
        ("completed", "1", "bool_parsing"),
        ("completed", "True", "bool_parsing"),
        ("completed", "", "bool_parsing"),
        ("total", "yes", "bool_parsing"),
        ("list", "none", "no_id"),
        ("list", "", "no_id"),
        ("list", "Inbox", "no_id"),
        ("list", "\x00", "no_id"),
        ("section", "inbox", "no_id"),
        ("parent", "0", "no_id"),
        ("sort", "title", "literal_error"),
        ("sort", "", "literal_error"),
        ("cursor", "a" * 501, "string_too_long"),
        ("tag", "", "string_too_short"),
        ("any_tag", "a" * 51, "string_too_long"),
        ("priority", "0", "literal_error"),
        ("priority", "High", "literal_error"),
        ("due", "today", "literal_error"),
        ("start", "", "literal_error"),
        ("timezone", "Berlin", "timezone_unknown"),
        *((name, "1", "bool_parsing") for name in ("overdue", "available", "recurring", "archived")),
        *((name, "someday", "no_moment") for name in ("due_from", "start_before", "completed_from", "created_before")),
        ("series", "inbox", "uuid_parsing"),
    ):
        error = assert_error(one_user.get(one_user.tasks, params={name: value}), 422, "validation_error")
        assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["query", name], kind)]


def test_an_order_needs_what_it_is_an_order_of(one_user: User) -> None:
    list_id = new_list(one_user)
    for query in (
        {"sort": "position"},
        {"sort": "position", "parent": "none"},
        {"sort": "position", "section": "none"},
        {"sort": "position", "list": ["inbox", list_id]},
        {"sort": "-completed_at"},
        {"sort": "-completed_at", "completed": "false"},
        {"sort": "-completed_at", "list": "inbox"},
    ):
        error = assert_error(one_user.get(one_user.tasks, params=query), 422, "sort_needs")
        assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["query", "sort"], "sort_needs")]


def test_each_parameter_of_a_date_a_tag_or_a_priority_is_what_it_says(alice: User) -> None:
    """One task for each of them; what trees of conditions find is tested in test_find.py."""
    archived = alice.post("/api/me/lists", json={"name": "Old", "is_archived": True}).json()["id"]
    past, future = {"date": "2020-01-01"}, {"date": "2199-01-01", "time": "09:00", "timezone": "Europe/Berlin"}
    tasks: dict[str, Task] = {
        "plain": {},
        "past": {"due": past, "start": past, "tags": ["home"]},
        "future": {"due": future, "start": future, "tags": ["Home", "shop"], "priority": "high"},
        "low": {"priority": "low", "tags": ["homework"]},
        "put away": {"list_id": archived},
        "done": {"due": past},
        "many": {"tags": [str(number) for number in range(12)]},
    }
    for title, members in tasks.items():
        alice.new_task(title, **members)
    made = next(task for task in read(alice, []) if task["title"] == "done")
    finish(alice, made)
    at = {"plain": alice.get(alice.tasks, params={"sort": "created_at", "limit": 1}).json()["tasks"][0]["created_at"]}
    at["done"] = alice.get(f"{alice.tasks}/{made['id']}").json()["completed_at"]
    every = {*tasks}
    questions: list[tuple[Query, set[str]]] = [
        ([("tag", "HOME")], {"past", "future"}),
        ([("tag", "  home ")], {"past", "future"}),
        ([("tag", "home"), ("tag", "Shop")], {"future"}),
        ([("tag", "home"), ("tag", "nowhere")], set()),
        ([("tag", "nowhere")], set()),
        ([("tag", str(number)) for number in range(12)], {"many"}),
        ([("tag", str(number)) for number in range(13)], set()),
        ([("any_tag", "shop"), ("any_tag", "HOMEWORK"), ("any_tag", "nowhere")], {"future", "low"}),
        ([("any_tag", "nowhere")], set()),
        ([("tag", "home"), ("any_tag", "shop"), ("completed", "false")], {"future"}),
        ([("priority", "high"), ("priority", "low")], {"future", "low"}),
        ([("priority", "none")], every - {"future", "low"}),
        ([("priority", "medium")], set()),
        ([("due", "any")], {"past", "future", "done"}),
        ([("due", "none")], every - {"past", "future", "done"}),
        ([("start", "any")], {"past", "future"}),
        ([("start", "none")], every - {"past", "future"}),
        ([("due_from", "2020-01-01")], {"past", "future", "done"}),
        ([("due_from", "2020-01-02")], {"future"}),
        ([("due_from", "TODAY-1w")], {"future"}),
        ([("due_before", "now")], {"past", "done"}),
        ([("due_from", "2199-01-01T08:00:00Z"), ("due_before", "2199-01-01T09:00:00.000001+01:00")], {"future"}),
        ([("due_before", "2199-01-01T08:00:00z"), ("due_from", "today")], set()),
        ([("start_from", "month-1m")], {"future"}),
        ([("start_before", "tomorrow")], {"past"}),
        ([("created_from", at["plain"])], every),
        ([("created_before", at["plain"])], set()),
        ([("completed_from", at["done"])], {"done"}),
        ([("completed_before", at["done"])], set()),
        ([("completed_from", "yesterday"), ("completed_before", "+2d"), ("completed", "true")], {"done"}),
        ([("overdue", "true")], {"past"}),
        ([("overdue", "false")], every - {"past"}),
        ([("available", "true")], every - {"future"}),
        ([("available", "false")], {"future"}),
        ([("archived", "true")], {"put away"}),
        ([("archived", "false")], every - {"put away"}),
    ]
    for query, expected in questions:
        for more in ([], [("sort", "due")], [("sort", "priority"), ("timezone", "Pacific/Kiritimati")]):
            assert {task["title"] for task in read(alice, [*query, *more], limit=3)} == expected, (query, more)


def test_what_is_due_has_an_order_and_the_rest_is_last(alice: User) -> None:
    for title, due in {
        "none": None,
        "day": {"date": "2030-01-01"},
        "evening": {"date": "2030-01-01", "time": "22:00"},
        "Tokyo": {"date": "2030-01-02", "time": "06:00", "timezone": "Asia/Tokyo"},
        "next day": {"date": "2030-01-02", "time": "00:00"},
        "newer": None,
    }.items():
        alice.new_task(title, **({"due": due} if due else {}))

    def titles(timezone: str) -> list[str]:
        return [task["title"] for task in read(alice, [("sort", "due"), ("timezone", timezone)], limit=2)]

    # It is 22:00 in Berlin, 21:00 in UTC, and 06:00 of the next day in Tokyo, where they are.
    assert titles("Europe/Berlin") == ["evening", "Tokyo", "day", "next day", "newer", "none"]
    assert titles("UTC") == ["Tokyo", "evening", "day", "next day", "newer", "none"]
    assert titles("Asia/Tokyo") == ["evening", "day", "next day", "Tokyo", "newer", "none"]
    # The zone of the preferences, where none is said.
    assert alice.patch("/api/me/preferences", json={"timezone": "Asia/Tokyo"}).status_code == 200
    assert [task["title"] for task in read(alice, [("sort", "due")])] == titles("Asia/Tokyo")


def test_a_priority_has_an_order_and_the_rest_is_last(alice: User) -> None:
    for title in ("none", "low", "high", "medium", "high", "none"):
        alice.new_task(title, priority=title)
    assert [task["title"] for task in read(alice, [("sort", "priority")], limit=2)] == [
        "high",
        "high",
        "medium",
        "low",
        "none",
        "none",
    ]
    page = alice.get(alice.tasks, params={"sort": "priority", "limit": 3, "offset": 3}).json()
    assert ([task["title"] for task in page["tasks"]], page["total"]) == (["low", "none", "none"], 6)
