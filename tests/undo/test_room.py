"""How many writes can be undone, for how long, and what room that takes."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from doable.database import open_migrated
from doable.owned.purge import UNDOS, purge_kept
from support.changes import batch
from support.schema import contents, execute, rows_of, settings_of
from support.server import Server
from support.undo import UNDO, fill, undo, write
from support.users import User, assert_error
from support.writes import assert_detailed_error

MAX_TASKS = 600
BIG = {"op": "create", "task": {"title": "t" * 200, "description": "d" * 2000}}


@pytest.fixture(scope="module")
def small(migrated_database_settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which a user has little room."""
    settings = {"MAX_KEPT_ANSWERS_MB": "1", "MAX_TASKS": str(MAX_TASKS), **migrated_database_settings()}
    with Server(tmp_path_factory.mktemp("small"), **settings) as running:
        yield running


@pytest.fixture
def carol(small: Server) -> Iterator[User]:
    with closing(User(small.url)) as user:
        yield user


def tokens(user: User) -> list[str]:
    return [each["token"] for each in user.get("/api/me/undo").json()["undos"]]


def assert_counted(server: Server, user: User) -> int:
    """What the user's row says that is kept is what is kept. Answers it."""
    found = contents(settings_of(server))
    kept: int = sum(
        row["kept_bytes"] for name in ("answers", "undos") for row in found[name] if str(row["owner_id"]) == user.id
    )
    (owner,) = (row for row in found["owners"] if str(row["owner_id"]) == user.id)
    assert owner["kept_bytes"] == kept == user.get("/api/auth/me/usage").json()["kept_bytes"]
    return kept


def make_and_delete(user: User, count: int) -> Any:
    """The answer to the deletion of so many large tasks."""
    made = batch(user, *[BIG] * count)
    operations = [{"op": "delete", "id": each["id"]} for each in made]
    return user.post(f"{user.tasks}/batch", json={"operations": operations}, headers=UNDO)


def test_the_oldest_make_way(small: Server, carol: User) -> None:
    first, second, third = (make_and_delete(carol, 150).headers["undo-token"] for _ in range(3))
    assert tokens(carol) == [third, second]
    assert_error(carol.post(f"/api/me/undo/{first}"), 404, "undo_not_found")
    assert 2**19 < assert_counted(small, carol) <= 2**20
    # An answer that is to be kept is worth more than they are.
    for key, body in (("one", [BIG] * 150), ("another", [])):
        answer = carol.post(f"{carol.tasks}/batch", json={"operations": body}, headers={"Idempotency-Key": key})
        assert answer.status_code == 200
    assert tokens(carol) == [third]
    assert_counted(small, carol)


def test_a_write_that_is_too_large_to_be_undone_is_done(small: Server, carol: User) -> None:
    _, token = write(carol, "POST", "tasks", json={"title": "small"})
    answer = make_and_delete(carol, 500)
    assert answer.status_code == 200
    assert "undo-token" not in answer.headers
    assert len(carol.get(carol.tasks).json()["tasks"]) == 1
    assert tokens(carol) == [token]
    assert_counted(small, carol)
    assert undo(carol, token) == {"undone": 1, "conflicts": []}


def test_an_undo_with_a_key_does_not_forget_what_it_undoes(small: Server, carol: User) -> None:
    oldest = make_and_delete(carol, 150).headers["undo-token"]
    make_and_delete(carol, 150)
    for key in ("one", "another"):  # the first takes what room there is
        carol.post(f"{carol.tasks}/batch", json={"operations": [BIG] * 45}, headers={"Idempotency-Key": key})
    assert tokens(carol)[-1] == oldest
    execute(settings_of(small), f"UPDATE owners SET kept_bytes = {2**20} WHERE owner_id = '{carol.id}'")  # noqa: S608 - no input
    answer = carol.post(f"/api/me/undo/{oldest}", headers={"Idempotency-Key": "undo"})
    assert answer.json() == {"undone": 150, "conflicts": []}


def test_the_newest_200(small: Server, carol: User) -> None:
    path = f"tasks/{carol.new_task()['id']}"
    first, second = (write(carol, "PATCH", path, json={"title": title})[1] for title in ("first", "second"))
    fill(small, carol, 198)
    assert {first, second} < set(tokens(carol))
    _, third = write(carol, "PATCH", path, json={"title": "third"})
    left = tokens(carol)
    assert (left[0], len(left), second in left, first in left) == (third, 200, True, False)
    assert_error(carol.post(f"/api/me/undo/{first}"), 404, "undo_not_found")
    assert undo(carol, third)["undone"] == 1
    assert carol.get(f"/api/me/{path}").json()["title"] == "second"
    assert_counted(small, carol)


def test_there_must_be_room_for_what_comes_back(carol: User) -> None:
    made = batch(carol, *[{"op": "create", "task": {"title": "t"}}] * 300)
    batch(carol, *[{"op": "create", "task": {"title": "t"}}] * 300)
    operations = [{"op": "delete", "id": each["id"]} for each in made[:2]]
    _, token = write(carol, "POST", "tasks/batch", json={"operations": operations})
    last = carol.new_task()
    before = carol.get("/api/me/changes").json()["revision"]
    for _ in range(2):
        assert_detailed_error(carol.post(f"/api/me/undo/{token}"), 409, "too_many", limit="tasks")
    assert carol.get("/api/me/changes").json()["revision"] == before
    carol.delete(f"{carol.tasks}/{last['id']}")
    assert undo(carol, token) == {"undone": 2, "conflicts": []}


def test_after_30_days_it_is_too_late(small: Server, carol: User) -> None:
    _, old = write(carol, "POST", "tasks", json={"title": "old"})
    _, young = write(carol, "POST", "tasks", json={"title": "young"})
    settings = settings_of(small)
    execute(settings, f"UPDATE undos SET created_at = '2026-01-01T00:00:00.000000Z' WHERE id = '{old}'")  # noqa: S608 - no input
    assert_error(carol.post(f"/api/me/undo/{old}"), 404, "undo_not_found")
    assert tokens(carol) == [young]

    async def purge() -> None:
        async with open_migrated(settings) as database:
            await purge_kept(database, UNDOS)

    asyncio.run(purge())
    kept = {str(row["id"]) for row in rows_of(settings, "undos") if str(row["owner_id"]) == carol.id}
    assert kept == {young}
    assert assert_counted(small, carol) < 2000


def test_nothing_of_it_is_in_the_log(small: Server, carol: User) -> None:
    _, token = write(carol, "POST", "tasks", json={"title": "secret to the log"})
    undo(carol, token)
    carol.post(f"/api/me/undo/{uuid.uuid4()}")
    assert token not in small.log
