"""Undoing, where others have gone on meanwhile: nothing is left dangling, nothing is overwritten, and nothing is lost."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from support.changes import batch
from support.kinds import Thing
from support.undo import undo, write
from support.users import User


def task_of(user: User, id_: str) -> Thing:
    found: Thing = user.get(f"{user.tasks}/{id_}").json()
    return found


def new_list(user: User, **fields: Any) -> str:
    id_: str = user.post("/api/me/lists", json={"name": "Home", **fields}).json()["id"]
    return id_


def test_a_task_whose_list_is_gone_comes_back_to_the_inbox(alice: User) -> None:
    list_id = new_list(alice)
    section_id = alice.post("/api/me/sections", json={"name": "Now", "list_id": list_id}).json()["id"]
    parent = alice.new_task(list_id=list_id, section_id=section_id)
    child = alice.new_task(parent_id=parent["id"])
    _, token = write(alice, "DELETE", f"tasks/{parent['id']}")
    assert alice.delete(f"/api/me/lists/{list_id}").status_code == 204
    last = alice.new_task("last")
    result = undo(alice, token)
    assert sorted(each["id"] for each in result["conflicts"]) == sorted((parent["id"], child["id"]))
    assert result["undone"] == 0
    now = [task_of(alice, each["id"]) for each in (parent, child)]
    assert [(each["list_id"], each["section_id"]) for each in now] == [(None, None)] * 2
    assert now[1]["parent_id"] == parent["id"]
    assert all(each["position"] > last["position"] for each in now)


def test_a_subtask_goes_to_where_its_parent_is_by_now(alice: User) -> None:
    here, there = new_list(alice), new_list(alice)
    parent = alice.new_task(list_id=here)
    child = alice.new_task(parent_id=parent["id"])
    below = alice.new_task(parent_id=child["id"])
    _, token = write(alice, "DELETE", f"tasks/{child['id']}")
    alice.post(f"{alice.tasks}/{parent['id']}/move", json={"list_id": there})
    assert undo(alice, token)["conflicts"] == [{"kind": "task", "id": child["id"]}]
    assert [task_of(alice, each["id"])["list_id"] for each in (parent, child, below)] == [there] * 3


def test_a_subtask_without_its_parent_is_none(alice: User) -> None:
    parent = alice.new_task()
    child = alice.new_task(parent_id=parent["id"])
    _, token = write(alice, "DELETE", f"tasks/{child['id']}")
    alice.delete(f"{alice.tasks}/{parent['id']}")
    assert undo(alice, token) == {"undone": 0, "conflicts": [{"kind": "task", "id": child["id"]}]}
    assert task_of(alice, child["id"])["parent_id"] is None


def test_no_circle_and_no_sixth_level_come_of_it(alice: User) -> None:
    top, other = alice.new_task(), alice.new_task()
    moved = alice.new_task(parent_id=top["id"])
    _, token = write(alice, "POST", f"tasks/{moved['id']}/move", json={"parent_id": None})
    alice.post(f"{alice.tasks}/{top['id']}/move", json={"parent_id": moved["id"]})
    assert undo(alice, token)["conflicts"] == [{"kind": "task", "id": moved["id"]}]
    assert (task_of(alice, moved["id"])["parent_id"], task_of(alice, top["id"])["parent_id"]) == (None, moved["id"])
    path = [other["id"]]
    for _ in range(3):
        path.append(alice.new_task(parent_id=path[-1])["id"])
    chain = [alice.new_task(parent_id=path[-1])["id"]]
    _, token = write(alice, "POST", f"tasks/{chain[0]}/move", json={"parent_id": None})
    alice.new_task(parent_id=chain[0])
    assert undo(alice, token)["conflicts"] == [{"kind": "task", "id": chain[0]}]
    assert task_of(alice, chain[0])["parent_id"] is None


def test_what_somebody_has_filed_under_a_new_list_keeps_it(alice: User) -> None:
    made, token = write(alice, "POST", "lists", json={"name": "Home"})
    task = alice.new_task(list_id=made.json()["id"])
    assert undo(alice, token) == {"undone": 0, "conflicts": [{"kind": "list", "id": made.json()["id"]}]}
    assert task_of(alice, task["id"])["list_id"] == made.json()["id"]


def test_two_things_never_stand_in_one_place(alice: User) -> None:
    """The key between the same two neighbours is the same, whoever is put there."""
    for path, make in (("lists", lambda: new_list(alice)), ("tasks", lambda: alice.new_task()["id"])):
        first, _, moved, other = (make() for _ in range(4))
        for each in (moved, other):
            alice.post(f"/api/me/{path}/{each}/move", json={"after": first})
            _, token = write(alice, "POST", f"{path}/{each}/move", json={"place": "last"})
            if each == moved:
                undo_of_moved = token
        alice.post(f"/api/me/{path}/{other}/move", json={"after": first})
        assert undo(alice, undo_of_moved)["conflicts"] == []
        page = alice.get(f"/api/me/{path}").json()[path]
        assert len({each["position"] for each in page}) == len(page)
        by_position = [each["id"] for each in sorted(page, key=lambda each: str(each["position"]))]
        assert by_position.index(moved) == by_position.index(other) + 1
        alice.post(f"/api/me/{path}/{first}/move", json={"after": other})


def test_of_many_undos_at_once_one_is_done(alice: User) -> None:
    tasks = [alice.new_task(str(number))["id"] for number in range(5)]
    operations = [{"op": "delete", "id": id_} for id_ in tasks]
    _, token = write(alice, "POST", "tasks/batch", json={"operations": operations})
    before = alice.get("/api/me/changes").json()["revision"]
    with ThreadPoolExecutor(4) as pool:
        results = [*pool.map(lambda _: undo(alice, token), range(4))]
    assert results == [{"undone": 5, "conflicts": []}] * 4
    assert alice.get("/api/me/changes").json()["revision"] == before + 5


def test_a_long_write_is_undone_in_parts(alice: User) -> None:
    """A list of 600 tasks, half of them subtasks, with the list itself and what is below it."""
    list_id = new_list(alice)
    section_id = alice.post("/api/me/sections", json={"name": "Now", "list_id": list_id}).json()["id"]
    parents = [str(uuid.uuid4()) for _ in range(300)]
    for some in (parents[:150], parents[150:]):
        create = [
            {"op": "create", "id": id_, "task": {"title": "t", "list_id": list_id, "section_id": section_id}}
            for id_ in some
        ]
        create += [{"op": "create", "task": {"title": "below", "parent_id": id_}} for id_ in some]
        batch(alice, *create)
    usage = alice.get("/api/auth/me/usage").json()
    for query, deleted in (("tasks=delete", 602), ("tasks=inbox", 2)):
        _, token = write(alice, "DELETE", f"lists/{list_id}?{query}")
        (told,) = alice.get("/api/me/undo?deleted=true").json()["undos"]
        assert (told["deleted"], told["things"][0]["id"]) == (deleted, list_id)
        assert undo(alice, token) == {"undone": 602, "conflicts": []}
        assert undo(alice, token) == {"undone": 602, "conflicts": []}
        kept = {"kept_bytes": 0}
        assert {**alice.get("/api/auth/me/usage").json(), **kept} == {**usage, **kept}
        page = alice.get(alice.tasks, params={"list": list_id, "limit": 100, "parent": "none"}).json()
        assert {each["section_id"] for each in page["tasks"]} == {section_id}
        assert all(task_of(alice, id_)["list_id"] == list_id for id_ in parents[::100])


def test_a_tag_and_a_task_under_it_in_one_batch(alice: User) -> None:
    task = alice.new_task(tags=["x"])
    other = alice.new_task()
    (tag,) = alice.get(f"/api/{alice.id}/tags").json()["tags"]
    recolored = {"op": "update", "kind": "tag", "id": tag["id"], "tag": {"color": "#ffffff"}}
    renamed = {"op": "update", "id": task["id"], "task": {"title": "n"}}
    tagged = {"op": "tag", "id": other["id"], "tags": ["x"]}
    answer = alice.post(
        f"{alice.tasks}/batch", json={"operations": [recolored, renamed, tagged]}, headers={"Undo": "1"}
    )
    assert answer.status_code == 200, answer.text
    undone = alice.post(f"/api/{alice.id}/undo/{answer.headers['Undo-Token']}")
    assert (undone.status_code, undone.json()) == (200, {"undone": 3, "conflicts": []})
    assert [task_of(alice, each["id"])["tags"] for each in (task, other)] == [["x"], []]
    assert alice.get(f"/api/{alice.id}/counts").json()["tags"] == {"x": 1}
