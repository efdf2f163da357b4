"""/api/{user_id}/filters: make, read, change, move and delete saved filters."""

import uuid
from typing import Any

import pytest

from support.changes import batch
from support.kinds import everything
from support.users import User, assert_error
from support.writes import assert_detailed_error, etag

NEW = {"If-None-Match": "*"}
PATH = "/api/me/filters"
Filter = dict[str, Any]


def new_filter(user: User, name: str = "At home", query: str = "today & @home", **fields: Any) -> Filter:
    answer = user.post(PATH, json={"name": name, "query": query, **fields})
    assert answer.status_code == 201, answer.text
    made: Filter = answer.json()
    return made


def filters(user: User) -> list[Filter]:
    found: list[Filter] = user.get(PATH).json()["filters"]
    return found


def path_of(a_filter: Filter) -> str:
    return f"{PATH}/{a_filter['id']}"


def test_a_new_filter_is_the_last(alice: User) -> None:
    assert alice.get(PATH).json() == {"filters": []}
    answer = alice.post(f"/api/{alice.id}/filters", json={"name": " At home ", "query": "  TODAY  & @home "})
    first = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, path_of(first))
    assert answer.headers["etag"] == etag(1, version=1)
    assert first == {
        "id": first["id"],
        "name": "At home",
        # As it was written.
        "query": "  TODAY  & @home ",
        "sort": None,
        "color": None,
        "position": first["position"],
        "user_id": alice.id,
        "created_at": first["created_at"],
        "updated_at": first["created_at"],
        "revision": 1,
    }
    second = new_filter(alice, "At home", "all", color="#2a9d8f", sort="-updated_at")
    assert (second["color"], second["sort"]) == ("#2a9d8f", "-updated_at")
    assert filters(alice) == [first, second]
    answer = alice.get(path_of(first))
    assert (answer.json(), answer.headers["etag"]) == (first, etag(1, version=1))
    assert alice.get(path_of(first), headers={"If-None-Match": etag(1, version=1)}).status_code == 304


def test_only_what_is_named_changes_and_null_clears(alice: User) -> None:
    made = new_filter(alice, color="#2a9d8f", sort="created_at")
    changed = alice.patch(path_of(made), json={"color": None, "sort": None, "query": "p1"})
    assert changed.status_code == 200
    written = {"color": None, "sort": None, "query": "p1", "revision": 2, "updated_at": changed.json()["updated_at"]}
    assert changed.json() == {**made, **written}
    assert changed.json()["updated_at"] > made["updated_at"]
    refused = alice.patch(path_of(made), json={"name": "a"}, headers={"If-Match": etag(1, version=1)})
    assert_detailed_error(refused, 412, "precondition_failed", current=changed.json())


def test_a_deleted_filter_is_gone_and_can_come_back(alice: User) -> None:
    made = new_filter(alice)
    refused = alice.delete(path_of(made), headers={"If-Match": etag(7, version=1)})
    assert_detailed_error(refused, 412, "precondition_failed", current=made)
    answer = alice.delete(path_of(made), headers={"If-Match": etag(1, version=1), "Undo": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        again = alice.request(method, path_of(made), json={"name": "a"} if method == "PATCH" else None)
        assert_error(again, 404, "filter_not_found")
    (change,) = everything(alice)
    assert change == {"revision": 2, "kind": "filter", "id": made["id"], "deleted": True, "filter": None}
    assert alice.post(f"/api/me/undo/{answer.headers['undo-token']}").json()["conflicts"] == []
    (back,) = filters(alice)
    assert {**back, "revision": 1, "updated_at": made["updated_at"]} == made


def test_an_id_of_ones_own(alice: User, bob: User) -> None:
    path = f"{PATH}/{uuid.uuid4()}"
    made = alice.put(path, json={"name": "At home", "query": "@home"}, headers=NEW)
    assert (made.status_code, made.headers["location"]) == (201, path)
    again = alice.put(path, json={"name": "overwritten?", "query": "all"}, headers=NEW)
    assert_detailed_error(again, 412, "precondition_failed", current=made.json())
    # An id says nothing of anybody else.
    assert_error(bob.get(path), 404, "filter_not_found")
    assert bob.put(path, json={"name": "Bob's", "query": "all"}, headers=NEW).json()["user_id"] == bob.id
    assert alice.get(path).json() == made.json()


def test_filters_can_be_moved(alice: User) -> None:
    first, second, third = (new_filter(alice, name) for name in "abc")
    moved = alice.post(f"{path_of(third)}/move", json={"before": second["id"]})
    assert (moved.status_code, moved.headers["etag"]) == (200, etag(4, version=1))
    (batched,) = batch(alice, {"op": "move", "kind": "filter", "id": first["id"], "to": {"place": "last"}})
    assert [each["id"] for each in filters(alice)] == [third["id"], second["id"], first["id"]]
    assert filters(alice)[2] == batched["filter"]
    refused = alice.post(f"{path_of(first)}/move", json={"after": str(uuid.uuid4())})
    assert assert_error(refused, 422, "validation_error")["detail"][0]["type"] == "not_found"


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"query": "all"}, ["name"]),
        ({"name": "a"}, ["query"]),
        ({"name": "a", "query": None}, ["query"]),
        ({"name": "a", "query": 7}, ["query"]),
        ({"name": " ", "query": "all"}, ["name"]),
        ({"name": "n" * 101, "query": "all"}, ["name"]),
        ({"name": "a", "query": "all", "sort": "title"}, ["sort"]),
        ({"name": "a", "query": "all", "color": "#2A9D8F"}, ["color"]),
        ({"name": "a", "query": "all", "position": "0"}, ["position"]),
    ],
)
def test_refuses_what_is_no_filter(alice: User, body: Filter, loc: list[str]) -> None:
    answers = [
        alice.post(PATH, json=body),
        alice.put(f"{PATH}/{uuid.uuid4()}", json=body, headers=NEW),
        alice.post(f"{alice.tasks}/batch", json={"operations": [{"op": "create", "kind": "filter", "filter": body}]}),
    ]
    for answer in answers:
        error = assert_error(answer, 422, "validation_error")
        assert [problem["loc"][-1:] for problem in error["detail"]] == [loc]
    assert filters(alice) == []


