"""POST …/undo/{token}: a write of any kind of thing is taken back, and everything is as it was."""

import uuid

import pytest
from pydantic import BaseModel

from doable.kinds import KINDS
from doable.owned.kind import Kind
from support.changes import batch
from support.kinds import Thing, everything, example, needed, new
from support.schema import execute, rows_of, settings_of
from support.server import Server
from support.undo import UNDO, but_stamps, undo, write
from support.users import User, assert_error

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def state(user: User) -> list[Thing]:
    """Everything that there is, in an order of its own, without what every write moves; and how much it is."""
    usage = user.get("/api/auth/me/usage").json()
    there = [change[change["kind"]] for change in everything(user) if not change["deleted"]]
    things = [
        {name: value for name, value in thing.items() if name not in {"revision", "updated_at"}} for thing in there
    ]
    del usage["kept_bytes"]
    return [usage, *sorted(things, key=lambda thing: str(thing["id"]))]


def plain(model: type[BaseModel]) -> Thing:
    """An example that makes nothing else, as a task does the tags that it names."""
    return {name: value for name, value in example(model).items() if name != "tags"}


@every_kind
def test_what_was_made_goes(alice: User, kind: Kind) -> None:
    body = {**plain(kind.create), **needed(alice, kind)}
    before = state(alice)
    for method, path, headers in (
        ("POST", kind.plural, {}),
        ("PUT", f"{kind.plural}/{uuid.uuid4()}", {"If-None-Match": "*"}),
    ):
        made = alice.request(method, f"/api/me/{path}", json=body, headers={**headers, **UNDO})
        assert undo(alice, made.headers["undo-token"]) == {"undone": 1, "conflicts": []}
        assert state(alice) == before
        assert_error(alice.get(f"/api/me/{kind.plural}/{made.json()['id']}"), 404, kind.repository.not_found.code)
        (change,) = [each for each in everything(alice) if each["id"] == made.json()["id"]]
        assert change["deleted"]
        assert change["revision"] > made.json()["revision"]


@every_kind
def test_what_was_changed_is_as_it_was(alice: User, kind: Kind) -> None:
    thing, before = new(alice, kind), state(alice)
    changed, token = write(alice, "PATCH", f"{kind.plural}/{thing['id']}", json=plain(kind.change))
    assert undo(alice, token) == {"undone": 1, "conflicts": []}
    assert state(alice) == before
    now = alice.get(f"/api/me/{kind.plural}/{thing['id']}").json()
    assert now["revision"] > changed.json()["revision"]
    assert now["updated_at"] > changed.json()["updated_at"]


@every_kind
def test_what_was_deleted_comes_back_with_its_id(alice: User, kind: Kind) -> None:
    thing, _ = new(alice, kind), new(alice, kind)
    before, page = state(alice), alice.get(f"/api/me/{kind.plural}").json()[kind.plural]
    _, token = write(alice, "DELETE", f"{kind.plural}/{thing['id']}")
    assert undo(alice, token) == {"undone": 1, "conflicts": []}
    assert state(alice) == before
    assert [each["id"] for each in alice.get(f"/api/me/{kind.plural}").json()[kind.plural]] == [
        each["id"] for each in page
    ]
    (change,) = [each for each in everything(alice) if each["id"] == thing["id"]]
    assert not change["deleted"]


@every_kind
def test_the_undo_can_be_undone_and_that_as_well(alice: User, kind: Kind) -> None:
    thing, _ = new(alice, kind), new(alice, kind)
    there = state(alice)
    _, token = write(alice, "DELETE", f"{kind.plural}/{thing['id']}")
    gone = state(alice)
    for expected in (there, gone, there):
        undone = alice.post(f"/api/me/undo/{token}", headers=UNDO)
        assert undone.json() == {"undone": 1, "conflicts": []}
        token = undone.headers["undo-token"]
        assert state(alice) == expected


@every_kind
def test_what_was_changed_since_stays(alice: User, kind: Kind) -> None:
    """Of a batch, the rest comes back."""
    changed, deleted, again = (new(alice, kind) for _ in range(3))
    update, remove, create = ({"op": op, "kind": kind.name} for op in ("update", "delete", "create"))
    first, second, third = ({**plain(kind.create), **needed(alice, kind)} for _ in range(3))
    operations = [
        *({**update, kind.name: plain(kind.change), "id": thing["id"]} for thing in (changed, deleted)),
        {**remove, "id": again["id"]},
        {**create, kind.name: first},
        {**create, kind.name: second},
    ]
    answer, token = write(alice, "POST", "tasks/batch", json={"operations": operations})
    kept, made = (result["id"] for result in answer.json()["results"][3:])
    path = f"/api/me/{kind.plural}"
    alice.delete(f"{path}/{deleted['id']}")
    alice.patch(f"{path}/{kept}", json=plain(kind.change))
    alice.put(f"{path}/{again['id']}", json=third, headers={"If-None-Match": "*"})
    before = {each["id"]: each for each in alice.get(path).json()[kind.plural]}
    result = undo(alice, token)
    assert result["undone"] == 2
    assert sorted(result["conflicts"], key=lambda each: str(each["id"])) == sorted(
        ({"kind": kind.name, "id": id_} for id_ in (deleted["id"], kept, again["id"])), key=lambda each: str(each["id"])
    )
    after = {each["id"]: each for each in alice.get(path).json()[kind.plural]}
    assert set(after) == set(before) - {made}
    assert {id_ for id_ in after if after[id_] != before[id_]} == {changed["id"]}


