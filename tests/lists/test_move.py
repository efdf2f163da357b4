"""POST /api/{user_id}/lists/{list_id}/move: where a list stands."""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support.changes import batch, changes
from support.kinds import everything
from support.users import User, assert_error
from support.writes import assert_detailed_error, etag

List = dict[str, Any]


def five(user: User) -> dict[str, List]:
    """Lists called a to e, in this order."""
    results = batch(user, *({"op": "create", "kind": "list", "list": {"name": name}} for name in "abcde"))
    return {result["list"]["name"]: result["list"] for result in results}


def move(user: User, a_list: List, **to: str) -> List:
    answer = user.post(f"/api/me/lists/{a_list['id']}/move", json=to)
    assert answer.status_code == 200, answer.text
    moved: List = answer.json()
    assert answer.headers["etag"] == etag(moved["revision"], version=1)
    return moved


def order(user: User) -> str:
    """Their names in order, which is that of the bytes of their positions."""
    found = user.get("/api/me/lists").json()["lists"]
    positions = [each["position"].encode() for each in found]
    assert positions == sorted(set(positions))
    return "".join(each["name"] for each in found)


def test_it_stands_where_it_is_put(alice: User) -> None:
    known = five(alice)
    assert order(alice) == "abcde"
    for name, to, expected in (
        ("c", {"place": "first"}, "cabde"),
        ("a", {"place": "last"}, "cbdea"),
        ("e", {"before": known["b"]["id"]}, "cebda"),
        ("c", {"after": known["a"]["id"]}, "ebdac"),
        ("d", {"after": known["e"]["id"]}, "edbac"),
        ("e", {"before": known["d"]["id"]}, "edbac"),
        ("e", {"before": known["c"]["id"]}, "dbaec"),
    ):
        revision = changes(alice)["revision"]
        moved = move(alice, known[name], **to)
        assert order(alice) == expected
        # One row is written, and nothing of it but its place.
        assert changes(alice)["revision"] == moved["revision"] == revision + 1
        unchanged = {"name", "color", "group", "is_archived", "created_at", "id", "user_id"}
        assert {key: moved[key] for key in unchanged} == {key: known[name][key] for key in unchanged}
    assert alice.post("/api/me/lists", json={"name": "f"}).status_code == 201
    assert order(alice) == "dbaecf"


def test_always_the_same_spot_spreads_the_neighbours_anew(alice: User) -> None:
    """By then each of them is written with a revision of its own, and a copy that follows has the same order."""
    known = five(alice)
    revision = changes(alice)["revision"]
    for number in range(600):
        name = "bcde"[number % 4]
        moved = move(alice, known[name], after=known["a"]["id"])
        written = changes(alice, since=revision)["revision"]
        assert moved["revision"] == written
        others, revision = written - revision - 1, written
        if others or number % 10 == 0:
            assert order(alice)[:2] == f"a{name}"
        if others:
            break
    assert others > 0
    assert max(len(each["list"]["position"]) for each in everything(alice)) <= 48
    assert len({each["revision"] for each in everything(alice)}) == 5


def test_any_moves_agree_with_a_list(alice: User) -> None:
    known = five(alice)
    expected = list("abcde")
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(60):
        name, other = chance.sample(expected, 2)
        expected.remove(name)
        how = chance.choice(["before", "after", "first", "last"])
        if how in {"first", "last"}:
            move(alice, known[name], place=how)
            expected.insert(0 if how == "first" else len(expected), name)
        else:
            move(alice, known[name], **{how: known[other]["id"]})
            expected.insert(expected.index(other) + (how == "after"), name)
        assert order(alice) == "".join(expected)


def test_many_at_once_leave_one_order(alice: User) -> None:
    known = five(alice)
    with ThreadPoolExecutor(5) as threads:
        for _ in range(5):
            list(threads.map(lambda name: move(alice, known[name], after=known["a"]["id"]), "bcde"))
    assert sorted(order(alice)) == list("abcde")
    assert order(alice)[0] == "a"


@pytest.mark.parametrize(
    "body", [{}, {"place": None}, {"place": "first", "before": str(uuid.uuid4())}, {"place": "middle"}]
)
def test_one_place_is_needed(alice: User, body: dict[str, Any]) -> None:
    made = five(alice)["b"]
    before = everything(alice)
    assert_error(alice.post(f"/api/me/lists/{made['id']}/move", json=body), 422, "validation_error")
    assert everything(alice) == before


def test_a_neighbour_that_is_none_of_ones_own_is_not_found(alice: User, bob: User) -> None:
    """Missing, somebody else's, a task, or the list itself: all the same."""
    known, his = five(alice), five(bob)["a"]
    before = everything(alice)
    for other in (str(uuid.uuid4()), his["id"], known["b"]["id"]):
        for name in ("before", "after"):
            answer = alice.post(f"/api/me/lists/{known['b']['id']}/move", json={name: other})
            error = assert_error(answer, 422, "validation_error")
            assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["body", name], "not_found")]
            operation = {"op": "move", "kind": "list", "id": known["b"]["id"], "to": {name: other}}
            answer = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
            assert (answer.status_code, answer.json()["index"]) == (422, 0)
    assert_error(alice.post(f"/api/me/lists/{his['id']}/move", json={"place": "first"}), 404, "list_not_found")
    assert everything(alice) == before


def test_if_match(alice: User) -> None:
    made = five(alice)["b"]
    path = f"/api/me/lists/{made['id']}/move"
    refused = alice.post(path, json={"place": "first"}, headers={"If-Match": etag(1, version=1)})
    assert_detailed_error(refused, 412, "precondition_failed", current=made)
    assert alice.post(path, json={"place": "first"}, headers={"If-Match": etag(2, version=1)}).status_code == 200


def test_in_a_batch(alice: User) -> None:
    known = five(alice)
    operations = [
        {"op": "move", "kind": "list", "id": known["e"]["id"], "to": {"place": "first"}, "if_revision": 5},
        {"op": "move", "kind": "list", "id": known["a"]["id"], "to": {"after": known["c"]["id"]}},
        {"op": "update", "kind": "list", "id": known["a"]["id"], "list": {"name": "A"}},
        {"op": "delete", "kind": "list", "id": known["d"]["id"], "if_revision": 4},
        {"op": "create", "task": {"title": "a task"}},
    ]
    results = batch(alice, *operations)
    assert [result["status"] for result in results] == [200, 200, 200, 204, 201]
    assert [result["revision"] for result in results] == [6, 7, 8, 9, 10]
    assert [result.get("kind") for result in results] == ["list", "list", "list", "list", None]
    assert results[3]["list"] is None
    assert order(alice) == "ebcA"
