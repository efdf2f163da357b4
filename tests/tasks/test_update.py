"""PUT /api/{user_id}/tasks/{task_id}."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from support.users import User, assert_error


def test_changes_title_and_description(alice: User) -> None:
    task = alice.new_task(description="Two litres")
    answer = alice.put(f"{alice.tasks}/{task['id']}", json={"title": "Buy rye", "description": "A loaf"})
    assert answer.status_code == 200
    updated = answer.json()
    assert updated == {
        **task,
        "title": "Buy rye",
        "description": "A loaf",
        "updated_at": updated["updated_at"],
        "revision": task["revision"] + 1,
    }
    assert updated["updated_at"] > task["updated_at"]
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == updated


def test_me_is_the_callers_id(alice: User) -> None:
    task = alice.new_task()
    assert alice.put(f"/api/me/tasks/{task['id']}", json={"title": "Buy rye"}).json()["title"] == "Buy rye"


@pytest.mark.parametrize(
    ("body", "title", "description"),
    [
        ({}, "Buy oat milk", "Two litres"),
        ({"title": "Buy rye"}, "Buy rye", "Two litres"),
        ({"title": "  Buy rye\n"}, "Buy rye", "Two litres"),
        ({"description": "A loaf"}, "Buy oat milk", "A loaf"),
        ({"description": ""}, "Buy oat milk", ""),
        ({"description": None}, "Buy oat milk", None),
        ({"title": "Buy rye", "description": None}, "Buy rye", None),
        ({"title": "t" * 200, "description": "é" * 2000}, "t" * 200, "é" * 2000),
        ({"title": "🧑‍🚀 חלב", "description": "Cafe\u0301\r\n\t"}, "🧑‍🚀 חלב", "Cafe\u0301\r\n\t"),
        ({"title": "tasks.title || 'x'; --"}, "tasks.title || 'x'; --", "Two litres"),
    ],
)
def test_what_is_absent_stays(alice: User, body: Any, title: str, description: str | None) -> None:
    task = alice.new_task(description="Two litres")
    updated = alice.put(f"{alice.tasks}/{task['id']}", json=body).json()
    assert (updated["title"], updated["description"]) == (title, description)
    assert updated["created_at"] == task["created_at"]
    assert updated["updated_at"] > task["updated_at"]
    assert updated["revision"] > task["revision"]
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == updated


def test_leaves_the_state(alice: User) -> None:
    task = alice.new_task()
    completed = alice.patch(f"{alice.tasks}/{task['id']}/complete").json()
    updated = alice.put(f"{alice.tasks}/{task['id']}", json={"title": "Buy rye"}).json()
    assert updated["is_completed"] is True
    assert updated["completed_at"] == completed["completed_at"]


def test_leaves_every_other_task(alice: User, bob: User) -> None:
    mine, his, task = alice.new_task("mine"), bob.new_task("his"), alice.new_task()
    alice.put(f"{alice.tasks}/{task['id']}", json={"title": "Buy rye", "description": "A loaf"})
    assert alice.get(f"{alice.tasks}/{mine['id']}").json() == mine
    assert bob.get(f"{bob.tasks}/{his['id']}").json() == his
    assert alice.get(alice.tasks).json()["total"] == 2


def test_of_two_updates_at_once_one_is_left_whole(alice: User) -> None:
    task = alice.new_task(description="Two litres")
    bodies = [{"title": name, "description": f"by {name}"} for name in ("left", "right")]
    together = Barrier(2)

    def update(body: dict[str, str]) -> httpx.Response:
        together.wait(timeout=30)
        return alice.put(f"{alice.tasks}/{task['id']}", json=body)

    with ThreadPoolExecutor(2) as threads:
        for _ in range(20):
            before = alice.get(f"{alice.tasks}/{task['id']}").json()
            answers = list(threads.map(update, bodies))
            assert [answer.status_code for answer in answers] == [200, 200]
            first, last = sorted((answer.json() for answer in answers), key=lambda updated: int(updated["revision"]))
            assert [first["revision"], last["revision"]] == [before["revision"] + 1, before["revision"] + 2]
            assert alice.get(f"{alice.tasks}/{task['id']}").json() == last
            assert {"title": last["title"], "description": last["description"]} in bodies


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({"title": None}, ["body", "title"], "string_type"),
        ({"title": None, "description": "d"}, ["body", "title"], "string_type"),
        ({"title": 7}, ["body", "title"], "string_type"),
        ({"title": {}}, ["body", "title"], "string_type"),
        ({"title": ""}, ["body", "title"], "string_too_short"),
        ({"title": "\u2003\n"}, ["body", "title"], "string_too_short"),
        ({"title": "t" * 201}, ["body", "title"], "string_too_long"),
        ({"title": "nul\x00"}, ["body", "title"], "string_pattern_mismatch"),
        ({"description": "d" * 2001}, ["body", "description"], "string_too_long"),
        ({"description": "\x1b"}, ["body", "description"], "string_pattern_mismatch"),
        ({"description": False}, ["body", "description"], "string_type"),
        ({"title": "t", "is_completed": True}, ["body", "is_completed"], "extra_forbidden"),
        ({"title": "t", "user_id": "somebody"}, ["body", "user_id"], "extra_forbidden"),
        ({"title": "t", "id": "an-id"}, ["body", "id"], "extra_forbidden"),
        ([], ["body"], "model_attributes_type"),
        ("title", ["body"], "model_attributes_type"),
        (None, ["body"], "missing"),
    ],
)
def test_refuses_what_is_no_update(alice: User, body: Any, loc: list[str], kind: str) -> None:
    task = alice.new_task(description="Two litres")
    error = assert_error(alice.put(f"{alice.tasks}/{task['id']}", json=body), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(loc, kind)]
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == task


@pytest.mark.parametrize(
    "content", [b"{", b"title=a", b'{"title": NaN}', b'{"title": "\\udfff"}', b'{"title": "\xff"}']
)
def test_refuses_what_cannot_be_read(alice: User, content: bytes) -> None:
    task = alice.new_task()
    path = f"{alice.tasks}/{task['id']}"
    assert_error(alice.put(path, content=content, headers={"Content-Type": "application/json"}), 422, "invalid_json")
    assert_error(alice.put(path, content=b"{}", headers={"Content-Type": "text/plain"}), 415, "unsupported_media_type")
    assert alice.get(path).json() == task


def test_refuses_no_body(alice: User) -> None:
    task = alice.new_task()
    assert_error(alice.put(f"{alice.tasks}/{task['id']}"), 422, "validation_error")


def test_refuses_a_body_over_64_kib(alice: User) -> None:
    task = alice.new_task()
    headers = {"Content-Type": "application/json"}
    answer = alice.put(f"{alice.tasks}/{task['id']}", content=b"{}" + b" " * 65_535, headers=headers)
    assert_error(answer, 413, "body_too_large")
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == task


def test_what_does_not_exist_is_404(alice: User) -> None:
    task = alice.new_task()
    assert_error(alice.put(f"{alice.tasks}/{uuid.uuid4()}", json={"title": "a"}), 404, "task_not_found")
    # What is refused leaves no gap in the revisions.
    assert alice.put(f"{alice.tasks}/{task['id']}", json={}).json()["revision"] == task["revision"] + 1


def test_another_owners_task_is_403(alice: User, bob: User) -> None:
    task = bob.new_task()
    for path in (f"{alice.tasks}/{task['id']}", f"/api/me/tasks/{task['id']}", f"{bob.tasks}/{task['id']}"):
        assert_error(alice.put(path, json={"title": "mine?"}), 403, "forbidden")
    assert bob.get(f"{bob.tasks}/{task['id']}").json() == task


def test_another_owners_path_is_403(alice: User, bob: User) -> None:
    task = alice.new_task()
    for user_id in (bob.id, uuid.uuid4(), "nonsense"):
        assert_error(alice.put(f"/api/{user_id}/tasks/{task['id']}", json={"title": "a"}), 403, "forbidden")
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == task


@pytest.mark.parametrize("task_id", ["1", "nonsense", "%00", "0f8fad5b-d9cb-469f-a165-70867728950"])
def test_a_malformed_id_is_422(alice: User, task_id: str) -> None:
    error = assert_error(alice.put(f"{alice.tasks}/{task_id}", json={"title": "a"}), 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [["path", "task_id"]]


def test_refuses_nobody(alice: User) -> None:
    task = alice.new_task()
    answer = httpx.put(f"{alice.base_url}{alice.tasks}/{task['id']}", json={"title": "nobody's"})
    assert_error(answer, 401, "unauthenticated")
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == task
