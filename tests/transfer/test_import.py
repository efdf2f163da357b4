"""POST /api/{user_id}/import: what comes of a file, and of the same file twice."""

import itertools
import uuid
from typing import Any

from doable.owned.imports import imports
from doable.transfer.repository import MOST
from support.changes import listed
from support.filing import new_list, titles
from support.moving import document, ended, imported, send
from support.schema import execute, settings_of
from support.server import Server
from support.users import User, assert_error

Thing = dict[str, Any]


def task(title: str, **members: Any) -> Thing:
    return {"id": str(uuid.uuid4()), "title": title, **members}


def test_a_file_becomes_tasks(alice: User) -> None:
    alice.new_task("was there")
    answer = send(alice, b"(A) Call the bank @phone due:2026-12-01\nx 2026-11-20 Buy oat milk\n", "todo.txt")
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/api/me/imports/{answer.json()['id']}"
    found = ended(alice, answer.json()["id"])
    assert (found["state"], found["format"], found["filename"]) == ("done", "todotxt", "todo.txt")
    assert (found["total"], found["done"]) == (3, 3)
    assert found["kinds"] == {
        "task": {"found": 2, "made": 2, "there": 0, "not_taken": 0},
        "tag": {"found": 1, "made": 1, "there": 0, "not_taken": 0},
    }
    assert titles(alice, None) == ["was there", "Call the bank", "Buy oat milk"]
    bank = next(each for each in listed(alice).values() if each["title"] == "Call the bank")
    assert (bank["priority"], bank["tags"], bank["due"]["date"]) == ("high", ["phone"], "2026-12-01")
    assert alice.get("/api/me/imports").json()["imports"] == [found]


def test_the_same_file_twice_makes_nothing_twice(alice: User) -> None:
    content = b"Call the bank\nCall the bank\nBuy oat milk\n"
    first = imported(alice, content, "todo.txt")
    assert first["kinds"]["task"]["made"] == 3
    one, *_ = listed(alice).values()
    alice.patch(f"{alice.tasks}/{one['id']}", json={"title": "changed"}).raise_for_status()
    again = imported(alice, content, "todo.txt")
    assert again["kinds"]["task"] == {"found": 3, "made": 0, "there": 3, "not_taken": 0}
    assert len(listed(alice)) == 3
    assert alice.get(f"{alice.tasks}/{one['id']}").json()["title"] == "changed"


def test_what_was_deleted_since_is_made_again(alice: User) -> None:
    content = b"Call the bank\n"
    imported(alice, content, "todo.txt")
    (made,) = listed(alice)
    alice.delete(f"{alice.tasks}/{made}").raise_for_status()
    assert send(alice, content, "todo.txt", dry_run="true").json()["kinds"]["task"]["made"] == 1
    imported(alice, content, "todo.txt")
    assert [*listed(alice)] == [made]


def test_a_dry_run_tells_what_would_be_made_and_writes_nothing(alice: User) -> None:
    a_list = {"id": str(uuid.uuid4()), "name": "Groceries"}
    due = {"date": "2026-12-01", "time": "09:00", "timezone": "Mars/Base"}
    bad = task("Buy oat milk", list_id=a_list["id"], due=due, url="nowhere", priority="high")
    content = document(lists=[a_list], tasks=[bad, task("x" * 300), {"title": ""}])
    revision = alice.get("/api/me/changes").json()["revision"]
    answer = send(alice, content, dry_run="true")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["kinds"]["list"] == {"found": 1, "made": 1, "there": 0, "not_taken": 0}
    assert found["kinds"]["task"] == {"found": 3, "made": 2, "there": 0, "not_taken": 1}
    assert found["things"][1] == {
        "kind": "task",
        "id": bad["id"],
        "title": "Buy oat milk",
        "list": "Groceries",
        "line": 1,
        "is_there": False,
    }
    assert found["not_understood"]["total"] == 4
    assert [(each["what"], each["of"]) for each in found["not_understood"]["items"]] == [
        ("the address `nowhere`", "Buy oat milk"),
        ("the due `Mars/Base`", "Buy oat milk"),
        ("the title is too long: the whole of it is in the description", f"{'x' * 199}…"),
        ("a task without a title", None),
    ]
    assert alice.get("/api/me/changes").json()["revision"] == revision
    assert alice.get("/api/me/imports").json() == {"imports": []}

    imported(alice, content)
    made = {each["title"]: each for each in listed(alice).values()}
    assert made["Buy oat milk"]["due"] == {"date": "2026-12-01", "time": "09:00:00", "timezone": None, "at": None}
    assert made[f"{'x' * 199}…"]["description"] == "x" * 300


