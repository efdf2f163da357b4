"""GET /api/{user_id}/events: what is in the stream. How it ends and how processes hear of each other is beside this."""

import time
import uuid
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest

from doable.sync.followers import MAX_STREAMS
from support.changes import Copy, apply, batch, changes, listed
from support.events import Event, follow
from support.server import Server
from support.users import PASSWORD, User, assert_error


def events_url(user: User) -> str:
    return f"/api/{user.id}/events"


def revisions(events: list[Event]) -> list[int]:
    return [event.change["revision"] for event in events]


def test_on_connect_comes_everything_that_was_missed(alice: User) -> None:
    first, second, third = (alice.new_task(title) for title in ("first", "second", "third"))
    alice.patch(f"{alice.tasks}/{first['id']}/complete")
    alice.delete(f"{alice.tasks}/{second['id']}")
    expected = changes(alice)["changes"]
    assert [change["id"] for change in expected] == [third["id"], first["id"], second["id"]]
    with follow(alice) as stream:
        assert stream.take(3) == [Event(str(change["revision"]), "change", change) for change in expected]
        assert stream.retry == ["1000"]


def test_me_is_the_callers_id(alice: User) -> None:
    task = alice.new_task()
    with closing(User(str(alice.base_url))) as other:
        other.headers["Authorization"], other.id = alice.headers["Authorization"], "me"
        with follow(other) as stream:
            assert stream.next().change["task"] == task


def test_more_than_is_read_at_a_time_comes_in_order(alice: User) -> None:
    for count in (50, 51, 220):
        batch(alice, *[{"op": "create", "task": {"title": str(number)}} for number in range(count)])
    with follow(alice) as stream:
        assert revisions(stream.take(321)) == list(range(1, 322))
        assert stream.until(alice.new_task()["revision"])[0].id == "322"
    with follow(alice, since=271) as stream:
        assert revisions(stream.take(51)) == list(range(272, 323))


def test_since_and_last_event_id_leave_out_what_is_known(alice: User) -> None:
    tasks = [alice.new_task(str(number)) for number in range(4)]
    for known in range(4):
        expected = tasks[known:]
        with follow(alice, since=known) as stream:
            assert [event.change["task"] for event in stream.take(len(expected))] == expected
        with follow(alice, last_event_id=str(known)) as stream:
            assert [event.change["task"] for event in stream.take(len(expected))] == expected
    # A client that knows everything hears of later changes.
    with follow(alice, since=4) as by_query, follow(alice, last_event_id="4") as by_header:
        new = alice.new_task()
        assert by_query.next().change["task"] == by_header.next().change["task"] == new


def test_last_event_id_goes_before_since(alice: User) -> None:
    for number in range(4):
        alice.new_task(str(number))
    with follow(alice, since=0, last_event_id="3") as stream:
        assert stream.next().id == "4"
    with follow(alice, since=4, last_event_id="2") as stream:
        assert stream.next().id == "3"
    # Also before one that is not known.
    with follow(alice, since=1000, last_event_id="3") as stream:
        assert stream.next().id == "4"


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"x",
        b"-1",
        b"+1",
        b"01",
        b"1.0",
        b"1e3",
        b"0x1",
        b"1 1",
        b"1,1",
        b"-",
        b"1-",
        b"-1-1",
        b"1-0",
        b"1-01",
        b"1-1-1",
        b"1_0",
        b"9" * 16,
        b"1-" + b"9" * 16,
        b"\xb2",
        "\N{ARABIC-INDIC DIGIT THREE}".encode(),
    ],
)
def test_refuses_what_is_no_event_id(alice: User, value: bytes) -> None:
    answer = alice.get(events_url(alice), headers=[(b"Last-Event-ID", value)])
    error = assert_error(answer, 422, "validation_error")
    assert [problem["loc"] for problem in error["detail"]] == [["header", "Last-Event-ID"]]


@pytest.mark.parametrize(
    ("since", "kind"),
    [
        ("-1", "greater_than_equal"),
        ("1.5", "int_parsing"),
        ("9007199254740992", "less_than_equal"),
        ("", "int_parsing"),
        ("1-1", "int_parsing"),
    ],
)
def test_refuses_what_is_no_revision(alice: User, since: str, kind: str) -> None:
    error = assert_error(alice.get(events_url(alice), params={"since": since}), 422, "validation_error")
    assert [(problem["loc"], problem["type"]) for problem in error["detail"]] == [(["query", "since"], kind)]


