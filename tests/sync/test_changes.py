"""GET /api/{user_id}/changes."""

import uuid
from contextlib import closing
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.changes import Change, Copy, apply, batch, changes, listed, pages, read_all
from support.server import Server
from support.users import User, assert_error


def patched(user: User, task: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = user.patch(f"{user.tasks}/{task['id']}", json=fields)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def delete(user: User, task: dict[str, Any]) -> None:
    assert user.delete(f"{user.tasks}/{task['id']}").status_code == 204


def live(task: dict[str, Any]) -> Change:
    return {"revision": task["revision"], "kind": "task", "id": task["id"], "deleted": False, "task": task}


def tombstone(task: dict[str, Any], revision: int) -> Change:
    return {"revision": revision, "kind": "task", "id": task["id"], "deleted": True, "task": None}


def test_an_empty_account_has_no_changes(alice: User) -> None:
    assert changes(alice) == {"changes": [], "revision": 0, "has_more": False}
    assert changes(alice, since=0, limit=1) == {"changes": [], "revision": 0, "has_more": False}


def test_from_0_it_is_the_whole_account_in_its_newest_state(alice: User) -> None:
    first, second, third = (alice.new_task(title) for title in ("first", "second", "third"))
    assert changes(alice) == {"changes": [live(first), live(second), live(third)], "revision": 3, "has_more": False}

    first = patched(alice, first, description="changed")
    second = alice.patch(f"{alice.tasks}/{second['id']}/complete").json()
    first = patched(alice, first, title="changed again")
    # The oldest change first, and each task once.
    assert changes(alice) == {"changes": [live(third), live(second), live(first)], "revision": 6, "has_more": False}
    assert apply({}, changes(alice)["changes"]) == listed(alice)


def test_me_is_the_callers_id(alice: User) -> None:
    alice.new_task()
    assert alice.get("/api/me/changes").json() == changes(alice)


def test_what_was_deleted_leaves_a_tombstone(alice: User) -> None:
    kept, deleted, both = (alice.new_task(title) for title in ("kept", "deleted", "changed and deleted"))
    delete(alice, deleted)
    patched(alice, both, title="changed")
    delete(alice, both)
    assert changes(alice) == {
        "changes": [live(kept), tombstone(deleted, 4), tombstone(both, 6)],
        "revision": 6,
        "has_more": False,
    }


def test_a_task_made_again_with_the_same_id_takes_the_tombstones_place(alice: User) -> None:
    task = alice.new_task("old")
    for revision in (3, 5):
        delete(alice, task)
        assert changes(alice)["changes"] == [tombstone(task, revision - 1)]
        answer = alice.put(f"{alice.tasks}/{task['id']}", json={"title": "new"}, headers={"If-None-Match": "*"})
        assert answer.status_code == 201
        assert answer.json()["revision"] == revision
        assert changes(alice) == {"changes": [live(answer.json())], "revision": revision, "has_more": False}
        # A client that saw it deleted sees it again, and one that did not sees it change.
        for since in range(revision):
            assert changes(alice, since=since)["changes"] == [live(answer.json())]


def test_since_leaves_out_what_is_known(alice: User) -> None:
    first, second, third = (alice.new_task() for _ in range(3))
    delete(alice, first)
    newest = [live(second), live(third), tombstone(first, 4)]
    for since, expected in ((0, newest), (1, newest), (2, newest[1:]), (3, newest[2:]), (4, [])):
        assert changes(alice, since=since) == {"changes": expected, "revision": 4, "has_more": False}


def test_limit_and_has_more(alice: User) -> None:
    tasks = [alice.new_task(str(number)) for number in range(5)]
    # A gap, so that the number of rows and the revision are not the same.
    tasks.append(patched(alice, tasks.pop(0), title="changed"))
    delete(alice, tasks[2])
    everything = [live(tasks[0]), live(tasks[1]), live(tasks[3]), live(tasks[4]), tombstone(tasks[2], 7)]
    assert [change["revision"] for change in everything] == [2, 3, 5, 6, 7]
    for limit in (1, 2, 3, 4):
        assert changes(alice, limit=limit) == {
            "changes": everything[:limit],
            "revision": everything[limit - 1]["revision"],
            "has_more": True,
        }
    for limit in (5, 6, 500):
        assert changes(alice, limit=limit) == {"changes": everything, "revision": 7, "has_more": False}
    assert changes(alice, since=3, limit=2) == {"changes": everything[2:4], "revision": 6, "has_more": True}
    assert changes(alice, since=3, limit=3) == {"changes": everything[2:], "revision": 7, "has_more": False}


def test_there_are_500_unless_said_otherwise(alice: User) -> None:
    create = {"op": "create", "task": {"title": "a"}}
    batch(alice, *[create] * 500)
    assert not changes(alice)["has_more"]
    batch(alice, create)
    page = changes(alice)
    assert (len(page["changes"]), page["revision"], page["has_more"]) == (500, 500, True)
    assert page == changes(alice, limit=500)
    assert [change["revision"] for change in read_all(alice)] == list(range(1, 502))


def test_the_link_leads_to_the_end(alice: User) -> None:
    for number in range(7):
        alice.new_task(str(number))
    url = f"/api/{alice.id}/changes"
    answer = alice.get(url, params={"since": 1, "limit": 3})
    assert answer.headers["link"] == f'<{url}?since=4&limit=3>; rel="next"'
    answer = alice.get(answer.links["next"]["url"])
    assert [change["revision"] for change in answer.json()["changes"]] == [5, 6, 7]
    # Nothing is left, although this page is full.
    assert answer.json()["has_more"] is False
    assert "link" not in answer.headers
    assert "link" not in alice.get(url, params={"since": 7}).headers
    for limit in (1, 2, 3, 6, 7, 8):
        found = list(pages(alice, limit=limit))
        assert [len(some) for some, _ in found[:-1]] == [limit] * (len(found) - 1)
        assert found[-1][1] == 7
        assert [change for some, _ in found for change in some] == changes(alice)["changes"]


def test_a_link_for_me_says_me(alice: User) -> None:
    for _ in range(2):
        alice.new_task()
    answer = alice.get("/api/me/changes", params={"limit": 1})
    assert answer.links["next"]["url"] == "/api/me/changes?since=1&limit=1"


def test_every_operation_of_a_batch_has_a_revision_of_its_own(alice: User) -> None:
    old = alice.new_task("old")
    chosen = str(uuid.uuid4())
    results = batch(
        alice,
        {"op": "create", "task": {"title": "new"}},
        {"op": "create", "id": chosen, "task": {"title": "chosen"}},
        {"op": "complete", "id": chosen},
        {"op": "delete", "id": old["id"]},
        {"op": "create", "task": {"title": "short-lived"}},
        {"op": "update", "id": chosen, "task": {"title": "renamed"}},
    )
    assert [result["revision"] for result in results] == [2, 3, 4, 5, 6, 7]
    assert changes(alice) == {
        "changes": [live(results[0]["task"]), tombstone(old, 5), live(results[4]["task"]), live(results[5]["task"])],
        "revision": 7,
        "has_more": False,
    }


def test_what_fails_is_no_change(alice: User) -> None:
    task = alice.new_task()
    before = changes(alice)
    path = f"{alice.tasks}/{task['id']}"
    missing = str(uuid.uuid4())
    assert alice.patch(path, json={"title": "late"}, headers={"If-Match": '"7"'}).status_code == 412
    assert alice.delete(path, headers={"If-Match": '"7"'}).status_code == 412
    assert alice.put(path, json={"title": "again"}, headers={"If-None-Match": "*"}).status_code == 412
    assert alice.delete(f"{alice.tasks}/{missing}").status_code == 404
    operations = [{"op": "delete", "id": task["id"]}, {"op": "delete", "id": missing}]
    assert alice.post(f"{alice.tasks}/batch", json={"operations": operations}).status_code == 404
    assert changes(alice) == before
    assert changes(alice, since=1) == {"changes": [], "revision": 1, "has_more": False}


def test_a_revision_that_was_never_reached_is_410(alice: User) -> None:
    url = f"/api/{alice.id}/changes"
    for since in (1, 2, 2**53 - 1):
        assert_error(alice.get(url, params={"since": since}), 410, "resync_required")
    alice.new_task()
    assert changes(alice, since=1)["changes"] == []
    assert_error(alice.get(url, params={"since": 2}), 410, "resync_required")
    # Nor can a reading have begun at one.
    assert_error(alice.get(url, params={"since": 1, "start": 2}), 410, "resync_required")


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("limit=0", "greater_than_equal"),
        ("limit=501", "less_than_equal"),
        ("limit=-1", "greater_than_equal"),
        ("limit=1.5", "int_parsing"),
        ("limit=9007199254740992", "less_than_equal"),
        ("limit=", "int_parsing"),
        ("limit=ten", "int_parsing"),
        ("since=-1", "greater_than_equal"),
        ("since=1.5", "int_parsing"),
        ("since=9007199254740992", "less_than_equal"),
        ("since=", "int_parsing"),
        ("since=NaN", "int_parsing"),
        ("since=1-1", "int_parsing"),
        ("start=-1", "greater_than_equal"),
        ("start=9007199254740992", "less_than_equal"),
        ("start=x", "int_parsing"),
    ],
)
def test_refuses_what_is_no_number_of_changes(alice: User, query: str, kind: str) -> None:
    error = assert_error(alice.get(f"/api/{alice.id}/changes?{query}"), 422, "validation_error")
    name = query.partition("=")[0]
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["query", name], kind)]


