"""What undoing meets that few come upon: tags under other names, writes in parts while others write, full rooms."""

import uuid

from support.changes import batch
from support.kinds import Thing
from support.schema import contents, execute, settings_of
from support.server import Server
from support.undo import UNDO, fill, undo, write
from support.users import User


def new_tag(user: User, name: str) -> str:
    id_: str = user.post("/api/me/tags", json={"name": name}).json()["id"]
    return id_


def names(user: User, *tasks: Thing) -> list[list[str]]:
    return [user.get(f"{user.tasks}/{task['id']}").json()["tags"] for task in tasks]


def test_a_tag_takes_its_name_back_from_every_task(server: Server, alice: User) -> None:
    """From those that got it meanwhile, and those that are not put back since somebody has changed them."""
    for name, other in (("a", "b"), ("c", "C")):
        tag, task, changed = new_tag(alice, name), alice.new_task(tags=[name]), alice.new_task(tags=["x", name])
        _, token = write(alice, "PATCH", f"tags/{tag}", json={"name": other})
        made = alice.new_task(tags=[other])
        alice.patch(f"{alice.tasks}/{changed['id']}", json={"title": "changed"})
        undone = alice.post(f"/api/me/undo/{token}", headers=UNDO)
        assert undone.json() == {"undone": 2, "conflicts": [{"kind": "task", "id": changed["id"]}]}
        assert [sorted(each) for each in names(alice, task, changed, made)] == [[name], [name, "x"], [name]]
        assert undo(alice, undone.headers["undo-token"])["conflicts"] == []
        assert [sorted(each) for each in names(alice, task, changed, made)] == [[other], sorted([other, "x"]), [other]]
        alice.delete(f"{alice.tasks}/{made['id']}")
        filed = contents(settings_of(server))
        (of_tag,) = (row["sequence"] for row in filed["tags"] if str(row["id"]) == tag)
        own = [row for row in filed["task_tags"] if str(row["owner_id"]) == alice.id and row["tag"] == of_tag]
        assert len(own) == 2


def test_a_task_goes_with_the_undo_that_puts_its_tag_in_another_place(alice: User) -> None:
    """And comes back with the next one: nothing of it is left under the tag meanwhile."""
    tag, gone, made = new_tag(alice, "a"), alice.new_task(tags=["a"])["id"], str(uuid.uuid4())
    operations: list[Thing] = [
        {"op": "move", "kind": "tag", "id": tag, "to": {"place": "first"}},
        {"op": "delete", "id": gone},
        {"op": "create", "id": made, "task": {"title": "t", "tags": ["a"]}},
    ]
    _, token = write(alice, "POST", "tasks/batch", json={"operations": operations})
    for there in (gone, made, gone):
        undone = alice.post(f"/api/me/undo/{token}", headers=UNDO)
        assert undone.json() == {"undone": 3, "conflicts": []}
        assert [task["id"] for task in alice.get(f"{alice.tasks}?tag=a").json()["tasks"]] == [there]
        token = undone.headers["undo-token"]


def test_what_is_half_undone_is_not_forgotten(server: Server, alice: User) -> None:
    """An undo that can be undone, of the oldest of the 200 writes that are kept, in parts."""
    list_id = alice.post("/api/me/lists", json={"name": "Home"}).json()["id"]
    for _ in range(2):
        batch(alice, *[{"op": "create", "task": {"title": "t", "list_id": list_id}}] * 300)
    _, token = write(alice, "DELETE", f"lists/{list_id}?tasks=delete")
    fill(server, alice, 199)
    answers = [alice.post(f"/api/me/undo/{token}", headers=UNDO) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"undone": 601, "conflicts": []}] * 2
    assert ["undo-token" in answer.headers for answer in answers] == [True, False]
    assert alice.get("/api/auth/me/usage").json()["tasks"] == 600


def test_the_oldest_of_200_is_undone_and_answers_the_same_again(server: Server, alice: User) -> None:
    _, token = write(alice, "POST", "tasks", json={"title": "t"})
    fill(server, alice, 199)
    for _ in range(2):
        assert undo(alice, token, **UNDO) == {"undone": 1, "conflicts": []}


def test_a_tag_of_too_many_tasks_stays(server: Server, alice: User) -> None:
    tag, task = new_tag(alice, "a"), alice.new_task(tags=["a"])
    _, token = write(alice, "PATCH", f"tags/{tag}", json={"name": "b"})
    batch(alice, *[{"op": "create", "task": {"title": "t", "tags": ["b"]}}] * 500)
    assert undo(alice, token) == {"undone": 1, "conflicts": [{"kind": "tag", "id": tag}]}
    assert names(alice, task) == [["a"]]
    # One that is called otherwise than its tasks name it gets that name in parts, none of which writes a task.
    execute(settings_of(server), f"UPDATE tags SET name = 'c', key = 'c' WHERE id = '{tag}'")  # noqa: S608 - no input
    write(alice, "PATCH", f"tags/{tag}", json={"name": "b"})
    assert alice.get(f"/api/me/tags/{tag}").json()["name"] == "b"


def test_undone_counts_what_came_back_and_nothing_else(alice: User) -> None:
    list_id = alice.post("/api/me/lists", json={"name": "Home"}).json()["id"]
    parent = alice.new_task()
    _, token = write(alice, "POST", f"tasks/{parent['id']}/move", json={"list_id": list_id})
    added = [alice.new_task(parent_id=parent["id"])["id"] for _ in range(2)]
    result = undo(alice, token)
    assert result["undone"] == 1
    assert sorted(each["id"] for each in result["conflicts"]) == sorted(added)


def test_a_thing_that_stays_was_not_deleted(alice: User) -> None:
    tag = new_tag(alice, "a")
    _, token = write(alice, "PATCH", f"tags/{tag}", json={"name": "b"})
    new_tag(alice, "a")
    assert undo(alice, token, **UNDO) == {"undone": 0, "conflicts": [{"kind": "tag", "id": tag}]}
    assert alice.get("/api/me/undo?deleted=true").json() == {"undos": []}


def test_what_a_write_was_about_is_told_first(alice: User) -> None:
    top = str(uuid.uuid4())
    below = [{"op": "create", "task": {"title": str(number), "parent_id": top}} for number in range(25)]
    batch(alice, {"op": "create", "id": top, "task": {"title": "top"}}, *below)
    write(alice, "DELETE", f"tasks/{top}")
    (told,) = alice.get("/api/me/undo?deleted=true").json()["undos"]
    assert (told["deleted"], len(told["things"]), told["things"][0]["title"]) == (26, 20, "top")
