"""Renaming, merging and deleting a tag: every task that has it is written, in parts where they are many, and none is lost."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from doable.database import Statement, Transaction, open_migrated
from doable.database.protocol import Work
from doable.errors import TooManyRows
from doable.owned.limits import Limits
from doable.tags.repository import TagRepository
from doable.tasks.repository import TaskRepository
from doable.tasks.tag_names import key_of
from support.changes import batch, listed
from support.kinds import everything, stored_bytes
from support.schema import settings_of
from support.server import Server
from support.tags import assert_in_step, new_tag, path_of, tags_of
from support.undo import undo, write
from support.users import User, assert_error
from support.writes import assert_detailed_error

Tag = dict[str, Any]
MANY = 520
"""More tasks than are written in one transaction."""


def named(user: User, name: str) -> Tag:
    tag: Tag = next(tag for tag in user.get("/api/me/tags").json()["tags"] if tag["name"] == name)
    return tag


def rename(user: User, tag: Tag, name: str, **headers: str) -> httpx.Response:
    return user.patch(path_of(tag), json={"name": name}, headers=headers)


def merge(user: User, tag: Tag, into: Tag, **headers: str) -> httpx.Response:
    return user.post(f"{path_of(tag)}/merge", json={"into": into["id"]}, headers=headers)


def tags_of_tasks(user: User) -> list[list[str]]:
    """The tags of each task, the oldest first."""
    return [task["tags"] for task in reversed(listed(user).values())]


def assert_exact(server: Server, user: User) -> None:
    """Tasks and tags say the same, and what they take is counted."""
    assert_in_step(server, user)
    things = [change[change["kind"]] for change in everything(user) if not change["deleted"]]
    assert user.get("/api/auth/me/usage").json()["stored_bytes"] == stored_bytes(things)


def test_a_new_name_is_one_in_every_task(server: Server, alice: User) -> None:
    first, second, third = (alice.new_task(tags=names) for names in (["b", "shop"], ["shop"], ["b"]))
    tag = named(alice, "shop")
    answer = rename(alice, tag, "A kiosk")
    assert (answer.status_code, answer.json()["name"], answer.json()["id"]) == (200, "A kiosk", tag["id"])
    assert tags_of_tasks(alice) == [["A kiosk", "b"], ["A kiosk"], ["b"]]
    # Each has a revision and an ETag of its own, the tag comes last, and the third task is as it was.
    changed = [(change["id"], change["revision"]) for change in everything(alice)][-3:]
    last = answer.json()["revision"]
    assert changed == [(first["id"], last - 2), (second["id"], last - 1), (tag["id"], last)]
    assert alice.get(f"{alice.tasks}/{third['id']}").json() == third
    assert alice.get(f"{alice.tasks}/{first['id']}").headers["etag"] == f'"{last - 2}.3"'
    # The old name is free.
    assert alice.new_task(tags=["SHOP"])["tags"] == ["SHOP"]
    assert_exact(server, alice)


def test_only_the_case_of_a_name_can_change(server: Server, alice: User) -> None:
    alice.new_task(tags=["café"])
    tag = named(alice, "café")
    assert rename(alice, tag, "CAFE\u0301").json()["name"] == "CAFE\u0301"
    assert tags_of_tasks(alice) == [["CAFE\u0301"]]
    before = alice.get(alice.tasks).json()
    assert rename(alice, tag, "CAFE\u0301").status_code == 200
    assert alice.get(alice.tasks).json() == before
    assert_exact(server, alice)


def test_a_deleted_tag_is_in_no_task(server: Server, alice: User) -> None:
    alice.new_task(tags=["shop", "b"])
    alice.new_task(tags=["shop"])
    assert alice.delete(path_of(named(alice, "shop"))).status_code == 204
    assert tags_of_tasks(alice) == [["b"], []]
    assert [change["kind"] for change in everything(alice)] == ["tag", "task", "task", "tag"]
    assert_exact(server, alice)


def test_a_tag_is_merged_into_another(server: Server, alice: User) -> None:
    for names in (["a", "c"], ["a", "B", "c"], ["B"], ["c"]):
        alice.new_task(tags=names)
    a, b = named(alice, "a"), named(alice, "B")
    answer = merge(alice, a, b)
    assert (answer.status_code, answer.json()["id"], answer.json()["name"]) == (200, b["id"], "B")
    assert tags_of_tasks(alice) == [["B", "c"], ["B", "c"], ["B"], ["c"]]
    assert_error(alice.get(path_of(a)), 404, "tag_not_found")
    assert alice.get(path_of(b)).json() == answer.json()
    results = batch(alice, {"op": "merge", "kind": "tag", "id": b["id"], "into": named(alice, "c")["id"]})
    assert (results[0]["id"], results[0]["tag"]) == (results[0]["tag"]["id"], named(alice, "c"))
    assert tags_of_tasks(alice) == [["c"]] * 4
    assert_exact(server, alice)


def test_what_cannot_be_merged(alice: User, bob: User) -> None:
    alice.new_task(tags=["a"])
    tag, other, his = named(alice, "a"), new_tag(alice, "b"), new_tag(bob, "his")
    before = everything(alice)
    problems = [
        assert_error(alice.post(f"{path_of(tag)}/merge", json={"into": into}), 422, "validation_error")["detail"][0]
        for into in (his["id"], str(uuid.uuid4()))
    ]
    assert problems[0] == problems[1]
    assert (problems[0]["loc"], problems[0]["type"]) == (["body", "into"], "not_found")
    bodies: list[Any] = [{}, {"into": None}, {"into": "b"}, {"into": tag["id"]}, {"into": other["id"], "name": "a"}]
    for body in bodies:
        assert_error(alice.post(f"{path_of(tag)}/merge", json=body), 422, "validation_error")
    assert_error(merge(alice, his, tag), 404, "tag_not_found")
    refused = merge(alice, tag, other, **{"If-Match": '"77.1"'})
    assert_detailed_error(refused, 412, "precondition_failed", current=tag)
    assert everything(alice) == before


def many(user: User) -> list[Tag]:
    """Give the user many tasks, all with the tag `old`, every second with `new` as well. Answers those two tags."""
    tasks = [{"title": f"{each}", "tags": ["old", "new"] if each % 2 else ["old"]} for each in range(MANY)]
    for start in range(0, MANY, 400):
        batch(user, *[{"op": "create", "task": task} for task in tasks[start : start + 400]])
    return [named(user, "old"), named(user, "new")]


def run(server: Server, user: User, part: Callable[[TagRepository], Work[bool]]) -> bool:
    """One part of a write, as it has been done by a process that died before the next one. Answers whether there is more."""

    async def once() -> bool:
        async with open_migrated(settings_of(server)) as database:
            work = part(TagRepository(database, user.id, Limits()))
            return await database.write(work, owner_id=user.id, long=True)

    return asyncio.run(once())


def refused_after(server: Server, user: User, whole: Callable[[TagRepository], Work[Any]]) -> list[Any]:
    """The statements that have run before the whole of a write was seen to be too much for a transaction."""
    run_before: list[Any] = []

    class Watched:
        def __init__(self, tx: Transaction) -> None:
            self.tx = tx
            self.all, self.later, self.aside = tx.all, tx.later, tx.aside

        async def one(self, statement: Statement[Any], /, **parameters: Any) -> Any:
            run_before.append(statement)
            return await self.tx.one(statement, **parameters)

    async def once() -> None:
        async with open_migrated(settings_of(server)) as database:
            work = whole(TagRepository(database, user.id, Limits()))
            with pytest.raises(TooManyRows):
                await database.write(lambda tx: work(Watched(tx)), owner_id=user.id, long=True)

    asyncio.run(once())
    assert run_before
    return run_before


def test_a_rename_of_many_that_ended_half_way_is_finished_by_asking_again(server: Server, alice: User) -> None:
    old, new = many(alice)
    path, key = path_of(old), {"Idempotency-Key": str(uuid.uuid4()), "If-Match": f'"{old["revision"]}.1"'}
    assert run(server, alice, lambda tags: tags.rename_part(old["id"], "ANEW"))
    assert ["ANEW" in names for names in tags_of_tasks(alice)] == [True] * 499 + [False] * (MANY - 499)
    assert ["old" in names for names in tags_of_tasks(alice)] == [False] * 499 + [True] * (MANY - 499)
    # The tag itself is as it was, and both names lead to it until it is done.
    assert alice.get(path).json() == old
    assert alice.new_task(tags=["anew"])["tags"] == alice.new_task(tags=["OLD"])["tags"] == ["ANEW"]
    late = [*listed(alice).values()][5]
    assert "old" in late["tags"]
    retagged = alice.post(f"{alice.tasks}/{late['id']}/tag", json={"tags": ["Anew", "z"]}).json()["tags"]
    assert retagged == sorted({*late["tags"], "ANEW", "z"} - {"old"}, key=key_of)
    for name in ("old", "Anew"):
        assert_detailed_error(alice.post("/api/me/tags", json={"name": name}), 409, "tag_exists", current=old)
    assert_detailed_error(rename(alice, new, "anew"), 409, "tag_exists", current=old)
    # Another name would have to wait for this one, which a batch cannot.
    operation = {"op": "update", "kind": "tag", "id": old["id"], "tag": {"name": "other"}}
    refused = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
    assert_detailed_error(refused, 409, "too_many", limit="rows", index=0)
    # The same precondition holds when it is asked for again.
    answer = rename(alice, old, "ANEW", **key)
    assert (answer.status_code, answer.json()["name"]) == (200, "ANEW")
    assert rename(alice, old, "ANEW", **key).content == answer.content
    assert all("ANEW" in names and "old" not in names for names in tags_of_tasks(alice))
    assert len(listed(alice)) == MANY + 2
    assert alice.new_task(tags=["old"])["tags"] == ["old"]
    assert_exact(server, alice)


def test_another_name_than_the_one_that_was_not_finished(server: Server, alice: User) -> None:
    old, _ = many(alice)
    last, *_, first = listed(alice).values()
    tokens = [write(alice, "DELETE", f"tasks/{task['id']}")[1] for task in (first, last)]
    assert run(server, alice, lambda tags: tags.rename_part(old["id"], "half"))
    # What comes back has the name of the tasks beside it, whether the rename has come to them or not.
    assert [undo(alice, token)["conflicts"] for token in tokens] == [[], []]
    back = [alice.get(f"{alice.tasks}/{task['id']}").json()["tags"] for task in (first, last)]
    assert back == [["half"], ["new", "old"]]
    answer = rename(alice, old, "whole")
    assert (answer.status_code, answer.json()["name"]) == (200, "whole")
    assert all("whole" in names and not {"old", "half"} & {*names} for names in tags_of_tasks(alice))
    assert {tag["name"] for tag in tags_of(server, alice)} == {"new", "whole"}
    assert_exact(server, alice)


def test_a_merge_of_many_that_ended_half_way_is_finished_by_asking_again(server: Server, alice: User) -> None:
    old, new = many(alice)
    assert run(server, alice, lambda tags: tags.merge_part(old["id"], new["id"]))
    assert_exact(server, alice)
    assert sum("old" in names for names in tags_of_tasks(alice)) == MANY - 499
    batched = {"op": "merge", "kind": "tag", "id": old["id"], "into": new["id"]}
    assert alice.post(f"{alice.tasks}/batch", json={"operations": [batched]}).status_code == 200
    assert tags_of_tasks(alice) == [["new"]] * MANY
    assert_exact(server, alice)


def test_a_deletion_of_many_that_ended_half_way_is_finished_by_asking_again(server: Server, alice: User) -> None:
    old, new = many(alice)
    batched = {"op": "delete", "kind": "tag", "id": old["id"]}
    refused = alice.post(f"{alice.tasks}/batch", json={"operations": [batched]})
    assert_detailed_error(refused, 409, "too_many", limit="rows", index=0)
    for work in (
        lambda tags: tags.remove(old["id"]),
        lambda tags: tags.merge(old["id"], new["id"]),
        lambda tags: tags.change(old["id"], {"name": "other"}),
    ):
        assert TaskRepository.statements.write not in refused_after(server, alice, work)
    assert run(server, alice, lambda tags: tags.remove_part(old["id"]))
    assert alice.get(path_of(old)).json() == old
    assert_exact(server, alice)
    assert alice.delete(path_of(old)).status_code == 204
    assert tags_of_tasks(alice) == [["new"] if each % 2 else [] for each in range(MANY)]
    assert rename(alice, new, "of all").status_code == 200
    assert_error(alice.delete(path_of(old)), 404, "tag_not_found")
    assert_exact(server, alice)


NAMES = ["a", "A", "b", "Café", "CAFE\u0301", ",", '"', "x,y", "ß", "SS"]


@settings(max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.data())
def test_tasks_and_tags_say_the_same_whatever_is_done(server: Server, alice: User, data: st.DataObject) -> None:
    some = st.lists(st.sampled_from(NAMES), max_size=4)
    for _ in range(2):
        alice.new_task(tags=data.draw(some))
    for _ in range(8):
        tasks, there = list(listed(alice).values()), alice.get("/api/me/tags").json()["tags"]
        op = data.draw(st.sampled_from(["create", "update", "delete", "rename", "merge", "drop"]))
        if op == "create" or not tasks or not there:
            alice.new_task(tags=data.draw(some))
            continue
        task, tag = data.draw(st.sampled_from(tasks)), data.draw(st.sampled_from(there))
        name = data.draw(st.sampled_from(NAMES))
        match op:
            case "update":
                answer = alice.patch(f"{alice.tasks}/{task['id']}", json={"tags": data.draw(some)})
            case "delete":
                answer = alice.delete(f"{alice.tasks}/{task['id']}")
            case "rename":
                answer = rename(alice, tag, name)
                taken = any(key_of(name) == key_of(each["name"]) for each in there if each["id"] != tag["id"])
                assert answer.status_code == (409 if taken else 200)
                continue
            case "merge":
                other = data.draw(st.sampled_from(there))
                answer = merge(alice, tag, other)
                assert answer.status_code == (422 if other["id"] == tag["id"] else 200)
                continue
            case _:
                answer = alice.delete(path_of(tag))
        assert answer.is_success
    assert_exact(server, alice)


@pytest.mark.parametrize("name", [",", '"', "a/b", "%", "_", "\\", "🧑‍🚀"])
def test_odd_names_are_renamed_and_merged(server: Server, alice: User, name: str) -> None:
    task = alice.new_task(tags=["x,", name, ",y"])
    tag = named(alice, name)
    assert rename(alice, tag, f"{name}!").json()["name"] == f"{name}!"
    assert rename(alice, tag, name).json()["name"] == name
    assert alice.get(f"{alice.tasks}/{task['id']}").json()["tags"] == task["tags"]
    assert merge(alice, named(alice, "x,"), tag).status_code == 200
    assert alice.get(f"{alice.tasks}/{task['id']}").json()["tags"] == sorted([name, ",y"], key=key_of)
    assert_in_step(server, alice)
