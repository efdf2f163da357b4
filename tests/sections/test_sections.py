"""/api/{user_id}/sections: make, read, change and delete sections."""

import uuid
from typing import Any

import httpx
import pytest

from doable.tasks.filed_under import sections as table
from support.changes import batch
from support.filing import fill
from support.kinds import everything
from support.server import Server
from support.users import User, assert_error
from support.writes import assert_detailed_error, etag

NEW = {"If-None-Match": "*"}
Thing = dict[str, Any]


def new_list(user: User, name: str = "Groceries") -> str:
    """The id of a new list."""
    answer = user.post("/api/me/lists", json={"name": name})
    assert answer.status_code == 201, answer.text
    id_: str = answer.json()["id"]
    return id_


def new_section(user: User, list_id: str, name: str = "Dairy") -> Thing:
    answer = user.post("/api/me/sections", json={"list_id": list_id, "name": name})
    assert answer.status_code == 201, answer.text
    made: Thing = answer.json()
    return made


def sections(user: User, **params: str) -> list[Thing]:
    found: list[Thing] = user.get("/api/me/sections", params=params).json()["sections"]
    return found


def path_of(section: Thing) -> str:
    return f"/api/me/sections/{section['id']}"


def test_a_new_section_is_the_last_of_its_list(alice: User) -> None:
    assert alice.get("/api/me/sections").json() == {"sections": []}
    list_id = new_list(alice)
    answer = alice.post(f"/api/{alice.id}/sections", json={"list_id": list_id, "name": " Dairy "})
    first = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == path_of(first)
    assert answer.headers["etag"] == etag(2, version=1)
    assert first == {
        "id": first["id"],
        "list_id": list_id,
        "name": "Dairy",
        "position": first["position"],
        "user_id": alice.id,
        "created_at": first["created_at"],
        "updated_at": first["created_at"],
        "revision": 2,
    }
    second = new_section(alice, list_id)
    assert sections(alice) == [first, second]
    answer = alice.get(path_of(first))
    assert (answer.json(), answer.headers["etag"]) == (first, etag(2, version=1))
    assert alice.get(path_of(first), headers={"If-None-Match": etag(2, version=1)}).status_code == 304


def test_those_of_one_list(alice: User, bob: User) -> None:
    groceries, work = new_list(alice), new_list(alice, "Work")
    dairy, doing, bread = (new_section(alice, *each) for each in ((groceries,), (work, "Doing"), (groceries, "Bread")))
    assert sections(alice, list=groceries) == [dairy, bread]
    assert sections(alice, list=work) == [doing]
    assert sections(alice, list=new_list(alice)) == []
    assert sections(alice) == [dairy, doing, bread]
    for other in (str(uuid.uuid4()), new_list(bob), dairy["id"]):
        error = assert_error(alice.get("/api/me/sections", params={"list": other}), 422, "validation_error")
        assert [(each["loc"], each["type"]) for each in error["detail"]] == [(["query", "list"], "not_found")]
    for query in ("list=", "list=inbox", f"list={work}&list={work}", f"list_id={work}"):
        assert_error(alice.get(f"/api/me/sections?{query}"), 422, "validation_error")


def test_only_the_name_changes(alice: User) -> None:
    list_id, other = new_list(alice), new_list(alice)
    made = new_section(alice, list_id)
    # Its own list may be named: a client sends what it has read.
    changed = alice.patch(path_of(made), json={"name": "Bread", "list_id": list_id})
    assert changed.status_code == 200
    expected = {**made, "name": "Bread", "revision": 4, "updated_at": changed.json()["updated_at"]}
    assert changed.json() == expected
    assert changed.json()["updated_at"] > made["updated_at"]
    refused = alice.patch(path_of(made), json={"name": "a"}, headers={"If-Match": etag(3, version=1)})
    assert_detailed_error(refused, 412, "precondition_failed", current=expected)
    # Another one is a move, whosever it is.
    for elsewhere in (other, str(uuid.uuid4())):
        error = assert_error(alice.patch(path_of(made), json={"list_id": elsewhere}), 422, "use_move")
        assert [problem["loc"] for problem in error["detail"]] == [["body", "list_id"]]
    assert alice.get(path_of(made)).json() == expected


def test_a_deleted_section_is_gone(alice: User) -> None:
    list_id = new_list(alice)
    made = new_section(alice, list_id)
    refused = alice.delete(path_of(made), headers={"If-Match": etag(7, version=1)})
    assert_detailed_error(refused, 412, "precondition_failed", current=made)
    answer = alice.delete(path_of(made), headers={"If-Match": etag(2, version=1)})
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        again = alice.request(method, path_of(made), json={"name": "a"} if method == "PATCH" else None)
        assert_error(again, 404, "section_not_found")
    assert sections(alice) == []
    change = everything(alice)[-1]
    assert change == {"revision": 3, "kind": "section", "id": made["id"], "deleted": True, "section": None}