def test_nothing_of_another_users_is_there(alice: User, bob: User) -> None:
    hers = alice.new_task("hers")
    his = [bob.new_task("his") for _ in range(3)]
    delete(bob, his[0])
    patched(bob, his[1], title="still his")
    assert_error(bob.delete(f"{bob.tasks}/{hers['id']}"), 403, "forbidden")
    assert changes(alice) == {"changes": [live(hers)], "revision": 1, "has_more": False}
    assert changes(alice, since=1) == {"changes": [], "revision": 1, "has_more": False}
    # His revisions are none of hers.
    assert_error(alice.get(f"/api/{alice.id}/changes", params={"since": 5}), 410, "resync_required")


def test_refuses_another_owners_path(alice: User, bob: User) -> None:
    bob.new_task()
    for user_id in (bob.id, str(uuid.uuid4()), "somebody"):
        assert_error(alice.get(f"/api/{user_id}/changes"), 403, "forbidden")
        assert_error(alice.get(f"/api/{user_id}/changes", params={"since": 2**53 - 1}), 403, "forbidden")


def test_refuses_nobody(alice: User) -> None:
    assert_error(httpx.get(f"{alice.base_url}/api/{alice.id}/changes"), 401, "unauthenticated")


def test_refuses_another_method(alice: User) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
        answer = alice.request(method, f"/api/{alice.id}/changes")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["create", "update", "toggle", "delete", "recreate"]), st.integers(0, 3)), max_size=20
)


