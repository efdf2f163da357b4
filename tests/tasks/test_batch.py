"""POST /api/{user_id}/tasks/batch."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any

import httpx
import pytest

from doable.batch.operations import SHORT_BATCH, Batch, is_long
from support.users import User, assert_error
from support.writes import assert_detailed_error, state_of

MAX_BODY_BYTES = 5 * 1024 * 1024
AN_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"

Operation = dict[str, Any]


def send(user: User, *operations: Any, **headers: str) -> httpx.Response:
    """These operations in one request."""
    return user.post(f"{user.tasks}/batch", json={"operations": operations}, headers=headers)


def done(user: User, *operations: Operation) -> list[dict[str, Any]]:
    """The results of operations that succeed."""
    answer = send(user, *operations)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"results"}
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def create(title: str = "Buy oat milk", task_id: str | None = None, **fields: Any) -> Operation:
    chosen = {} if task_id is None else {"id": task_id}
    return {"op": "create", **chosen, "task": {"title": title, **fields}}


def new_id() -> str:
    return str(uuid.uuid4())


def assert_invalid(answer: httpx.Response) -> list[list[str | int]]:
    """Where the input is wrong."""
    return [problem["loc"] for problem in assert_error(answer, 422, "validation_error")["detail"]]


def test_does_every_operation_in_order(alice: User) -> None:
    first = alice.new_task("first", description="Two litres")
    second = alice.new_task("second")
    chosen = new_id()
    results = done(
        alice,
        create("third", description="A loaf"),
        create("fourth", chosen),
        {"op": "update", "id": first["id"], "task": {"title": "FIRST", "description": None}},
        {"op": "complete", "id": first["id"]},
        {"op": "reopen", "id": first["id"]},
        {"op": "complete", "id": chosen},
        {"op": "update", "id": chosen, "task": {"is_completed": True, "description": "d"}},
        {"op": "update", "id": chosen, "task": {}},
        {"op": "delete", "id": second["id"]},
    )
    assert [result["status"] for result in results] == [201, 201, 200, 200, 200, 200, 200, 200, 204]
    assert [result["revision"] for result in results] == list(range(3, 12))
    assert all(set(result) == {"status", "id", "revision", "task"} for result in results)
    tasks = [result["task"] for result in results]
    assert tasks.pop() is None
    assert results[-1]["id"] == second["id"]
    assert [(task["id"], task["revision"]) for task in tasks] == [
        (each["id"], each["revision"]) for each in results[:-1]
    ]
    assert [(task["title"], task["description"], task["is_completed"]) for task in tasks] == [
        ("third", "A loaf", False),
        ("fourth", None, False),
        ("FIRST", None, False),
        ("FIRST", None, True),
        ("FIRST", None, False),
        ("fourth", None, True),
        ("fourth", "d", True),
        ("fourth", "d", True),
    ]
    # Completing what is complete keeps its instant.
    assert len({task["completed_at"] for task in tasks[5:]}) == 1
    assert tasks[1]["id"] == chosen
    assert {task["user_id"] for task in tasks} == {alice.id}
    state = state_of(alice)
    assert (state["tasks"], state["total"], state["revision"]) == ([tasks[7], tasks[0], tasks[4]], 3, 11)
    assert [(change["revision"], change["id"], change["task"]) for change in state["changes"]] == [
        (3, tasks[0]["id"], tasks[0]),
        (7, first["id"], tasks[4]),
        (10, chosen, tasks[7]),
        (11, second["id"], None),
    ]


def test_an_operation_sees_what_those_before_it_did(alice: User) -> None:
    task_id = new_id()
    results = done(
        alice,
        create("first", task_id),
        {"op": "update", "id": task_id, "if_revision": 1, "task": {"description": "d"}},
        {"op": "complete", "id": task_id, "if_revision": 2},
        {"op": "delete", "id": task_id, "if_revision": 3},
        create("again", task_id),
        {"op": "reopen", "id": task_id.upper(), "if_revision": 5},
        {"op": "complete", "id": task_id},
    )
    assert [result["status"] for result in results] == [201, 200, 200, 204, 201, 200, 200]
    assert [result["revision"] for result in results] == [1, 2, 3, 4, 5, 6, 7]
    assert {result["id"] for result in results} == {task_id}
    task = results[-1]["task"]
    assert (task["title"], task["description"], task["is_completed"]) == ("again", None, True)
    state = state_of(alice)
    assert (state["tasks"], state["total"], state["revision"]) == ([task], 1, 7)
    assert [change["task"] for change in state["changes"]] == [task]


def test_me_is_the_callers_id(alice: User) -> None:
    answer = alice.post("/api/me/tasks/batch", json={"operations": [create()]})
    assert answer.json()["results"][0]["task"]["user_id"] == alice.id


def test_an_empty_list_does_nothing(alice: User) -> None:
    alice.new_task()
    before = state_of(alice)
    assert done(alice) == []
    assert state_of(alice) == before


def test_takes_500_operations_and_no_more(alice: User) -> None:
    answer = send(alice, *[create(str(number)) for number in range(501)])
    assert assert_invalid(answer) == [["body", "operations"]]
    assert state_of(alice)["revision"] == 0

    created = done(alice, *[create(str(number)) for number in range(500)])
    assert [result["revision"] for result in created] == list(range(1, 501))
    assert [result["task"]["title"] for result in created] == [str(number) for number in range(500)]
    page = alice.get(alice.tasks, params={"limit": 3}).json()
    assert (page["tasks"], page["total"]) == ([result["task"] for result in created[:-4:-1]], 500)
    changes = alice.get(f"/api/{alice.id}/changes").json()
    assert [change["task"] for change in changes["changes"]] == [result["task"] for result in created]

    deleted = done(
        alice, *[{"op": "delete", "id": result["id"], "if_revision": result["revision"]} for result in created]
    )
    assert [(result["status"], result["revision"]) for result in deleted] == [
        (204, 501 + number) for number in range(500)
    ]
    state = state_of(alice)
    assert (state["tasks"], state["total"], state["revision"]) == ([], 0, 1000)
    assert [(change["id"], change["revision"]) for change in state["changes"]] == [
        (result["id"], result["revision"]) for result in deleted
    ]


def failures(alice: User, bob: User) -> Iterator[tuple[Operation, int, str, dict[str, Any]]]:
    """Every way in which an operation fails: the operation, the status, the code and what else the error says."""
    mine = alice.get(f"{alice.tasks}/{alice.new_task('mine')['id']}").json()
    his = bob.new_task("his")
    gone = alice.new_task("gone")
    alice.delete(f"{alice.tasks}/{gone['id']}")
    for rest in (
        {"op": "update", "task": {"title": "a"}},
        {"op": "complete"},
        {"op": "reopen"},
        {"op": "delete"},
    ):
        yield {**rest, "id": new_id()}, 404, "task_not_found", {}
        yield {**rest, "id": gone["id"], "if_revision": 1}, 404, "task_not_found", {}
        yield {**rest, "id": his["id"]}, 403, "forbidden", {}
        yield {**rest, "id": his["id"], "if_revision": his["revision"] + 1}, 403, "forbidden", {}
        current = {"current": mine}
        yield {**rest, "id": mine["id"], "if_revision": mine["revision"] + 1}, 412, "precondition_failed", current
    yield create("a", mine["id"]), 412, "precondition_failed", {"current": mine}
    yield create("a", his["id"]), 403, "forbidden", {}


@pytest.mark.parametrize("others", [0, 1, 499])
def test_where_one_operation_fails_nothing_is_done(alice: User, bob: User, others: int) -> None:
    """The last one, so that everything before it has to be undone."""
    kept = alice.new_task("kept")
    changes = [
        {"op": "update", "id": kept["id"], "task": {"title": "changed"}},
        create("made"),
        {"op": "complete", "id": kept["id"]},
        {"op": "delete", "id": kept["id"]},
        create("made again", kept["id"]),
    ]
    before_it = [changes[number % len(changes)] for number in range(others)]
    cases = list(failures(alice, bob))
    before = state_of(alice), state_of(bob)
    # With many operations it is one path through the database for all of the failures.
    for operation, status, code, details in cases if others < 2 else cases[-3:]:
        answer = send(alice, *before_it, operation)
        assert_detailed_error(answer, status, code, index=others, **details)
        assert (state_of(alice), state_of(bob)) == before
    # What is refused leaves no gap in the revisions.
    assert alice.new_task()["revision"] == before[0]["revision"] + 1


def test_the_first_operation_that_fails_is_named(alice: User, bob: User) -> None:
    his = bob.new_task()
    task_id = new_id()
    answer = send(
        alice,
        create("a", task_id),
        {"op": "complete", "id": task_id},
        {"op": "delete", "id": new_id()},
        {"op": "delete", "id": his["id"]},
        {"op": "delete", "id": task_id, "if_revision": 1},
    )
    assert_detailed_error(answer, 404, "task_not_found", index=2)
    assert state_of(alice)["revision"] == 0


def test_current_is_what_was_there_for_that_operation(alice: User) -> None:
    task = alice.new_task()
    answer = send(
        alice,
        {"op": "update", "id": task["id"], "task": {"title": "changed"}},
        {"op": "complete", "id": task["id"], "if_revision": task["revision"]},
    )
    body = answer.json()
    assert (answer.status_code, body["index"], body["current"]["title"]) == (412, 1, "changed")
    assert body["current"]["revision"] == task["revision"] + 1
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == task


@pytest.mark.parametrize(
    ("operation", "loc"),
    [
        ({}, []),
        ({"op": "destroy", "id": AN_ID}, []),
        ({"op": None, "id": AN_ID}, []),
        ({"op": "Delete", "id": AN_ID}, []),
        ("delete", []),
        (None, []),
        ([], []),
        ({"op": "create"}, ["create", "task"]),
        ({"op": "create", "task": None}, ["create", "task"]),
        ({"op": "create", "task": {}}, ["create", "task", "title"]),
        ({"op": "create", "task": {"title": ""}}, ["create", "task", "title"]),
        ({"op": "create", "task": {"title": "t", "is_completed": True}}, ["create", "task", "is_completed"]),
        ({"op": "create", "task": {"title": "t"}, "id": "1"}, ["create", "id"]),
        ({"op": "create", "task": {"title": "t"}, "id": 1}, ["create", "id"]),
        ({"op": "create", "task": {"title": "t"}, "if_revision": 1}, ["create", "if_revision"]),
        ({"op": "create", "task": {"title": "t"}, "title": "t"}, ["create", "title"]),
        ({"op": "update", "id": AN_ID}, ["update", "task"]),
        ({"op": "update", "task": {}}, ["update", "id"]),
        ({"op": "update", "id": None, "task": {}}, ["update", "id"]),
        ({"op": "update", "id": AN_ID, "task": {"title": None}}, ["update", "task", "title"]),
        ({"op": "update", "id": AN_ID, "task": {"is_completed": None}}, ["update", "task", "is_completed"]),
        ({"op": "update", "id": AN_ID, "task": {"priority": 1}}, ["update", "task", "priority"]),
        ({"op": "update", "id": AN_ID, "task": []}, ["update", "task"]),
        ({"op": "complete"}, ["complete", "id"]),
        ({"op": "complete", "id": AN_ID, "task": {}}, ["complete", "task"]),
        ({"op": "complete", "id": AN_ID, "is_completed": True}, ["complete", "is_completed"]),
        ({"op": "reopen", "id": "nonsense"}, ["reopen", "id"]),
        ({"op": "reopen", "id": AN_ID, "if_revision": 0}, ["reopen", "if_revision"]),
        ({"op": "delete", "id": AN_ID, "if_revision": "1"}, ["delete", "if_revision"]),
        ({"op": "delete", "id": AN_ID, "if_revision": 1.5}, ["delete", "if_revision"]),
        ({"op": "delete", "id": AN_ID, "if_revision": True}, ["delete", "if_revision"]),
        ({"op": "delete", "id": AN_ID, "if_revision": 2**53}, ["delete", "if_revision"]),
        ({"op": "delete", "id": AN_ID, "task": None}, ["delete", "task"]),
    ],
)
def test_refuses_what_is_no_operation_and_says_which_it_is(alice: User, operation: Any, loc: list[str]) -> None:
    # The one before it would be refused as well, if anything were done.
    answer = send(alice, create(), {"op": "delete", "id": AN_ID}, operation, create())
    assert assert_invalid(answer) == [["body", "operations", 2, *loc]]
    assert state_of(alice)["revision"] == 0


def test_says_of_the_first_operation_that_is_wrong_what_is_wrong(alice: User) -> None:
    answer = send(alice, create(), create("", color="red"), {"op": "x"}, {"op": "delete", "id": "nonsense"})
    assert [loc[:3] for loc in assert_invalid(answer)] == [["body", "operations", 1]] * 2
    assert "nonsense" not in answer.text


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["body", "operations"]),
        ({"operations": None}, ["body", "operations"]),
        ({"operations": {}}, ["body", "operations"]),
        ({"operations": "create"}, ["body", "operations"]),
        ({"operations": [], "atomic": False}, ["body", "atomic"]),
        ([], ["body"]),
        (None, ["body"]),
    ],
)
def test_refuses_what_is_no_batch(alice: User, body: Any, loc: list[str]) -> None:
    assert assert_invalid(alice.post(f"{alice.tasks}/batch", json=body)) == [loc]


@pytest.mark.parametrize(
    "content",
    [b"{", b'{"operations": [NaN]}', b'{"operations": ["\\ud800"]}', b'{"operations": ["\xff"]}', b"[" * 40_000],
)
def test_refuses_what_cannot_be_read(alice: User, content: bytes) -> None:
    answer = alice.post(f"{alice.tasks}/batch", content=content, headers={"Content-Type": "application/json"})
    assert_error(answer, 422, "invalid_json")


def test_takes_a_body_of_5_mib_and_no_more(alice: User) -> None:
    headers = {"Content-Type": "application/json"}
    operations = [create("🧑" * 200, description="חלב " * 500) for _ in range(100)]
    content = json.dumps({"operations": operations}).encode()
    assert len(content) > 64 * 1024
    largest = content.ljust(MAX_BODY_BYTES)
    answer = alice.post(f"{alice.tasks}/batch", content=largest, headers=headers)
    assert [result["task"]["description"] for result in answer.json()["results"]] == ["חלב " * 500] * 100
    for too_large in (largest + b" ", iter([largest, b" "])):
        answer = alice.post(f"{alice.tasks}/batch", content=too_large, headers=headers)
        assert_error(answer, 413, "body_too_large")
    assert state_of(alice)["revision"] == 100


def test_500_of_the_longest_tasks_fit(alice: User) -> None:
    longest = create("t" * 200, new_id(), description="d" * 2000)
    operations = [{**longest, "id": new_id()} for _ in range(500)]
    assert len(done(alice, *operations)) == 500
    assert alice.get(alice.tasks).json()["total"] == 500


def test_another_owners_path_is_403(alice: User, bob: User) -> None:
    for user_id in (bob.id, new_id(), "nonsense"):
        answer = alice.post(f"/api/{user_id}/tasks/batch", json={"operations": [create()]})
        assert_error(answer, 403, "forbidden")
    assert state_of(bob)["revision"] == state_of(alice)["revision"] == 0


def test_refuses_nobody(alice: User) -> None:
    answer = httpx.post(f"{alice.base_url}{alice.tasks}/batch", json={"operations": [create()]})
    assert_error(answer, 401, "unauthenticated")
    assert state_of(alice)["revision"] == 0


def test_refuses_another_method(alice: User) -> None:
    # A fixed address goes before the id of a task.
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "TRACE"):
        answer = alice.request(method, f"{alice.tasks}/batch")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "OPTIONS, POST"


def test_a_key_makes_it_once(alice: User) -> None:
    task = alice.new_task()
    operations = [create(), {"op": "update", "id": task["id"], "if_revision": task["revision"], "task": {"title": "a"}}]
    key = {"Idempotency-Key": new_id()}
    # What fails is not kept under the key.
    assert_detailed_error(
        send(alice, *operations, {"op": "delete", "id": AN_ID}, **key), 404, "task_not_found", index=2
    )
    first = send(alice, *operations, **key)
    assert first.status_code == 200
    assert "idempotency-replayed" not in first.headers
    before = state_of(alice)
    again = send(alice, *operations, **key)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert state_of(alice) == before
    assert before["revision"] == task["revision"] + 2


def test_batches_at_the_same_moment_do_not_mix(alice: User) -> None:
    together = Barrier(4)

    def send_together(size: int) -> list[int]:
        together.wait(timeout=30)
        return [result["revision"] for result in done(alice, *[create() for _ in range(size)])]

    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            # Short ones and long ones: on SQLite they run in different threads.
            revisions = sorted(threads.map(send_together, [1, 5, 20, 40]))
            assert all(last == first + 1 for each in revisions for first, last in pairwise(each))
            assert all(after[0] == before[-1] + 1 for before, after in pairwise(revisions))
    assert alice.get(alice.tasks).json()["total"] == 3 * 66


def test_what_may_hold_up_others_is_a_long_work() -> None:
    """More than a few operations are, and so is one that may write many rows by itself."""
    move = {"op": "move", "kind": "list", "id": AN_ID, "to": {"place": "first"}}

    def are_long(*operations: Operation) -> bool:
        return is_long(Batch.model_validate_json(json.dumps({"operations": operations})).operations)

    assert [are_long(*[create()] * count) for count in (0, SHORT_BATCH, SHORT_BATCH + 1)] == [False, False, True]
    assert are_long(move)
    assert are_long(create(), move)
