"""An own export that comes into another account."""

import uuid
from contextlib import closing
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from doable.kinds import KINDS
from doable.lists.kind import LIST
from doable.tasks.kind import TASK
from support.calendar_storage import Calendars
from support.filing import new_list, new_section
from support.kinds import members
from support.moving import document, imported, send
from support.schema import execute, settings_of
from support.server import Server
from support.users import User

Thing = dict[str, Any]
OTHERWISE = {"revision", "updated_at", "user_id", "sequence", "position"}
"""What is another's in another account. The order is compared by itself."""


def account(user: User) -> dict[str, list[Thing]]:
    """All that a person made, in the order in which it was made, as the export tells it."""
    exported = user.get("/api/auth/me/export").json()
    return {name: exported[name] for name in (*(kind.plural for kind in KINDS), "preferences")}


def without(things: list[Thing]) -> list[Thing]:
    return [{name: value for name, value in thing.items() if name not in OTHERWISE} for thing in things]


def assert_same(one: dict[str, list[Thing]], other: dict[str, list[Thing]]) -> None:
    for name, things in one.items():
        assert without(other[name]) == without(things), name
        orders = [
            [thing["id"] for thing in sorted(each, key=lambda thing: thing["position"].encode())]
            for each in (things, other[name])
            if name != "preferences"
        ]
        assert orders[:1] == orders[1:], name


def fill(alice: User) -> None:
    a_list, other = new_list(alice), new_list(alice, "Work")
    section = new_section(alice, a_list)
    parent = alice.new_task(list_id=a_list["id"], section_id=section["id"], tags=["shop", "Home"])
    alice.new_task("Below", parent_id=parent["id"], description="Zoë\n")
    due = {"date": "2126-12-01", "time": "09:00:00", "timezone": "Europe/Berlin"}
    reminders = [{"offset": "-PT30M"}, {"at": "2126-11-01T07:30:00Z"}]
    weekly = alice.new_task("Weekly", due=due, recurrence={"rule": "FREQ=WEEKLY"}, reminders=reminders)
    alice.post(f"{alice.tasks}/{weekly['id']}/skip", json={}).raise_for_status()
    done = alice.new_task("Done", list_id=other["id"], priority="high", url="https://example.com", estimate_minutes=5)
    alice.patch(f"{alice.tasks}/{done['id']}", json={"is_cancelled": True}).raise_for_status()
    alice.post(f"{alice.tasks}/{weekly['id']}/move", json={"place": "first"}).raise_for_status()
    alice.post("/api/me/filters", json={"name": "Shop", "query": "#Groceries & @shop"}).raise_for_status()
    alice.patch("/api/me/preferences", json={"timezone": "Europe/Berlin", "default_list_id": other["id"]})


def test_an_empty_account_becomes_the_same(one_server: Server, alice: User) -> None:
    with closing(User(one_server.url)) as somebody:
        fill(somebody)
        exported = somebody.get("/api/auth/me/export").content
        before = account(somebody)
    result = imported(alice, exported)
    assert result["state"] == "done", result
    assert result["not_understood"] == {"total": 0, "items": []}
    assert_same(before, account(alice))

    revision = account(alice)["tasks"][-1]["revision"]
    again = imported(alice, exported)
    assert again["kinds"]["task"] == {"found": 4, "made": 0, "there": 4, "not_taken": 0}
    assert account(alice)["tasks"][-1]["revision"] == revision


ANSWER: st.SearchStrategy[bool] = st.booleans()
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)


@st.composite
def things(draw: st.DrawFn) -> list[Thing]:
    """The operations of a batch that makes some of each kind, which name each other."""
    lists = [str(uuid.uuid4()) for _ in range(draw(st.integers(0, 3)))]
    made = [{"op": "create", "kind": "list", "id": each, "list": draw(members(LIST.create, TEXT))} for each in lists]
    tasks: list[str] = []
    for _ in range(draw(st.integers(0, 6))):
        task = draw(members(TASK.create, TEXT))
        for moment in (task.get("due"), task.get("start")):
            if moment is not None and moment.get("time") is None:
                moment["timezone"] = None
        task["tags"] = draw(st.lists(st.sampled_from(["shop", "Home", "Überall"]), unique=True))
        if lists:
            task["list_id"] = draw(st.sampled_from([None, *lists]))
        if bool(tasks) and draw(ANSWER):
            task.pop("list_id", None)
            task["parent_id"] = tasks[0]
        id_ = str(uuid.uuid4())
        made.append({"op": "create", "id": id_, "task": task})
        if draw(ANSWER):
            made.append(
                draw(
                    st.sampled_from(
                        [{"op": "complete", "id": id_}, {"op": "move", "id": id_, "to": {"place": "first"}}]
                    )
                )
            )
        tasks.append(id_)
    return made


