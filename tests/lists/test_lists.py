"""/api/{user_id}/lists: make, read, change and delete lists."""

import uuid
from typing import Any

import httpx
import pytest

from support.changes import batch
from support.kinds import everything
from support.users import User, assert_error
from support.writes import assert_detailed_error, etag

NEW = {"If-None-Match": "*"}
List = dict[str, Any]


def new_list(user: User, name: str = "Groceries", **fields: Any) -> List:
    answer = user.post("/api/me/lists", json={"name": name, **fields})
    assert answer.status_code == 201, answer.text
    made: List = answer.json()
    return made


def lists(user: User) -> list[List]:
    found: list[List] = user.get("/api/me/lists").json()["lists"]
    return found


def path_of(a_list: List) -> str:
    return f"/api/me/lists/{a_list['id']}"


def test_a_new_list_is_the_last(alice: User) -> None:
    assert alice.get("/api/me/lists").json() == {"lists": []}
    answer = alice.post(f"/api/{alice.id}/lists", json={"name": " Groceries "})
    first = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == path_of(first)
    assert answer.headers["etag"] == etag(1, version=1)
    assert first == {
        "id": first["id"],
        "name": "Groceries",
        "color": None,
        "group": None,
        "is_archived": False,
        "position": first["position"],
        "user_id": alice.id,
        "created_at": first["created_at"],
        "updated_at": first["created_at"],
        "revision": 1,
    }
    second = new_list(alice, "Groceries", color="#2a9d8f", group="Home", is_archived=True)
    assert (second["color"], second["group"], second["is_archived"]) == ("#2a9d8f", "Home", True)
    assert lists(alice) == [first, second]
    answer = alice.get(path_of(first))
    assert (answer.json(), answer.headers["etag"]) == (first, etag(1, version=1))
    assert alice.get(path_of(first), headers={"If-None-Match": etag(1, version=1)}).status_code == 304


def test_only_what_is_named_changes_and_null_clears(alice: User) -> None:
    made = new_list(alice, color="#2a9d8f", group="Home")
    changed = alice.patch(path_of(made), json={"color": None, "is_archived": True})
    assert changed.status_code == 200
    assert changed.json() == {
        **made,
        "color": None,
        "is_archived": True,
        "revision": 2,
        "updated_at": changed.json()["updated_at"],
    }
    assert changed.json()["updated_at"] > made["updated_at"]
    refused = alice.patch(path_of(made), json={"name": "a"}, headers={"If-Match": etag(1, version=1)})
    assert_detailed_error(refused, 412, "precondition_failed", current=changed.json())


def test_a_deleted_list_is_gone(alice: User) -> None:
    made = new_list(alice)
    refused = alice.delete(path_of(made), headers={"If-Match": etag(7, version=1)})
    assert_detailed_error(refused, 412, "precondition_failed", current=made)
    answer = alice.delete(path_of(made), headers={"If-Match": etag(1, version=1)})
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        again = alice.request(method, path_of(made), json={"name": "a"} if method == "PATCH" else None)
        assert_error(again, 404, "list_not_found")
    assert lists(alice) == []
    (change,) = everything(alice)
    assert change == {"revision": 2, "kind": "list", "id": made["id"], "deleted": True, "list": None}


