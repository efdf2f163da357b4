"""DELETE /api/{user_id}/tasks/{task_id}."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from support.users import User, assert_error


def test_answers_nothing_and_the_task_is_gone(alice: User) -> None:
    kept, task = alice.new_task("kept"), alice.new_task()
    path = f"{alice.tasks}/{task['id']}"
    answer = alice.delete(path)
    assert answer.status_code == 204
    assert answer.content == b""
    assert "content-type" not in answer.headers
    assert_error(alice.get(path), 404, "task_not_found")
    assert_error(alice.put(path, json={"title": "a"}), 404, "task_not_found")
    assert_error(alice.patch(f"{path}/complete"), 404, "task_not_found")
    page = alice.get(alice.tasks).json()
    assert (page["tasks"], page["total"]) == ([kept], 1)


def test_a_second_delete_is_404(alice: User) -> None:
    alice.new_task("kept")
    path = f"/api/me/tasks/{alice.new_task()['id']}"
    assert alice.delete(path).status_code == 204
    assert_error(alice.delete(path), 404, "task_not_found")
    assert alice.get(alice.tasks).json()["total"] == 1


def test_the_last_task_leaves_an_empty_list(alice: User) -> None:
    alice.delete(f"{alice.tasks}/{alice.new_task()['id']}")
    assert alice.get(alice.tasks).json() == {"tasks": [], "total": 0, "limit": 50, "offset": 0, "next_cursor": None}
    again = alice.new_task()
    assert alice.get(alice.tasks).json()["tasks"] == [again]


def test_of_many_deletes_at_once_one_succeeds(alice: User) -> None:
    together = Barrier(4)

    def delete(task_id: str) -> int:
        together.wait(timeout=30)
        return alice.delete(f"{alice.tasks}/{task_id}").status_code

    alice.new_task("kept")
    with ThreadPoolExecutor(4) as threads:
        for _ in range(5):
            task = alice.new_task()
            assert sorted(threads.map(delete, [task["id"]] * 4)) == [204, 404, 404, 404]
            assert alice.get(alice.tasks).json()["total"] == 1


def test_what_does_not_exist_is_404(alice: User) -> None:
    alice.new_task()
    assert_error(alice.delete(f"{alice.tasks}/{uuid.uuid4()}"), 404, "task_not_found")
    assert alice.get(alice.tasks).json()["total"] == 1


def test_another_owners_task_is_403(alice: User, bob: User) -> None:
    task = bob.new_task()
    for path in (f"{alice.tasks}/{task['id']}", f"/api/me/tasks/{task['id']}", f"{bob.tasks}/{task['id']}"):
        assert_error(alice.delete(path), 403, "forbidden")
    assert bob.get(bob.tasks).json()["tasks"] == [task]
    assert alice.get(alice.tasks).json()["total"] == 0


def test_another_owners_path_is_403(alice: User, bob: User) -> None:
    task = alice.new_task()
    for user_id in (bob.id, uuid.uuid4(), "nonsense"):
        assert_error(alice.delete(f"/api/{user_id}/tasks/{task['id']}"), 403, "forbidden")
    assert alice.get(alice.tasks).json()["tasks"] == [task]


@pytest.mark.parametrize("task_id", ["1", "nonsense", "%00", "*", "0f8fad5b-d9cb-469f-a165-70867728950"])
def test_a_malformed_id_is_422(alice: User, task_id: str) -> None:
    error = assert_error(alice.delete(f"{alice.tasks}/{task_id}"), 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [["path", "task_id"]]


def test_a_body_makes_no_difference(alice: User) -> None:
    path = f"{alice.tasks}/{alice.new_task()['id']}"
    answer = alice.request("DELETE", path, content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 204
    assert_error(alice.get(path), 404, "task_not_found")


def test_refuses_nobody(alice: User) -> None:
    task = alice.new_task()
    assert_error(httpx.delete(f"{alice.base_url}{alice.tasks}/{task['id']}"), 401, "unauthenticated")
    assert alice.get(alice.tasks).json()["tasks"] == [task]


def test_there_is_no_delete_of_the_whole_list(alice: User) -> None:
    task = alice.new_task()
    answer = alice.delete(alice.tasks)
    assert_error(answer, 405, "method_not_allowed")
    assert_error(alice.delete(f"{alice.tasks}/"), 404, "route_not_found")
    assert alice.get(alice.tasks).json()["tasks"] == [task]