def test_an_id_that_somebody_else_has_becomes_another(alice: User, bob: User) -> None:
    parent = bob.new_task("parent")
    child = bob.new_task("child", parent_id=parent["id"])
    content = bob.get("/api/auth/me/export").content
    assert imported(alice, content)["kinds"]["task"]["made"] == 2
    made = {each["title"]: each for each in listed(alice).values()}
    assert {each["id"] for each in made.values()}.isdisjoint({parent["id"], child["id"]})
    assert made["child"]["parent_id"] == made["parent"]["id"]
    assert imported(alice, content)["kinds"]["task"]["there"] == 2
    assert len(listed(bob)) == len(listed(alice)) == 2
    # Nor is the id that stands for one's own inbox a list's.
    imported(alice, document(lists=[{"id": alice.id, "name": "Groceries"}]))
    (made_list,) = alice.get("/api/me/lists").json()["lists"]
    assert made_list["id"] != alice.id


def test_trees_have_five_levels_and_no_circles(alice: User) -> None:
    chain = [task(str(level)) for level in range(7)]
    for above, below in itertools.pairwise(chain):
        below["parent_id"] = above["id"]
    one, other = task("one"), task("other")
    one["parent_id"], other["parent_id"] = other["id"], one["id"]
    lost = task("lost", parent_id=str(uuid.uuid4()))
    found = imported(alice, document(tasks=[*reversed(chain), one, other, lost]))
    assert found["state"] == "done"
    made = {each["title"]: each for each in listed(alice).values()}
    ids = {each["id"]: each["title"] for each in made.values()}
    above = {title: ids.get(each["parent_id"]) for title, each in made.items()}
    assert above == {
        "0": None,
        "1": "0",
        "2": "1",
        "3": "2",
        "4": "3",
        "5": "3",
        "6": "3",
        "one": None,
        "other": "one",
        "lost": None,
    }
    assert found["not_understood"]["total"] == 4


def test_what_there_may_only_be_so_many_of_is_left_out(alice: User) -> None:
    lists = [{"id": str(uuid.uuid4()), "name": str(number)} for number in range(502)]
    new_list(alice)
    content = document(lists=lists, tasks=[task("in the last", list_id=lists[-1]["id"])])
    dry = send(alice, content, dry_run="true").json()
    assert dry["kinds"]["list"] == {"found": 502, "made": 499, "there": 0, "not_taken": 3}
    found = imported(alice, content)
    assert (found["state"], found["kinds"]["list"]) == ("done", dry["kinds"]["list"])
    assert titles(alice, None) == ["in the last"]


def test_the_newest_are_kept(alice: User, server: Server) -> None:
    first = imported(alice, b"one\n", "todo.txt")
    same = ", ".join(column.name for column in imports.columns if column.name != "id")
    copies = [
        f"INSERT INTO imports (id, {same}) SELECT '{uuid.uuid4()}', {same} FROM imports WHERE id = '{first['id']}'"  # noqa: S608 - made here
        for _ in range(MOST + 5)
    ]
    execute(settings_of(server), *copies)
    last = imported(alice, b"two\n", "todo.txt")
    assert last["state"] == "done"
    kept = alice.get("/api/me/imports").json()["imports"]
    assert (len(kept), kept[0]) == (MOST, last)


def test_nobody_elses_import_is_found(alice: User, bob: User) -> None:
    found = imported(bob, b"private\n", "todo.txt")
    for path in (f"/api/me/imports/{found['id']}", f"/api/me/imports/{uuid.uuid4()}"):
        assert_error(alice.get(path), 404, "import_not_found")
        assert_error(alice.delete(path), 404, "import_not_found")
    assert_error(alice.get(f"/api/{bob.id}/imports"), 403, "forbidden")
    assert bob.get(f"/api/me/imports/{found['id']}").json()["state"] == "done"
