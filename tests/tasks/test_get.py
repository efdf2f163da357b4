"""GET /api/{user_id}/tasks/{task_id}."""

import uuid

import httpx
import pytest

from support.users import User, assert_error


def test_answers_the_task(alice: User) -> None:
    alice.new_task("another")
    task = alice.new_task(description="Two litres")
    answer = alice.get(f"{alice.tasks}/{task['id']}")
    assert answer.status_code == 200
    assert answer.json() == task
    assert alice.get(f"/api/me/tasks/{task['id']}").json() == task


def test_an_id_has_one_meaning_in_each_spelling(alice: User) -> None:
    task = alice.new_task()
    for spelling in (task["id"].upper(), task["id"].replace("-", ""), f"urn:uuid:{task['id']}", f"{{{task['id']}}}"):
        assert alice.get(f"{alice.tasks}/{spelling}").json() == task


def test_what_does_not_exist_is_404(alice: User) -> None:
    assert_error(alice.get(f"{alice.tasks}/{uuid.uuid4()}"), 404, "task_not_found")
    assert_error(alice.get(f"{alice.tasks}/{uuid.UUID(int=0)}"), 404, "task_not_found")
    assert_error(alice.get(f"/api/me/tasks/{alice.id}"), 404, "task_not_found")


def test_another_owners_task_is_403(alice: User, bob: User) -> None:
    task = bob.new_task()
    assert_error(alice.get(f"{alice.tasks}/{task['id']}"), 403, "forbidden")
    assert_error(alice.get(f"/api/me/tasks/{task['id']}"), 403, "forbidden")


@pytest.mark.parametrize("path_user", ["bob", "nobody", "nonsense", "ME", "upper"])
def test_another_owners_path_is_the_same_403(alice: User, bob: User, path_user: str) -> None:
    """Whether there is such a user, and whose task it is, make no difference."""
    others = {"bob": bob.id, "nobody": str(uuid.uuid4()), "upper": alice.id.upper()}
    answers = [
        alice.get(f"/api/{others.get(path_user, path_user)}/tasks/{task_id}")
        for task_id in (bob.new_task()["id"], alice.new_task()["id"], uuid.uuid4())
    ]
    bodies = [assert_error(answer, 403, "forbidden") for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.parametrize("task_id", ["1", "nonsense", "%00", "me", "0f8fad5b-d9cb-469f-a165-70867728950", "..%2e", "é"])
def test_a_malformed_id_is_422(alice: User, task_id: str) -> None:
    error = assert_error(alice.get(f"{alice.tasks}/{task_id}"), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["path", "task_id"], "uuid_parsing")]


def test_refuses_nobody(alice: User) -> None:
    task = alice.new_task()
    assert_error(httpx.get(f"{alice.base_url}{alice.tasks}/{task['id']}"), 401, "unauthenticated")
    assert_error(httpx.get(f"{alice.base_url}{alice.tasks}/nonsense"), 401, "unauthenticated")


def test_refuses_another_method(alice: User) -> None:
    task = alice.new_task()
    for method in ("POST", "TRACE"):
        answer = alice.request(method, f"{alice.tasks}/{task['id']}")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
    assert alice.get(f"{alice.tasks}/{task['id']}").json() == task
