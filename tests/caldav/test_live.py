"""A change by one way in is there at once by every other."""

from collections.abc import Callable
from typing import Any

import pytest

from support.changes import changes
from support.dav import DAV, SERVER, Phone
from support.events import follow
from support.ical import event, make, make_calendar, put, task_of, todo


def state(phone: Phone, collection: str) -> tuple[str | None, str | None, set[str | None]]:
    """The ctag, the sync-token, and all ETags."""
    found = phone.propfind(collection, "S:getctag", "D:sync-token", "D:getetag", depth="1")
    here = found.pop(collection)
    etags = {each.text(f"{DAV}getetag") for each in found.values()}
    return here.text(f"{SERVER}getctag"), here.text(f"{DAV}sync-token"), etags


def test_what_a_program_writes_is_in_the_event_stream(phone: Phone) -> None:
    with follow(phone.user) as stream:
        path = make(phone, phone.inbox, todo("a", "SUMMARY:New"), "a")
        created = stream.next().change
        assert created["task"]["title"] == "New"
        put(phone, path, todo("a", "SUMMARY:Changed"))
        assert stream.next().change["task"]["title"] == "Changed"
        phone.dav("DELETE", path)
        assert stream.next().change["deleted"] is True


def test_the_answer_comes_after_the_commit(phone: Phone) -> None:
    for number in range(20):
        answer = put(phone, f"{phone.inbox}n{number}", todo(f"u{number}", f"SUMMARY:{number}"))
        task = task_of(phone, str(number))
        assert answer.headers["etag"] == f'"{task["revision"]}"'
        assert changes(phone.user, since=task["revision"] - 1)["changes"][0]["task"] == task


def _change(phone: Phone, task: dict[str, Any]) -> None:
    phone.user.patch(f"{phone.user.tasks}/{task['id']}", json={"title": "Changed"})


def _complete(phone: Phone, task: dict[str, Any]) -> None:
    phone.user.patch(f"{phone.user.tasks}/{task['id']}", json={"is_completed": True})


def _delete(phone: Phone, task: dict[str, Any]) -> None:
    phone.user.delete(f"{phone.user.tasks}/{task['id']}")


def _create(phone: Phone, task: dict[str, Any]) -> None:
    phone.user.new_task(f"After {task['title']}")


def _subtask(phone: Phone, task: dict[str, Any]) -> None:
    phone.user.new_task("Below", parent_id=task["id"])


def _move(phone: Phone, task: dict[str, Any]) -> None:
    list_id = phone.user.post(f"/api/{phone.user.id}/lists", json={"name": "Home"}).json()["id"]
    assert phone.user.post(f"{phone.user.tasks}/{task['id']}/move", json={"list_id": list_id}).status_code == 200


@pytest.mark.parametrize("act", [_change, _complete, _delete, _create, _subtask, _move])
def test_what_the_api_changes_moves_the_tokens(phone: Phone, act: Callable[[Phone, dict[str, Any]], None]) -> None:
    other = make_calendar(phone, "VTODO")
    elsewhere = state(phone, other)
    make(phone, phone.inbox)
    before = state(phone, phone.inbox)
    act(phone, task_of(phone))
    after = state(phone, phone.inbox)
    assert after[0] == after[1] != before[0]
    assert after[2] != before[2]
    assert state(phone, other) == elsewhere


def test_events_are_no_tasks(phone: Phone) -> None:
    mixed = make_calendar(phone)
    before = state(phone, mixed)
    make(phone, mixed, event("a", "DTSTART:20270301T100000Z"), "a")
    assert state(phone, mixed)[0] != before[0]
    assert phone.user.get(phone.user.tasks).json()["tasks"] == []