class Writer:
    """Does what Hypothesis thinks of, and remembers what the list was at each revision."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._ids: list[str] = []
        self._gone: list[str] = []
        self.history: list[Copy] = [{}]

    def do(self, operation: str, which: int) -> None:
        candidates = self._gone if operation == "recreate" else self._ids
        if operation == "create":
            self._ids.append(self._user.new_task()["id"])
        elif not candidates:
            return
        else:
            task_id = candidates[which % len(candidates)]
            path = f"{self._user.tasks}/{task_id}"
            if operation == "update":
                answer = self._user.put(path, json={"title": f"at {len(self.history)}"})
            elif operation == "toggle":
                answer = self._user.patch(f"{path}/complete")
            elif operation == "delete":
                answer = self._user.delete(path)
                self._ids.remove(task_id)
                self._gone.append(task_id)
            else:
                answer = self._user.put(path, json={"title": "again"}, headers={"If-None-Match": "*"})
                self._gone.remove(task_id)
                self._ids.append(task_id)
            assert answer.is_success, answer.text
        self.history.append(listed(self._user))


@settings(max_examples=12, deadline=None)
@given(operations=OPERATIONS, limit=st.integers(1, 8))
def test_pages_of_any_size_since_any_revision_bring_a_copy_up_to_date(
    server: Server, operations: list[tuple[str, int]], limit: int
) -> None:
    with closing(User(server.url)) as user:
        writer = Writer(user)
        for operation, which in operations:
            writer.do(operation, which)
        newest = len(writer.history) - 1
        for since, known in enumerate(writer.history):
            found = list(pages(user, since=since, limit=limit))
            assert found[-1][1] == newest
            rows = [change for some, _ in found for change in some]
            revisions = [change["revision"] for change in rows]
            assert revisions == sorted(set(revisions))
            assert len({change["id"] for change in rows}) == len(rows)
            assert all(since < revision <= newest for revision in revisions)
            assert apply(dict(known), rows) == writer.history[newest]
