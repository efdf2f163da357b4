"""PATCH /api/{user_id}/tasks/{task_id}."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from support.users import User, assert_error
from support.writes import state_of


def path_of(task: dict[str, Any]) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


@pytest.mark.parametrize(
    "patch",
    [
        {},
        {"title": "Buy rye"},
        {"description": "A loaf"},
        {"description": ""},
        {"description": None},
        {"is_completed": True},
        {"is_completed": False},
        {"title": "Buy rye", "description": "A loaf"},
        {"title": "Buy rye", "is_completed": True},
        {"description": None, "is_completed": True},
        {"title": "Buy rye", "description": "A loaf", "is_completed": True},
        {"title": "🧑‍🚀 חלב", "description": "Cafe\u0301\r\n\t", "is_completed": False},
        {"title": "t" * 200, "description": "é" * 2000},
    ],
)
def test_changes_what_is_named_and_nothing_else(alice: User, patch: dict[str, Any]) -> None:
    task = alice.new_task(description="Two litres")
    answer = alice.patch(path_of(task), json=patch)
    assert answer.status_code == 200
    patched = answer.json()
    assert patched == {
        **task,
        **patch,
        "completed_at": patched["updated_at"] if patch.get("is_completed") else None,
        "updated_at": patched["updated_at"],
        "revision": task["revision"] + 1,
    }
    assert patched["updated_at"] > task["updated_at"]
    assert alice.get(path_of(task)).json() == patched


def test_me_is_the_callers_id(alice: User) -> None:
    task = alice.new_task()
    assert alice.patch(f"/api/me/tasks/{task['id']}", json={"title": "Buy rye"}).json()["title"] == "Buy rye"


def test_white_space_around_the_title_is_removed(alice: User) -> None:
    assert alice.patch(path_of(alice.new_task()), json={"title": " \n Buy rye\u2003"}).json()["title"] == "Buy rye"


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/merge-patch+json", "application/merge-patch+json; charset=utf-8"]
)
def test_takes_the_content_type_of_merge_patches(alice: User, content_type: str) -> None:
    task = alice.new_task(description="Two litres")
    content = json.dumps({"title": "Buy rye", "description": None})
    answer = alice.patch(path_of(task), content=content, headers={"Content-Type": content_type})
    assert answer.status_code == 200
    assert (answer.json()["title"], answer.json()["description"]) == ("Buy rye", None)


def test_a_task_that_is_complete_keeps_its_instant(alice: User) -> None:
    task = alice.new_task()
    completed = alice.patch(path_of(task), json={"is_completed": True}).json()
    for patch in ({"is_completed": True}, {"title": "Buy rye"}, {"title": "Buy oats", "is_completed": True}):
        patched = alice.patch(path_of(task), json=patch).json()
        assert (patched["is_completed"], patched["completed_at"]) == (True, completed["completed_at"])
    reopened = alice.patch(path_of(task), json={"is_completed": False, "description": "A loaf"}).json()
    assert (reopened["is_completed"], reopened["completed_at"]) == (False, None)
    assert (reopened["title"], reopened["description"]) == ("Buy oats", "A loaf")


def test_leaves_every_other_task(alice: User, bob: User) -> None:
    mine, his, task = alice.new_task("mine"), bob.new_task("his"), alice.new_task()
    alice.patch(path_of(task), json={"title": "Buy rye", "is_completed": True})
    assert alice.get(path_of(mine)).json() == mine
    assert bob.get(path_of(his)).json() == his
    assert alice.get(alice.tasks).json()["total"] == 2


def test_fields_that_are_patched_at_the_same_moment_are_all_kept(alice: User) -> None:
    task = alice.new_task()
    together = Barrier(3)

    def patch(body: dict[str, Any]) -> httpx.Response:
        together.wait(timeout=30)
        return alice.patch(path_of(task), json=body)

    with ThreadPoolExecutor(3) as threads:
        for number in range(20):
            before = alice.get(path_of(task)).json()
            bodies: list[dict[str, Any]] = [
                {"title": f"title {number}"},
                {"description": f"description {number}"},
                {"is_completed": number % 2 == 0},
            ]
            answers = list(threads.map(patch, bodies))
            assert [answer.status_code for answer in answers] == [200] * 3
            in_order = sorted((answer.json() for answer in answers), key=lambda patched: int(patched["revision"]))
            assert [patched["revision"] - before["revision"] for patched in in_order] == [1, 2, 3]
            after = alice.get(path_of(task)).json()
            assert after == in_order[-1]
            assert [{name: after[name] for name in body} for body in bodies] == bodies


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({"title": None}, ["body", "title"], "string_type"),
        ({"title": None, "description": "d"}, ["body", "title"], "string_type"),
        ({"title": 7}, ["body", "title"], "string_type"),
        ({"title": ""}, ["body", "title"], "string_too_short"),
        ({"title": "\u2003\n"}, ["body", "title"], "string_too_short"),
        ({"title": "t" * 201}, ["body", "title"], "string_too_long"),
        ({"title": "nul\x00"}, ["body", "title"], "string_pattern_mismatch"),
        ({"description": "d" * 2001}, ["body", "description"], "string_too_long"),
        ({"description": "\x1b"}, ["body", "description"], "string_pattern_mismatch"),
        ({"description": {}}, ["body", "description"], "string_type"),
        ({"is_completed": None}, ["body", "is_completed"], "bool_type"),
        ({"is_completed": None, "title": "a"}, ["body", "is_completed"], "bool_type"),
        ({"is_completed": 1}, ["body", "is_completed"], "bool_type"),
        ({"is_completed": "true"}, ["body", "is_completed"], "bool_type"),
        ({"title": "a", "completed": True}, ["body", "completed"], "extra_forbidden"),
        ({"title": "a", "completed_at": None}, ["body", "completed_at"], "extra_forbidden"),
        ({"title": "a", "id": str(uuid.UUID(int=0))}, ["body", "id"], "extra_forbidden"),
        ({"title": "a", "user_id": "somebody"}, ["body", "user_id"], "extra_forbidden"),
        ({"title": "a", "revision": 1}, ["body", "revision"], "extra_forbidden"),
        ({"title": "a", "created_at": "2026-11-21T09:51:00Z"}, ["body", "created_at"], "extra_forbidden"),
        ({"title": "a", "Title": "b"}, ["body", "Title"], "extra_forbidden"),
        ({"title": "a", "due_whenever": None}, ["body", "due_whenever"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
        ([{"op": "replace", "path": "/title", "value": "a"}], ["body"], "model_attributes_type"),
        ("title", ["body"], "model_attributes_type"),
        (True, ["body"], "model_attributes_type"),
        (None, ["body"], "missing"),
    ],
)
def test_refuses_what_is_no_patch(alice: User, body: Any, loc: list[str], kind: str) -> None:
    task = alice.new_task(description="Two litres")
    before = state_of(alice)
    error = assert_error(alice.patch(path_of(task), json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]
    assert state_of(alice) == before


@pytest.mark.parametrize(
    "content", [b"{", b"title=a", b'{"title": NaN}', b'{"title": "\\udfff"}', b'{"title": "\xff"}', b"[" * 60_000]
)
def test_refuses_what_cannot_be_read(alice: User, content: bytes) -> None:
    task = alice.new_task()
    for content_type in ("application/json", "application/merge-patch+json"):
        answer = alice.patch(path_of(task), content=content, headers={"Content-Type": content_type})
        assert_error(answer, 422, "invalid_json")
    assert alice.get(path_of(task)).json() == task


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json-patch"])
def test_refuses_other_content_types(alice: User, content_type: str) -> None:
    task = alice.new_task()
    answer = alice.patch(path_of(task), content=b'{"title": "a"}', headers={"Content-Type": content_type})
    assert_error(answer, 415, "unsupported_media_type")
    assert alice.get(path_of(task)).json() == task


def test_refuses_no_body(alice: User) -> None:
    task = alice.new_task()
    assert_error(alice.patch(path_of(task)), 422, "validation_error")
    assert alice.get(path_of(task)).json() == task


def test_refuses_a_body_over_64_kib(alice: User) -> None:
    task = alice.new_task()
    headers = {"Content-Type": "application/merge-patch+json"}
    assert_error(alice.patch(path_of(task), content=b"{}" + b" " * 65_535, headers=headers), 413, "body_too_large")
    assert alice.get(path_of(task)).json() == task
    assert alice.patch(path_of(task), content=b"{}" + b" " * 65_534, headers=headers).status_code == 200


def test_what_does_not_exist_is_404(alice: User) -> None:
    task = alice.new_task()
    assert_error(alice.patch(f"{alice.tasks}/{uuid.uuid4()}", json={"title": "a"}), 404, "task_not_found")
    # What is refused leaves no gap in the revisions.
    assert alice.patch(path_of(task), json={}).json()["revision"] == task["revision"] + 1
    alice.delete(path_of(task))
    assert_error(alice.patch(path_of(task), json={"title": "a"}), 404, "task_not_found")


def test_another_owners_task_is_403(alice: User, bob: User) -> None:
    task = bob.new_task()
    for path in (f"{alice.tasks}/{task['id']}", f"/api/me/tasks/{task['id']}", path_of(task)):
        assert_error(alice.patch(path, json={"title": "mine?"}), 403, "forbidden")
    assert bob.get(path_of(task)).json() == task


def test_another_owners_path_is_403(alice: User, bob: User) -> None:
    task = alice.new_task()
    for user_id in (bob.id, uuid.uuid4(), "nonsense"):
        assert_error(alice.patch(f"/api/{user_id}/tasks/{task['id']}", json={"title": "a"}), 403, "forbidden")
    assert alice.get(path_of(task)).json() == task


@pytest.mark.parametrize("task_id", ["1", "nonsense", "%00", "complete", "0f8fad5b-d9cb-469f-a165-70867728950"])
def test_a_malformed_id_is_422(alice: User, task_id: str) -> None:
    error = assert_error(alice.patch(f"{alice.tasks}/{task_id}", json={"title": "a"}), 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [["path", "task_id"]]


def test_refuses_nobody(alice: User) -> None:
    task = alice.new_task()
    answer = httpx.patch(f"{alice.base_url}{path_of(task)}", json={"title": "nobody's"})
    assert_error(answer, 401, "unauthenticated")
    assert alice.get(path_of(task)).json() == task


def test_refuses_another_method(alice: User) -> None:
    task = alice.new_task()
    for method in ("POST", "TRACE"):
        answer = alice.request(method, path_of(task))
        assert answer.status_code == 405
        assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
    assert alice.get(path_of(task)).json() == task