def test_an_id_of_ones_own(alice: User, bob: User) -> None:
    chosen, body = str(uuid.uuid4()), {"list_id": new_list(alice), "name": "Dairy"}
    path = f"/api/me/sections/{chosen}"
    made = alice.put(path, json=body, headers=NEW)
    assert (made.status_code, made.json()["id"], made.headers["location"]) == (201, chosen, path)
    again = alice.put(path, json={**body, "name": "overwritten?"}, headers=NEW)
    assert_detailed_error(again, 412, "precondition_failed", current=made.json())
    for headers in ({}, {"If-None-Match": '"1"'}):
        error = assert_error(alice.put(path, json=body, headers=headers), 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["header", "If-None-Match"]]
    # An id says nothing of anybody else.
    his = {"list_id": new_list(bob), "name": "Bob's"}
    assert bob.put(path, json=his, headers=NEW).json()["user_id"] == bob.id
    assert alice.get(path).json() == made.json()


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["list_id"]),
        ({"list_id": None}, ["list_id"]),
        ({"list_id": "inbox"}, ["list_id"]),
        ({"list_id": 7}, ["list_id"]),
        ({"name": None}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"name": "n" * 101}, ["name"]),
        ({"name": "a\u0000b"}, ["name"]),
        ({"position": "0"}, ["position"]),
    ],
)
def test_refuses_what_is_no_section(alice: User, body: Thing, loc: list[str]) -> None:
    list_id = new_list(alice)
    made, before = new_section(alice, list_id), everything(alice)
    whole = {"name": "a", **({} if loc == ["list_id"] else {"list_id": list_id}), **body}
    operation = {"op": "create", "kind": "section", "section": whole}
    answers = [
        alice.post("/api/me/sections", json=whole),
        alice.put(f"/api/me/sections/{uuid.uuid4()}", json=whole, headers=NEW),
        alice.post(f"{alice.tasks}/batch", json={"operations": [operation]}),
    ]
    if body:
        answers.append(alice.patch(path_of(made), json=body))
    for answer in answers:
        error = assert_error(answer, 422, "validation_error")
        assert [problem["loc"][-1:] for problem in error["detail"]] == [loc]
    assert everything(alice) == before


def test_a_list_that_is_none_of_ones_own_is_not_found(alice: User, bob: User) -> None:
    section = new_section(alice, new_list(alice))
    before = everything(alice)
    for list_id in (str(uuid.uuid4()), new_list(bob), section["id"]):
        body = {"list_id": list_id, "name": "a"}
        operation = {"op": "create", "kind": "section", "section": body}
        for answer in (
            alice.post("/api/me/sections", json=body),
            alice.put(f"/api/me/sections/{uuid.uuid4()}", json=body, headers=NEW),
            alice.post("/api/me/sections", json=body, headers={"Idempotency-Key": str(uuid.uuid4())}),
        ):
            error = assert_error(answer, 422, "validation_error")
            found = [(problem["loc"], problem["type"]) for problem in error["detail"]]
            assert found == [(["body", "list_id"], "not_found")]
        batched = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
        assert (batched.status_code, batched.json()["index"]) == (422, 0)
    assert everything(alice) == before


def test_there_are_1000_and_no_more(server: Server, alice: User) -> None:
    """In all lists together."""
    lists = [new_list(alice), new_list(alice)]
    for list_id, count in zip(lists, (500, 499), strict=True):
        fill(server, alice, table, count, name="{}", list_id=list_id, position="{:0>12}")
    last = new_section(alice, lists[1])
    body = {"list_id": lists[0], "name": "one more"}
    for answer in (
        alice.post("/api/me/sections", json=body),
        alice.put(f"/api/me/sections/{uuid.uuid4()}", json=body, headers=NEW),
    ):
        assert_detailed_error(answer, 409, "too_many", limit="sections")
    operation = {"op": "create", "kind": "section", "section": body}
    batched = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
    assert_detailed_error(batched, 409, "too_many", limit="sections", index=0)
    assert len(sections(alice)) == 1000
    alice.delete(path_of(last))
    assert new_section(alice, lists[0])["list_id"] == lists[0]


def test_a_list_may_be_made_with_its_sections(alice: User) -> None:
    """A later operation of a batch names what an earlier one has made."""
    list_id = str(uuid.uuid4())
    results = batch(
        alice,
        {"op": "create", "kind": "list", "id": list_id, "list": {"name": "Groceries"}},
        {"op": "create", "kind": "section", "section": {"list_id": list_id, "name": "Dairy"}},
        {"op": "create", "kind": "section", "section": {"list_id": list_id, "name": "Bread"}},
    )
    assert [result["kind"] for result in results] == ["list", "section", "section"]
    assert sections(alice, list=list_id) == [result["section"] for result in results[1:]]


def test_a_write_with_a_key_is_done_once(alice: User) -> None:
    key, body = {"Idempotency-Key": str(uuid.uuid4())}, {"list_id": new_list(alice), "name": "once"}
    first, again = (alice.post("/api/me/sections", json=body, headers=key) for _ in range(2))
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert len(sections(alice)) == 1


def test_refuses_nobody_and_other_methods(alice: User) -> None:
    assert_error(httpx.get(f"{alice.base_url}/api/me/sections"), 401, "unauthenticated")
    assert_error(alice.delete("/api/me/sections"), 405, "method_not_allowed")
    assert_error(alice.get("/api/me/sections/not-an-id"), 422, "validation_error")