def test_it_is_undone_once_and_answers_the_same_again(alice: User) -> None:
    task = alice.new_task()
    _, token = write(alice, "DELETE", f"tasks/{task['id']}")
    first = undo(alice, token)
    alice.patch(f"{alice.tasks}/{task['id']}", json={"title": "changed later"})
    before = everything(alice)
    assert undo(alice, token) == first
    assert everything(alice) == before


def test_a_batch_that_makes_changes_and_deletes_one_thing_leaves_nothing_to_undo(alice: User) -> None:
    chosen, before = str(uuid.uuid4()), state(alice)
    operations = [
        {"op": "create", "id": chosen, "task": {"title": "for a moment"}},
        {"op": "update", "id": chosen, "task": {"title": "changed"}},
        {"op": "delete", "id": chosen},
    ]
    _, token = write(alice, "POST", "tasks/batch", json={"operations": operations})
    assert undo(alice, token) == {"undone": 0, "conflicts": []}
    _, token = write(alice, "POST", "tasks/batch", json={"operations": []})
    assert undo(alice, token) == {"undone": 0, "conflicts": []}
    assert state(alice) == before


def test_a_thing_that_is_deleted_and_made_anew_is_the_old_one_again(alice: User) -> None:
    first, _ = alice.new_task("first"), alice.new_task("second")
    before, order = state(alice), [task["title"] for task in alice.get(alice.tasks).json()["tasks"]]
    operations = [
        {"op": "delete", "id": first["id"]},
        {"op": "create", "id": first["id"], "task": {"title": "another"}},
    ]
    _, token = write(alice, "POST", "tasks/batch", json={"operations": operations})
    assert undo(alice, token) == {"undone": 1, "conflicts": []}
    assert state(alice) == before
    assert [task["title"] for task in alice.get(alice.tasks).json()["tasks"]] == order


def test_only_the_owner_can_undo(alice: User, bob: User) -> None:
    task = alice.new_task()
    _, token = write(alice, "DELETE", f"tasks/{task['id']}")
    assert_error(bob.post(f"/api/me/undo/{token}"), 404, "undo_not_found")
    assert_error(bob.post(f"/api/{alice.id}/undo/{token}"), 403, "forbidden")
    assert_error(bob.post(f"/api/me/undo/{uuid.uuid4()}"), 404, "undo_not_found")
    assert bob.get("/api/me/undo").json() == {"undos": []}
    assert undo(alice, token)["undone"] == 1


def test_what_cannot_be_right_is_refused(alice: User) -> None:
    for value in ("0", "true", "", "1, 1", "2"):
        answer = alice.post(alice.tasks, json={"title": "a"}, headers={"Undo": value})
        assert assert_error(answer, 422, "validation_error")["detail"][0]["loc"] == ["header", "Undo"]
    twice = alice.post(alice.tasks, json={"title": "a"}, headers=[("Undo", "1"), ("Undo", "1")])
    assert_error(twice, 422, "validation_error")
    assert alice.get(alice.tasks).json()["total"] == 0
    assert_error(alice.post("/api/me/undo/not-a-token"), 422, "validation_error")
    assert_error(alice.get("/api/me/undo?deleted=perhaps"), 422, "validation_error")
    assert_error(alice.get(f"/api/me/undo/{uuid.uuid4()}"), 405, "method_not_allowed")
    assert_error(alice.delete("/api/me/undo"), 405, "method_not_allowed")
    assert "undo-token" not in alice.post(alice.tasks, json={"title": "a"}).headers
    refused = alice.delete(f"{alice.tasks}/{uuid.uuid4()}", headers=UNDO)
    assert_error(refused, 404, "task_not_found")
    assert "undo-token" not in refused.headers


def test_a_replay_has_the_same_token(alice: User) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    path = f"{alice.tasks}/{alice.new_task()['id']}"
    first, again = (alice.delete(path, headers={**key, **UNDO}) for _ in range(2))
    assert first.headers["undo-token"] == again.headers["undo-token"]
    assert again.headers["idempotency-replayed"] == "true"
    undoing = [
        alice.post(f"/api/me/undo/{first.headers['undo-token']}", headers={"Idempotency-Key": "b", **UNDO})
        for _ in range(2)
    ]
    assert undoing[0].json() == undoing[1].json() == {"undone": 1, "conflicts": []}
    assert undoing[0].headers["undo-token"] == undoing[1].headers["undo-token"]
    assert alice.get(path).status_code == 200


