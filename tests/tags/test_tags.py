"""/api/{user_id}/tags: make, read, change, move and delete tags."""

import uuid
from typing import Any

import httpx
import pytest

from support.changes import batch
from support.kinds import everything
from support.tags import SPELLINGS, new_tag, path_of
from support.users import User, assert_error
from support.writes import assert_detailed_error

NEW = {"If-None-Match": "*"}
Tag = dict[str, Any]


def etag(tag: Tag) -> str:
    return f'"{tag["revision"]}.1"'


def tags(user: User) -> list[Tag]:
    found: list[Tag] = user.get("/api/me/tags").json()["tags"]
    return found


def test_a_new_tag_is_the_last(alice: User) -> None:
    assert alice.get("/api/me/tags").json() == {"tags": []}
    answer = alice.post(f"/api/{alice.id}/tags", json={"name": " at \n work "})
    first = answer.json()
    assert (answer.status_code, answer.headers["location"], answer.headers["etag"]) == (
        201,
        path_of(first),
        etag(first),
    )
    assert first == {
        "id": first["id"],
        "name": "at work",
        "color": None,
        "position": first["position"],
        "user_id": alice.id,
        "created_at": first["created_at"],
        "updated_at": first["created_at"],
        "revision": 1,
    }
    second = new_tag(alice, "a", color="#2a9d8f")
    assert tags(alice) == [first, second]
    answer = alice.get(path_of(first))
    assert (answer.json(), answer.headers["etag"]) == (first, etag(first))
    assert alice.get(path_of(first), headers={"If-None-Match": etag(first)}).status_code == 304


def test_a_task_makes_the_tags_that_it_names(alice: User) -> None:
    made = new_tag(alice, "Café")
    task = alice.new_task(tags=["cafe\u0301", "b", "a"])
    assert [(tag["name"], tag["color"]) for tag in tags(alice)] == [("Café", None), ("a", None), ("b", None)]
    assert tags(alice)[0] == made
    # In the feed they come before the task, with revisions of their own.
    feed = [(change["kind"], change["revision"]) for change in everything(alice)]
    assert feed == [("tag", 1), ("tag", 2), ("tag", 3), ("task", 4)]
    assert [change["tag"] for change in everything(alice)[:3]] == tags(alice)
    # A client of the first contract hears of the task alone.
    assert alice.get(f"/api/{alice.id}/changes").json()["changes"] == [
        {"revision": 4, "kind": "task", "id": task["id"], "deleted": False, "task": task}
    ]
    usage = alice.get("/api/auth/me/usage").json()
    assert (usage["tags"], usage["limits"]["tags"]) == (3, 1000)


@pytest.mark.parametrize("name", SPELLINGS)
def test_there_is_one_tag_of_a_name(alice: User, name: str) -> None:
    made, other = new_tag(alice, "CaFé"), new_tag(alice, "other")
    before = everything(alice)
    for answer in (
        alice.post("/api/me/tags", json={"name": name}),
        alice.put(f"/api/me/tags/{uuid.uuid4()}", json={"name": name}, headers=NEW),
        alice.patch(path_of(other), json={"name": name, "color": "#000000"}),
    ):
        assert_detailed_error(answer, 409, "tag_exists", current=made)
    operations = [
        {"op": "create", "kind": "tag", "tag": {"name": name}},
        {"op": "update", "kind": "tag", "id": other["id"], "tag": {"name": name}},
    ]
    for operation in operations:
        answer = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
        assert_detailed_error(answer, 409, "tag_exists", current=made, index=0)
    assert everything(alice) == before


def test_only_what_is_named_changes_and_null_clears(alice: User) -> None:
    made = new_tag(alice, color="#2a9d8f")
    changed = alice.patch(path_of(made), json={"color": None})
    now = {"revision": changed.json()["revision"], "updated_at": changed.json()["updated_at"]}
    assert (changed.status_code, changed.json()) == (200, {**made, "color": None, **now})
    assert changed.json()["revision"] > made["revision"]
    refused = alice.patch(path_of(made), json={"name": "a"}, headers={"If-Match": etag(made)})
    assert_detailed_error(refused, 412, "precondition_failed", current=changed.json())


def test_a_deleted_tag_is_gone(alice: User) -> None:
    made = new_tag(alice, "a")
    refused = alice.delete(path_of(made), headers={"If-Match": '"77.1"'})
    assert_detailed_error(refused, 412, "precondition_failed", current=made)
    answer = alice.delete(path_of(made), headers={"If-Match": etag(made)})
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        again = alice.request(method, path_of(made), json={"name": "a"} if method == "PATCH" else None)
        assert_error(again, 404, "tag_not_found")
    (change,) = everything(alice)
    assert (change["kind"], change["id"], change["deleted"], change["tag"]) == ("tag", made["id"], True, None)
    # The name is free again, and so is the id.
    assert alice.put(path_of(made), json={"name": "A"}, headers=NEW).json()["name"] == "A"