@settings(max_examples=6)
@given(operations=things())
def test_any_account_becomes_the_same(one_server: Server, server: Server, operations: list[Thing]) -> None:
    with closing(User(one_server.url)) as one, closing(User(server.url)) as other:
        if operations:
            one.post(f"{one.tasks}/batch", json={"operations": operations}).raise_for_status()
        result = imported(other, one.get("/api/auth/me/export").content)
        assert (result["state"], result["not_understood"]["total"]) == ("done", 0), result
        assert_same(account(one), account(other))


MALFORMED: dict[str, Any] = {
    **dict.fromkeys(("id", "title", "parent_id", "list_id", "section_id", "next_id", "series_id"), "half \ud800"),
    "tags": ["\ud800"],
    "due": {"date": "2126-12-01", "time": ["\ud800"]},
    "recurrence": {"rule": ["\ud800"]},
}
REMINDERS: tuple[Any, ...] = (
    True,
    10**30,
    [{"at": "2126-01-01T00:00:00Z", "id": {}}],
    [{"at": "2126-01-01T00:00:00Z", "id": str(uuid.uuid4()), "remind_at": "0001-01-01T00:00:00+23:00"}],
)


def test_what_a_calendar_program_makes_recur_becomes_the_same(one_server: Server, server: Server, alice: User) -> None:
    calendars, due = Calendars(server, alice), {"date": "2126-12-01"}
    exceptions = {"exdates": ["2126-12-02"], "rdates": ["2126-12-03"], "by_start": True}
    for name, rule, excepted in (("a", "FREQ=YEARLY;BYWEEKNO=1", None), ("b", "FREQ=DAILY", exceptions)):
        recurs = {"rule": rule, "from_": "due"}
        calendars.put(alice.id, name, name, due=due, start=due, recurrence=recurs, exceptions=excepted)
    exported = alice.get("/api/auth/me/export").json()
    assert {task["recurrence"]["is_supported"] for task in exported["tasks"]} == {False}
    with closing(User(one_server.url)) as other:
        assert imported(other, document(tasks=exported["tasks"]))["not_understood"]["total"] == 0
        one, again = (
            [[task[name] for name in ("due", "start", "recurrence", "exceptions")] for task in account(user)["tasks"]]
            for user in (alice, other)
        )
        assert one == again
        # Exceptions that no server has written are done without.
        wrong = [
            {**exported["tasks"][1], "id": str(uuid.uuid4()), "exceptions": text}
            for text in ("{", "[]", '{"exdates":[1]}')
        ]
        imported(other, document(tasks=wrong))
        assert [each["exceptions"] for each in account(other)["tasks"][2:]] == [None] * 3


def test_what_is_not_as_an_export_has_it_is_done_without(one_server: Server) -> None:
    tasks = [
        *({"title": "A", name: value} for name, value in MALFORMED.items()),
        {**MALFORMED, "id": None},
        *({"title": "B", "reminders": each} for each in REMINDERS),
    ]
    things: list[Thing] = [{"name": "C", "color": 1}, {"name": "\ud800", "color": "\ud800"}]
    with closing(User(one_server.url)) as user:
        answer = send(user, document(lists=things, tags=things, tasks=tasks), dry_run="true")
        assert answer.status_code == 200, answer.text
        assert answer.json()["kinds"]["task"]["made"] == len(tasks)


def test_who_has_a_task_whose_id_another_has_too_does_not_get_it_twice(server: Server, alice: User, bob: User) -> None:
    """As after two of them have imported the same file at the same time."""
    id_ = str(uuid.uuid4())
    exported = document(tasks=[{"id": id_, "title": "Theirs"}])
    imported(alice, exported)
    imported(bob, exported)
    derived = account(bob)["tasks"][0]["id"]
    execute(settings_of(server), f"UPDATE tasks SET id = '{id_}' WHERE id = '{derived}'")  # noqa: S608 - no input
    for user in (alice, bob):
        assert imported(user, exported)["kinds"]["task"] == {"found": 1, "made": 0, "there": 1, "not_taken": 0}


def test_a_dry_run_writes_nothing(alice: User) -> None:
    fill(alice)
    exported = alice.get("/api/auth/me/export").content
    answer = send(alice, exported, dry_run="true")
    assert answer.status_code == 200, answer.text