def test_recently_deleted(alice: User) -> None:
    task, thing = alice.new_task("Buy oat milk"), new(alice, KINDS[1], name="Groceries")
    write(alice, "PATCH", f"tasks/{task['id']}", json={"title": "Buy rice"})
    _, first = write(alice, "DELETE", f"tasks/{task['id']}")
    operations = [{"op": "delete", "kind": "list", "id": thing["id"]}]
    answer, second = write(alice, "POST", "tasks/batch", json={"operations": operations})
    assert answer.status_code == 200
    undos = alice.get("/api/me/undo?deleted=true").json()["undos"]
    assert [(each["token"], each["deleted"], each["things"]) for each in undos] == [
        (second, 1, [{"kind": "list", "id": thing["id"], "title": "Groceries"}]),
        (first, 1, [{"kind": "task", "id": task["id"], "title": "Buy rice"}]),
    ]
    assert undos[0]["created_at"] > undos[1]["created_at"]
    every = alice.get("/api/me/undo").json()["undos"]
    assert [each["changed"] for each in every] == [
        [],
        [],
        [{"kind": "task", "id": task["id"], "title": "Buy oat milk"}],
    ]
    undo(alice, first)
    assert [each["token"] for each in alice.get("/api/me/undo?deleted=true").json()["undos"]] == [second]


def test_a_large_batch_tells_of_some(alice: User) -> None:
    made = batch(alice, *({"op": "create", "task": {"title": str(number)}} for number in range(30)))
    operations = [{"op": "delete", "id": result["id"]} for result in made]
    before = state(alice)
    _, token = write(alice, "POST", "tasks/batch", json={"operations": operations})
    (told,) = alice.get("/api/me/undo?deleted=true").json()["undos"]
    assert (told["deleted"], len(told["things"])) == (30, 20)
    assert undo(alice, token) == {"undone": 30, "conflicts": []}
    assert state(alice) == before


def test_preferences_are_as_they_were(alice: User) -> None:
    """Also those that were never set before: the defaults."""
    defaults = but_stamps([alice.get("/api/me/preferences").json()])
    thing = new(alice, KINDS[1])
    _, first = write(alice, "PATCH", "preferences", json={"theme": "dark", "default_list_id": thing["id"]})
    set_once = but_stamps([alice.get("/api/me/preferences").json()])
    _, second = write(
        alice, "PATCH", "preferences", json={"theme": "light", "quiet": {"from": "22:00", "until": "07:00"}}
    )
    for token, expected in ((second, set_once), (first, defaults)):
        assert undo(alice, token) == {"undone": 1, "conflicts": []}
        assert but_stamps([alice.get("/api/me/preferences").json()]) == expected


def test_a_list_that_is_gone_is_the_default_no_longer(alice: User) -> None:
    """The rest of the preferences is as it was."""
    thing = new(alice, KINDS[1])
    alice.patch("/api/me/preferences", json={"theme": "dark", "default_list_id": thing["id"]})
    _, token = write(alice, "PATCH", "preferences", json={"theme": "light", "default_list_id": None})
    alice.delete(f"/api/me/lists/{thing['id']}")
    assert undo(alice, token) == {"undone": 0, "conflicts": [{"kind": "preferences", "id": alice.id}]}
    now = alice.get("/api/me/preferences").json()
    assert (now["theme"], now["default_list_id"]) == ("dark", None)


def test_what_newer_code_has_written_is_left_to_it(server: Server, alice: User) -> None:
    """The kind of thing is not known to a version that was put back: nothing is undone, and nothing is lost."""
    task = alice.new_task()
    _, token = write(alice, "DELETE", f"tasks/{task['id']}")
    (before,) = (row["rows"] for row in rows_of(settings_of(server), "undos") if str(row["id"]) == token)
    later = before.replace('"kind":"task"', '"kind":"wish"')
    for rows, there in ((later, False), (before, True)):
        execute(settings_of(server), f"UPDATE undos SET rows = '{rows}' WHERE id = '{token}'")  # noqa: S608 - no input
        answer = alice.post(f"/api/me/undo/{token}")
        if there:
            assert answer.json() == {"undone": 1, "conflicts": []}
        else:
            assert_error(answer, 404, "undo_not_found")
        assert (alice.get(f"{alice.tasks}/{task['id']}").status_code == 200) is there


def test_one_after_another_is_undone_back_to_the_beginning(alice: User) -> None:
    """As by pressing Ctrl+Z again and again, and then all of it once more."""
    states, tokens = [state(alice)], []
    made, token = write(alice, "POST", "tasks", json={"title": "one"})
    path = f"tasks/{made.json()['id']}"
    for method, body in (("PATCH", {"title": "two"}), ("DELETE", None)):
        states.append(state(alice))
        tokens.append(token)
        _, token = write(alice, method, path, json=body)
    tokens.append(token)
    again = []
    for token, expected in zip(reversed(tokens), reversed(states), strict=True):
        undone = alice.post(f"/api/me/undo/{token}", headers=UNDO)
        again.append(undone.headers["undo-token"])
        assert undone.json() == {"undone": 1, "conflicts": []}
        assert state(alice) == expected
    for token, expected in zip(reversed(again), [*states[1:], states[0]], strict=True):
        assert undo(alice, token) == {"undone": 1, "conflicts": []}
        assert state(alice) == expected
