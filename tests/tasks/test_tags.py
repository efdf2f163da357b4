"""`tags` of a task: what is one tag, how they are written, POST …/tag and …/untag, and that nothing of them is lost."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from doable.tasks.tag_names import by_key, from_text, key_of, to_text
from support.changes import batch
from support.server import Server
from support.tags import SPELLINGS, assert_in_step, tags_of
from support.users import User, assert_error
from support.writes import assert_detailed_error, etag, state_of

Task = dict[str, Any]
NEW = {"If-None-Match": "*"}
ODD = [
    "a, b",
    "a/b",
    '"quoted"',
    "it's",
    "100%",
    "snake_case",
    "#1",
    "🧑‍🚀",
    "\\",
    "日本語",
    "{}",
    "a\u200bb",
    "\u2028".join("ab"),
]
"""Names that a path, a list with commas, a pattern or a text in quotes would not take."""

# Any text but control characters.
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=50)


def path_of(task: Task) -> str:
    return f"/api/me/tasks/{task['id']}"


def tag(user: User, task: Task, *names: str, **headers: str) -> httpx.Response:
    return user.post(f"{path_of(task)}/tag", json={"tags": names}, headers=headers)


def untag(user: User, task: Task, *names: str, **headers: str) -> httpx.Response:
    return user.post(f"{path_of(task)}/untag", json={"tags": names}, headers=headers)


@pytest.mark.parametrize(
    "names", [SPELLINGS, ("Straße", "STRASSE", "strasse"), ("ΜΆΪΟΣ", "μάϊος"), ("Å", "\u212b", "a\u030a")]
)
def test_one_name_whatever_its_case_and_form(names: tuple[str, ...]) -> None:
    assert len({*map(key_of, names)}) == 1


@pytest.mark.parametrize("names", [("même", "meme"), ("a b", "ab"), ("a", "\uff41"), ("x", "x\u200b"), ("İ", "i")])
def test_other_names(names: tuple[str, ...]) -> None:
    assert len({*map(key_of, names)}) == 2


@given(st.text(max_size=50))
def test_a_key_is_the_key_of_itself(name: str) -> None:
    assert key_of(key_of(name)) == key_of(name)


@given(st.lists(NAMES, max_size=50))
def test_a_text_has_all_names_once_in_the_order_of_their_keys(names: list[str]) -> None:
    kept = from_text(to_text(by_key(names)))
    assert [*kept] == sorted({*map(key_of, names)}, key=str.encode)
    assert {*kept.values()} <= {*names}


def test_unknown_tags_are_made_and_each_keeps_its_own_spelling(server: Server, alice: User) -> None:
    first = alice.new_task(tags=["Shop", "Café"])
    assert (first["tags"], first["revision"]) == (["Café", "Shop"], 3)
    for name in (*SPELLINGS, "  CAFÉ\u2003"):
        assert alice.new_task(tags=[name, "shop"])["tags"] == ["Café", "Shop"]
    assert alice.new_task(tags=["meme", "même", "MÊME", "MEME"])["tags"] == ["meme", "même"]
    assert alice.new_task(tags=["STRASSE", "Straße"])["tags"] == ["STRASSE"]
    assert [(each["name"], each["revision"]) for each in tags_of(server, alice)] == [
        ("Café", 1),
        ("Shop", 2),
        ("meme", 8),
        ("même", 9),
        ("STRASSE", 11),
    ]
    assert_in_step(server, alice)


def test_every_way_to_write_them(server: Server, alice: User) -> None:
    chosen = f"{alice.tasks}/{uuid.uuid4()}"
    task = alice.put(chosen, json={"title": "a", "tags": ["b", "a"]}, headers=NEW).json()
    assert task["tags"] == ["a", "b"]
    assert alice.put(chosen, json={"tags": ["c"]}).json()["tags"] == ["c"]
    assert alice.put(chosen, json={"title": "A"}).json()["tags"] == ["c"]
    assert alice.patch(chosen, json={"tags": ["a", "c"]}).json()["tags"] == ["a", "c"]
    assert alice.patch(chosen, json={"is_completed": True}).json()["tags"] == ["a", "c"]
    assert alice.patch(f"{chosen}/complete").json()["tags"] == ["a", "c"]
    assert alice.patch(chosen, json={"tags": []}).json()["tags"] == []
    results = batch(
        alice,
        {"op": "create", "task": {"title": "b", "tags": ["d", "A"]}},
        {"op": "update", "id": task["id"], "task": {"tags": ["D"]}},
        {"op": "tag", "id": task["id"], "tags": ["e", "a"]},
        {"op": "untag", "id": task["id"], "tags": ["d"]},
    )
    assert [result["task"]["tags"] for result in results] == [["a", "d"], ["d"], ["a", "d", "e"], ["a", "e"]]
    assert alice.get(chosen).json() == results[-1]["task"]
    assert [each["name"] for each in tags_of(server, alice)] == ["a", "b", "c", "d", "e"]
    assert_in_step(server, alice)


def test_what_was_read_may_be_written_back(server: Server, alice: User) -> None:
    task = alice.new_task(tags=["Café", "b"])
    back = alice.patch(path_of(task), json={"tags": task["tags"]}).json()
    # It is a write as any other: the revision moves by one.
    assert back == {**task, "revision": task["revision"] + 1, "updated_at": back["updated_at"]}
    assert alice.patch(path_of(task), json={"tags": ["B", *SPELLINGS]}).json()["tags"] == task["tags"]
    assert_in_step(server, alice)


def test_tag_and_untag_leave_the_others_alone(server: Server, alice: User) -> None:
    task = alice.new_task(tags=["a"])
    answer = tag(alice, task, "c", "B", "b")
    assert (answer.status_code, answer.json()["tags"]) == (200, ["a", "B", "c"])
    assert answer.headers["etag"] == etag(answer.json()["revision"])
    answer = untag(alice, task, "A", "b", "unknown")
    assert (answer.status_code, answer.json()["tags"]) == (200, ["c"])
    assert [each["name"] for each in tags_of(server, alice)] == ["a", "B", "c"]
    for again in (tag(alice, task, "C"), untag(alice, task, "a")):
        assert (again.status_code, again.json()["tags"]) == (200, ["c"])
    assert alice.get(path_of(task)).json() == again.json()
    stale = tag(alice, task, "d", **{"If-Match": etag(1)})
    assert_detailed_error(stale, 412, "precondition_failed", current=again.json())
    assert untag(alice, task, "c", **{"If-Match": again.headers["etag"]}).json()["tags"] == []
    assert_in_step(server, alice)


def test_a_key_does_it_once(alice: User) -> None:
    task, key = alice.new_task(), {"Idempotency-Key": str(uuid.uuid4())}
    first, again = (tag(alice, task, "a", **key) for _ in range(2))
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert alice.get(path_of(task)).json() == first.json()


def test_two_devices_that_add_different_tags_lose_none(server: Server, alice: User) -> None:
    task = alice.new_task()
    names = [f"tag {number}" for number in range(20)]

    async def together() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=server.url, headers=alice.headers, timeout=30) as client:
            return await asyncio.gather(
                *(client.post(f"{path_of(task)}/tag", json={"tags": [name, "of both"]}) for name in names)
            )

    answers = asyncio.run(together())
    assert {answer.status_code for answer in answers} == {200}
    assert alice.get(path_of(task)).json()["tags"] == sorted(["of both", *names])
    assert len(tags_of(server, alice)) == 21
    assert_in_step(server, alice)


def test_a_deleted_task_is_in_no_tag(server: Server, alice: User) -> None:
    first, second = alice.new_task(tags=["a", *map(str, range(49))]), alice.new_task(tags=["a", "B"])
    assert alice.delete(path_of(first)).status_code == 204
    batch(alice, {"op": "delete", "id": second["id"]}, {"op": "create", "id": second["id"], "task": {"title": "again"}})
    assert alice.get(path_of(second)).json()["tags"] == []
    assert len(tags_of(server, alice)) == 51
    assert_in_step(server, alice)


@pytest.mark.parametrize("name", ODD)
def test_odd_names_come_back_as_they_were(alice: User, name: str) -> None:
    said = name.replace("\u2028", " ")
    task = alice.new_task(tags=[name])
    assert task["tags"] == [said]
    assert untag(alice, task, name).json()["tags"] == []
    assert tag(alice, task, name, "z").json()["tags"] == sorted([said, "z"], key=key_of)
    assert alice.patch(path_of(task), json={"tags": [name]}).json()["tags"] == [said]


@pytest.mark.parametrize(
    ("tags", "loc"),
    [
        (None, ["tags"]),
        ("shop", ["tags"]),
        ([None], ["tags", 0]),
        (["a", 1], ["tags", 1]),
        ([""], ["tags", 0]),
        ([" \n\u2003"], ["tags", 0]),
        (["t" * 51], ["tags", 0]),
        (["a", "a\u0000b"], ["tags", 1]),
        (["a\u000bb"], ["tags", 0]),
        (["\u001fa"], ["tags", 0]),
        (["a\u007f"], ["tags", 0]),
        (["a\u0081"], ["tags", 0]),
        ([f"{number}" for number in range(51)], ["tags"]),
    ],
)
def test_refuses_what_is_no_tag(alice: User, tags: Any, loc: list[str | int]) -> None:
    task = alice.new_task(tags=["a"])
    before = state_of(alice)
    for answer in (
        alice.post(alice.tasks, json={"title": "a", "tags": tags}),
        alice.put(path_of(task), json={"tags": tags}),
        alice.put(f"{alice.tasks}/{uuid.uuid4()}", json={"title": "a", "tags": tags}, headers=NEW),
        alice.patch(path_of(task), json={"tags": tags}),
        alice.post(f"{path_of(task)}/tag", json={"tags": tags}),
        alice.post(f"{path_of(task)}/untag", json={"tags": tags}),
    ):
        error = assert_error(answer, 422, "validation_error")
        assert [problem["loc"] for problem in error["detail"]] == [["body", *loc]]
    for operation in (
        {"op": "create", "task": {"title": "a", "tags": tags}},
        {"op": "update", "id": task["id"], "task": {"tags": tags}},
        {"op": "tag", "id": task["id"], "tags": tags},
        {"op": "untag", "id": task["id"], "tags": tags},
    ):
        error = assert_error(
            alice.post(f"{alice.tasks}/batch", json={"operations": [operation]}), 422, "validation_error"
        )
        assert [problem["loc"][-len(loc) :] for problem in error["detail"]] == [loc]
    assert state_of(alice) == before


def test_white_space_inside_is_one_space_and_does_not_count(alice: User) -> None:
    name = f"{'a' * 24} \r\n\t\u00a0\u3000 {'b' * 25}"
    assert alice.new_task(tags=[f" {name}\u0085"])["tags"] == [f"{'a' * 24} {'b' * 25}"]


def test_tag_and_untag_need_some(alice: User) -> None:
    task = alice.new_task()
    for op in ("tag", "untag"):
        bodies: list[Any] = [{}, {"tags": []}, {"tags": ["a"], "title": "a"}, []]
        for body in bodies:
            assert_error(alice.post(f"{path_of(task)}/{op}", json=body), 422, "validation_error")
        assert_error(alice.post(f"{path_of(task)}x/{op}", json={"tags": ["a"]}), 422, "validation_error")
        assert_error(alice.post(f"{alice.tasks}/{uuid.uuid4()}/{op}", json={"tags": ["a"]}), 404, "task_not_found")
        assert_error(alice.get(f"{path_of(task)}/{op}"), 405, "method_not_allowed")
    assert alice.get(path_of(task)).json() == task


def test_a_task_has_50_and_no_more(server: Server, alice: User) -> None:
    task = alice.new_task(tags=[f"{number:02}" for number in range(49)])
    assert len(tag(alice, task, "01", "the last").json()["tags"]) == 50
    before = state_of(alice)
    assert_detailed_error(tag(alice, task, "one more"), 409, "too_many", limit="task_tags")
    assert state_of(alice) == before
    assert len(alice.put(path_of(task), json={"tags": [str(number) for number in range(50)]}).json()["tags"]) == 50
    assert_in_step(server, alice)


def test_another_user_has_other_tags(server: Server, alice: User, bob: User) -> None:
    alice.new_task(tags=["Café"])
    assert bob.new_task(tags=["CAFÉ"])["tags"] == ["CAFÉ"]
    assert [each["name"] for each in tags_of(server, alice)] == ["Café"]
    before = state_of(bob)
    (bobs,) = before["tasks"]
    assert_error(tag(alice, bobs, "mine"), 403, "forbidden")
    assert_error(untag(alice, bobs, "Café"), 403, "forbidden")
    assert state_of(bob) == before
    assert len(tags_of(server, alice)) == 1


@settings(max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_texts_of_tasks_and_what_is_filed_stay_the_same(server: Server, alice: User, data: st.DataObject) -> None:
    """After any writes, with the room that it all takes."""
    pool = [*data.draw(st.lists(NAMES.filter(str.strip), min_size=2, max_size=6)), *SPELLINGS, "même", "meme"]
    any_of_them = st.sampled_from(pool)
    some = st.lists(any_of_them | any_of_them.map(str.upper).filter(lambda name: len(name) <= 50), max_size=5)
    ids: list[str] = []
    for _ in range(8):
        op = data.draw(st.sampled_from(["create", "create", "update", "tag", "untag", "delete", "complete"]))
        names = data.draw(some)
        if op == "create" or not ids:
            ids.append(alice.new_task(tags=names)["id"])
            continue
        path = f"{alice.tasks}/{data.draw(st.sampled_from(ids))}"
        body: dict[str, Any] = {"tags": names or ["none"]}
        if op in {"tag", "untag"}:
            had = by_key(alice.get(path).json()["tags"])
            now = by_key(alice.post(f"{path}/{op}", json=body).json()["tags"])
            given = by_key(" ".join(name.split()) for name in body["tags"]).keys()
            assert now.keys() == (had.keys() | given if op == "tag" else had.keys() - given)
        elif op == "delete":
            assert alice.delete(path).status_code == 204
            ids.remove(path.rpartition("/")[2])
        else:
            answer = alice.patch(path, json=body) if op == "update" else alice.patch(f"{path}/complete")
            assert answer.status_code == 200
    assert_in_step(server, alice)