def test_an_id_of_ones_own(alice: User, bob: User) -> None:
    path = f"/api/me/tags/{uuid.uuid4()}"
    made = alice.put(path, json={"name": "a"}, headers=NEW)
    assert (made.status_code, made.headers["location"]) == (201, path)
    for name in ("a", "A", "overwritten?"):
        again = alice.put(path, json={"name": name}, headers=NEW)
        assert_detailed_error(again, 412, "precondition_failed", current=made.json())
    for headers in ({}, {"If-None-Match": '"1"'}):
        error = assert_error(alice.put(path, json={"name": "b"}, headers=headers), 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["header", "If-None-Match"]]
    assert bob.put(path, json={"name": "a"}, headers=NEW).json()["user_id"] == bob.id
    assert tags(alice) == [made.json()]


def test_a_moved_tag_stands_where_it_should(alice: User) -> None:
    a, b, c = (new_tag(alice, name) for name in "abc")
    for to, order in (
        ({"place": "first"}, "cab"),
        ({"after": a["id"]}, "acb"),
        ({"before": a["id"]}, "cab"),
        ({"place": "last"}, "abc"),
    ):
        moved = alice.post(f"{path_of(c)}/move", json=to)
        assert (moved.status_code, "".join(tag["name"] for tag in tags(alice))) == (200, order)
    results = batch(alice, {"op": "move", "kind": "tag", "id": b["id"], "to": {"place": "first"}})
    assert tags(alice)[0] == results[0]["tag"]
    unknown = alice.post(f"{path_of(c)}/move", json={"before": str(uuid.uuid4())})
    assert assert_error(unknown, 422, "validation_error")["detail"][0]["type"] == "not_found"


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["name"]),
        ({"name": None}, ["name"]),
        ({"name": " \t"}, ["name"]),
        ({"name": "n" * 51}, ["name"]),
        ({"name": "a\u0000b"}, ["name"]),
        ({"name": "a\u0085\u0081"}, ["name"]),
        ({"name": "a", "color": "2a9d8f"}, ["color"]),
        ({"name": "a", "color": "#2A9D8F"}, ["color"]),
        ({"name": "a", "position": "0"}, ["position"]),
        ({"name": "a", "key": "a"}, ["key"]),
    ],
)
def test_refuses_what_is_no_tag(alice: User, body: Tag, loc: list[str]) -> None:
    made = new_tag(alice)
    answers = [
        alice.post("/api/me/tags", json=body),
        alice.put(f"/api/me/tags/{uuid.uuid4()}", json=body, headers=NEW),
        alice.post(f"{alice.tasks}/batch", json={"operations": [{"op": "create", "kind": "tag", "tag": body}]}),
    ]
    if body:
        answers.append(alice.patch(path_of(made), json=body))
    for answer in answers:
        error = assert_error(answer, 422, "validation_error")
        assert [problem["loc"][-1:] for problem in error["detail"]] == [loc]
    assert tags(alice) == [made]


def test_there_are_1000_and_no_more(alice: User) -> None:
    operations = [
        {"op": "create", "task": {"title": "a", "tags": [f"{number + each}" for each in range(50)]}}
        for number in range(0, 1000, 50)
    ]
    tasks = [result["task"] for result in batch(alice, *operations)]
    before = everything(alice)
    for answer in (
        alice.post("/api/me/tags", json={"name": "one more"}),
        alice.put(f"/api/me/tags/{uuid.uuid4()}", json={"name": "one more"}, headers=NEW),
        alice.post(alice.tasks, json={"title": "a", "tags": ["1", "one more"]}),
        alice.patch(f"{alice.tasks}/{tasks[0]['id']}", json={"tags": ["one more"]}),
    ):
        assert_detailed_error(answer, 409, "too_many", limit="tags")
    assert everything(alice) == before
    assert len(tags(alice)) == 1000
    alice.delete(path_of(tags(alice)[500]))
    assert alice.new_task(tags=["one more"])["tags"] == ["one more"]


def test_a_write_with_a_key_is_done_once(alice: User) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first, again = (alice.post("/api/me/tags", json={"name": "once"}, headers=key) for _ in range(2))
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert len(tags(alice)) == 1


def test_refuses_nobody(alice: User) -> None:
    assert_error(httpx.get(f"{alice.base_url}/api/me/tags"), 401, "unauthenticated")
    assert_error(alice.delete("/api/me/tags"), 405, "method_not_allowed")
    assert_error(alice.get("/api/me/tags/not-an-id"), 422, "validation_error")
