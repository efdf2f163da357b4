"""What completing, reopening and deleting a task do to those below it and above it."""

import random
import uuid
from typing import Any

import pytest

from support.changes import batch, changes, listed
from support.users import User

Task = dict[str, Any]


def tree(user: User) -> dict[str, Task]:
    """`a` with `b` and `c` below it, and `d` below `b`."""
    tasks = {"a": user.new_task("a")}
    for name, parent in (("b", "a"), ("c", "a"), ("d", "b")):
        tasks[name] = user.new_task(name, parent_id=tasks[parent]["id"])
    return tasks


def path_of(task: Task) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


def completed(user: User) -> dict[str, str | None]:
    return {task["title"]: task["completed_at"] for task in listed(user).values()}


def written(user: User, since: int) -> list[str]:
    """The titles of what was written, none twice, each at a revision of its own."""
    some = changes(user, since=since)["changes"]
    assert [change["revision"] for change in some] == list(range(since + 1, since + 1 + len(some)))
    return sorted(change["task"]["title"] for change in some)


WAYS_TO_COMPLETE = {
    "complete": lambda user, task: user.patch(f"{path_of(task)}/complete", json={"is_completed": True}).json(),
    "toggle": lambda user, task: user.patch(f"{path_of(task)}/complete").json(),
    "patch": lambda user, task: user.patch(path_of(task), json={"is_completed": True}).json(),
    "cancel": lambda user, task: user.patch(path_of(task), json={"is_cancelled": True}).json(),
    "batch": lambda user, task: batch(user, {"op": "complete", "id": task["id"]})[0]["task"],
    "batch update": lambda user, task: batch(user, {"op": "update", "id": task["id"], "task": {"is_completed": True}})[
        0
    ]["task"],
}


@pytest.mark.parametrize("way", WAYS_TO_COMPLETE)
def test_completing_closes_the_open_ones_below_at_the_same_instant(alice: User, way: str) -> None:
    tasks = tree(alice)
    beside = alice.new_task("beside")
    early = alice.patch(f"{path_of(tasks['c'])}/complete").json()
    answer = WAYS_TO_COMPLETE[way](alice, tasks["a"])
    instant = answer["completed_at"]
    assert completed(alice) == {"a": instant, "b": instant, "c": early["completed_at"], "d": instant, "beside": None}
    assert written(alice, early["revision"]) == ["a", "b", "d"]
    found = listed(alice)
    assert {name: found[tasks[name]["id"]]["is_cancelled"] for name in "abcd"} == {
        **dict.fromkeys("abd", way == "cancel"),
        "c": False,
    }
    assert found[beside["id"]] == beside


def test_subtasks_can_be_left(alice: User) -> None:
    tasks = tree(alice)
    left = alice.patch(f"{path_of(tasks['a'])}/complete", json={"is_completed": True, "subtasks": "leave"}).json()
    assert completed(alice) == {"a": left["completed_at"], "b": None, "c": None, "d": None}
    batch(alice, {"op": "complete", "id": tasks["b"]["id"], "subtasks": "leave"})
    # What is complete already takes nothing along.
    again = alice.patch(f"{path_of(tasks['a'])}/complete", json={"is_completed": True}).json()
    assert again["completed_at"] == left["completed_at"]
    assert [name for name, instant in completed(alice).items() if instant is None] == ["d", "c"]


@pytest.mark.parametrize("way", ["complete", "toggle", "patch", "batch"])
def test_reopening_opens_the_completed_ones_above_and_no_other(alice: User, way: str) -> None:
    tasks = tree(alice)
    closed = alice.patch(path_of(tasks["a"]), json={"is_cancelled": True}).json()
    before, task = changes(alice)["revision"], tasks["b"]
    if way == "batch":
        batch(alice, {"op": "reopen", "id": task["id"], "subtasks": "complete"})
    elif way == "patch":
        alice.patch(path_of(task), json={"is_completed": False})
    else:
        alice.patch(f"{path_of(task)}/complete", json={"is_completed": False} if way == "complete" else {})
    instant = closed["completed_at"]
    assert completed(alice) == {"a": None, "b": None, "c": instant, "d": instant}
    assert [listed(alice)[tasks[name]["id"]]["is_cancelled"] for name in "ab"] == [False, False]
    assert written(alice, before) == ["a", "b"]


