"""What tools write: all of it or nothing, once, and never against somebody who was faster."""

from contextlib import closing
from typing import Any

import pytest

from support.api_tokens import create
from support.assistant import Assistant
from support.dav import Phone
from support.ical import make, todo
from support.kinds import everything
from support.users import User


def titles(user: User) -> list[str]:
    return [task["title"] for task in user.get(user.tasks).json()["tasks"]]


def test_one_that_fails_undoes_all(alice: User, assistant: Assistant) -> None:
    ids = [alice.new_task(title)["id"] for title in ("One", "Two")]
    before = everything(alice)
    nobodys = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
    said = {"tasks": [{"title": "Three"}, {"title": "Four", "list": "Nowhere"}]}
    assert assistant.refused("add_tasks", **said)["error"].startswith("tasks[1].list: there is no such list.")
    for tool, arguments in (
        ("complete_tasks", {"ids": [*ids, nobodys]}),
        ("delete_tasks", {"ids": [*ids, nobodys]}),
    ):
        refused = assistant.refused(tool, **arguments)
        assert refused["code"] == "task_not_found"
        assert refused["error"].startswith("ids[2]: there is no task with this id. find_tasks")
    changes = [{"id": ids[0], "title": "Changed"}, {"id": ids[1], "parent": ids[1]}]
    assert assistant.refused("update_tasks", changes=changes)["code"] == "circle"
    assert everything(alice) == before


def test_a_call_with_a_request_id_is_done_once(alice: User, assistant: Assistant) -> None:
    said = {"tasks": [{"title": "Buy oat milk"}], "request_id": "one"}
    first, again = (assistant.call("add_tasks", **said) for _ in range(2))
    assert first == again
    assert titles(alice) == ["Buy oat milk"]
    other = assistant.refused("add_tasks", tasks=[{"title": "Bread"}], request_id="one")
    assert (other["code"], other["error"][:11]) == ("idempotency_key_reused", "request_id:")
    # The keys of other clients are others.
    body = {"title": "Bread"}
    assert alice.post(alice.tasks, json=body, headers={"Idempotency-Key": "one"}).status_code == 201


def test_whoever_was_faster_is_not_overwritten(alice: User, assistant: Assistant) -> None:
    task = alice.new_task("Buy oat milk")
    alice.patch(f"{alice.tasks}/{task['id']}", json={"title": "Buy soy milk"})
    change = {"id": task["id"], "if_revision": task["revision"], "title": "Buy bread", "list": "inbox"}
    refused = assistant.refused("update_tasks", changes=[change])
    assert refused["code"] == "precondition_failed"
    assert (refused["current"]["title"], refused["current"]["revision"]) == ("Buy soy milk", 2)
    done = assistant.call("update_tasks", changes=[{**change, "if_revision": 2}])
    assert done["tasks"][0]["title"] == "Buy bread"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_call_that_takes_too_much_along_does_nothing(alice: User, assistant: Assistant) -> None:
    parents = [alice.new_task(f"{number}")["id"] for number in range(2)]
    for parent in parents:
        below = [{"op": "create", "task": {"title": "below", "parent_id": parent}} for _ in range(250)]
        alice.post(f"{alice.tasks}/batch", json={"operations": below})
    for tool in ("complete_tasks", "delete_tasks"):
        refused = assistant.refused(tool, ids=parents)
        assert refused["code"] == "too_many"
        assert refused["rows"] > 500
        assert f"would change {refused['rows']} things" in refused["error"]
    assert alice.get(alice.tasks, params={"completed": "false", "total": "true"}).json()["total"] == 502
    assert assistant.call("delete_tasks", ids=parents[:1])["deleted"] == 251


def test_what_it_takes_back(alice: User, assistant: Assistant) -> None:
    before = [alice.new_task(title, tags=["shop"], description="x" * 300) for title in ("One", "Two")]
    ids = [task["id"] for task in before]
    changed = assistant.call(
        "update_tasks", changes=[{"id": id_, "title": "Changed", "add_tags": ["new"]} for id_ in ids]
    )
    deleted = assistant.call("delete_tasks", ids=ids)
    assert deleted["deleted"] == 2
    assert [each["deleted"] for each in alice.get("/api/me/undo?deleted=true").json()["undos"]] == [2]
    assert assistant.call("undo", undo=deleted["undo"])["undone"] == 2
    # Somebody has changed one since: that stays.
    alice.patch(f"{alice.tasks}/{ids[0]}", json={"priority": "high"})
    undone = assistant.call("undo", undo=changed["undo"])
    # And so does the tag that was made for it.
    assert [(each["kind"], each["id"] == ids[0]) for each in undone["conflicts"]] == [("task", True), ("tag", False)]
    now = {task["id"]: task for task in alice.get(alice.tasks).json()["tasks"]}
    assert now[ids[0]]["title"] == "Changed"
    same = ("title", "tags", "description", "created_at", "position")
    assert [now[ids[1]][name] for name in same] == [before[1][name] for name in same]
    # Once more is the same, and taking the taking back back is possible too.
    assert "undo" not in assistant.call("undo", undo=changed["undo"])
    assert assistant.call("undo", undo=undone["undo"])["undone"] == 1


def test_an_undo_takes_the_tokens_of_other_clients(alice: User, assistant: Assistant) -> None:
    task = alice.new_task()
    token = alice.delete(f"{alice.tasks}/{task['id']}", headers={"Undo": "1"}).headers["undo-token"]
    assert assistant.call("undo", undo=token)["undone"] == 1
    assert titles(alice) == [task["title"]]


