"""`kinds` of changes and events: a client sees what it asks for, and tasks alone where it does not ask."""

import uuid
from typing import Any

import pytest

from doable.kinds import KINDS
from doable.tasks.kind import TASK
from support.changes import changes, pages
from support.events import follow
from support.kinds import new
from support.users import User, assert_error

NAMES = [kind.name for kind in KINDS]


def seen(user: User, **params: Any) -> list[tuple[str, str, bool]]:
    """Of each change the kind, the id, and whether it is a deletion."""
    return [(each["kind"], each["id"], each["deleted"]) for each in changes(user, **params)["changes"]]


def one_of_each(user: User) -> dict[str, str]:
    # A task that names a tag makes it.
    return {kind.name: new(user, kind, **({"tags": []} if kind is TASK else {}))["id"] for kind in KINDS}


def test_it_is_tasks_where_nothing_is_asked_for(alice: User) -> None:
    made = one_of_each(alice)
    for params in ({}, {"kinds": "task"}, {"kinds": "task,task"}):
        assert seen(alice, **params) == [("task", made["task"], False)]
        # The revision moves with writes of every kind.
        assert changes(alice, **params)["revision"] == len(KINDS)
    assert seen(alice, since=1) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_of_one_kind(alice: User, kind: Any) -> None:
    made = one_of_each(alice)
    gone = one_of_each(alice)
    for each in KINDS:
        alice.delete(f"/api/me/{each.plural}/{gone[each.name]}")
    assert seen(alice, kinds=kind.name) == [(kind.name, made[kind.name], False), (kind.name, gone[kind.name], True)]
    whole = changes(alice, kinds=kind.name)["changes"][0]
    assert whole[kind.name] == alice.get(f"/api/me/{kind.plural}/{made[kind.name]}").json()
    assert set(whole) == {"revision", "kind", "id", "deleted", kind.name}


def test_of_all_in_the_order_of_their_revisions(alice: User) -> None:
    made = [(name, id_, False) for name, id_ in one_of_each(alice).items()]
    for kinds in ("all", ",".join(NAMES), ",".join(reversed(NAMES))):
        assert seen(alice, kinds=kinds) == made
    assert seen(alice, kinds="all", since=1) == made[1:]


def test_pages_go_on_with_the_same_kinds(alice: User) -> None:
    expected = []
    for number in range(9):
        kind = KINDS[number % len(KINDS)]
        made = new(alice, kind)
        expected.append((kind.name, made["id"]))
        if number % 3 == 2:
            alice.delete(f"/api/me/{kind.plural}/{made['id']}")
            expected[-1] = (kind.name, made["id"])
    for limit in (1, 2, 4, 60):
        found = [change for some, _ in pages(alice, limit=limit, kinds="all") for change in some]
        assert [(each["kind"], each["id"]) for each in found] == expected
        found = [change for some, _ in pages(alice, limit=limit, kinds="list") for change in some]
        assert [(each["kind"], each["id"]) for each in found] == [each for each in expected if each[0] == "list"]
    assert "kinds=task%2Clist" in alice.get("/api/me/changes?limit=1&kinds=task,list").headers["link"]


def test_an_id_may_be_that_of_things_of_two_kinds(alice: User) -> None:
    chosen = str(uuid.uuid4())
    alice.put(f"/api/me/tasks/{chosen}", json={"title": "a"}, headers={"If-None-Match": "*"})
    alice.put(f"/api/me/lists/{chosen}", json={"name": "a"}, headers={"If-None-Match": "*"})
    alice.delete(f"/api/me/tasks/{chosen}")
    assert seen(alice, kinds="all") == [("list", chosen, False), ("task", chosen, True)]
    alice.delete(f"/api/me/lists/{chosen}")
    assert seen(alice, kinds="all") == [("task", chosen, True), ("list", chosen, True)]
    assert seen(alice) == [("task", chosen, True)]


@pytest.mark.parametrize("kinds", ["", "tasks", "task,", ",task", "all,task", "task list", "TASK", "a" * 1000])
def test_refuses_what_is_no_kind(alice: User, kinds: str) -> None:
    for route in ("changes", "events"):
        error = assert_error(alice.get(f"/api/me/{route}", params={"kinds": kinds}), 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["query", "kinds"]]
        assert "aaaa" not in str(error)


def test_events_are_of_the_kinds_that_are_asked_for(alice: User) -> None:
    first = one_of_each(alice)
    with follow(alice, kinds="all") as every, follow(alice, kinds="list") as lists, follow(alice) as tasks:
        assert [event.change["kind"] for event in every.take(len(KINDS))] == NAMES
        assert lists.next().change["id"] == first["list"]
        assert tasks.next().change["id"] == first["task"]
        second = one_of_each(alice)
        assert [event.change["id"] for event in every.take(len(KINDS))] == [second[name] for name in NAMES]
        event = lists.next()
        assert (event.change["id"], event.change["list"]["name"]) == (second["list"], "Groceries")
        assert tasks.next().change["id"] == second["task"]
    with follow(alice, kinds="list", last_event_id=event.id) as resumed:
        third = new(alice, KINDS[0]), new(alice, KINDS[1])
        assert resumed.next().change["id"] == third[1]["id"]