def test_a_revision_that_was_never_reached_is_410(alice: User) -> None:
    alice.new_task()
    for since in (2, 2**53 - 1):
        assert_error(alice.get(events_url(alice), params={"since": since}), 410, "resync_required")
    for event_id in ("2", "9" * 15, "1-2", "0-2"):
        answer = alice.get(events_url(alice), headers={"Last-Event-ID": event_id})
        assert_error(answer, 410, "resync_required")


def test_refuses_another_owners_path(alice: User, bob: User) -> None:
    bob.new_task()
    for user_id in (bob.id, str(uuid.uuid4()), "somebody"):
        assert_error(alice.get(f"/api/{user_id}/events"), 403, "forbidden")


def test_refuses_nobody(alice: User) -> None:
    url = f"{alice.base_url}{events_url(alice)}"
    assert_error(httpx.get(url), 401, "unauthenticated")
    # The token is not read from the address, where it would be logged.
    assert_error(httpx.get(url, params={"access_token": alice.token}), 401, "unauthenticated")


def test_refuses_another_method(alice: User) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
        answer = alice.request(method, events_url(alice))
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_headers(alice: User) -> None:
    with follow(alice, headers={"X-Request-ID": "of-a-stream"}) as stream:
        headers = stream.answer.headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["cache-control"] == "no-store"
        # Or nginx would keep events back until it has a page of them.
        assert headers["x-accel-buffering"] == "no"
        assert headers["x-request-id"] == "of-a-stream"
        assert "content-length" not in headers
        # Nothing of the request is kept, and no other is read.
        assert headers["connection"] == "close"


def test_every_kind_of_change_comes_with_its_revision(alice: User) -> None:
    with follow(alice) as stream:
        path = f"{alice.tasks}/{(task := alice.new_task())['id']}"
        created = stream.next()
        assert created == Event("1", "change", changes(alice)["changes"][0])
        assert created.change["task"] == task

        for revision, answer in enumerate(
            (
                alice.put(path, json={"title": "put"}),
                alice.patch(path, json={"description": "patched"}),
                alice.patch(f"{path}/complete", json={"is_completed": True}),
                alice.patch(f"{path}/complete"),
            ),
            2,
        ):
            assert answer.status_code == 200
            # Each may be overtaken by the next, but the last of them is there.
            assert answer.json()["revision"] == revision
        assert stream.until(5)[-1].change["task"] == alice.get(path).json()

        assert alice.delete(path).status_code == 204
        gone = {"revision": 6, "kind": "task", "id": task["id"], "deleted": True, "task": None}
        assert stream.next() == Event("6", "change", gone)

        answer = alice.put(path, json={"title": "again"}, headers={"If-None-Match": "*"})
        assert answer.status_code == 201
        assert stream.next().change["task"] == answer.json()

        results = batch(
            alice,
            {"op": "create", "task": {"title": "one"}},
            {"op": "update", "id": task["id"], "task": {"title": "two"}},
            {"op": "create", "task": {"title": "three"}},
            {"op": "delete", "id": task["id"]},
        )
        events = stream.take(3)
        assert [(event.id, event.change["id"]) for event in events] == [
            ("8", results[0]["id"]),
            ("10", results[2]["id"]),
            ("11", task["id"]),
        ]
        assert [event.change["deleted"] for event in events] == [False, False, True]


def test_a_change_comes_one_by_one(alice: User) -> None:
    """Each is waited for before the next is made, so that none can be overtaken."""
    with follow(alice) as stream:
        task = alice.new_task()
        assert stream.next().change["task"] == task
        for number in range(20):
            task = alice.patch(f"{alice.tasks}/{task['id']}", json={"title": str(number)}).json()
            event = stream.next()
            assert (event.id, event.change["task"]) == (str(task["revision"]), task)


def test_what_fails_or_changes_nothing_else_is_no_event(alice: User) -> None:
    task = alice.new_task()
    with follow(alice, since=1) as stream:
        path = f"{alice.tasks}/{task['id']}"
        assert alice.patch(path, json={"title": "late"}, headers={"If-Match": '"7"'}).status_code == 412
        assert alice.delete(f"{alice.tasks}/{uuid.uuid4()}").status_code == 404
        operations = [{"op": "delete", "id": task["id"]}, {"op": "delete", "id": str(uuid.uuid4())}]
        assert alice.post(f"{alice.tasks}/batch", json={"operations": operations}).status_code == 404
        assert alice.get(path).status_code == 200
        new = alice.new_task("the next event")
        assert stream.next().change["task"] == new


