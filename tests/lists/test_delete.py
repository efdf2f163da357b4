"""DELETE /api/{user_id}/lists/{list_id}?tasks: what becomes of its tasks and its sections."""

import uuid

import httpx
import pytest

from support.changes import batch, changes, listed
from support.filing import new_list, new_section, path_of, titles, written
from support.kinds import everything
from support.users import User, assert_error


def test_its_tasks_go_to_the_end_of_the_inbox(alice: User) -> None:
    a_list, other = new_list(alice), new_list(alice, "Work")
    section = new_section(alice, a_list)["id"]
    elsewhere = alice.new_task("elsewhere", list_id=other["id"])
    for title, more in (("a", {}), ("b", {"section_id": section}), ("c", {})):
        alice.new_task(title, list_id=a_list["id"], **more)
    milk = alice.new_task("d", list_id=a_list["id"], section_id=section)
    below = alice.new_task("below d", parent_id=milk["id"])
    done = alice.new_task("done", list_id=a_list["id"])
    alice.patch(f"{alice.tasks}/{done['id']}/complete")
    alice.new_task("in the inbox")
    before, revision = listed(alice), changes(alice)["revision"]

    answer = alice.delete(path_of(a_list))

    assert (answer.status_code, answer.content) == (204, b"")
    assert [title for title in titles(alice, None) if title != "below d"] == ["in the inbox", *"abcd", "done"]
    after = listed(alice)
    assert after[elsewhere["id"]] == elsewhere
    moved = {id_ for id_, task in before.items() if task["list_id"] == a_list["id"]}
    for id_ in moved:
        kept = {key: value for key, value in before[id_].items() if key not in {"position", "revision", "updated_at"}}
        assert after[id_] == {**after[id_], **kept, "list_id": None, "section_id": None}
        assert after[id_]["updated_at"] > before[id_]["updated_at"]
    assert after[below["id"]]["parent_id"] == milk["id"]
    # Each with a revision of its own: the tasks, the section, and the list as the last.
    changed = written(alice, revision)
    assert [each["revision"] for each in changed] == list(range(revision + 1, revision + 1 + len(moved) + 2))
    assert {each["id"] for each in changed[:-2]} == moved
    assert [(each["kind"], each["id"], each["deleted"]) for each in changed[-2:]] == [
        ("section", section, True),
        ("list", a_list["id"], True),
    ]
    assert alice.get("/api/me/sections").json() == {"sections": []}
    assert_error(alice.delete(path_of(a_list)), 404, "list_not_found")


def test_its_tasks_are_deleted_with_it(alice: User) -> None:
    a_list = new_list(alice)
    section = new_section(alice, a_list)["id"]
    kept = alice.new_task("kept")
    gone = [alice.new_task(title, list_id=a_list["id"], section_id=section)["id"] for title in "abc"]
    gone.append(alice.new_task("below", parent_id=gone[0])["id"])
    alice.patch(f"{alice.tasks}/{gone[1]}/complete")
    revision = changes(alice)["revision"]
    assert alice.delete(path_of(a_list), params={"tasks": "delete"}).status_code == 204
    page = alice.get(alice.tasks).json()
    assert (page["tasks"], page["total"]) == ([kept], 1)
    changed = written(alice, revision)
    assert all(each["deleted"] for each in changed)
    assert {each["id"] for each in changed[:4]} == set(gone)
    assert [each["id"] for each in changed[4:]] == [section, a_list["id"]]
    # A client of the first contract is told of the tasks.
    assert {each["id"] for each in changes(alice, since=revision)["changes"]} == set(gone)


def test_in_a_batch(alice: User) -> None:
    """Later operations find what an earlier one has moved."""
    kept, gone = new_list(alice), new_list(alice)
    task = alice.new_task("kept", list_id=kept["id"])
    alice.new_task("gone", list_id=gone["id"])
    results = batch(
        alice,
        {"op": "delete", "kind": "list", "id": kept["id"], "tasks": "inbox", "if_revision": 1},
        {"op": "update", "id": task["id"], "task": {"title": "still here"}},
        {"op": "delete", "kind": "list", "id": gone["id"], "tasks": "delete"},
    )
    assert [result["status"] for result in results] == [204, 200, 204]
    assert titles(alice, None) == ["still here"]
    assert len(listed(alice)) == 1
    assert alice.get("/api/me/lists").json() == {"lists": []}


@pytest.mark.parametrize("query", ["tasks=keep", "tasks=", "tasks=inbox&tasks=delete", "task=delete"])
def test_refuses_what_says_nothing(alice: User, query: str) -> None:
    a_list = new_list(alice)
    before = everything(alice)
    assert_error(alice.delete(f"{path_of(a_list)}?{query}"), 422, "validation_error")
    operation = {"op": "delete", "kind": "list", "id": a_list["id"], "tasks": "keep"}
    assert_error(alice.post(f"{alice.tasks}/batch", json={"operations": [operation]}), 422, "validation_error")
    assert everything(alice) == before


def test_of_nobody_else(alice: User, bob: User) -> None:
    his = new_list(bob)
    task = bob.new_task(list_id=his["id"])
    for tasks in ("inbox", "delete"):
        assert_error(alice.delete(path_of(his), params={"tasks": tasks}), 404, "list_not_found")
        assert_error(alice.delete(f"/api/{bob.id}/lists/{his['id']}", params={"tasks": tasks}), 403, "forbidden")
        assert_error(alice.delete(f"/api/me/lists/{uuid.uuid4()}", params={"tasks": tasks}), 404, "list_not_found")
    assert_error(httpx.delete(f"{alice.base_url}{path_of(his)}"), 401, "unauthenticated")
    assert bob.get(f"{bob.tasks}/{task['id']}").json() == task
