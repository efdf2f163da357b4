"""PATCH /api/{user_id}/tasks/{task_id}/complete."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from support.users import User, assert_error

COMPLETES = [{"is_completed": True}, {"completed": True}, {"is_completed": True, "completed": True}]
REOPENS = [{"is_completed": False}, {"completed": False}, {"is_completed": False, "completed": False}]


def path_of(task: dict[str, Any]) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


@pytest.mark.parametrize("body", COMPLETES)
def test_completes(alice: User, body: dict[str, bool]) -> None:
    task = alice.new_task(description="Two litres")
    answer = alice.patch(f"{path_of(task)}/complete", json=body)
    assert answer.status_code == 200
    completed = answer.json()
    assert completed == {
        **task,
        "is_completed": True,
        "completed_at": completed["updated_at"],
        "updated_at": completed["updated_at"],
        "revision": task["revision"] + 1,
    }
    assert completed["updated_at"] > task["updated_at"]
    assert alice.get(path_of(task)).json() == completed
    assert alice.get(alice.tasks).json()["tasks"] == [completed]


@pytest.mark.parametrize("body", REOPENS)
def test_reopens(alice: User, body: dict[str, bool]) -> None:
    task = alice.new_task(description="Two litres")
    completed = alice.patch(f"{path_of(task)}/complete", json={"is_completed": True}).json()
    reopened = alice.patch(f"{path_of(task)}/complete", json=body).json()
    assert reopened == {**task, "updated_at": reopened["updated_at"], "revision": completed["revision"] + 1}
    assert reopened["updated_at"] > completed["updated_at"]
    assert alice.get(path_of(task)).json() == reopened


@pytest.mark.parametrize("body", COMPLETES)
def test_completing_what_is_complete_keeps_its_instant(alice: User, body: dict[str, bool]) -> None:
    task = alice.new_task()
    completed = alice.patch(f"{path_of(task)}/complete", json={"is_completed": True}).json()
    again = alice.patch(f"{path_of(task)}/complete", json=body).json()
    assert again["is_completed"] is True
    assert again["completed_at"] == completed["completed_at"]
    assert again["updated_at"] > completed["updated_at"]


def test_reopening_what_is_open_leaves_it_open(alice: User) -> None:
    task = alice.new_task()
    again = alice.patch(f"{path_of(task)}/complete", json={"is_completed": False}).json()
    assert (again["is_completed"], again["completed_at"]) == (False, None)
    assert again["updated_at"] > task["updated_at"]


@pytest.mark.parametrize(
    "request_of",
    [
        {},
        {"json": {}},
        {"content": b"null", "headers": {"Content-Type": "application/json"}},
        {"content": b"", "headers": {"Content-Type": "application/json"}},
        {"content": b"", "headers": {"Content-Type": "text/plain"}},
    ],
)
def test_no_state_toggles(alice: User, request_of: dict[str, Any]) -> None:
    task = alice.new_task()
    for expected in (True, False, True):
        toggled = alice.patch(f"{path_of(task)}/complete", **request_of).json()
        assert toggled["is_completed"] is expected
        assert toggled["completed_at"] == (toggled["updated_at"] if expected else None)
        assert alice.get(path_of(task)).json() == toggled


def test_me_is_the_callers_id(alice: User) -> None:
    task = alice.new_task()
    assert alice.patch(f"/api/me/tasks/{task['id']}/complete").json()["is_completed"] is True


def test_toggles_at_the_same_moment_all_count(alice: User) -> None:
    task = alice.new_task()
    together = Barrier(4)

    def toggle(_: int) -> httpx.Response:
        together.wait(timeout=30)
        return alice.patch(f"{path_of(task)}/complete")

    with ThreadPoolExecutor(4) as threads:
        for _ in range(5):
            answers = list(threads.map(toggle, range(4)))
            assert [answer.status_code for answer in answers] == [200] * 4
            in_order = sorted((answer.json() for answer in answers), key=lambda toggled: int(toggled["revision"]))
            assert [toggled["is_completed"] for toggled in in_order] == [True, False, True, False]
            assert alice.get(path_of(task)).json() == in_order[-1]


def test_leaves_every_other_task(alice: User, bob: User) -> None:
    mine, his, task = alice.new_task("mine"), bob.new_task("his"), alice.new_task()
    alice.patch(f"{path_of(task)}/complete")
    assert alice.get(path_of(mine)).json() == mine
    assert bob.get(path_of(his)).json() == his


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({"is_completed": True, "completed": False}, ["body"], "contradiction"),
        ({"is_completed": False, "completed": True}, ["body"], "contradiction"),
        ({"is_completed": "true"}, ["body", "is_completed"], "bool_type"),
        ({"is_completed": 1}, ["body", "is_completed"], "bool_type"),
        ({"is_completed": 0.0}, ["body", "is_completed"], "bool_type"),
        ({"is_completed": None}, ["body", "is_completed"], "bool_type"),
        ({"is_completed": [True]}, ["body", "is_completed"], "bool_type"),
        ({"completed": "false"}, ["body", "completed"], "bool_type"),
        ({"completed": 0}, ["body", "completed"], "bool_type"),
        ({"completed": None}, ["body", "completed"], "bool_type"),
        ({"completed": True, "is_completed": None}, ["body", "is_completed"], "bool_type"),
        ({"is_completed": True, "title": "a"}, ["body", "title"], "extra_forbidden"),
        ({"Completed": True}, ["body", "Completed"], "extra_forbidden"),
        ({"completed_at": "2026-11-21T09:51:00Z"}, ["body", "completed_at"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
        (True, ["body"], "model_attributes_type"),
        ("true", ["body"], "model_attributes_type"),
    ],
)
def test_refuses_what_is_no_state(alice: User, body: Any, loc: list[str], kind: str) -> None:
    task = alice.new_task()
    error = assert_error(alice.patch(f"{path_of(task)}/complete", json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]
    assert alice.get(path_of(task)).json() == task


@pytest.mark.parametrize("content", [b"{", b"completed=true", b'{"completed": True}', b"nul", b"\xff", b" "])
def test_refuses_what_cannot_be_read(alice: User, content: bytes) -> None:
    task = alice.new_task()
    for content_type, status, code in (
        ("application/json", 422, "invalid_json"),
        ("text/plain", 415, "unsupported_media_type"),
    ):
        answer = alice.patch(f"{path_of(task)}/complete", content=content, headers={"Content-Type": content_type})
        assert_error(answer, status, code)
    assert alice.get(path_of(task)).json() == task


def test_refuses_a_body_over_64_kib(alice: User) -> None:
    task = alice.new_task()
    headers = {"Content-Type": "application/json"}
    answer = alice.patch(f"{path_of(task)}/complete", content=b"{}" + b" " * 65_535, headers=headers)
    assert_error(answer, 413, "body_too_large")
    assert alice.get(path_of(task)).json() == task


def test_what_does_not_exist_is_404(alice: User) -> None:
    for body in ({}, {"is_completed": True}, {"is_completed": False}):
        assert_error(alice.patch(f"{alice.tasks}/{uuid.uuid4()}/complete", json=body), 404, "task_not_found")


@pytest.mark.parametrize("body", [{}, {"is_completed": True}, {"is_completed": False}])
def test_another_owners_task_is_403(alice: User, bob: User, body: dict[str, bool]) -> None:
    task = bob.new_task()
    for path in (f"{alice.tasks}/{task['id']}", f"/api/me/tasks/{task['id']}", path_of(task)):
        assert_error(alice.patch(f"{path}/complete", json=body), 403, "forbidden")
    assert bob.get(path_of(task)).json() == task


def test_another_owners_path_is_403(alice: User, bob: User) -> None:
    task = alice.new_task()
    for user_id in (bob.id, uuid.uuid4(), "nonsense"):
        assert_error(alice.patch(f"/api/{user_id}/tasks/{task['id']}/complete"), 403, "forbidden")
    assert alice.get(path_of(task)).json() == task


@pytest.mark.parametrize("task_id", ["1", "nonsense", "%00", "0f8fad5b-d9cb-469f-a165-70867728950"])
def test_a_malformed_id_is_422(alice: User, task_id: str) -> None:
    error = assert_error(alice.patch(f"{alice.tasks}/{task_id}/complete"), 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [["path", "task_id"]]


def test_refuses_nobody(alice: User) -> None:
    task = alice.new_task()
    assert_error(httpx.patch(f"{alice.base_url}{path_of(task)}/complete"), 401, "unauthenticated")
    assert alice.get(path_of(task)).json() == task


def test_refuses_another_method(alice: User) -> None:
    task = alice.new_task()
    for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "TRACE"):
        answer = alice.request(method, f"{path_of(task)}/complete")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "OPTIONS, PATCH"
    assert alice.get(path_of(task)).json() == task