CLEARED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"due": ""}, {"due": None, "recurrence": None}),
    ({"repeat": ""}, {"recurrence": None}),
    ({"start": ""}, {"start": None}),
    ({"description": ""}, {"description": None}),
    ({"url": ""}, {"url": None}),
    ({"section": ""}, {"section_id": None}),
    ({"estimate_minutes": 0}, {"estimate_minutes": None}),
    ({"reminders": []}, {"reminders": []}),
    ({"priority": "none"}, {"priority": "none"}),
    ({"remove_tags": ["A", "nothing"]}, {"tags": ["b"]}),
    ({"add_tags": ["B", "c"]}, {"tags": ["a", "b", "c"]}),
    ({"list": "inbox"}, {"list_id": None, "section_id": None}),
]


def test_a_change_changes_what_it_says(one_user: User, anns: Assistant) -> None:
    list_id = one_user.post("/api/me/lists", json={"name": "Work"}).json()["id"]
    section_id = one_user.post("/api/me/sections", json={"list_id": list_id, "name": "Next"}).json()["id"]
    full = {
        "title": "Full",
        "description": "x",
        "due": "2030-01-01T09:00",
        "start": "2029-12-01",
        "repeat": "every day",
        "list": list_id.upper(),
        "section": " next ",
        "tags": ["a", "b"],
        "priority": "high",
        "reminders": ["-P1D", "2029-12-31T09:00Z"],
        "estimate_minutes": 5,
        "url": "https://example.com/",
    }
    for change, then in CLEARED:
        (made,) = anns.call("add_tasks", tasks=[full])["tasks"]
        before = one_user.get(f"{one_user.tasks}/{made['id']}").json()
        assert (before["section_id"], len(before["reminders"])) == (section_id, 2)
        anns.call("update_tasks", changes=[{"id": made["id"], **change}])
        now = one_user.get(f"{one_user.tasks}/{made['id']}").json()
        moved = {"revision", "updated_at", "position", *(("series_id",) if "recurrence" in then else ())}
        if "due" in then:
            moved |= {"reminders"}
        assert {name: value for name, value in now.items() if name not in moved} == {
            **{name: value for name, value in before.items() if name not in moved},
            **then,
        }, change


def test_a_rule_of_a_calendar_app_can_be_sent_back_and_ended(one_user: User, anns: Assistant) -> None:
    with closing(Phone(one_user)) as phone:
        make(
            phone,
            phone.inbox,
            todo("a", "SUMMARY:Eye drops", "DUE:20300101T090000Z", "RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=3"),
        )
    (task,) = one_user.get(one_user.tasks).json()["tasks"]
    rule = anns.call("get_task", id=task["id"])["repeat"]
    (same,) = anns.call("update_tasks", changes=[{"id": task["id"], "repeat": rule, "title": "Drops"}])["tasks"]
    assert (same["title"], same["repeat"]) == ("Drops", rule)
    refused = anns.refused("complete_tasks", ids=[task["id"]])["error"]
    assert 'end its series first: repeat ""' in refused
    anns.call("update_tasks", changes=[{"id": task["id"], "repeat": ""}])
    assert anns.call("complete_tasks", ids=[task["id"]])["tasks"][0]["completed"] is True


def test_null_says_nothing_of_a_new_task_and_is_asked_back_in_a_change(anns: Assistant) -> None:
    (task,) = anns.call("add_tasks", tasks=[{"title": "One", "due": None, "list": None, "tags": None}])["tasks"]
    assert task["list"] == "inbox"
    for change, word in (({"due": None}, "null"), ({}, "say what is to change"), ({"colour": 1}, "not known")):
        assert word in anns.refused("update_tasks", changes=[{"id": task["id"], **change}])["error"]


def test_lists_of_one_name_are_told_apart_by_id(one_user: User, anns: Assistant) -> None:
    ids = [one_user.post("/api/me/lists", json={"name": "Work"}).json()["id"] for _ in range(2)]
    refused = anns.refused("add_tasks", tasks=[{"title": "One", "list": "work"}])
    assert all(id_ in refused["error"] for id_ in ids)
    assert anns.call("add_tasks", tasks=[{"title": "One", "list": ids[1]}])["tasks"][0]["list"] == "Work"


def test_a_list_is_saved_once(one_user: User, anns: Assistant) -> None:
    first = anns.call("save_list", name="Work")
    again = anns.call("save_list", name="WORK", color="#2a9d8f")
    assert (first["id"], again["name"], again["color"]) == (again["id"], "WORK", "#2a9d8f")
    renamed = anns.call("save_list", id=first["id"], name="Office")
    assert (renamed["id"], renamed["color"]) == (first["id"], "#2a9d8f")
    assert len(one_user.get("/api/me/lists").json()["lists"]) == 1
    assert "inbox is there already" in anns.refused("save_list", name="Inbox")["error"]
    assert "send it as id" in anns.refused("save_list", name=first["id"], color="#2a9d8f")["error"]


def test_no_more_than_fifty_at_once(anns: Assistant) -> None:
    many = [{"title": f"{number}"} for number in range(51)]
    assert anns.refused("add_tasks", tasks=many)["error"] == "tasks: at most 50 items. Nothing was done."
    assert len(anns.call("add_tasks", tasks=many[:50])["tasks"]) == 50
    assert anns.refused("delete_tasks", ids=[])["error"].startswith("ids: must not be empty.")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_token_that_may_only_write_undoes_too(alice: User) -> None:
    with closing(Assistant(alice, create(alice, "tasks:write")["token"])) as writer:
        made = writer.call("add_tasks", tasks=[{"title": "One"}])
        assert writer.call("undo", undo=made["undo"])["undone"] == 1
    assert titles(alice) == []
