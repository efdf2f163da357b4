"""How long it is known that something was deleted, and what a client gets who comes later."""

# ruff: noqa: S608 - the statements hold dates, numbers and ids of these tests alone

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

import doable.app  # noqa: F401 - so that every table is in the metadata
from conftest import NewServer
from doable.database.migrate import alembic_config, upgrade
from doable.database.pages import SLICE
from support.changes import Copy, apply, changes, listed, pages, read_all
from support.events import follow
from support.schema import contents, execute, rows_of, settings_of
from support.server import Server
from support.server import doable as run
from support.users import PASSWORD, User, assert_error

HOUR = timedelta(hours=1)
SECRET_TITLE, SECRET_DESCRIPTION = "An unmistakable title", "and a description that is no other's"
ALICE = "11111111-1111-4111-8111-111111111111"
AT = "2026-01-02T03:04:05.678901Z"


def tombstones(server: Server) -> list[dict[str, Any]]:
    rows = rows_of(settings_of(server), "tombstones")
    return sorted(rows, key=lambda row: (row["revision"], str(row["owner_id"])))


def age(server: Server, user: User, by: timedelta, *, up_to: int) -> None:
    """Have what the user deleted up to this revision be deleted so long ago."""
    then = (datetime.now(UTC) - by).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    which = f"owner_id = '{user.id}' AND revision <= {up_to}"
    execute(settings_of(server), f"UPDATE tombstones SET removed_at = '{then}' WHERE {which}")


def purge(server: Server, *, left: int) -> None:
    """Restart the server, which purges when it starts, and wait until only so many tombstones are left."""
    assert server.stop() == 0
    server.start()
    deadline = time.monotonic() + 20
    while len(tombstones(server)) != left:
        assert time.monotonic() < deadline, tombstones(server)
        time.sleep(0.02)


def delete(user: User, *tasks: dict[str, Any]) -> None:
    for task in tasks:
        assert user.delete(f"{user.tasks}/{task['id']}").status_code == 204


def revisions(some: list[dict[str, Any]]) -> list[int]:
    return [change["revision"] for change in some]


def assert_resync_required(user: User, **params: int) -> None:
    for route in ("changes", "events"):
        assert_error(user.get(f"/api/{user.id}/{route}", params=params), 410, "resync_required")


@pytest.fixture(scope="module")
def accounts(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, list[User]]]:
    """A server that has purged, once for all, and users for one test each.

    The tasks of each are at the revisions 1 to 6; 7 to 9 were deleted at 10 to 12, and of those nothing is known now.
    """
    with ExitStack() as stack:
        server = stack.enter_context(Server(tmp_path_factory.mktemp("purged"), **migrated_database_settings()))
        users = [stack.enter_context(closing(User(server.url))) for _ in range(4)]
        for user in users:
            tasks = [user.new_task(str(number)) for number in range(9)]
            delete(user, *tasks[6:])
            age(server, user, timedelta(days=91), up_to=12)
        purge(server, left=0)
        yield server, users


@pytest.fixture
def carol(accounts: tuple[Server, list[User]]) -> User:
    """One of them."""
    return accounts[1].pop()


def test_old_ones_go_and_younger_ones_stay(new_server: NewServer) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(new_server())
        alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
        *old, younger, kept = (alice.new_task() for _ in range(4))
        delete(alice, *old, younger)
        his = bob.new_task()
        delete(bob, his)
        # Unless it is set otherwise they are kept for 90 days.
        age(server, alice, timedelta(days=90) + HOUR, up_to=6)
        age(server, bob, timedelta(days=90) - HOUR, up_to=2)
        purge(server, left=2)

        assert [(row["revision"], str(row["owner_id"])) for row in tombstones(server)] == [(2, bob.id), (7, alice.id)]
        for since in range(1, 6):
            assert_resync_required(alice, since=since)
        gone = {"revision": 7, "kind": "task", "id": younger["id"], "deleted": True, "task": None}
        assert changes(alice, since=6) == {"changes": [gone], "revision": 7, "has_more": False}
        assert changes(alice, since=7) == {"changes": [], "revision": 7, "has_more": False}
        with follow(alice, since=6) as stream:
            assert stream.next().change == gone
        # From 0 nobody needs to be told what is not there.
        assert [change["id"] for change in changes(alice)["changes"]] == [kept["id"], younger["id"]]
        # To him nothing has happened.
        assert [change["id"] for change in changes(bob, since=1)["changes"]] == [his["id"]]

        server.settings["TOMBSTONE_DAYS"] = "1"
        age(server, alice, timedelta(days=1) - HOUR, up_to=7)
        purge(server, left=1)
        assert [(row["revision"], str(row["owner_id"])) for row in tombstones(server)] == [(7, alice.id)]
        assert_resync_required(bob, since=1)
        assert changes(bob, since=2) == {"changes": [], "revision": 2, "has_more": False}
        assert changes(alice, since=6)["changes"] == [gone]


