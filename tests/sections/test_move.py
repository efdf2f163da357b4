"""POST /api/{user_id}/sections/{section_id}/move: where a section stands, and in which list."""

import uuid
from typing import Any

import pytest

from support.changes import batch, changes
from support.kinds import everything
from support.users import User, assert_error
from support.writes import assert_detailed_error, etag

Thing = dict[str, Any]


def two_lists(user: User) -> tuple[str, str, dict[str, Thing]]:
    """The ids of two lists, with the sections a to d in one and x and y in the other."""
    one, other = (user.post("/api/me/lists", json={"name": name}).json()["id"] for name in ("one", "other"))
    named = [*((name, one) for name in "abcd"), *((name, other) for name in "xy")]
    results = batch(
        user,
        *({"op": "create", "kind": "section", "section": {"name": name, "list_id": id_}} for name, id_ in named),
    )
    return one, other, {result["section"]["name"]: result["section"] for result in results}


def move(user: User, section: Thing, **to: str | None) -> Thing:
    answer = user.post(f"/api/me/sections/{section['id']}/move", json=to)
    assert answer.status_code == 200, answer.text
    moved: Thing = answer.json()
    assert answer.headers["etag"] == etag(moved["revision"], version=1)
    return moved


def order(user: User, list_id: str) -> str:
    """The names in order, which is that of the bytes of the positions."""
    found = user.get("/api/me/sections", params={"list": list_id}).json()["sections"]
    positions = [each["position"].encode() for each in found]
    assert positions == sorted(set(positions))
    return "".join(each["name"] for each in found)


def test_it_stands_where_it_is_put(alice: User) -> None:
    one, other, known = two_lists(alice)
    assert (order(alice, one), order(alice, other)) == ("abcd", "xy")
    for name, to, expected in (
        ("c", {"place": "first"}, ("cabd", "xy")),
        ("c", {"place": "last"}, ("abdc", "xy")),
        ("d", {"before": known["a"]["id"]}, ("dabc", "xy")),
        ("d", {"after": known["b"]["id"], "list_id": one}, ("abdc", "xy")),
        # Into another list, where it is the last unless a place is said.
        ("a", {"list_id": other}, ("bdc", "xya")),
        ("b", {"list_id": other, "place": "first"}, ("dc", "bxya")),
        ("c", {"list_id": other, "before": known["y"]["id"]}, ("d", "bxcya")),
        ("y", {"list_id": one, "after": known["d"]["id"]}, ("dy", "bxca")),
        # It is there: asking again moves nothing.
        ("d", {"list_id": one}, ("dy", "bxca")),
        ("d", {"list_id": one, "place": None, "before": None}, ("dy", "bxca")),
    ):
        revision = changes(alice)["revision"]
        moved = move(alice, known[name], **to)
        assert (order(alice, one), order(alice, other)) == expected
        # One row is written, and nothing of it but its place.
        assert changes(alice)["revision"] == moved["revision"] == revision + 1
        assert {key: moved[key] for key in ("id", "name", "created_at")} == {
            key: known[name][key] for key in ("id", "name", "created_at")
        }


def test_a_neighbour_of_another_list_is_none(alice: User, bob: User) -> None:
    """Missing, somebody else's, in another list than it is to be in, or the section itself: all the same."""
    one, other, known = two_lists(alice)
    _, _, his = two_lists(bob)
    before = everything(alice)
    ids = [str(uuid.uuid4()), his["a"]["id"], known["x"]["id"], known["a"]["id"], one]
    for body in (*({"before": id_} for id_ in ids), {"after": known["b"]["id"], "list_id": other}):
        answer = alice.post(f"/api/me/sections/{known['a']['id']}/move", json=body)
        error = assert_error(answer, 422, "validation_error")
        name = next(iter(body))
        assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["body", name], "not_found")]
    assert everything(alice) == before


def test_a_list_that_is_none_of_ones_own_is_not_found(alice: User, bob: User) -> None:
    _, _, known = two_lists(alice)
    his_list, _, his = two_lists(bob)
    before = everything(alice)
    for list_id in (str(uuid.uuid4()), his_list, known["b"]["id"]):
        answer = alice.post(f"/api/me/sections/{known['a']['id']}/move", json={"list_id": list_id})
        error = assert_error(answer, 422, "validation_error")
        found = [(problem["loc"], problem["type"]) for problem in error["detail"]]
        assert found == [(["body", "list_id"], "not_found")]
        operation = {"op": "move", "kind": "section", "id": known["a"]["id"], "to": {"list_id": list_id}}
        answer = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
        assert (answer.status_code, answer.json()["index"]) == (422, 0)
    answer = alice.post(f"/api/me/sections/{his['a']['id']}/move", json={"place": "first"})
    assert_error(answer, 404, "section_not_found")
    assert everything(alice) == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"place": None},
        {"list_id": None},
        {"list_id": "inbox"},
        {"place": "middle"},
        {"place": "first", "before": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"},
    ],
)
def test_says_where(alice: User, body: Thing) -> None:
    _, _, known = two_lists(alice)
    before = everything(alice)
    assert_error(alice.post(f"/api/me/sections/{known['a']['id']}/move", json=body), 422, "validation_error")
    assert everything(alice) == before


def test_if_match(alice: User) -> None:
    _, other, known = two_lists(alice)
    path = f"/api/me/sections/{known['a']['id']}/move"
    refused = alice.post(path, json={"list_id": other}, headers={"If-Match": etag(1, version=1)})
    assert_detailed_error(refused, 412, "precondition_failed", current=known["a"])
    matching = {"If-Match": etag(known["a"]["revision"], version=1)}
    assert alice.post(path, json={"list_id": other}, headers=matching).status_code == 200


def test_in_a_batch(alice: User) -> None:
    one, other, known = two_lists(alice)
    results = batch(
        alice,
        {"op": "move", "kind": "section", "id": known["a"]["id"], "to": {"list_id": other}},
        {"op": "move", "kind": "section", "id": known["d"]["id"], "to": {"before": known["b"]["id"]}},
        {"op": "delete", "kind": "section", "id": known["c"]["id"]},
    )
    assert [result["status"] for result in results] == [200, 200, 204]
    assert (order(alice, one), order(alice, other)) == ("db", "xya")