@pytest.mark.parametrize(
    ("query", "position"),
    [("", 0), ("today & tody", 8), ("📌", 0), ("(p1", 0), ("all" + " " * 998, 1000), ("p1\x00", 2)],
)
def test_what_cannot_be_read_is_refused_with_the_place(alice: User, query: str, position: int) -> None:
    made = new_filter(alice)
    body = {"name": "a", "query": query}
    operations = [
        {"op": "delete", "kind": "filter", "id": made["id"]},
        {"op": "create", "kind": "filter", "filter": body},
    ]
    answers = [
        alice.post(PATH, json=body),
        alice.put(f"{PATH}/{uuid.uuid4()}", json=body, headers=NEW),
        alice.patch(path_of(made), json={"query": query}),
    ]
    batched = alice.post(f"{alice.tasks}/batch", json={"operations": operations})
    for answer in answers:
        assert_detailed_error(answer, 422, "filter_invalid", position=position)
    assert_detailed_error(batched, 422, "filter_invalid", position=position, index=1)
    for answer in (*answers, batched):
        error = answer.json()
        (problem,) = error["detail"]
        assert (problem["loc"], problem["type"]) == (["body", "query"], "filter_invalid")
        assert error["message"].startswith("Expected ")
    assert filters(alice) == [made]


def test_there_are_200_and_no_more(alice: User) -> None:
    new = {"op": "create", "kind": "filter", "filter": {"name": "a", "query": "today"}}
    batch(alice, *[new] * 200)
    for answer in (
        alice.post(PATH, json=new["filter"]),
        alice.put(f"{PATH}/{uuid.uuid4()}", json=new["filter"], headers=NEW),
    ):
        assert_detailed_error(answer, 409, "too_many", limit="filters")
    batched = alice.post(f"{alice.tasks}/batch", json={"operations": [new]})
    assert_detailed_error(batched, 409, "too_many", limit="filters", index=0)
    assert len(filters(alice)) == 200
    alice.delete(path_of(filters(alice)[0]))
    assert new_filter(alice, "again") == filters(alice)[-1]


def test_the_feed_of_filters(alice: User) -> None:
    task, made = alice.new_task(), new_filter(alice)
    page = alice.get(f"/api/{alice.id}/changes", params={"kinds": "filter"}).json()
    change = {"revision": 2, "kind": "filter", "id": made["id"], "deleted": False, "filter": made}
    assert page["changes"] == [change]
    # Who does not ask for them sees tasks alone.
    assert [each["id"] for each in alice.get(f"/api/{alice.id}/changes").json()["changes"]] == [task["id"]]


def test_a_write_with_a_key_is_done_once(alice: User) -> None:
    key, new = {"Idempotency-Key": str(uuid.uuid4())}, {"name": "once", "query": "today"}
    first, again = (alice.post(PATH, json=new, headers=key) for _ in range(2))
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert len(filters(alice)) == 1
