"""POST /api/{user_id}/tasks/{task_id}/move."""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from support.changes import batch, changes, listed
from support.undo import undo, write
from support.users import User, assert_error

Task = dict[str, Any]
NO_ID = "00000000-0000-4000-8000-000000000000"


def new_list(user: User, name: str = "Groceries") -> str:
    made: str = user.post(f"/api/{user.id}/lists", json={"name": name}).json()["id"]
    return made


def new_section(user: User, list_id: str) -> str:
    made: str = user.post(f"/api/{user.id}/sections", json={"list_id": list_id, "name": "Dairy"}).json()["id"]
    return made


def subtask(user: User, parent: Task, title: str = "Below") -> Task:
    return user.new_task(title, parent_id=parent["id"])


def move(user: User, task: Task, **to: Any) -> httpx.Response:
    return user.post(f"{user.tasks}/{task['id']}/move", json=to)


def moved(user: User, task: Task, **to: Any) -> Task:
    answer = move(user, task, **to)
    assert answer.status_code == 200, answer.text
    after: Task = answer.json()
    assert answer.headers["etag"] == f'"{after["revision"]}.3"'
    return after


def reread(user: User, *tasks: Task) -> list[Task]:
    found = listed(user)
    return [found[task["id"]] for task in tasks]


def in_order(tasks: list[Task]) -> list[str]:
    keys = [task["position"] for task in tasks]
    assert len(set(keys)) == len(keys)
    return [task["title"] for task in sorted(tasks, key=lambda task: task["position"].encode())]


def assert_refused(answer: httpx.Response, member: str, kind: str, code: str = "validation_error") -> None:
    refused = answer.json()
    assert (answer.status_code, refused["code"]) == (422, code), refused
    assert [(each["loc"], each["type"]) for each in refused["detail"]] == [(["body", member], kind)]


def test_it_stands_where_it_was_put_and_no_other_task_is_written(alice: User) -> None:
    a, b, c, d = (alice.new_task(title) for title in "abcd")
    for task, to, order in (
        (d, {"before": b["id"]}, "adbc"),
        (a, {"after": b["id"]}, "dbac"),
        (c, {"place": "first"}, "cdba"),
        (d, {"place": "last"}, "cbad"),
        (b, {"before": c["id"]}, "bcad"),
        (b, {"after": d["id"]}, "cadb"),
        (c, {"before": a["id"], "after": None}, "cadb"),
    ):
        reached = changes(alice)["revision"]
        after = moved(alice, task, **to)
        assert [change["task"] for change in changes(alice, since=reached)["changes"]] == [after]
        assert in_order(reread(alice, a, b, c, d)) == list(order)
        same = {"position", "updated_at", "revision"}
        assert {key: after[key] for key in after.keys() - same} == {key: task[key] for key in task.keys() - same}


def test_to_another_list_and_back_with_all_that_is_below(alice: User) -> None:
    there = new_list(alice)
    beside = alice.new_task("beside", list_id=there)
    root = alice.new_task("root")
    children = [subtask(alice, root, title) for title in "xyz"]
    below = subtask(alice, children[1])
    moved(alice, children[2], before=children[0]["id"])
    reached = changes(alice)["revision"]
    assert moved(alice, root, list_id=there)["list_id"] == there
    written = [change["task"]["id"] for change in changes(alice, since=reached)["changes"]]
    assert sorted(written) == sorted(task["id"] for task in (root, *children, below))
    assert {task["list_id"] for task in reread(alice, root, *children, below)} == {there}
    assert in_order(reread(alice, *children)) == ["z", "x", "y"]
    assert in_order(reread(alice, beside, root)) == ["beside", "root"]
    moved(alice, root, before=beside["id"])
    moved(alice, root, list_id=None, place="first")
    assert {task["list_id"] for task in reread(alice, root, *children, below)} == {None}
    assert in_order(reread(alice, *children)) == ["z", "x", "y"]


