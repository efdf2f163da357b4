"""`ETag`, `If-None-Match` and `If-Match` of a single task."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from support.users import User, assert_error
from support.writes import assert_detailed_error, etag, state_of

WRITES: dict[str, tuple[str, str, Any]] = {
    "put": ("PUT", "", {"title": "Buy rye"}),
    "patch": ("PATCH", "", {"description": "A loaf"}),
    "complete": ("PATCH", "/complete", {"is_completed": True}),
    "toggle": ("PATCH", "/complete", None),
    "delete": ("DELETE", "", None),
}
MALFORMED = [
    "",
    "7",
    '"7',
    '7"',
    '"',
    "'7'",
    'w/"7"',
    "W/7",
    'W / "7"',
    '"7" "8"',
    '"7", 8',
    '"7"; "8"',
    '*, "7"',
    '"7", *',
    "**",
    '"a b"',
    '"\t"',
]


def path_of(task: dict[str, Any]) -> str:
    return f"/api/{task['user_id']}/tasks/{task['id']}"


def tag_of(task: dict[str, Any]) -> str:
    return etag(task["revision"])


def send(user: User, write: str, path: str, if_match: str | None = None) -> httpx.Response:
    """One of the writes to the task at this path."""
    method, suffix, body = WRITES[write]
    headers = {} if if_match is None else {"If-Match": if_match}
    return user.request(method, f"{path}{suffix}", headers=headers, json=body)


def test_every_answer_with_one_task_has_its_revision_as_etag(alice: User) -> None:
    created = alice.post(alice.tasks, json={"title": "Buy oat milk"})
    path = path_of(created.json())
    answers = [
        created,
        alice.get(path),
        alice.put(path, json={"title": "Buy rye"}),
        alice.patch(path, json={"title": "Buy oats"}),
        alice.patch(f"{path}/complete"),
        alice.get(path),
        alice.put(f"{alice.tasks}/{uuid.uuid4()}", json={"title": "mine"}, headers={"If-None-Match": "*"}),
    ]
    assert [answer.headers["etag"] for answer in answers] == [tag_of(answer.json()) for answer in answers]
    assert [answer.json()["revision"] for answer in answers] == [1, 1, 2, 3, 4, 4, 5]


def test_no_other_answer_has_one(alice: User) -> None:
    path = path_of(alice.new_task())
    for answer in (
        alice.get(alice.tasks),
        alice.get(f"{alice.tasks}/{uuid.uuid4()}"),
        alice.put(path, json={}, headers={"If-Match": '"0"'}),
        alice.post(f"{alice.tasks}/batch", json={"operations": []}),
        alice.delete(path),
    ):
        assert "etag" not in answer.headers


def compressed(tag: str) -> list[str]:
    """What becomes of the tag at proxies that compress: nginx and HAProxy, Apache and Caddy, Jetty, some others."""
    return [
        f'W/"{tag}"',
        f'"{tag}-gzip"',
        f'"{tag}-br"',
        f'"{tag}-zstd"',
        f'W/"{tag}-gzip"',
        f'"{tag}--gzip"',
        f'"{tag};gzip"',
    ]


def test_what_the_client_has_already_is_304(alice: User) -> None:
    alice.new_task("another")
    task = alice.new_task()
    assert tag_of(task) == '"2.3"'
    known_tags = ['"2.3"', 'W/"2.3"', "*", '"0", "2.3"', 'W/"0","2.3"', '"a,b" ,\tW/"2.3" , ""', '"2.3", "2.3"']
    for known in [*known_tags, *compressed("2.3")]:
        answer = alice.get(path_of(task), headers={"If-None-Match": known})
        assert answer.status_code == 304, known
        assert answer.headers["etag"] == tag_of(task)
        assert answer.headers["x-request-id"]
        assert answer.content == b""
        assert "content-type" not in answer.headers


def test_what_the_client_has_not_is_answered(alice: User) -> None:
    alice.new_task("another")
    task = alice.new_task()
    assert tag_of(task) == '"2.3"'
    # The last are of this revision as another version of Doable answered it: the body may have members that it had not.
    others = ['"0"', '"02.3"', '"3.3"', '"20.3"', '"-2"', '""', '"a"', 'W/"1.3"', '"1.3", "3.3"', '"W/2.3"']
    others += [
        f'"{10**19}"',
        '"2"',
        '"2.0"',
        '"2.1"',
        'W/"2.1", "2.22"',
        '"2.2-"',
        '"2.2gzip"',
        '"2.2-GZIP"',
    ]
    others += [tag for other in ("2", "3.3") for tag in compressed(other)]
    for known in others:
        answer = alice.get(path_of(task), headers={"If-None-Match": known})
        assert (answer.status_code, answer.json()) == (200, task), known


def test_a_change_makes_the_old_etag_useless(alice: User) -> None:
    task = alice.new_task()
    headers = {"If-None-Match": tag_of(task)}
    updated = alice.put(path_of(task), json={})
    answer = alice.get(path_of(task), headers=headers)
    assert (answer.status_code, answer.json()) == (200, updated.json())
    assert alice.get(path_of(task), headers={"If-None-Match": updated.headers["etag"]}).status_code == 304


def test_a_malformed_if_none_match_is_422(alice: User) -> None:
    task = alice.new_task()
    for malformed in MALFORMED:
        answer = alice.get(path_of(task), headers={"If-None-Match": malformed})
        error = assert_error(answer, 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["header", "If-None-Match"]]


def test_304_tells_nothing_of_what_is_not_ones_own(alice: User, bob: User) -> None:
    task = bob.new_task()
    for known in ("*", tag_of(task)):
        headers = {"If-None-Match": known}
        assert_error(alice.get(path_of(task), headers=headers), 403, "forbidden")
        assert_error(alice.get(f"{alice.tasks}/{task['id']}", headers=headers), 403, "forbidden")
        assert_error(alice.get(f"{alice.tasks}/{uuid.uuid4()}", headers=headers), 404, "task_not_found")
        assert_error(alice.get(path_of(task), headers={**headers, "Authorization": ""}), 401, "unauthenticated")


@pytest.mark.parametrize("write", WRITES)
def test_the_revision_that_is_expected_is_written(alice: User, write: str) -> None:
    # As whichever version of Doable it was seen: only what has changed since matters.
    for expected in (
        "{tag}",
        '"0", {tag}',
        'W/"1",{tag}',
        '"a" ,\t{tag} , W/{tag}',
        "*",
        '"{revision}"',
        '"{revision}.9"',
        *compressed("{revision}.2"),
        *compressed("{revision}"),
    ):
        task = alice.new_task()
        answer = send(alice, write, path_of(task), expected.format(tag=tag_of(task), revision=task["revision"]))
        assert answer.status_code == (204 if write == "delete" else 200), expected
        assert state_of(alice)["revision"] == task["revision"] + 1


def test_several_lines_are_one_list(alice: User) -> None:
    task = alice.new_task()
    path, present = f"{alice.tasks}/{task['id']}", etag(task["revision"])
    lines = ['"99"', f'"98", {present}']
    assert alice.get(path, headers=[("If-None-Match", each) for each in lines]).status_code == 304
    assert alice.get(path, headers=[("If-None-Match", each) for each in ('"99"', '"98"')]).status_code == 200
    assert_error(alice.get(path, headers=[("If-None-Match", each) for each in (present, "7")]), 422, "validation_error")
    headers = [("If-Match", each) for each in ('"99"', '"98"')]
    assert_detailed_error(
        alice.patch(path, json={"title": "b"}, headers=headers), 412, "precondition_failed", current=task
    )
    changed = alice.patch(path, json={"title": "b"}, headers=[("If-Match", each) for each in lines])
    assert changed.json()["title"] == "b"


@pytest.mark.parametrize("write", WRITES)
def test_another_revision_is_412_with_the_task_as_it_is_now(alice: User, write: str) -> None:
    alice.new_task("another")
    task = alice.new_task()
    alice.put(path_of(task), json={"title": "faster"})
    before = state_of(alice)
    current = alice.get(path_of(task)).json()
    assert tag_of(current) == '"3.3"'
    others = ['"2.3"', 'W/"2.3"', '"2", "4", W/"2"', '"0"', '"03"', '""', '"a"', '"3a"', '"3."', '"3.1.2"', '"3-"']
    for expected in [*others, *compressed("2.3")]:
        answer = send(alice, write, path_of(task), expected)
        assert_detailed_error(answer, 412, "precondition_failed", current=current)
        assert state_of(alice) == before
    # What is refused leaves no gap in the revisions.
    assert alice.new_task()["revision"] == current["revision"] + 1


@pytest.mark.parametrize("write", WRITES)
def test_what_412_says_is_enough_to_try_again(alice: User, write: str) -> None:
    task = alice.new_task(description="Two litres")
    alice.patch(f"{path_of(task)}/complete")
    current = send(alice, write, path_of(task), tag_of(task)).json()["current"]
    assert current["is_completed"] is True
    assert send(alice, write, path_of(task), tag_of(current)).is_success


@pytest.mark.parametrize("write", WRITES)
def test_a_malformed_if_match_is_422(alice: User, write: str) -> None:
    task = alice.new_task()
    for malformed in MALFORMED:
        error = assert_error(send(alice, write, path_of(task), malformed), 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["header", "If-Match"]]
    assert alice.get(path_of(task)).json() == task


@pytest.mark.parametrize("write", WRITES)
def test_404_and_403_go_before_412(alice: User, bob: User, write: str) -> None:
    task = bob.new_task()
    removed = alice.new_task()
    alice.delete(path_of(removed))
    before = state_of(alice)
    for expected in ("*", '"0"', tag_of(task)):
        assert_error(send(alice, write, f"{alice.tasks}/{uuid.uuid4()}", expected), 404, "task_not_found")
        assert_error(send(alice, write, path_of(removed), expected), 404, "task_not_found")
        assert_error(send(alice, write, f"{alice.tasks}/{task['id']}", expected), 403, "forbidden")
        assert_error(send(alice, write, path_of(task), expected), 403, "forbidden")
    assert state_of(alice) == before
    assert bob.get(path_of(task)).json() == task


@pytest.mark.parametrize("write", WRITES)
def test_without_if_match_the_last_write_wins(alice: User, write: str) -> None:
    task = alice.new_task()
    assert alice.put(path_of(task), json={"title": "faster"}).status_code == 200
    assert send(alice, write, path_of(task)).is_success
    after = alice.get(path_of(task))
    if write == "delete":
        assert_error(after, 404, "task_not_found")
    else:
        assert after.json()["revision"] == task["revision"] + 2
        assert after.json()["title"] == ("Buy rye" if write == "put" else "faster")


def test_of_two_who_expect_one_revision_at_once_one_is_told(alice: User) -> None:
    task = alice.new_task()
    together = Barrier(2)

    def update(title: str) -> httpx.Response:
        together.wait(timeout=30)
        return alice.put(path_of(task), json={"title": title}, headers={"If-Match": tag})

    with ThreadPoolExecutor(2) as threads:
        for _ in range(20):
            tag = alice.get(path_of(task)).headers["etag"]
            first, last = sorted(threads.map(update, ["left", "right"]), key=lambda answer: int(answer.status_code))
            assert first.status_code == 200
            assert_detailed_error(last, 412, "precondition_failed", current=first.json())
            assert alice.get(path_of(task)).json() == first.json()
