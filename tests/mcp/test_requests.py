"""What people ask for, call by call: `requests.py`. One server on that afternoon, an account a request."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from support.assistant import Assistant
from support.clocks import QuickClockServer
from support.users import User

from .requests import BELOW, FOUND, LISTS, REQUESTS, TASKS, Call

AFTERNOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuickClockServer]:
    with QuickClockServer(tmp_path_factory.mktemp("afternoon")) as server:
        server.move((AFTERNOON - server.now()).total_seconds())
        yield server


@pytest.fixture
def user(berlin: QuickClockServer) -> Iterator[User]:
    with closing(User(berlin.url)) as found:
        found.patch("/api/me/preferences", json={"timezone": "Europe/Berlin"})
        for name in LISTS:
            found.post("/api/me/lists", json={"name": name})
        yield found


def test_there_are_forty() -> None:
    assert len(REQUESTS) == len({said for said, *_ in REQUESTS}) == 40
    assert FOUND.keys() <= {said for said, *_ in REQUESTS}


@pytest.mark.parametrize(("said", "calls", "after"), REQUESTS, ids=[said for said, *_ in REQUESTS])
def test_request(user: User, said: str, calls: list[Call], after: dict[str, dict[str, Any] | None]) -> None:
    with closing(Assistant(user)) as assistant:
        tasks = assistant.call("add_tasks", tasks=TASKS)["tasks"]
        ids = {task["title"]: task["id"] for task in tasks}
        for parent, titles in BELOW.items():
            below = [{"title": title, "parent": ids[parent]} for title in titles]
            ids |= {task["title"]: task["id"] for task in assistant.call("add_tasks", tasks=below)["tasks"]}
        before = revisions(assistant)
        answer: dict[str, Any] = {}
        for tool, arguments in calls:
            answer = assistant.call(tool, **filled(arguments, {**ids, "undo": answer.get("undo")}))
        if said in FOUND:
            assert [task["title"] for task in answer["tasks"]] == FOUND[said]
        # Of tasks of one title it is the open one, which comes last.
        found = assistant.call("find_tasks", status="all", limit=100)["tasks"]
        there = {task["title"]: task["id"] for task in sorted(found, key=lambda task: not task["completed"])}
        for title, members in after.items():
            assert (title in there) is (members is not None), title
            if members is not None:
                task = assistant.call("get_task", id=there[title])
                assert {name: task.get(name) for name in members} == filled(members, ids)
        spoken_of = {*after, *(title for title in ids if f"<{title}>" in str(calls))}
        unspoken = {title: revision for title, revision in before.items() if title not in spoken_of}
        assert {
            title: revision for title, revision in revisions(assistant).items() if title not in spoken_of
        } == unspoken


def revisions(assistant: Assistant) -> dict[str, int]:
    """The revisions of all tasks: what they were, nobody has changed."""
    found = assistant.call("find_tasks", status="all", limit=100)["tasks"]
    return {task["title"]: task["revision"] for task in found}


def filled(said: Any, ids: dict[str, Any]) -> Any:
    """With ids in place of titles."""
    text = json.dumps(said)
    for title, id_ in ids.items():
        text = text.replace(f"<{title}>", id_ or "")
    return json.loads(text)