def test_a_parent_brings_its_list(alice: User) -> None:
    there = new_list(alice)
    parent, task = alice.new_task("parent", list_id=there), alice.new_task("task")
    first = subtask(alice, parent, "first")
    after = moved(alice, task, parent_id=parent["id"], before=first["id"])
    assert (after["list_id"], after["parent_id"]) == (there, parent["id"])
    assert in_order(reread(alice, first, task)) == ["task", "first"]
    up = moved(alice, task, parent_id=None)
    assert (up["list_id"], up["parent_id"]) == (there, None)
    assert in_order(reread(alice, parent, task)) == ["parent", "task"]
    assert_refused(move(alice, task, parent_id=parent["id"], list_id=None), "list_id", "not_in_list")
    moved(alice, task, parent_id=parent["id"], list_id=there)
    assert_refused(move(alice, task, list_id=None), "list_id", "not_in_list")
    assert moved(alice, task, list_id=None, parent_id=None)["list_id"] is None


def test_a_section_is_one_of_the_list(alice: User) -> None:
    here, there = new_list(alice), new_list(alice)
    dairy, frozen = new_section(alice, here), new_section(alice, there)
    refused = alice.post(alice.tasks, json={"title": "x", "list_id": here, "section_id": frozen})
    assert_refused(refused, "section_id", "not_in_list")
    task = alice.new_task("task", list_id=here, section_id=dairy)
    beside = alice.new_task("beside", list_id=here)
    child = subtask(alice, task)
    assert (task["section_id"], child["section_id"]) == (dairy, None)
    child = moved(alice, child, section_id=dairy)
    # The place is one of the list, and so the same in another section.
    assert moved(alice, task, section_id=None)["position"] == task["position"]
    assert moved(alice, task, section_id=dairy)["section_id"] == dairy
    assert_refused(move(alice, task, section_id=frozen), "section_id", "not_in_list")
    assert_refused(move(alice, task, list_id=there, section_id=dairy), "section_id", "not_in_list")
    assert moved(alice, task, before=beside["id"])["section_id"] == dairy
    after = moved(alice, task, list_id=there, section_id=frozen)
    assert (after["list_id"], after["section_id"]) == (there, frozen)
    assert reread(alice, child)[0]["section_id"] is None
    # Another list without a word of the section is no section; the same one is no change of it.
    assert moved(alice, task, list_id=there, place="first")["section_id"] == frozen
    assert moved(alice, task, list_id=here)["section_id"] is None


def test_what_is_refused_changes_nothing(alice: User, bob: User) -> None:
    root = alice.new_task("root")
    child = subtask(alice, root)
    other = alice.new_task("other", list_id=new_list(alice))
    chain = [alice.new_task("chain")]
    for _ in range(4):
        chain.append(subtask(alice, chain[-1]))
    reached = changes(alice)["revision"]
    for name in ("before", "after"):
        for neighbour in (child, other, root):
            assert_refused(move(alice, root, **{name: neighbour["id"]}), name, "not_a_sibling", "not_a_sibling")
        assert_refused(move(alice, child, **{name: root["id"]}), name, "not_a_sibling", "not_a_sibling")
    for parent in (root, child):
        assert_refused(move(alice, root, parent_id=parent["id"]), "parent_id", "circle", "circle")
    assert_refused(move(alice, root, parent_id=chain[4]["id"]), "parent_id", "too_deep", "too_deep")
    assert_refused(move(alice, root, parent_id=chain[3]["id"]), "parent_id", "too_deep", "too_deep")
    his = {
        "list_id": new_list(bob),
        "section_id": new_section(bob, new_list(bob)),
        **dict.fromkeys(("parent_id", "before", "after"), bob.new_task()["id"]),
    }
    for member, id_ in his.items():
        assert_refused(move(alice, root, **{member: id_}), member, "not_found")
        assert_refused(move(alice, root, **{member: NO_ID}), member, "not_found")
    assert changes(alice)["revision"] == reached


def test_a_tree_does_not_grow_beyond_500(alice: User) -> None:
    root, task = alice.new_task(), alice.new_task()
    child = subtask(alice, root)
    below = subtask(alice, task)
    batch(alice, *[{"op": "create", "task": {"title": "x", "parent_id": child["id"]}}] * 497)
    refused = move(alice, task, parent_id=root["id"])
    assert (refused.status_code, refused.json()["code"], refused.json()["limit"]) == (409, "too_many", "subtasks")
    moved(alice, below, parent_id=root["id"])
    moved(alice, below, parent_id=child["id"])  # within a tree, it does not grow