def test_the_newest_that_was_purged_stays_known(carol: User) -> None:
    assert_resync_required(carol, since=1)
    assert_resync_required(carol, since=11)
    assert changes(carol, since=12) == {"changes": [], "revision": 12, "has_more": False}
    delete(carol, carol.new_task())
    assert revisions(changes(carol, since=12)["changes"]) == [14]


def test_an_older_one_that_goes_later_does_not_move_it_back(new_server: NewServer) -> None:
    with new_server() as server, closing(User(server.url)) as alice:
        delete(alice, *(alice.new_task() for _ in range(2)))
        # The clock was wrong when the first of them was deleted.
        execute(settings_of(server), f"UPDATE tombstones SET removed_at = '{AT}' WHERE revision = 4")
        purge(server, left=1)
        age(server, alice, timedelta(days=91), up_to=3)
        purge(server, left=0)
        assert_resync_required(alice, since=3)
        assert changes(alice, since=4) == {"changes": [], "revision": 4, "has_more": False}


def test_a_reading_from_0_gets_through_by_its_links(carol: User) -> None:
    url = f"/api/{carol.id}/changes"
    first = carol.get(url, params={"limit": 2})
    assert first.links["next"]["url"] == f"{url}?since=2&limit=2&start=12"
    for limit in (1, 2, 3, 5, 6):
        rows = read_all(carol, limit=limit)
        assert revisions(rows) == [1, 2, 3, 4, 5, 6]
        assert apply({}, rows) == listed(carol)
    # Without `start` it may be a client that knew something before the purge.
    assert_resync_required(carol, since=2)
    # Nor is what was forgotten known to a reading that began before it was.
    answer = carol.get(url, params={"since": 2, "limit": 2, "start": 11})
    assert_error(answer, 410, "resync_required")


def test_a_reading_from_0_is_told_of_what_is_deleted_meanwhile(carol: User) -> None:
    copy: Copy = {}

    def delete_the_oldest() -> None:
        delete(carol, carol.get(carol.tasks).json()["tasks"][-1])

    for some, _ in pages(carol, delete_the_oldest, limit=2):
        apply(copy, some)
    assert copy == listed(carol)
    assert 0 < len(copy) < 6


def test_events_from_0_go_on_where_they_were_lost(carol: User) -> None:
    with follow(carol) as stream:
        events = stream.take(6)
    assert revisions([event.change for event in events]) == [1, 2, 3, 4, 5, 6]
    new = carol.new_task()
    for read, event in enumerate(events, 1):
        with follow(carol, last_event_id=event.id) as stream:
            assert stream.take(6 - read) == events[read:]
            # And on with what is new.
            last = stream.next()
            assert (last.id, last.change["task"]) == (str(new["revision"]), new)
        # The revision alone is not enough.
        assert_resync_required(carol, since=event.change["revision"])


def test_a_reading_during_which_something_is_purged_begins_again(new_server: NewServer) -> None:
    with new_server() as server, closing(User(server.url)) as alice:
        tasks = [alice.new_task() for _ in range(4)]
        first = alice.get(f"/api/{alice.id}/changes", params={"limit": 2})
        # It was on the first page, and that it is gone is on none.
        delete(alice, tasks[0])
        age(server, alice, timedelta(days=91), up_to=5)
        purge(server, left=0)
        assert_error(alice.get(first.links["next"]["url"]), 410, "resync_required")
        assert apply({}, read_all(alice, limit=2)) == listed(alice)


