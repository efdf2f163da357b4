"""PUT /api/{user_id}/tasks/{task_id} with `If-None-Match: *`: a client that works offline chooses the id."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from support.users import User, assert_error
from support.writes import assert_detailed_error, etag, first_members, state_of

NEW = {"If-None-Match": "*"}


def create(user: User, task_id: str, body: Any = None, **headers: str) -> httpx.Response:
    """Make a task with this id."""
    json = {"title": "Buy oat milk"} if body is None else body
    return user.put(f"{user.tasks}/{task_id}", json=json, headers={**NEW, **headers})


def new_id() -> str:
    return str(uuid.uuid4())


def test_makes_the_task(alice: User) -> None:
    older = alice.new_task("older")
    task_id = new_id()
    answer = create(alice, task_id, {"title": " Buy oat milk ", "description": "Two litres"})
    assert answer.status_code == 201
    task = answer.json()
    assert answer.headers["location"] == f"/api/me/tasks/{task_id}"
    assert answer.headers["etag"] == etag(task["revision"])
    assert first_members(task) == {
        "id": task_id,
        "title": "Buy oat milk",
        "description": "Two litres",
        "is_completed": False,
        "completed_at": None,
        "user_id": alice.id,
        "created_at": task["created_at"],
        "updated_at": task["created_at"],
        "revision": older["revision"] + 1,
    }
    assert alice.get(f"{alice.tasks}/{task_id}").json() == task
    state = state_of(alice)
    assert (state["tasks"], state["total"], state["revision"]) == ([task, older], 2, task["revision"])


def test_me_is_the_callers_id(alice: User) -> None:
    answer = alice.put(f"/api/me/tasks/{new_id()}", json={"title": "Buy oat milk"}, headers=NEW)
    assert (answer.status_code, answer.json()["user_id"]) == (201, alice.id)


def test_what_is_made_is_a_task_like_any_other(alice: User) -> None:
    path = f"{alice.tasks}/{create(alice, new_id()).json()['id']}"
    assert alice.put(path, json={"title": "Buy rye"}).json()["title"] == "Buy rye"
    assert alice.patch(f"{path}/complete").json()["is_completed"] is True
    assert alice.delete(path).status_code == 204
    assert alice.get(alice.tasks).json()["total"] == 0


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15])
def test_any_uuid_will_do(alice: User, version: int) -> None:
    digits = uuid.uuid4().hex
    # Also one of no variant that is defined.
    for variant in "8c0":
        task_id = str(uuid.UUID(f"{digits[:12]}{version:x}{digits[13:16]}{variant}{digits[17:]}"))
        assert create(alice, task_id).json()["id"] == task_id
        assert alice.get(f"{alice.tasks}/{task_id}").json()["id"] == task_id


@pytest.mark.parametrize("number", [0, 2**128 - 1])
def test_the_least_and_the_greatest_uuid_will_do(alice: User, number: int) -> None:
    task_id = str(uuid.UUID(int=number))
    path = f"{alice.tasks}/{task_id}"
    assert create(alice, task_id).status_code == 201
    assert_error(create(alice, task_id, Authorization=""), 401, "unauthenticated")
    # There is one of them in all, so it is left to the next test that wants it.
    assert alice.delete(path).status_code == 204


def test_upper_case_is_the_same_id_and_is_answered_in_lower_case(alice: User) -> None:
    task_id = "abcdef" + new_id()[6:]
    task = create(alice, task_id.upper()).json()
    assert task["id"] == task_id
    for spelling in (task_id, task_id.upper(), task_id.title()):
        assert alice.get(f"{alice.tasks}/{spelling}").json() == task
        assert_detailed_error(create(alice, spelling), 412, "precondition_failed", current=task)
    assert alice.get(alice.tasks).json()["tasks"] == [task]


def test_what_exists_is_412_with_the_task_as_it_is_now(alice: User) -> None:
    for task in (alice.new_task("made by the server"), create(alice, new_id()).json()):
        current = alice.patch(f"{alice.tasks}/{task['id']}/complete").json()
        before = state_of(alice)
        answer = create(alice, task["id"], {"title": "overwritten?"})
        assert_detailed_error(answer, 412, "precondition_failed", current=current)
        assert state_of(alice) == before
        # What is refused leaves no gap in the revisions.
        assert alice.new_task()["revision"] == before["revision"] + 1


def test_another_owners_id_is_403(alice: User, bob: User) -> None:
    alice.new_task()
    before = state_of(alice)
    for task in (bob.new_task(), create(bob, new_id()).json()):
        assert_error(create(alice, task["id"]), 403, "forbidden")
        assert bob.get(f"{bob.tasks}/{task['id']}").json() == task
    assert state_of(alice) == before


def test_another_owners_path_is_403(alice: User, bob: User) -> None:
    for user_id in (bob.id, new_id(), "nonsense"):
        answer = alice.put(f"/api/{user_id}/tasks/{new_id()}", json={"title": "a"}, headers=NEW)
        assert_error(answer, 403, "forbidden")
    assert bob.get(bob.tasks).json()["total"] == alice.get(alice.tasks).json()["total"] == 0


def test_an_id_of_ones_own_that_was_deleted_is_free_again(alice: User) -> None:
    older = alice.new_task("older")
    task_id = new_id()
    first = create(alice, task_id, {"title": "first", "description": "Two litres"}).json()
    newer = alice.new_task("newer")
    for _ in range(3):
        alice.delete(f"{alice.tasks}/{task_id}")
        gone = state_of(alice)
        assert [change["deleted"] for change in gone["changes"] if change["id"] == task_id] == [True]
        again = create(alice, task_id, {"title": "again"})
        assert again.status_code == 201
        task = again.json()
        assert (task["title"], task["description"], task["revision"]) == ("again", None, gone["revision"] + 1)
        assert task["created_at"] > first["created_at"]
        state = state_of(alice)
        assert (state["tasks"], state["total"]) == ([task, newer, older], 3)
        assert [(change["id"], change["deleted"], change["task"]) for change in state["changes"]] == [
            (each["id"], False, each) for each in (older, newer, task)
        ]
        # A client that knew the first one hears of the new one, and of no deletion.
        since = alice.get(f"/api/{alice.id}/changes", params={"since": newer["revision"]}).json()
        assert [(change["id"], change["deleted"]) for change in since["changes"]] == [(task_id, False)]


def test_another_owners_deleted_id_is_free(alice: User, bob: User) -> None:
    task_id = new_id()
    create(bob, task_id)
    bob.delete(f"{bob.tasks}/{task_id}")
    before = state_of(bob)
    task = create(alice, task_id).json()
    assert state_of(alice)["tasks"] == [task]
    assert state_of(bob) == before
    assert [(change["id"], change["deleted"]) for change in before["changes"]] == [(task_id, True)]
    assert_error(bob.get(f"{bob.tasks}/{task_id}"), 403, "forbidden")
    assert_error(create(bob, task_id), 403, "forbidden")
    assert state_of(bob) == before
    # And once both have deleted it, it is anybody's.
    alice.delete(f"{alice.tasks}/{task_id}")
    assert create(bob, task_id).status_code == 201
    assert [(change["id"], change["deleted"]) for change in state_of(alice)["changes"]] == [(task_id, True)]
    assert [(change["id"], change["deleted"]) for change in state_of(bob)["changes"]] == [(task_id, False)]


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["body", "title"]),
        ({"description": "d"}, ["body", "title"]),
        ({"title": None}, ["body", "title"]),
        ({"title": " \n"}, ["body", "title"]),
        ({"title": "t" * 201}, ["body", "title"]),
        ({"title": "t", "description": "d" * 2001}, ["body", "description"]),
        ({"title": "t", "is_completed": True}, ["body", "is_completed"]),
        ({"title": "t", "id": "an-id"}, ["body", "id"]),
        ([], ["body"]),
    ],
)
def test_refuses_what_is_no_task(alice: User, body: Any, loc: list[str]) -> None:
    task_id = new_id()
    error = assert_error(create(alice, task_id, body), 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [loc]
    assert_error(alice.get(f"{alice.tasks}/{task_id}"), 404, "task_not_found")
    assert state_of(alice)["revision"] == 0


def test_if_match_contradicts_it(alice: User) -> None:
    task = alice.new_task()
    before = state_of(alice)
    for task_id in (new_id(), task["id"]):
        for expected in ("*", '"1"', 'W/"0"'):
            error = assert_error(create(alice, task_id, **{"If-Match": expected}), 422, "validation_error")
            assert [problem["loc"] for problem in error["detail"]] == [["header", "If-Match"]]
    assert state_of(alice) == before


def test_if_none_match_can_only_be_a_star(alice: User) -> None:
    task = alice.new_task()
    before = state_of(alice)
    for task_id in (new_id(), task["id"]):
        for known in ('"1"', 'W/"1"', '"0"', '"*"', "*, *", '*, "1"', "**", "", "1"):
            answer = create(alice, task_id, **{"If-None-Match": known})
            error = assert_error(answer, 422, "validation_error")
            assert [problem["loc"] for problem in error["detail"]] == [["header", "If-None-Match"]]
    assert state_of(alice) == before


def test_a_plain_put_makes_nothing(alice: User) -> None:
    task_id = new_id()
    for headers in ({}, {"If-Match": "*"}):
        answer = alice.put(f"{alice.tasks}/{task_id}", json={"title": "a"}, headers=headers)
        assert_error(answer, 404, "task_not_found")
    create(alice, task_id)
    alice.delete(f"{alice.tasks}/{task_id}")
    assert_error(alice.put(f"{alice.tasks}/{task_id}", json={"title": "a"}), 404, "task_not_found")
    assert alice.get(alice.tasks).json()["total"] == 0


def test_no_other_method_makes_anything(alice: User) -> None:
    task_id = new_id()
    for method, path in (("PATCH", ""), ("PATCH", "/complete"), ("DELETE", "")):
        body = {"title": "a"} if not path and method == "PATCH" else None
        answer = alice.request(method, f"{alice.tasks}/{task_id}{path}", json=body, headers=NEW)
        assert_error(answer, 404, "task_not_found")
    assert state_of(alice)["revision"] == 0


@pytest.mark.parametrize("task_id", ["1", "nonsense", "%00", "*", "0f8fad5b-d9cb-469f-a165-70867728950"])
def test_a_malformed_id_is_422(alice: User, task_id: str) -> None:
    error = assert_error(create(alice, task_id), 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [["path", "task_id"]]


def test_refuses_nobody(alice: User) -> None:
    answer = httpx.put(f"{alice.base_url}{alice.tasks}/{new_id()}", json={"title": "nobody's"}, headers=NEW)
    assert_error(answer, 401, "unauthenticated")
    assert alice.get(alice.tasks).json()["total"] == 0


def test_of_two_who_make_one_id_at_once_one_is_told(alice: User) -> None:
    together = Barrier(2)

    def create_together(title: str) -> httpx.Response:
        together.wait(timeout=30)
        return create(alice, task_id, {"title": title})

    made = []
    with ThreadPoolExecutor(2) as threads:
        for _ in range(20):
            task_id = new_id()
            first, last = sorted(threads.map(create_together, ["left", "right"]), key=lambda one: int(one.status_code))
            assert first.status_code == 201
            assert_detailed_error(last, 412, "precondition_failed", current=first.json())
            made.append(first.json())
    state = state_of(alice)
    assert (state["tasks"], state["total"], state["revision"]) == (made[::-1], 20, 20)


def test_two_owners_who_make_one_id_at_once_each_get_their_own_or_403(alice: User, bob: User) -> None:
    """Keys begin with the owner. The later of two owners is told; at the same instant both may have it."""
    together = Barrier(2)

    def create_together(user: User) -> httpx.Response:
        together.wait(timeout=30)
        return create(user, task_id)

    made: dict[str, list[Any]] = {alice.id: [], bob.id: []}
    with ThreadPoolExecutor(2) as threads:
        for _ in range(20):
            task_id = new_id()
            answers = sorted(threads.map(create_together, [alice, bob]), key=lambda one: int(one.status_code))
            assert answers[0].status_code == 201
            for answer in answers:
                if answer.status_code == 201:
                    made[answer.json()["user_id"]].append(answer.json())
                else:
                    assert_error(answer, 403, "forbidden")
    for user in (alice, bob):
        state = state_of(user)
        assert state["tasks"] == made[user.id][::-1]
        assert state["total"] == state["revision"] == len(made[user.id])
        for task in state["tasks"]:
            assert user.get(f"{user.tasks}/{task['id']}").json() == task


def test_what_is_there_is_412_whatever_it_would_be_refused_for_by_now(alice: User) -> None:
    """A client that has heard no answer sends it again."""
    list_id = alice.post("/api/me/lists", json={"name": "Groceries"}).json()["id"]
    task_id, tag_id = new_id(), new_id()
    body = {"title": "Buy oat milk", "list_id": list_id}
    assert create(alice, task_id, body).status_code == 201
    assert alice.delete(f"/api/me/lists/{list_id}").status_code == 204
    current = alice.get(f"{alice.tasks}/{task_id}").json()
    assert_detailed_error(create(alice, task_id, body), 412, "precondition_failed", current=current)
    assert_error(create(alice, new_id(), body), 422, "validation_error")
    tag = {"name": "shop"}
    path = f"/api/me/tags/{tag_id}"
    assert alice.put(path, json=tag, headers=NEW).status_code == 201
    assert alice.patch(path, json={"name": "kiosk"}).status_code == 200
    alice.new_task(tags=["shop"])
    again = alice.put(path, json=tag, headers=NEW)
    assert_detailed_error(again, 412, "precondition_failed", current=alice.get(path).json())
