"""The list and the parent of a new task, by every way in; what they are later is not changed but moved."""

import uuid
from typing import Any

import httpx
import pytest

from support.changes import batch, changes
from support.users import User, assert_error

ONLY_NEW = {"If-None-Match": "*"}
FILED_BY = ("list_id", "section_id", "parent_id")


def new_list(user: User) -> str:
    made: str = user.post(f"/api/{user.id}/lists", json={"name": "Groceries"}).json()["id"]
    return made


def new_section(user: User) -> str:
    new = {"list_id": new_list(user), "name": "Dairy"}
    made: str = user.post(f"/api/{user.id}/sections", json=new).json()["id"]
    return made


def subtask(user: User, parent: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return user.new_task("Below", parent_id=parent["id"], **fields)


def assert_refused(answer: httpx.Response, member: str, kind: str, code: str = "validation_error") -> None:
    refused = answer.json()
    assert (answer.status_code, refused["code"]) == (422, code), refused
    assert [(each["loc"], each["type"]) for each in refused["detail"]] == [(["body", member], kind)]


def test_a_task_is_made_in_a_list_and_below_a_parent(alice: User) -> None:
    list_id = new_list(alice)
    path = f"{alice.tasks}/{uuid.uuid4()}"
    parent = alice.put(path, json={"title": "Above", "list_id": list_id}, headers=ONLY_NEW).json()
    operation = {"op": "create", "task": {"title": "Below", "parent_id": parent["id"], "list_id": list_id}}
    children = [subtask(alice, parent), batch(alice, operation)[0]["task"]]
    assert (parent["list_id"], parent["parent_id"]) == (list_id, None)
    assert [(each["list_id"], each["parent_id"]) for each in children] == [(list_id, parent["id"])] * 2
    assert [each["position"] for each in children] == [f"{each['revision']:012}" for each in children]
    assert alice.get(f"{alice.tasks}/{children[0]['id']}").json() == children[0]


@pytest.mark.parametrize("member", FILED_BY)
def test_what_is_not_ones_own_does_not_exist(alice: User, bob: User, member: str) -> None:
    his = {"list_id": new_list(bob), "section_id": new_section(bob), "parent_id": bob.new_task()["id"]}
    before = changes(alice)["revision"]
    for id_ in (his[member], str(uuid.uuid4())):
        new = {"title": "Buy oat milk", member: id_}
        assert_refused(alice.post(alice.tasks, json=new), member, "not_found")
        put = alice.put(f"{alice.tasks}/{uuid.uuid4()}", json=new, headers=ONLY_NEW)
        assert_refused(put, member, "not_found")
        operations = [{"op": "create", "task": new}]
        refused = alice.post(f"{alice.tasks}/batch", json={"operations": operations})
        assert_refused(refused, member, "not_found")
        assert refused.json()["index"] == 0
    assert changes(alice)["revision"] == before


def test_a_subtask_is_in_the_list_of_its_parent(alice: User) -> None:
    parent = alice.new_task(list_id=new_list(alice))
    refused = alice.post(alice.tasks, json={"title": "x", "parent_id": parent["id"], "list_id": new_list(alice)})
    assert_refused(refused, "list_id", "not_in_list")


def test_there_are_five_levels(alice: User) -> None:
    task = alice.new_task()
    for _ in range(4):
        task = subtask(alice, task)
    refused = alice.post(alice.tasks, json={"title": "x", "parent_id": task["id"]})
    assert_refused(refused, "parent_id", "too_deep", "too_deep")


def test_a_tree_has_500_tasks(alice: User) -> None:
    root = alice.new_task()
    child = subtask(alice, root)
    batch(alice, *[{"op": "create", "task": {"title": "x", "parent_id": child["id"]}}] * 498)
    for parent in (root, child):
        refused = alice.post(alice.tasks, json={"title": "x", "parent_id": parent["id"]})
        assert (refused.status_code, refused.json()["code"], refused.json()["limit"]) == (409, "too_many", "subtasks")
    assert alice.delete(f"{alice.tasks}/{child['id']}").status_code == 204
    assert alice.get(alice.tasks).json()["total"] == 1


@pytest.mark.parametrize("member", FILED_BY)
def test_what_changes_a_task_may_only_say_where_it_is(alice: User, member: str) -> None:
    list_id = new_list(alice)
    task = subtask(alice, alice.new_task(list_id=list_id))
    same = {"title": "Changed", **{name: task[name] for name in FILED_BY}}
    path = f"{alice.tasks}/{task['id']}"
    for answer in (alice.put(path, json=same), alice.patch(path, json=same)):
        assert answer.status_code == 200
    before = alice.get(path).json()
    for id_ in {new_list(alice), None} if member == "list_id" else {str(uuid.uuid4())}:
        for answer in (alice.put(path, json={member: id_}), alice.patch(path, json={"title": "x", member: id_})):
            assert_refused(answer, member, "use_move", "use_move")
    operations = [{"op": "update", "id": task["id"], "task": {member: str(uuid.uuid4())}}]
    refused = alice.post(f"{alice.tasks}/batch", json={"operations": operations})
    assert_refused(refused, member, "use_move", "use_move")
    assert alice.get(path).json() == before


@pytest.mark.parametrize("id_", ["", "7", 7, True, {}, "00000000-0000-0000-0000-00000000000g"])
def test_what_is_no_id_is_refused(alice: User, id_: object) -> None:
    for member in FILED_BY:
        answer = alice.post(alice.tasks, json={"title": "x", member: id_})
        assert assert_error(answer, 422, "validation_error")["detail"][0]["loc"] == ["body", member]
