"""What becomes of the tasks of a section that is deleted, or moved to another list."""

import asyncio
import uuid

from doable.database import open_database
from doable.owned.limits import Limits
from doable.sections.repository import SectionRepository
from doable.tasks import tables
from support.changes import batch, changes, listed
from support.filing import Thing, fill, new_list, new_section, of_list, path_of, titles, written
from support.schema import settings_of
from support.server import Server
from support.users import User, assert_error
from support.writes import assert_detailed_error


def without(task: Thing, *names: str) -> Thing:
    return {name: value for name, value in task.items() if name not in {"revision", "updated_at", *names}}


def test_tasks_stay_where_their_section_goes(alice: User) -> None:
    a_list = new_list(alice)
    gone, other = new_section(alice, a_list), new_section(alice, a_list, "Bread")
    filed = {"list_id": a_list["id"], "section_id": gone["id"]}
    tasks = [alice.new_task(title, **filed) for title in "abc"]
    alice.new_task("below a", parent_id=tasks[0]["id"])
    alice.new_task("beside", list_id=a_list["id"], section_id=other["id"])
    alice.patch(f"{alice.tasks}/{tasks[2]['id']}/complete")
    before, revision = listed(alice), changes(alice)["revision"]
    assert alice.delete(path_of(gone)).status_code == 204
    after = listed(alice)
    for id_, task in before.items():
        if task["section_id"] == gone["id"]:
            assert after[id_] == {**after[id_], **without(task), "section_id": None}
            assert after[id_]["revision"] > revision
        else:
            assert after[id_] == task
    changed = written(alice, revision)
    assert {each["id"] for each in changed[:-1]} == {task["id"] for task in tasks}
    assert [each["revision"] for each in changed] == list(range(revision + 1, revision + 5))
    assert (changed[-1]["kind"], changed[-1]["id"], changed[-1]["deleted"]) == ("section", gone["id"], True)


def test_tasks_go_along_with_their_section(alice: User) -> None:
    one, other = new_list(alice), new_list(alice)
    section = new_section(alice, one)
    there = alice.new_task("there already", list_id=other["id"])
    filed = {"list_id": one["id"], "section_id": section["id"]}
    tasks = [alice.new_task(title, **filed) for title in "abc"]
    below = alice.new_task("below b", parent_id=tasks[1]["id"])
    stays = alice.new_task("stays", list_id=one["id"])
    alice.patch(f"{alice.tasks}/{tasks[2]['id']}/complete")
    before, revision = listed(alice), changes(alice)["revision"]
    answer = alice.post(f"{path_of(section)}/move", json={"list_id": other["id"]})
    assert (answer.status_code, answer.json()["list_id"]) == (200, other["id"])
    after = listed(alice)
    for task in (*tasks, below):
        moved = after[task["id"]]
        assert moved == {**moved, **without(before[task["id"]], "position"), "list_id": other["id"]}
    assert after[below["id"]]["parent_id"] == tasks[1]["id"]
    assert (after[there["id"]], after[stays["id"]]) == (there, stays)
    # To the end of the list, in their order.
    roots = [task["title"] for task in of_list(alice, other["id"]) if task["parent_id"] is None]
    assert roots == ["there already", *"abc"]
    changed = written(alice, revision)
    assert [each["revision"] for each in changed] == list(range(revision + 1, revision + 6))
    assert (changed[-1]["kind"], changed[-1]["section"]) == ("section", answer.json())


def test_more_than_a_transaction_writes(server: Server, alice: User) -> None:
    """It is done in parts. A server that was killed after the first has left the section, and asking again finishes it."""
    one, other = new_list(alice), new_list(alice)
    section = new_section(alice, one)
    names = fill(server, alice, tables.tasks, 501, title="{}", list_id=one["id"], section_id=section["id"])
    to = {"list_id": other["id"]}

    async def first_part() -> bool:
        async with open_database(settings_of(server)) as database:
            part = SectionRepository(database, alice.id, Limits()).move_tasks(section["id"], to)
            return await database.write(part, owner_id=alice.id)

    assert asyncio.run(first_part())
    assert alice.get(path_of(section)).json() == section
    assert titles(alice, other["id"]) == names[:500]
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first, again = (alice.post(f"{path_of(section)}/move", json=to, headers=headers) for _ in range(2))
    assert (first.status_code, first.json()["list_id"], again.content) == (200, other["id"], first.content)
    tasks = of_list(alice, other["id"])
    assert [(task["title"], task["section_id"]) for task in tasks] == [(name, section["id"]) for name in names]

    for operation in ({"op": "delete"}, {"op": "move", "to": {"list_id": one["id"]}}):
        operations = [{**operation, "kind": "section", "id": section["id"]}]
        refused = alice.post(f"{alice.tasks}/batch", json={"operations": operations})
        assert_detailed_error(refused, 409, "too_many", limit="rows", index=0)
    assert alice.delete(path_of(section)).status_code == 204
    assert {(task["list_id"], task["section_id"]) for task in listed(alice).values()} == {(other["id"], None)}
    assert_error(alice.delete(path_of(section)), 404, "section_not_found")


def test_in_a_batch(alice: User) -> None:
    one, other = new_list(alice), new_list(alice)
    moved, gone = new_section(alice, one), new_section(alice, one)
    tasks = [alice.new_task(list_id=one["id"], section_id=section["id"])["id"] for section in (moved, gone)]
    batch(
        alice,
        {"op": "move", "kind": "section", "id": moved["id"], "to": {"list_id": other["id"]}},
        {"op": "delete", "kind": "section", "id": gone["id"]},
    )
    after = listed(alice)
    assert [(after[id_]["list_id"], after[id_]["section_id"]) for id_ in tasks] == [
        (other["id"], moved["id"]),
        (one["id"], None),
    ]


def test_what_all_of_a_batch_take_along_is_bounded(one_server: Server, one_user: User) -> None:
    """Each move fits by itself, but twelve of them would hold up everybody else."""
    one, other = new_list(one_user), new_list(one_user)
    section = new_section(one_user, one)
    fill(one_server, one_user, tables.tasks, 499, title="{}", list_id=one["id"], section_id=section["id"])
    before = one_user.get(path_of(section)).json()
    moves = [
        {"op": "move", "kind": "section", "id": section["id"], "to": {"list_id": each["id"]}}
        for _ in range(6)
        for each in (other, one)
    ]
    refused = one_user.post(f"{one_user.tasks}/batch", json={"operations": moves})
    assert_detailed_error(refused, 409, "too_many", limit="rows", index=11)
    assert one_user.get(path_of(section)).json() == before
