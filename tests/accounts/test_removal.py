"""What a removed user leaves is deleted in the background, however much it is and whatever happens meanwhile."""

import asyncio
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

import doable.app  # noqa: F401 - so that every table is in the metadata
from conftest import NewServer
from doable import clock
from doable.accounts.users.removal import OWNERS_TOGETHER, delete_what_is_left, tables_of
from doable.database import open_database
from doable.database.naming import metadata
from doable.database.pages import SLICE
from doable.database.types import instant_to_text
from doable.tasks.tables import tasks
from support import schema
from support.mail import until
from support.server import Server
from support.users import PASSWORD, User, assert_error
from support.writes import WRITES, with_headers

NOBODYS = {"attempts", "revocations"}
"""The tables that have nothing of a user, or what must outlive it."""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def give_tasks(server: Server, user: User, count: int) -> None:
    now = clock.now() if "DATABASE_URL" in server.settings else instant_to_text(clock.now())

    def write(connection: Connection) -> None:
        columns = {"owner_id": user.id, "title": "a", "created_at": now, "updated_at": now}
        numbers = range(1_000, 1_000 + count)
        rows = [
            {**columns, "sequence": each, "revision": each, "id": f"00000000-0000-4000-8000-{user.id[-6:]}{each:06}"}
            for each in numbers
        ]
        connection.execute(insert(tasks), rows)

    schema.on_connection(schema.settings_of(server), write)


def tasks_of(server: Server, user: User) -> int:
    return sum(str(row["owner_id"]) == user.id for row in schema.rows_of(schema.settings_of(server), "tasks"))


def owners(server: Server) -> set[str]:
    return {str(row["owner_id"]) for row in schema.rows_of(schema.settings_of(server), "owners")}


def remove(user: User) -> None:
    assert user.request("DELETE", "/api/auth/me", json={"password": PASSWORD}).status_code == 204


def test_no_table_is_forgotten() -> None:
    known = {table.name for column in ("owner_id", "user_id") for table in tables_of(column)}
    assert known | {"owners", "users"} | NOBODYS == set(metadata.tables)
    # A slice begins after the one before.
    for table in tables_of("owner_id"):
        assert next(iter(table.primary_key)).name == "owner_id"


def test_a_process_that_dies_leaves_it_to_the_next(new_server: NewServer, stack: ExitStack) -> None:
    server = stack.enter_context(new_server())
    alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
    his = bob.new_task()
    give_tasks(server, alice, 20 * SLICE)
    remove(alice)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(timeout=30)
    assert tasks_of(server, alice) > 0

    server.start()
    again = stack.enter_context(closing(User(server.url, alice.email)))
    assert again.get(again.tasks).json()["total"] == 0
    assert_error(alice.get(alice.tasks), 401, "unauthenticated")
    until(lambda: owners(server) == {bob.id, again.id}, "the end of what a removed user left")
    assert tasks_of(server, alice) == 0
    assert bob.get(bob.tasks).json()["tasks"] == [his]


def test_those_that_cannot_be_deleted_keep_nobody_else_waiting(
    migrated_database_settings: Callable[[], dict[str, str]], data: Path
) -> None:
    settings = schema.settings_of({"DATA_DIR": str(data), **migrated_database_settings()})
    now = instant_to_text(clock.now())
    stuck, other = [str(uuid.uuid4()) for _ in range(OWNERS_TOGETHER + 1)], str(uuid.uuid4())
    # All at one instant but the last, whose turn comes after a page of the others.
    removed = [f"('{each}', 0, 0, '{now}')" for each in stuck] + [
        f"('{other}', 0, 0, '{instant_to_text(clock.now())}')"
    ]
    schema.execute(
        settings,
        f"INSERT INTO owners (owner_id, revision, tasks, removed_at) VALUES {', '.join(removed)}",  # noqa: S608 - our own
        # As long as this refers to them, they stay.
        f"CREATE TABLE held (owner_id {'uuid' if settings.postgresql_url else 'text'} REFERENCES owners (owner_id))",
        f"INSERT INTO held SELECT owner_id FROM owners WHERE owner_id <> '{other}'",  # noqa: S608 - our own
    )

    async def delete() -> None:
        async with open_database(settings) as database:
            await delete_what_is_left(database)

    asyncio.run(delete())
    assert {str(row["owner_id"]) for row in schema.rows_of(settings, "owners")} == set(stuck)


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "a-key"}], ids=["", "with-key"])
@pytest.mark.parametrize("write", WRITES)
def test_what_is_written_by_a_process_that_has_not_heard_of_it_is_refused(
    server: Server, alice: User, write: str, key: dict[str, str]
) -> None:
    request = with_headers(WRITES[write].request(alice), **key)
    # Nothing is revoked here, so that nothing but the mark can refuse it.
    schema.execute(
        schema.settings_of(server),
        f"UPDATE owners SET removed_at = '{instant_to_text(clock.now())}' WHERE owner_id = '{alice.id}'",  # noqa: S608 - our own
    )
    assert_error(alice.request(**request), 401, "unauthenticated")
    assert_error(alice.get(f"/api/{alice.id}/changes"), 401, "unauthenticated")
    assert_error(alice.get(alice.tasks), 401, "unauthenticated")