@pytest.mark.parametrize(
    "text",
    [
        "two\r\nlines\n\nid: 7\ndata: {}\n\n",
        "\u2028 and \u2029 and \x85 end lines elsewhere",
        ": no comment",
        "🧑‍🚀 \U0010ffff \ufeff",
    ],
)
def test_any_text_is_one_event(alice: User, text: str) -> None:
    with follow(alice) as stream:
        task = alice.new_task(text.strip(), description=text)
        assert task["description"] == text
        assert stream.next().change["task"] == task


def test_hears_of_another_client_of_the_same_user(server: Server, alice: User) -> None:
    token = alice.post("/api/auth/login", json={"email": alice.email, "password": PASSWORD}).json()["access_token"]
    with (
        follow(alice) as stream,
        httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as other,
    ):
        task = other.post("/api/me/tasks", json={"title": "from elsewhere"}).json()
        assert stream.next().change["task"] == task


def test_nothing_of_another_users_comes(alice: User, bob: User) -> None:
    with follow(alice) as hers, follow(bob) as his:
        for number in range(5):
            task = bob.new_task(str(number))
            bob.patch(f"{bob.tasks}/{task['id']}/complete")
        batch(bob, *[{"op": "create", "task": {"title": "his"}}] * 20)
        bob.delete(f"{bob.tasks}/{task['id']}")
        assert his.until(31)[-1].change["deleted"]
        # He has had all of his; the first that she gets is her own.
        task = alice.new_task("hers")
        assert hers.next() == Event("1", "change", changes(alice)["changes"][0])
        # And the other way round.
        his_next = bob.new_task()
        event = his.next()
        assert (event.id, event.change["task"]) == ("32", his_next)


def test_every_stream_of_a_user_gets_everything(alice: User) -> None:
    with ExitStack() as stack:
        streams = [stack.enter_context(follow(alice)) for _ in range(8)]
        tasks = [alice.new_task(str(number)) for number in range(5)]
        for stream in streams:
            assert [event.change["task"] for event in stream.take(5)] == tasks
        # That one leaves is nothing to the others.
        streams.pop().answer.close()
        alice.delete(f"{alice.tasks}/{tasks[0]['id']}")
        for stream in streams:
            assert stream.next().id == "6"


def test_what_changes_often_comes_in_its_newest_state(alice: User) -> None:
    task = alice.new_task()
    with follow(alice, since=1) as stream:
        update = {"op": "update", "id": task["id"]}
        results = batch(alice, *[{**update, "task": {"title": str(number)}} for number in range(300)])
        event = stream.next()
        assert (event.id, event.change["task"]) == ("301", results[-1]["task"])


def test_quick_changes_bring_a_copy_up_to_date_and_none_comes_twice(alice: User) -> None:
    copy: Copy = {}
    events: list[Event] = []
    with follow(alice) as stream:
        tasks: list[dict[str, Any]] = [alice.new_task(str(number)) for number in range(4)]
        for number in range(120):
            path = f"{alice.tasks}/{tasks[number % 4]['id']}"
            answer = alice.patch(path, json={"title": f"changed {number}"})
            assert answer.status_code == 200
            if number % 30 == 29:
                assert alice.delete(f"{alice.tasks}/{tasks[number % 4]['id']}").status_code == 204
                tasks[number % 4] = alice.new_task("in its place")
        events = stream.until(tasks[119 % 4]["revision"])
    assert revisions(events) == sorted(set(revisions(events)))
    assert apply(copy, [event.change for event in events]) == listed(alice)


def test_a_user_has_so_many_streams(alice: User, bob: User) -> None:
    path = f"/api/{alice.id}/events"
    with ExitStack() as stack:
        streams = [stack.enter_context(follow(alice)) for _ in range(MAX_STREAMS)]
        assert_error(alice.get(path), 429, "too_many_streams")
        # Nobody else is refused, and none of them ends for it.
        stack.enter_context(follow(bob))
        alice.new_task()
        assert {stream.next().change["revision"] for stream in streams} == {1}
    # There is room again as soon as the server has seen that they were closed.
    deadline = time.monotonic() + 30
    while True:
        with alice.stream("GET", path) as answer:
            if answer.status_code == 200:
                break
        assert time.monotonic() < deadline
