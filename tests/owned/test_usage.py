"""MAX_TASKS and MAX_STORAGE_MB: how much one user may have, and GET /api/auth/me/usage, which says how much it is."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from support.changes import batch
from support.kinds import Thing, everything, stored_bytes
from support.schema import execute, rows_of, settings_of
from support.server import Server
from support.users import User, assert_error
from support.writes import assert_detailed_error

MAX_TASKS = 300
MEGABYTE = 1024 * 1024
BIG = {"title": "🧑" * 200, "description": "é" * 2000}
"""A task that takes 5,300 bytes."""
NEW = {"If-None-Match": "*"}


@pytest.fixture(scope="module")
def limited(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    settings = {"MAX_TASKS": str(MAX_TASKS), "MAX_STORAGE_MB": "1", **migrated_database_settings()}
    with Server(tmp_path_factory.mktemp("limited"), **settings) as running:
        yield running


@pytest.fixture
def carol(limited: Server) -> Iterator[User]:
    """A user who may not have everything."""
    with closing(User(limited.url)) as user:
        yield user


def usage(user: User) -> dict[str, Any]:
    found: dict[str, Any] = user.get("/api/auth/me/usage").json()
    return found


def things(user: User) -> list[Thing]:
    return [change[change["kind"]] for change in everything(user) if not change["deleted"]]


def owners_row(server: Server, user: User) -> dict[str, Any]:
    return next(row for row in rows_of(settings_of(server), "owners") if str(row["owner_id"]) == user.id)


def write_as_another(server: Server, user: User, values: str) -> None:
    """Write to all tasks of the user, as code does that knows of no usage."""
    which = f"WHERE owner_id = '{user.id}'"
    execute(
        settings_of(server),
        f"UPDATE owners SET revision = revision + 1 {which}",  # noqa: S608 - no input
        f"UPDATE tasks SET {values} {which}",  # noqa: S608 - no input
    )


def assert_refused(user: User, limit: str, thing: Thing, *, kind: str = "task") -> None:
    """By every way in, and nothing is changed."""
    before, path = everything(user), f"/api/me/{kind}s"
    operation = {"op": "create", "kind": kind, kind: thing}

    def refused(answer: httpx.Response, **details: Any) -> None:
        assert_detailed_error(answer, 409, "too_many", limit=limit, **details)

    refused(user.post(path, json=thing))
    refused(user.put(f"{path}/{uuid.uuid4()}", json=thing, headers=NEW))
    refused(user.post(path, json=thing, headers={"Idempotency-Key": str(uuid.uuid4())}))
    for more in ({}, {"id": str(uuid.uuid4())}):
        refused(user.post(f"{user.tasks}/batch", json={"operations": [{**operation, **more}]}), index=0)
    assert everything(user) == before


def test_without_limits_it_says_how_much_there_is(alice: User, bob: User) -> None:
    nothing = usage(alice)
    assert nothing == {
        "tasks": 0,
        "lists": 0,
        "sections": 0,
        "tags": 0,
        "filters": 0,
        "stored_bytes": 0,
        "kept_bytes": 0,
        "limits": {
            "tasks": None,
            "lists": 500,
            "sections": 1000,
            "tags": 1000,
            "filters": 200,
            "stored_bytes": None,
            "kept_bytes": 64 * MEGABYTE,
        },
    }
    alice.post(alice.tasks, json={"title": "Zoë"}, headers={"Idempotency-Key": "a"})
    alice.post("/api/me/lists", json={"name": "Groceries", "group": "Home"})
    found = usage(alice)
    assert (found["tasks"], found["lists"], found["stored_bytes"]) == (1, 1, 4 + 500 + 13 + 500)
    assert 500 < found["kept_bytes"] < 1500
    assert usage(bob) == nothing
    assert_error(alice.get("/api/auth/me/usage?of=bob"), 422, "validation_error")
    assert_error(alice.post("/api/auth/me/usage"), 405, "method_not_allowed")


def test_there_are_as_many_tasks_as_there_may_be(carol: User) -> None:
    batch(carol, *[{"op": "create", "task": {"title": str(number)}} for number in range(MAX_TASKS - 1)])
    last = carol.new_task("the last")
    assert (usage(carol)["tasks"], usage(carol)["limits"]["tasks"]) == (MAX_TASKS, MAX_TASKS)
    assert_refused(carol, "tasks", {"title": "one more"})
    # One that is there already, everything but a task, and whatever makes it no more.
    path = f"{carol.tasks}/{last['id']}"
    known = carol.put(path, json={"title": "a"}, headers=NEW)
    assert_detailed_error(known, 412, "precondition_failed", current=last)
    assert carol.post("/api/me/lists", json={"name": "Groceries"}).status_code == 201
    assert carol.patch(path, json={"title": "changed"}).status_code == 200
    assert carol.patch(f"{path}/complete").status_code == 200
    batch(carol, {"op": "delete", "id": last["id"]}, {"op": "create", "task": {"title": "in its place"}})
    assert_refused(carol, "tasks", {"title": "one more"})
    assert carol.delete(f"{carol.tasks}/{things(carol)[0]['id']}").status_code == 204
    assert carol.new_task("there is room")["title"] == "there is room"


def test_they_take_as_much_as_they_may(carol: User) -> None:
    batch(carol, *[{"op": "create", "task": BIG}] * 190)
    assert carol.post("/api/me/lists", json={"name": "Groceries"}).status_code == 201
    while carol.post(carol.tasks, json=BIG).status_code == 201:
        pass
    taken = usage(carol)["stored_bytes"]
    assert MEGABYTE - 5300 < taken == stored_bytes(things(carol)) <= usage(carol)["limits"]["stored_bytes"] == MEGABYTE
    assert_refused(carol, "storage", BIG)
    # What is small still goes in, until that is too much as well.
    while (answer := carol.post("/api/me/lists", json={"name": "l" * 100})).status_code == 201:
        pass
    assert_detailed_error(answer, 409, "too_many", limit="storage")
    assert_refused(carol, "storage", {"name": "l" * 100}, kind="list")
    first, second = things(carol)[:2]
    path = f"{carol.tasks}/{first['id']}"
    shorter = carol.patch(path, json={"description": "é" * 1900})
    assert (shorter.status_code, carol.patch(f"{path}/complete").status_code) == (200, 200)
    room = MEGABYTE - usage(carol)["stored_bytes"]
    assert carol.patch(path, json={"description": "é" * 1900 + "a" * min(room, 100)}).status_code == 200
    longer = {"title": second["title"], "description": second["description"], "id": second["id"]}
    assert carol.patch(f"{carol.tasks}/{longer.pop('id')}", json=longer).status_code == 200
    before = everything(carol)
    for answer in (
        carol.patch(path, json={"description": "🧑" * 2000}),
        carol.put(path, json={"description": "🧑" * 2000}),
        carol.post(
            f"{carol.tasks}/batch",
            json={"operations": [{"op": "update", "id": first["id"], "task": {"description": "🧑" * 2000}}]},
        ),
    ):
        assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "too_many", "storage")
    assert everything(carol) == before
    assert carol.delete(f"{carol.tasks}/{second['id']}").status_code == 204
    assert carol.new_task("there is room")["title"] == "there is room"
    assert usage(carol)["stored_bytes"] == stored_bytes(things(carol))


def test_what_the_owners_row_says_is_never_counted_again(limited: Server, carol: User) -> None:
    """And it is what a count would say, after everything that moves it."""
    task = carol.new_task(description="Two litres")
    carol.post("/api/me/lists", json={"name": "Groceries"})
    carol.patch(f"{carol.tasks}/{task['id']}", json={"title": "Zoë", "description": None})
    batch(carol, {"op": "create", "task": BIG}, {"op": "delete", "id": task["id"]})
    row = owners_row(limited, carol)
    assert row["counted_revision"] == row["revision"] == 5
    assert row["stored_bytes"] == stored_bytes(things(carol)) == usage(carol)["stored_bytes"]


def test_it_is_counted_where_another_hand_has_moved_the_revision(limited: Server, carol: User) -> None:
    """As code of an earlier version does beside this one, and a restore."""
    batch(carol, *[{"op": "create", "task": BIG}] * 100)
    write_as_another(limited, carol, "title = 'short', description = NULL")
    assert usage(carol)["stored_bytes"] == stored_bytes(things(carol)) == 100 * 505
    made = carol.post(carol.tasks, json=BIG, headers={"Idempotency-Key": "a"})
    row = owners_row(limited, carol)
    assert (made.status_code, row["counted_revision"], row["stored_bytes"]) == (201, row["revision"], 50_500 + 5300)
    # As far as the row knows there is plenty of room; in truth there is none.
    write_as_another(limited, carol, f"description = '{'d' * 12_000}'")
    assert_refused(carol, "storage", {"title": "one more"})