def test_an_id_of_ones_own(alice: User, bob: User) -> None:
    chosen = str(uuid.uuid4())
    path = f"/api/me/lists/{chosen}"
    made = alice.put(path, json={"name": "Groceries"}, headers=NEW)
    assert (made.status_code, made.json()["id"], made.headers["location"]) == (201, chosen, path)
    again = alice.put(path, json={"name": "overwritten?"}, headers=NEW)
    assert_detailed_error(again, 412, "precondition_failed", current=made.json())
    for headers in ({}, {"If-None-Match": '"1"'}):
        error = assert_error(alice.put(path, json={"name": "a"}, headers=headers), 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["header", "If-None-Match"]]
    # An id says nothing of anybody else, and a task may have the same.
    assert bob.put(path, json={"name": "Bob's"}, headers=NEW).json()["user_id"] == bob.id
    assert alice.put(f"{alice.tasks}/{chosen}", json={"title": "a"}, headers=NEW).status_code == 201
    assert alice.get(path).json() == made.json()
    alice.delete(path)
    assert {(change["kind"], change["deleted"]) for change in everything(alice)} == {("list", True), ("task", False)}
    assert alice.put(path, json={"name": "again"}, headers=NEW).json()["name"] == "again"
    assert {(change["kind"], change["deleted"]) for change in everything(alice)} == {("list", False), ("task", False)}


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["name"]),
        ({"name": None}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"name": "n" * 101}, ["name"]),
        ({"name": "a\u0000b"}, ["name"]),
        ({"name": "a", "color": "2a9d8f"}, ["color"]),
        ({"name": "a", "color": "#2A9D8F"}, ["color"]),
        ({"name": "a", "color": "#2a9d8f\n"}, ["color"]),
        ({"name": "a", "group": ""}, ["group"]),
        ({"name": "a", "group": "g" * 101}, ["group"]),
        ({"name": "a", "is_archived": 1}, ["is_archived"]),
        ({"name": "a", "is_archived": None}, ["is_archived"]),
        ({"name": "a", "position": "0"}, ["position"]),
        ({"name": "a", "colour": None}, ["colour"]),
    ],
)
def test_refuses_what_is_no_list(alice: User, body: List, loc: list[str]) -> None:
    made = new_list(alice)
    answers = [
        alice.post("/api/me/lists", json=body),
        alice.put(f"/api/me/lists/{uuid.uuid4()}", json=body, headers=NEW),
        alice.post(f"{alice.tasks}/batch", json={"operations": [{"op": "create", "kind": "list", "list": body}]}),
    ]
    if body:
        answers.append(alice.patch(path_of(made), json=body))
    for answer in answers:
        error = assert_error(answer, 422, "validation_error")
        assert [problem["loc"][-1:] for problem in error["detail"]] == [loc]
    assert lists(alice) == [made]


def test_there_are_500_and_no_more(alice: User) -> None:
    operations = [{"op": "create", "kind": "list", "list": {"name": str(number)}} for number in range(499)]
    batch(alice, *operations)
    last = new_list(alice, "the last")
    before = everything(alice)
    for answer in (
        alice.post("/api/me/lists", json={"name": "one more"}),
        alice.put(f"/api/me/lists/{uuid.uuid4()}", json={"name": "one more"}, headers=NEW),
    ):
        assert_detailed_error(answer, 409, "too_many", limit="lists")
    batched = alice.post(f"{alice.tasks}/batch", json={"operations": operations[:1]})
    assert_detailed_error(batched, 409, "too_many", limit="lists", index=0)
    assert everything(alice) == before
    assert [each["name"] for each in lists(alice)] == [*map(str, range(499)), "the last"]
    known = alice.put(path_of(last), json={"name": "a"}, headers=NEW)
    assert_detailed_error(known, 412, "precondition_failed", current=last)
    alice.delete(path_of(last))
    assert new_list(alice, "again")["name"] == "again"


def test_a_list_counts_as_no_task(alice: User) -> None:
    new_list(alice)
    task = alice.new_task()
    assert task["revision"] == 2
    assert alice.get(alice.tasks).json() == {"tasks": [task], "total": 1, "limit": 50, "offset": 0, "next_cursor": None}


def test_a_write_with_a_key_is_done_once(alice: User) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first, again = (alice.post("/api/me/lists", json={"name": "once"}, headers=key) for _ in range(2))
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert again.headers["location"] == first.headers["location"]
    assert len(lists(alice)) == 1


def test_refuses_nobody(alice: User) -> None:
    answer = httpx.get(f"{alice.base_url}/api/me/lists")
    assert_error(answer, 401, "unauthenticated")


def test_no_list_has_the_id_of_its_owner(alice: User) -> None:
    """It is the inbox in the index by which lists are read."""
    new = {"name": "Groceries"}
    answer = alice.put(f"/api/me/lists/{alice.id.upper()}", json=new, headers={"If-None-Match": "*"})
    assert assert_error(answer, 422, "validation_error")["detail"][0]["loc"] == ["path", "list_id"]
    operation = {"op": "create", "kind": "list", "id": alice.id, "list": new}
    refused = alice.post("/api/me/tasks/batch", json={"operations": [operation]})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "id"])
    assert alice.get("/api/me/lists").json() == {"lists": []}
