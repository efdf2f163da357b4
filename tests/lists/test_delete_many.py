"""DELETE /api/{user_id}/lists/{list_id}: more than a transaction writes."""

import asyncio
import uuid
from typing import Any

import pytest

from doable.database import Statement, Transaction, open_database
from doable.errors import Conflict, TooManyRows
from doable.lists.repository import ListRepository
from doable.owned.limits import Limits
from doable.sections.repository import SectionRepository
from doable.tasks.filed_under import sections
from doable.tasks.repository import TaskRepository
from doable.tasks.tables import tasks
from support.changes import batch, listed
from support.filing import fill, new_list, new_section, of_list, path_of, titles, written
from support.schema import execute, settings_of
from support.server import Server
from support.undo import UNDO, but_stamps, undo
from support.users import User, assert_error
from support.writes import assert_detailed_error, etag


def test_more_than_a_transaction_writes(server: Server, alice: User) -> None:
    """It is done in parts. A server that was killed after the first has left the list, and asking again finishes it."""
    a_list = new_list(alice)
    names = fill(server, alice, tasks, 1_200, title="{}", list_id=a_list["id"])
    revision = of_list(alice, a_list["id"])[-1]["revision"]

    async def first_part() -> bool:
        async with open_database(settings_of(server)) as database:
            work = ListRepository(database, alice.id, Limits()).empty(a_list["id"], expected=frozenset({1}))
            return await database.write(work, owner_id=alice.id)

    assert asyncio.run(first_part())
    assert alice.get(path_of(a_list)).json() == a_list
    assert titles(alice, None) + titles(alice, a_list["id"]) == names
    assert len(of_list(alice, None)) == 500

    stale = alice.delete(path_of(a_list), headers={"If-Match": etag(2, version=1)})
    assert_detailed_error(stale, 412, "precondition_failed", current=a_list)
    refused = alice.post(
        f"{alice.tasks}/batch", json={"operations": [{"op": "delete", "kind": "list", "id": a_list["id"]}]}
    )
    assert_detailed_error(refused, 409, "too_many", limit="rows", index=0)
    assert len(of_list(alice, None)) == 500

    headers = {"If-Match": etag(1, version=1), "Idempotency-Key": str(uuid.uuid4())}
    first, again = (alice.delete(path_of(a_list), headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (204, 204, "true")
    # The list was not changed by what became of its tasks.
    assert titles(alice, None) == names
    changed = written(alice, revision)
    assert [each["revision"] for each in changed] == list(range(revision + 1, revision + 1 + 1_201))
    assert (changed[-1]["kind"], changed[-1]["id"], changed[-1]["deleted"]) == ("list", a_list["id"], True)
    reused = alice.delete(path_of(a_list), params={"tasks": "delete"}, headers=headers)
    assert_error(reused, 422, "idempotency_key_reused")


def test_no_tree_is_torn_apart_where_it_ends_half_way(server: Server, alice: User) -> None:
    a_list = new_list(alice)
    filed = {"list_id": a_list["id"]}
    top, other = (alice.new_task(title, **filed) for title in ("top", "other"))
    below = alice.new_task("below", parent_id=other["id"])
    fill(server, alice, tasks, 499, title="{}", list_id=a_list["id"], parent_id=top["id"])
    alice.new_task("below that", parent_id=below["id"])
    written: list[Any] = []

    class Watched:
        def __init__(self, tx: Transaction) -> None:
            self.tx = tx
            self.all, self.later, self.aside = tx.all, tx.later, tx.aside

        async def one(self, statement: Statement[Any], /, **parameters: Any) -> Any:
            written.append(statement)
            return await self.tx.one(statement, **parameters)

    async def first_part() -> bool:
        async with open_database(settings_of(server)) as database:
            lists = ListRepository(database, alice.id, Limits())
            with pytest.raises(TooManyRows):
                await database.write(lambda tx: lists.remove(a_list["id"])(Watched(tx)), owner_id=alice.id)
            return await database.write(lists.empty(a_list["id"]), owner_id=alice.id)

    assert asyncio.run(first_part())
    # That it is too much was seen before anything was written.
    assert written
    assert TaskRepository.statements.write not in written
    assert len(of_list(alice, None)) == 500
    assert {task["title"] for task in of_list(alice, a_list["id"])} == {"other", "below", "below that"}
    assert alice.delete(path_of(a_list), params={"tasks": "delete"}).status_code == 204
    left = listed(alice)
    assert len(left) == 500
    assert {task["parent_id"] for task in left.values()} == {None, top["id"]}


def test_open_ones_come_first_and_what_a_transaction_that_was_taken_back_has_passed_over_is_found(
    server: Server, alice: User
) -> None:
    """Parts go on from where the last one was, and the database may run one again."""
    a_list = new_list(alice)
    section = new_section(alice, a_list)["id"]
    names = fill(server, alice, tasks, 1_100, title="{}", list_id=a_list["id"], section_id=section)
    done = f"UPDATE tasks SET completed_at = created_at WHERE owner_id = '{alice.id}' AND title <> '1'"  # noqa: S608 - no input
    execute(settings_of(server), done)

    inbox = f"{alice.tasks}?list=inbox&limit=1&total=true"

    async def parts() -> list[int]:
        async with open_database(settings_of(server)) as database:
            emptied = ListRepository(database, alice.id, Limits()).empty(a_list["id"])
            cleared = SectionRepository(database, alice.id, Limits()).empty(section)

            async def taken_back(tx: Transaction) -> None:
                assert await cleared(tx)
                assert await emptied(tx)
                raise Conflict

            number = []
            # The open one; then the first of the others, which nobody gets.
            assert await database.write(emptied, owner_id=alice.id, long=True)
            number.append(alice.get(inbox).json()["total"])
            with pytest.raises(Conflict):
                await database.write(taken_back, owner_id=alice.id, long=True)
            for work in (cleared, emptied):
                for _ in range(2):
                    while await database.write(work, owner_id=alice.id, long=True):
                        number.append(alice.get(inbox).json()["total"])
            return number

    assert asyncio.run(parts()) == [1, 1, 1, 501, 600, 1_100]
    assert len({task["section_id"] for task in of_list(alice, None)}) == 1
    assert sorted(titles(alice, None)) == sorted(names)
    assert titles(alice, None)[0] == "1"
    assert alice.delete(path_of(a_list)).status_code == 204


def test_one_row_too_many_for_a_batch_is_done_in_parts_by_itself(server: Server, alice: User) -> None:
    """499 tasks, a section and the list."""
    a_list = new_list(alice)
    section = new_section(alice, a_list)["id"]
    fill(server, alice, tasks, 499, title="{}", list_id=a_list["id"])
    before, revision = listed(alice), of_list(alice, a_list["id"])[-1]["revision"]
    operation = {"op": "delete", "kind": "list", "id": a_list["id"], "tasks": "delete"}
    refused = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
    assert_detailed_error(refused, 409, "too_many", limit="rows", index=0)
    assert listed(alice) == before
    answer = alice.delete(path_of(a_list), params={"tasks": "delete"}, headers=UNDO)
    assert answer.status_code == 204
    changed = written(alice, revision)
    assert all(each["deleted"] for each in changed)
    assert [each["revision"] for each in changed] == list(range(revision + 1, revision + 1 + 501))
    assert [each["id"] for each in changed[-2:]] == [section, a_list["id"]]
    assert alice.get(alice.tasks).json()["total"] == 0
    # All of the parts are undone as one.
    assert undo(alice, answer.headers["undo-token"]) == {"undone": 501, "conflicts": []}
    assert but_stamps([*listed(alice).values()]) == but_stamps([*before.values()])


def test_as_many_rows_as_a_transaction_writes_fit_into_a_batch(server: Server, alice: User) -> None:
    """499 sections and the list; one section more is too many."""
    a_list = new_list(alice)
    fill(server, alice, sections, 500, name="{}", list_id=a_list["id"], position="{:0>12}")
    operation = {"op": "delete", "kind": "list", "id": a_list["id"]}
    refused = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
    assert_detailed_error(refused, 409, "too_many", limit="rows", index=0)
    made = alice.get("/api/me/sections").json()["sections"]
    assert len(made) == 500
    alice.delete(path_of(made[7]))
    (result,) = batch(alice, operation)
    assert result == {"status": 204, "kind": "list", "id": a_list["id"], "revision": 1002, "list": None}
    assert alice.get("/api/me/sections").json() == {"sections": []}