def test_what_happened_before_there_were_tombstones_cannot_be_told(
    new_database_settings: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    server = Server(tmp_path, **new_database_settings())
    settings = settings_of(server)
    settings.data_dir.mkdir(mode=0o700)
    upgrade(alembic_config(settings), "0001")
    password_hash = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
    task = "'an old one', NULL, NULL"
    execute(
        settings,
        f"INSERT INTO owners (owner_id, revision, tasks) VALUES ('{ALICE}', 7, 2)",
        f"""INSERT INTO users (id, email, name, password_hash, created_at)
        VALUES ('{ALICE}', 'alice@example.com', 'Alice', '{password_hash}', '{AT}')""",
        f"""INSERT INTO tasks
        (owner_id, sequence, id, title, description, completed_at, created_at, updated_at, revision) VALUES
        ('{ALICE}', 2, '33333333-3333-4333-8333-333333333333', {task}, '{AT}', '{AT}', 2),
        ('{ALICE}', 4, '44444444-4444-4444-8444-444444444444', {task}, '{AT}', '{AT}', 5)""",
    )
    with server, httpx.Client(base_url=server.url, timeout=30) as client:
        credentials = {"email": "alice@example.com", "password": PASSWORD}
        token = client.post("/api/auth/login", json=credentials).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for since in range(1, 7):
            answer = client.get("/api/me/changes", params={"since": since})
            assert_error(answer, 410, "resync_required")
        assert client.get("/api/me/changes", params={"since": 7}).json()["changes"] == []
        first = client.get("/api/me/changes", params={"limit": 1})
        second = client.get(first.links["next"]["url"])
        assert revisions(first.json()["changes"] + second.json()["changes"]) == [2, 5]
        assert (second.json()["revision"], second.json()["has_more"]) == (7, False)
        # From now on it can.
        path = "/api/me/tasks/33333333-3333-4333-8333-333333333333"
        assert client.delete(path).status_code == 204
        assert revisions(client.get("/api/me/changes", params={"since": 7}).json()["changes"]) == [8]


def test_has_nothing_of_the_task_in_it(new_server: NewServer) -> None:
    with new_server() as server, closing(User(server.url)) as alice:
        task = alice.new_task(SECRET_TITLE, description=SECRET_DESCRIPTION)
        alice.patch(f"{alice.tasks}/{task['id']}/complete")
        before = datetime.now(UTC)
        delete(alice, task)
        after = datetime.now(UTC)
        (row,) = tombstones(server)
        removed_at = row.pop("removed_at")
        if isinstance(removed_at, str):
            removed_at = datetime.fromisoformat(removed_at)
        assert before <= removed_at <= after
        assert {name: str(value) for name, value in row.items()} == {
            "owner_id": alice.id,
            "revision": "3",
            "kind": "task",
            "id": task["id"],
            "list_id": "None",
            "ical_name": "None",
        }
        # Nor is it left anywhere else.
        everything = repr(contents(settings_of(server)))
        assert task["id"] in everything
        assert SECRET_TITLE not in everything
        assert SECRET_DESCRIPTION not in everything


def test_goes_with_its_owner(new_server: NewServer) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(new_server())
        alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
        for user in (alice, bob):
            delete(user, user.new_task())
        removed = run("users", "remove", alice.email, "--yes", cwd=server.folder, **server.settings)
        assert removed.returncode == 0, removed.stderr
        assert [str(row["owner_id"]) for row in tombstones(server)] == [bob.id]


def test_more_of_one_user_than_are_purged_at_a_time(new_server: NewServer) -> None:
    with new_server() as server, closing(User(server.url)) as alice, closing(User(server.url)) as bob:
        kept = alice.new_task()
        his = bob.new_task()
        delete(bob, his)
        count = 2 * SLICE + 1
        rows = ", ".join(
            f"('{alice.id}', {number}, '00000000-0000-4000-8000-{number:012}', 'task', '{AT}')"
            for number in range(2, 2 + count)
        )
        execute(
            settings_of(server.settings),
            f"INSERT INTO tombstones (owner_id, revision, id, kind, removed_at) VALUES {rows}",
            f"UPDATE owners SET revision = {count + 1} WHERE owner_id = '{alice.id}'",
        )
        purge(server, left=1)
        assert [
            row["purged_revision"]
            for row in rows_of(settings_of(server.settings), "owners")
            if str(row["owner_id"]) == alice.id
        ] == [count + 1]
        assert_resync_required(alice, since=count)
        assert [change["id"] for change in changes(alice, since=0)["changes"]] == [kept["id"]]
        assert changes(bob)["changes"][0]["deleted"]