@pytest.mark.parametrize(
    "body",
    [{}, {"place": "middle"}, {"place": "first", "before": NO_ID}, {"before": NO_ID, "after": NO_ID}, {"before": "x"},
     {"place": None}, {"title": "x"}, {"list_id": 7}, [], None],
)  # fmt: skip
def test_what_says_no_place_is_refused(alice: User, body: Any) -> None:
    task = alice.new_task()
    answer = alice.post(f"{alice.tasks}/{task['id']}/move", json=body)
    assert_error(answer, 422, "validation_error")
    assert reread(alice, task) == [task]


def test_whose_task_it_is(alice: User, bob: User) -> None:
    his = bob.new_task()
    assert_error(move(alice, his, place="first"), 403, "forbidden")
    assert_error(move(alice, {"id": NO_ID}, place="first"), 404, "task_not_found")
    assert_error(alice.get(f"{alice.tasks}/{NO_ID}/move"), 405, "method_not_allowed")
    assert reread(bob, his) == [his]


def test_only_at_the_revision_that_is_expected_and_once_for_each_key(alice: User) -> None:
    task = alice.new_task()
    path = f"{alice.tasks}/{task['id']}/move"
    stale = alice.post(path, json={"place": "first"}, headers={"If-Match": f'"{task["revision"] + 1}.3"'})
    assert (stale.status_code, stale.json()["current"]) == (412, task)
    headers = {"If-Match": f'"{task["revision"]}.3"', "Idempotency-Key": str(uuid.uuid4())}
    first, again = (alice.post(path, json={"place": "first"}, headers=headers) for _ in range(2))
    assert (first.status_code, again.content, again.headers["etag"]) == (200, first.content, first.headers["etag"])
    assert reread(alice, task) == [first.json()]


def test_in_a_batch(alice: User) -> None:
    a, b = alice.new_task("a"), alice.new_task("b")
    (result,) = batch(alice, {"op": "move", "id": b["id"], "to": {"before": a["id"]}, "if_revision": b["revision"]})
    assert (result["status"], result["task"]) == (200, *reread(alice, b))
    assert in_order(reread(alice, a, b)) == ["b", "a"]
    operations = [
        {"op": "move", "id": a["id"], "to": {"place": "first"}},
        {"op": "move", "id": a["id"], "to": {"before": NO_ID}},
    ]
    refused = alice.post(f"{alice.tasks}/batch", json={"operations": operations})
    assert_refused(refused, "before", "not_found")
    assert refused.json()["index"] == 1
    assert in_order(reread(alice, a, b)) == ["b", "a"]


def test_a_completed_task_has_its_place_still(alice: User) -> None:
    a, b, c = (alice.new_task(title) for title in "abc")
    alice.patch(f"{alice.tasks}/{b['id']}/complete")
    d = moved(alice, alice.new_task("d"), before=b["id"])
    e = moved(alice, alice.new_task("e"), after=b["id"])
    alice.patch(f"{alice.tasks}/{b['id']}/complete")
    assert in_order(reread(alice, a, b, c, d, e)) == list("adbec")


def test_who_is_reopened_stands_beside_who_has_its_place_by_then(alice: User) -> None:
    """The key between two is the same one as long as nothing is between them."""
    a, b = alice.new_task("a"), alice.new_task("b")
    rivals = [alice.new_task(title) for title in "xyz"]
    for task in rivals:
        moved(alice, task, after=a["id"])
        alice.patch(f"{alice.tasks}/{task['id']}/complete")
    assert len({task["position"] for task in reread(alice, *rivals)}) == 1
    for task in rivals:
        alice.patch(f"{alice.tasks}/{task['id']}", json={"is_completed": False})
    assert in_order(reread(alice, a, b, *rivals)) == ["a", "x", "z", "y", "b"]


def test_who_comes_back_by_an_undo_stands_beside_who_has_its_place_by_then(alice: User) -> None:
    a, b, x, y = (alice.new_task(title) for title in "abxy")
    place = moved(alice, x, after=a["id"])["position"]
    _, to_move = write(alice, "POST", f"tasks/{x['id']}/move", json={"place": "last"})
    assert moved(alice, y, after=a["id"])["position"] == place
    _, to_delete = write(alice, "DELETE", f"tasks/{y['id']}")
    z = alice.new_task("z")
    assert moved(alice, z, after=a["id"])["position"] == place
    for token in (to_move, to_delete):
        assert undo(alice, token) == {"undone": 1, "conflicts": []}
    assert in_order(reread(alice, a, b, x, y, z)) == list("azyxb")