def test_deleting_deletes_all_that_is_below(alice: User) -> None:
    tasks = tree(alice)
    beside = alice.new_task("beside")
    path = path_of(tasks["a"])
    # It is about the named task, whatever has happened below it.
    alice.put(path_of(tasks["d"]), json={"title": "changed"})
    stale = alice.delete(path, headers={"If-Match": f'"{beside["revision"]}.3"'})
    assert (stale.status_code, stale.json()["current"]) == (412, tasks["a"])
    before = changes(alice)["revision"]
    assert alice.delete(path, headers={"If-Match": f'"{tasks["a"]["revision"]}.3"'}).status_code == 204
    gone = changes(alice, since=before)["changes"]
    assert [change["revision"] for change in gone] == list(range(before + 1, before + 5))
    assert {change["id"] for change in gone if change["deleted"]} == {task["id"] for task in tasks.values()}
    assert alice.get(alice.tasks).json()["tasks"] == [beside]
    usage = alice.get("/api/auth/me/usage").json()
    assert (usage["tasks"], usage["stored_bytes"]) == (1, 500 + len("beside"))


@pytest.mark.parametrize("body", [{"subtasks": "delete"}, {"subtasks": None}, {"subtasks": True}])
def test_another_word_is_refused(alice: User, body: dict[str, Any]) -> None:
    task = alice.new_task()
    assert alice.patch(f"{path_of(task)}/complete", json=body).status_code == 422
    assert listed(alice) == {task["id"]: task}


class Model:
    """A tree of tasks as it must be: parent and state of each."""

    def __init__(self) -> None:
        self.parent: dict[str, str | None] = {}
        self.is_completed: dict[str, bool] = {}

    def above(self, id_: str | None) -> list[str]:
        return [] if id_ is None else [id_, *self.above(self.parent[id_])]

    def below(self, id_: str) -> list[str]:
        return [each for each in self.parent if id_ in self.above(each)]

    def levels(self, id_: str) -> int:
        return max(len(self.above(each)) for each in self.below(id_)) - len(self.above(id_)) + 1

    def step(self, chance: random.Random) -> dict[str, Any]:
        """Something that may be done, done here."""
        ids = list(self.parent)
        op = chance.choice(["create", "create", "create", "complete", "leave", "reopen", "move", "move", "delete"])
        if op == "create" or not ids:
            parents = [None, *(id_ for id_ in ids if len(self.above(id_)) < 5)]
            id_, parent = str(uuid.uuid4()), chance.choice(parents)
            self.parent[id_], self.is_completed[id_] = parent, False
            return {"op": "create", "id": id_, "task": {"title": "x", "parent_id": parent}}
        id_ = chance.choice(ids)
        if op == "move":
            depth = self.levels(id_)
            parents = [each for each in ids if id_ not in self.above(each) and len(self.above(each)) + depth <= 5]
            self.parent[id_] = chance.choice([None, *parents])
            return {"op": "move", "id": id_, "to": {"parent_id": self.parent[id_]}}
        if op == "delete":
            for each in self.below(id_):
                del self.parent[each], self.is_completed[each]
            return {"op": "delete", "id": id_}
        if op == "reopen":
            if self.is_completed[id_]:
                self.is_completed.update(dict.fromkeys(self.above(id_), False))
            return {"op": "reopen", "id": id_}
        if not self.is_completed[id_]:
            closed = self.below(id_) if op == "complete" else [id_]
            self.is_completed.update(dict.fromkeys(closed, True))
        return {"op": "complete", "id": id_, "subtasks": "complete" if op == "complete" else "leave"}


def test_trees_of_random_operations_are_those_of_a_model(alice: User) -> None:
    model, chance = Model(), random.Random(3)  # noqa: S311 - no secret
    for _ in range(6):
        batch(alice, *(model.step(chance) for _ in range(100)))
        found = listed(alice)
        assert {id_: task["parent_id"] for id_, task in found.items()} == model.parent
        assert {id_: task["is_completed"] for id_, task in found.items()} == model.is_completed
        positions = [task["position"] for task in found.values() if not task["is_completed"]]
        assert len(set(positions)) == len(positions)
    usage = alice.get("/api/auth/me/usage").json()
    assert (usage["tasks"], usage["stored_bytes"]) == (len(found), 501 * len(found))