def test_2000_moves_between_the_same_two_neighbours(alice: User) -> None:
    """Each is the row of the task alone, but now and then a hundred around it get short keys again."""
    made = batch(alice, *({"op": "create", "task": {"title": f"{number:03}"}} for number in range(160)))
    ids = [result["id"] for result in made]
    low, high, others = ids[60], ids[61], [id_ for id_ in ids if id_ not in {ids[60], ids[61]}]
    order, before = list(ids), changes(alice)["revision"]
    chance = random.Random(12)  # noqa: S311 - no secret
    for _ in range(4):
        operations = []
        for _ in range(500):
            task = chance.choice(others)
            name, neighbour = chance.choice([("after", low), ("before", high)])
            order.remove(task)
            order.insert(order.index(neighbour) + (name == "after"), task)
            operations.append({"op": "move", "id": task, "to": {name: neighbour}})
        batch(alice, *operations)
        tasks = sorted(listed(alice).values(), key=lambda task: task["position"].encode())
        assert [task["id"] for task in tasks] == order
        assert max(len(task["position"]) for task in tasks) <= 48
    rewritten = changes(alice)["revision"] - before - 2000
    assert 0 < rewritten < 2000


def test_two_clients_in_one_gap_are_both_in_it(alice: User) -> None:
    low, high = alice.new_task("low"), alice.new_task("high")
    together = Barrier(2)

    def client(name: str) -> list[Task]:
        tasks = [alice.new_task(f"{name}{number}") for number in range(6)]
        together.wait(30)
        return [moved(alice, task, after=low["id"]) for task in tasks]

    with ThreadPoolExecutor(2) as pool:
        mine, others = pool.map(client, ["a", "b"])
    order = in_order(reread(alice, low, high, *mine, *others))
    assert (order[0], order[-1]) == ("low", "high")
    for name in "ab":
        assert [title for title in order if title[0] == name] == [f"{name}{number}" for number in range(5, -1, -1)]


def test_random_moves_of_what_a_filter_shows(alice: User) -> None:
    """Among three lists and one parent: what is dropped beside a task stands beside it, whatever is hidden between."""
    lists = [None, new_list(alice), new_list(alice)]
    chance = random.Random(7)  # noqa: S311 - no secret
    orders: dict[tuple[str | None, str | None], list[str]] = {(list_id, None): [] for list_id in lists}
    operations: list[dict[str, Any]] = []
    for number in range(60):
        id_, list_id = str(uuid.uuid4()), chance.choice(lists)
        among = (
            list_id,
            chance.choice(orders[list_id, None][:1]) if number % 3 == 0 and orders[list_id, None] else None,
        )
        task = {"title": "x", "list_id": list_id, "parent_id": among[1]}
        operations.append({"op": "create", "id": id_, "task": task})
        orders.setdefault(among, []).append(id_)
    tops = {order[0] for (_, parent), order in orders.items() if parent is None and order}
    for _ in range(400):
        source = chance.choice([among for among, order in orders.items() if set(order) - tops])
        task_id = chance.choice([id_ for id_ in orders[source] if id_ not in tops])
        target = chance.choice([source, source, *orders])
        orders[source].remove(task_id)
        shown = orders[target]
        to: dict[str, Any] = {} if target == source else {"list_id": target[0], "parent_id": target[1]}
        if shown and chance.random() < 0.8:
            neighbour, name = chance.choice(shown), chance.choice(["before", "after"])
            shown.insert(shown.index(neighbour) + (name == "after"), task_id)
            to[name] = neighbour
        else:
            to["place"] = chance.choice(["first", "last"])
            shown.insert(0 if to["place"] == "first" else len(shown), task_id)
        operations.append({"op": "move", "id": task_id, "to": to})
    batch(alice, *operations)
    tasks = sorted(listed(alice).values(), key=lambda task: task["position"].encode())
    for (list_id, parent_id), order in orders.items():
        assert [task["id"] for task in tasks if (task["list_id"], task["parent_id"]) == (list_id, parent_id)] == order
    for list_id in lists:
        positions = [task["position"] for task in tasks if task["list_id"] == list_id]
        assert len(set(positions)) == len(positions)
